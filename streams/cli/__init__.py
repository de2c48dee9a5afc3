"""The milepost command: one file a command."""
