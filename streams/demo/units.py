"""Milliseconds of the units that the story is told in."""

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
