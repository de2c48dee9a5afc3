"""Working time: how much of it lies between two instants, and when so much of it is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from streams.definitions.model import DayHours, WorkingHours
from streams.engine.entities import AFTER_ALL
from streams.engine.values import DAY

MINUTE: Final = 60_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WALL: Final = datetime(1970, 1, 1)
"""The wall clock's beginning, wherever it hangs."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_FIRST: Final = (datetime(2, 1, 1) - _WALL).days
_LAST: Final = (datetime(9999, 1, 1) - _WALL).days
"""Days from 1970-01-01. Before the first and from the last on the calendar of some zone ends."""


class BusinessHours:
    """The working hours of a team, on its clock and its calendar.

    A working day lasts from the first moment at which the wall clock shows its beginning, or a
    later time, to the first moment at which it shows its end, or a later time. So a day on which
    the clock is put forward within the hours is shorter, one on which it is put back is longer; a
    time that does not exist is the moment at which the clock leaps over it, and of a time that
    exists twice the first counts. Before the year 2 and after the year 9998 all time is working
    time.
    """

    def __init__(self, hours: WorkingHours) -> None:
        self._zone = hours.zone
        self._days = hours.days
        self._holidays = {(day - _WALL.date()).days for day in hours.holidays}

    def add(self, at: int, length: int) -> int:
        """The instant at which ``length`` of working time after ``at`` is over.

        What is over when a working day ends is over then, and not at the beginning of the next one.
        Of no length at all it is the first working instant from ``at`` on. The time that it takes
        grows with the working days in between.

        Args:
            at: epoch milliseconds.
            length: milliseconds, 0 or more.
        """
        for start, end in self._spans(at):
            if start + length < end or (start + length == end and length > 0):
                return start + length
            length -= end - start
        raise AssertionError("the last span has no end")

    def worked(self, start: int, end: int) -> int:
        """The working time from one instant to another, milliseconds; 0 where it is earlier."""
        total = 0
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _spans(self, at: int) -> Iterator[tuple[int, int]]:
        """The stretches of working time from ``at`` on, in order; the last has no end."""
        if at < _FIRST * DAY:
            yield at, _FIRST * DAY
        for day in range(self._day(at), _LAST):
            span = self._days[(day + 3) % 7]  # 1970-01-01 was a Thursday
            if span is None or day in self._holidays:
                continue
            start, end = self._of(day, span)
            if at < end and start < end:
                yield max(at, start), end
        yield max(at, _LAST * DAY), AFTER_ALL

    def _day(self, at: int) -> int:
        """The day of an instant on the zone's calendar, counted from 1970-01-01."""
        within = min(max(at, _FIRST * DAY), _LAST * DAY)
        return (within + self._offset(within)) // DAY

    def _of(self, day: int, span: DayHours) -> tuple[int, int]:
        """When the hours of a day begin and end."""
        first, last = _FIRST * DAY, _LAST * DAY
        start, end = self._first(day, span.start), self._first(day, span.end)
        return min(max(start, first), last), min(max(end, first), last)

    def _first(self, day: int, minute: int) -> int:
        """The first instant at which the wall clock shows that time of that day, or a later one."""
        shown = day * DAY + minute * MINUTE
        wall = _WALL + timedelta(days=day, minutes=minute)
        before = _milliseconds(self._zone.utcoffset(wall))
        after = _milliseconds(self._zone.utcoffset(wall.replace(fold=1)))
        if after <= before:  # it exists: once, or twice
            return shown - before
        early, late = shown - after, shown - before
        while late - early > 1:  # the clock leaps after the one and not after the other
            middle = (early + late) // 2
            if self._offset(middle) == before:
                early = middle
            else:
                late = middle
        return late

    def _offset(self, at: int) -> int:
        """How far the wall clock is ahead of UTC, milliseconds."""
        moment = (_EPOCH + timedelta(milliseconds=at)).astimezone(self._zone)
        return _milliseconds(moment.utcoffset())


def _milliseconds(offset: timedelta | None) -> int:
    return (offset or timedelta()) // _MILLISECOND
