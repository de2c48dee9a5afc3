"""Numbers in time: what ``sum``, ``avg``, ``min`` and ``max`` remember."""

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves.base import Observation
from streams.engine.leaves.window import WindowLeaf, earlier
from streams.engine.values import getter, number

_SCALE_BITS: Final = 1074
"""Every finite double is a whole multiple of 2⁻¹⁰⁷⁴, so sums of them are exact as integers."""
_SCALE: Final = 1 << _SCALE_BITS
_EXACT_FLOAT: Final = 2**53
_TRIM_EVERY: Final = 32


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


class Series:
    """Times and values, sorted by time, with windows that move along.

    Attributes:
        floor: windows that end before it are not whole any more.
        base: exact sum of what was folded away (all time only), ``folded`` values.
        window: the one that is asked about.
        before: another, for who compares the two.
    """

    __slots__ = ("base", "before", "floor", "folded", "times", "values", "window")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.values: list[float | int] = []
        self.floor = BEFORE_ALL
        self.base = 0
        self.folded = 0
        self.window = Window()
        self.before = Window()

    def rewind(self) -> None:
        """Let the windows start again from nothing."""
        self.window.rewind()
        self.before.rewind()

    def insert(self, time: int, value: float) -> None:
        """Put a value in its place."""
        times = self.times
        if not times or time >= times[-1]:
            times.append(time)
            self.values.append(value)
            if time > self.window.upto:
                return
        else:
            place = bisect_right(times, time)
            times.insert(place, time)
            self.values.insert(place, value)
        self.rewind()

    def drop(self, count: int) -> None:
        """Forget the oldest ``count`` values."""
        del self.times[:count]
        del self.values[:count]
        for window in (self.window, self.before):
            if window.first >= count:  # it has passed what is forgotten
                window.first -= count
                window.last -= count
            else:
                window.rewind()


class Window:
    """A part of a series: ``values[first:last]``, with their exact sum; it ends at ``upto``."""

    __slots__ = ("first", "last", "total", "upto")

    def __init__(self) -> None:
        self.rewind()

    def rewind(self) -> None:
        """Start again from nothing."""
        self.first = self.last = 0
        self.total = 0
        self.upto = BEFORE_ALL

    def seek(self, series: Series, at: int, within: int | None) -> None:
        """Move the window so that it ends at ``at`` (included)."""
        if at < self.upto:
            self.rewind()
        times, values = series.times, series.values
        while self.last < len(times) and times[self.last] <= at:
            self.total += exact(values[self.last])
            self.last += 1
        if within is not None:
            while self.first < self.last and times[self.first] <= at - within:
                self.total -= exact(values[self.first])
                self.first += 1
        self.upto = at


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

    def judge(self, series: Series, window: Window) -> tuple[float | int, bool] | None:
        """The measure over the window and whether it compares; ``None`` for no values."""
        raise NotImplementedError

    def amount(self, series: Series, window: Window) -> tuple[int, int] | None:
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
        series.insert(event.time, value)
        if len(series.times) % _TRIM_EVERY == 0:
            self.trim(series, horizon)
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
        series.window.seek(series, at, self.within)
        return self.judge(series, series.window)

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
