"""From bytes to events: the native format, Segment, CloudEvents."""
