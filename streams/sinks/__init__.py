"""Where results are persisted."""
