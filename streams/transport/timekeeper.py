"""When a partition's timers may fire: by the wall clock, but never ahead of the log."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from faust.types import TP

from streams.transport.processor import Processor
from streams.transport.source import Source

SLICE: Final = 250
"""Timers that are looked at in one go, in about as long as a slice of records takes."""
_LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the wall clock, which may be set, while a timer is waited for."""
_APART: Final = 0.2
"""Least seconds from one firing to the next: what falls due in between is cheaper together."""


def wall_clock() -> int:
    """The time now, epoch milliseconds; nothing else in the worker asks for it."""
    return time.time_ns() // 1_000_000


class Timekeeper:
    """Fires the timers of one partition.

    An event that lies in the log may be what a timer has waited for. So time passes only up to a
    moment by which all that was in the log then was applied: the present where nothing is unread;
    behind a log that grows, the moment at which its end was noted that has now been reached. Before
    the consumer knows the ends, right after an assignment, nothing fires.

    Args:
        processor: what the timers are of.
        source: knows where the log ends.
        now: the wall clock, epoch milliseconds.
        clock: seconds that only go forward.
        observe: told how many seconds after its time the first timer of a slice fired.
    """

    def __init__(
        self,
        processor: Processor,
        source: Source,
        now: Callable[[], int],
        clock: Callable[[], float],
        observe: Callable[[float], None],
    ) -> None:
        self._processor = processor
        self._source = source
        self._now = now
        self._clock = clock
        self._observe = observe
        self._until: int | None = None
        """Up to when timers fire, while there are more than go into one slice."""
        self._not_before = 0.0
        self._held_back = False
        """Whether something is due, and the log is unread for which it has to wait."""
        self._ends: Mapping[TP, int] = {}
        """Where the log ended at a time when something was due and more was unread."""
        self._noted_at: int | None = None
        """That time."""

    def fire(self, positions: Mapping[TP, int]) -> int:
        """Let a slice of the timers fire that are due.

        Args:
            positions: topic partition → the offset after the last applied record.

        Returns:
            How many fired.
        """
        due = self._processor.next_deadline
        if due is None:
            return 0
        now = self._now()
        until = self._until
        if until is None or due > until:
            self._until = until = self._next_until(due, now, positions)
        if until is None:
            return 0
        fired = self._processor.pass_time(until, SLICE)
        if fired:
            self._observe((now - due) / 1000)
        return fired

    def left(self) -> float | None:
        """Seconds until :meth:`fire` is worth a call, if nothing comes; ``None``: not for now."""
        due = self._processor.next_deadline
        if due is None:
            return None
        if self._until is not None and due <= self._until:
            return 0.0
        left = max((due - self._now()) / 1000, self._not_before - self._clock(), 0.0)
        return _LOOK_EVERY if self._held_back else min(left, _LOOK_EVERY)

    def _next_until(self, due: int, now: int, positions: Mapping[TP, int]) -> int | None:
        if due > now or self._clock() < self._not_before:
            return None
        reached = self._reached(now, positions)
        if reached is None or reached < due:
            self._held_back = True
            return None
        self._held_back = False
        self._not_before = self._clock() + _APART
        return reached

    def _reached(self, now: int, positions: Mapping[TP, int]) -> int | None:
        """The latest time known by which all that was in the log then was applied."""
        known = {tp: self._source.known_end(tp) for tp in positions}
        ends = {tp: end for tp, end in known.items() if end is not None}
        if len(ends) < len(known):
            return None
        if all(positions[tp] >= end for tp, end in ends.items()):
            self._noted_at = None
            return now
        reached = self._noted_at
        if reached is not None and any(positions[tp] < end for tp, end in self._ends.items()):
            return None
        self._ends, self._noted_at = ends, now
        return reached
