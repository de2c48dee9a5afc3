"""Event files as commands read them: with a bar, and a line about what came of them."""

import time
from collections.abc import Callable, Sequence

from schemas.events import Event
from streams.cli import output
from streams.definitions.model import Timing
from streams.files import EventFiles
from streams.funnels.reading import EventReading


def read_events(events: Sequence[str], timing: Timing, take: Callable[[Event], None]) -> int:
    """Read the files to their end; gives the time of the newest event, epoch milliseconds.

    Args:
        events: the files.
        timing: tells repeated events from new ones.
        take: gets every event once.

    Raises:
        UsageError: a file cannot be read.
    """
    files = EventFiles(events, recorded_at=time.time_ns() // 1_000_000)
    reading = EventReading(timing, files, take)
    started = time.monotonic()
    with output.reading(files.size) as update:
        for read in reading.run():
            update(files.bytes_read, f"{read:,} events")
    output.screen().print(
        f"read {reading.read:,} events in {time.monotonic() - started:.1f} s: "
        f"{reading.duplicates:,} duplicates, {reading.dead.total():,} that are no events",
        soft_wrap=True,
    )
    return reading.newest
