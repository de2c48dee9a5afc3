"""From the bytes of a record to the event that the engine sees, or to the reason why not.

``decode`` recognises the native format, the Segment spec and CloudEvents 1.0 (structured and
binary) by their own fields. It is pure: the record's time is given, no clock is read.
"""

from streams.decoding.decoder import decode

__all__ = ["decode"]
