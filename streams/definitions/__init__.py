"""The language in which growth teams say what counts: model, loading, checking."""
