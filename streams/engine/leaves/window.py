"""Leaves that measure the events of a window and compare."""

from math import floor
from typing import Final

from streams.definitions.model import Comparison, EventCondition, EventFilter
from streams.engine.entities import AFTER_ALL, BEFORE_ALL
from streams.engine.filters import Predicate
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation

_UNCAPPED: Final = 2**61
"""A cap above it means that all is kept."""


class WindowLeaf(EventLeaf):
    """A measure over a sliding window, an absolute one, or all time."""

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, EventFilter(condition.events, condition.where))
        self.condition = condition
        self.comparison: Comparison = condition.measure.comparison
        self.within = condition.within
        self.start = condition.start
        self._compare = COMPARE[self.comparison.operator]
        self.accepts = _in_range(condition, self.accepts)

    def window_start(self, at: int) -> int | None:
        """Where the window that ends at ``at`` begins (excluded for a sliding one)."""
        return at - self.within if self.within is not None else self.start


def _in_range(condition: EventCondition, where: Predicate | None) -> Predicate | None:
    """``where``, ``from`` and ``to`` in one predicate; ``None`` where every event passes."""
    if condition.start is None and condition.end is None:
        return where
    start = condition.start if condition.start is not None else BEFORE_ALL
    end = condition.end if condition.end is not None else AFTER_ALL
    if where is None:
        return lambda event: start <= event.time < end
    return lambda event: start <= event.time < end and where(event)


class CountedLeaf(WindowLeaf):
    """A number of things, which late events can only raise.

    Attributes:
        rises: whether more can only make it true.
        cap: the number from which on all compare alike: state keeps no more.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self.rises, self.cap = span(self.comparison)
        self.may_rise, self.may_fall = directions(self.comparison)

    def limit(self, slack: int) -> int:
        """How many things gather before forgetting is worth its while."""
        return slack if self.cap > _UNCAPPED else 2 * self.cap + slack

    def only_rises(self) -> bool:
        """Whether it turns true with an event only, and nobody asks when it turns false."""
        return self.rises and not self.both

    def compares(self, count: int) -> bool:
        """Whether a count compares."""
        return self._compare(min(count, self.cap), self.comparison.value)

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return self.within is None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`: what leaves the window may turn it."""
        return self.within is not None and not self.only_rises()

    def observed(self, count: int, at: int) -> Observation:
        """A count as evidence has it."""
        return observe_count(count, self.comparison, self.window_start(at))


def span(comparison: Comparison) -> tuple[bool, int]:
    """Whether more can only make it true, and the count from which on all compare alike."""
    operator, value = comparison.operator, comparison.value
    whole = floor(value)
    if operator in (">=", ">"):
        needed = whole + 1 if operator == ">" or whole < value else whole
        return needed > 0, max(needed, 1)
    return False, max(whole + 1, 1)


def directions(comparison: Comparison) -> tuple[bool, bool]:
    """Whether a count that is found to be larger may turn it true, and false."""
    operator = comparison.operator
    return operator not in ("<=", "<"), operator not in (">=", ">")


def observe_count(count: int, comparison: Comparison, window_start: int | None) -> Observation:
    """A count against a threshold, told no further than the threshold: state keeps no more."""
    _, cap = span(comparison)
    shown = min(count, cap)
    holds = COMPARE[comparison.operator](shown, comparison.value)
    return Observation(shown, count >= cap, str(comparison), window_start, holds)


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two instants; ``None`` is none."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
