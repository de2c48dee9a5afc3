"""Thin Faust agents: decode, evaluate, store, emit."""
