"""Questions asked of what was persisted: SQL in files."""
