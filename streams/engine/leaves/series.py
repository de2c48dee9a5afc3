"""Numbers in time: what ``sum``, ``avg``, ``min`` and ``max`` remember."""

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves.base import Observation
from streams.engine.leaves.peaks import Peaks
from streams.engine.leaves.window import WindowLeaf, earlier
from streams.engine.values import getter, number

_SCALE_BITS: Final = 1074
"""Every finite double is a whole multiple of 2⁻¹⁰⁷⁴, so sums of them are exact as integers."""
_SCALE: Final = 1 << _SCALE_BITS
_EXACT_FLOAT: Final = 2**53
_SLACK: Final = 32
_WINDOWS: Final = 4
"""Two judge (at once, and when no event can come late), and a trend has two windows for each."""
_NEAR: Final = 64
"""Values over which a window moves though another one could be made."""


def exact(value: float) -> int:
    """The value times 2¹⁰⁷⁴, as an integer: sums do not depend on the order of their terms."""
    if type(value) is int:
        return value << _SCALE_BITS
    numerator, denominator = value.as_integer_ratio()
    return numerator * (_SCALE // denominator)


def inexact(numerator: int, count: int = 1) -> float | int:
    """An exact sum (divided by ``count``) as a number that JSON can carry."""
    whole, rest = divmod(numerator, count << _SCALE_BITS)
    if not rest and abs(whole) < _EXACT_FLOAT:
        return whole
    try:
        return numerator / (count << _SCALE_BITS)
    except OverflowError:
        return sys.float_info.max if numerator > 0 else -sys.float_info.max


class Window:
    """A part of a series: ``values[first:last]``, with their exact sum; it ends at ``upto``."""

    __slots__ = ("first", "last", "total", "upto")

    def __init__(self) -> None:
        self.first = self.last = 0
        self.total = 0
        self.upto = BEFORE_ALL

    def copy(self) -> "Window":
        """Another one at the same place."""
        other = Window()
        other.first, other.last = self.first, self.last
        other.total, other.upto = self.total, self.upto
        return other

    def distance(self, first: int, last: int) -> int:
        """How many values are to be looked at to make it that part."""
        return abs(self.first - first) + abs(self.last - last)

    def move(self, values: list[float | int], first: int, last: int) -> None:
        """Make it ``values[first:last]``."""
        if first >= self.last or last <= self.first:  # nothing in common
            self.first = self.last = first
            self.total = 0
        for place in range(self.last, last):
            self.total += exact(values[place])
        for place in range(last, self.last):
            self.total -= exact(values[place])
        for place in range(self.first, first):
            self.total -= exact(values[place])
        for place in range(first, self.first):
            self.total += exact(values[place])
        self.first, self.last = first, last


class Series:
    """Times and values, sorted by time, with windows that move along.

    Attributes:
        floor: windows that end before it are not whole any more.
        base: exact sum of what was folded away (all time only), ``folded`` values.
        forget_at: with how many values it is next worth while to look for those to forget.
        peaks: the extremes of parts of it, where somebody has asked for one.
    """

    __slots__ = (
        "_windows", "base", "floor", "folded", "forget_at", "peaks", "times", "values",
    )  # fmt: skip

    def __init__(self) -> None:
        self.times: list[int] = []
        self.values: list[float | int] = []
        self.floor = BEFORE_ALL
        self.base = 0
        self.folded = 0
        self.forget_at = 0
        self.peaks: Peaks | None = None
        self._windows: list[Window] = []
        """The one asked for last comes last."""

    def insert(self, time: int, value: float, within: int | None) -> None:
        """Put a value in its place; ``within`` is the length of the windows."""
        times = self.times
        if not times or time >= times[-1]:
            times.append(time)
            self.values.append(value)
        else:
            place = bisect_right(times, time)
            times.insert(place, time)
            self.values.insert(place, value)
            if self.peaks is not None:
                self.peaks.cut(place)
        for window in self._windows:
            if time > window.upto:
                continue
            window.last += 1
            if within is not None and time <= window.upto - within:
                window.first += 1
            else:
                window.total += exact(value)

    def part(self, at: int, within: int | None) -> tuple[int, int]:
        """Between which places the values of the window are that ends at ``at``."""
        first = 0 if within is None else bisect_right(self.times, at - within)
        return first, bisect_right(self.times, at)

    def window(self, at: int, within: int | None) -> Window:
        """The window that ends at ``at`` (included).

        Of those that were asked for lately the nearest is moved, so that several who ask, each at
        times that go on, are not in each other's way.
        """
        first, last = self.part(at, within)
        windows = self._windows
        if not windows:
            windows.append(Window())
        nearest = windows[-1]
        if nearest.distance(first, last) > _NEAR:
            nearest = min(windows, key=lambda one: one.distance(first, last))
            if nearest.distance(first, last) > _NEAR and len(windows) < _WINDOWS:
                nearest = nearest.copy()
            else:
                windows.remove(nearest)
            windows.append(nearest)
        nearest.move(self.values, first, last)
        nearest.upto = at
        return nearest

    def drop(self, count: int) -> None:
        """Forget the oldest ``count`` values."""
        for window in self._windows:
            for place in range(window.first, min(count, window.last)):
                window.total -= exact(self.values[place])
            window.first = max(window.first - count, 0)
            window.last = max(window.last - count, 0)
        del self.times[:count]
        del self.values[:count]


class SeriesLeaf(WindowLeaf):
    """A measure of numbers; what they are compared as is the subclass's.

    Only finite numbers and numeric text count.

    Attributes:
        rises: whether a value more can only make it true.
    """

    packs = True
    rises = False
    of_nothing = False
    """Whether it compares over a window without any value."""

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self.kind = condition.measure.kind
        self.operator = self.comparison.operator
        self.threshold = self.comparison.value
        self._find: Callable[[Event], Any] = getter(condition.measure.of or "")

    def judge(self, series: Series, at: int) -> tuple[float | int, bool] | None:
        """The measure at ``at`` and whether it compares; ``None`` for no values."""
        raise NotImplementedError

    def amount(self, series: Series, at: int) -> tuple[int, int] | None:
        """The measure as an exact fraction, its numerator times 2¹⁰⁷⁴; ``None`` for no values."""
        raise NotImplementedError

    def trim(self, series: Series, horizon: int) -> None:
        """Forget what no window that ends at or after ``horizon`` needs."""
        raise NotImplementedError

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        value = number(self._find(event))
        if value is None:
            return False
        series: Series | None = entity.leaves.get(self.key)
        if series is None:
            series = entity.leaves[self.key] = Series()
        series.insert(event.time, value, self.within)
        size = len(series.times)
        if size > _SLACK and size > series.forget_at:
            self.trim(series, horizon)
            series.forget_at = len(series.times) * 9 // 8 + _SLACK
        return True

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return self.within is not None and not (self.rises and not self.both)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        judged = self._judge(entity, at)
        return judged[1] if judged is not None else self.of_nothing

    def _judge(self, entity: Entity, at: int) -> tuple[float | int, bool] | None:
        series: Series | None = entity.leaves.get(self.key)
        if series is None or at < series.floor:
            return None
        return self.judge(series, at)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        judged = self._judge(entity, at)
        observed, holds = judged if judged is not None else (0, self.of_nothing)
        return Observation(observed, False, str(self.comparison), self.window_start(at), holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: with a value that comes, or with one that leaves."""
        series: Series | None = entity.leaves.get(self.key)
        if series is None:
            return ()
        times = series.times
        found = times[bisect_right(times, low) : bisect_right(times, high)]
        if self.is_timed():
            assert self.within is not None  # noqa: S101 - for the type checker
            first = bisect_right(times, low - self.within)
            last = bisect_right(times, high - self.within)
            found += [time + self.within for time in times[first:last]]
        return found

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`: a value that comes, or one that leaves."""
        series: Series | None = entity.leaves.get(self.key)
        if series is None:
            return None
        times = series.times
        coming = bisect_right(times, after)
        found = times[coming] if coming < len(times) else None
        if self.is_timed():
            assert self.within is not None  # noqa: S101 - for the type checker
            leaving = bisect_right(times, after - self.within)
            if leaving < len(times):
                return earlier(found, times[leaving] + self.within)
        return found

    def dump(self, state: Series) -> Any:
        """See :meth:`Leaf.dump`."""
        base = state.base.to_bytes((state.base.bit_length() + 8) // 8, "big", signed=True)
        return [state.times, state.values, state.floor, base, state.folded]

    def load(self, data: Any) -> Series:
        """See :meth:`Leaf.load`."""
        series = Series()
        series.times, series.values, series.floor, base, series.folded = data[:5]
        series.base = int.from_bytes(base, "big", signed=True)
        return series
