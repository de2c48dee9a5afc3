"""Experiments: what the variants made of a milestone, and whether chance could have done it."""
