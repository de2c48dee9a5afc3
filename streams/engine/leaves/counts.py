"""``count``: how many events."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from math import floor
from typing import Final

from schemas.events import Event
from streams.definitions.model import EventCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import EventLeaf, Observation, observe_count

_SLACK: Final = 32
"""Times kept beyond what is needed before a trim is worth its while."""


class CountLeaf(EventLeaf):
    """At least ``needed`` events in the window.

    State: the times of the events, sorted. A sliding window keeps the newest ``needed`` up to the
    horizon and all that came after; all time keeps the oldest ``needed``: the condition holds from
    the last of these on.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self.needed = at_least(self.comparison.operator, self.comparison.value)
        self._limit = 2 * self.needed + _SLACK

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        leaves = entity.leaves
        times: list[int] | None = leaves.get(self.key)
        time = event.time
        needed = self.needed
        if times is None:
            leaves[self.key] = [time]
            return needed == 1
        if self.within is None:
            if len(times) < needed or time < times[-1]:
                insort(times, time)
                del times[needed:]
                return len(times) == needed
            return False
        if time < times[-1]:
            return self._add_late(times, time)
        times.append(time)
        if len(times) > self._limit and len(times) % _SLACK == 0:
            self._trim(times, horizon)
        if len(times) < needed or times[-needed] <= time - self.within:
            return False
        # Where one less would have done it was true already, but may not have been so until now.
        was_true = len(times) > needed and times[-needed - 1] > time - self.within
        return not was_true or time < entity.clock

    def _add_late(self, times: list[int], time: int) -> bool:
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        place = bisect_right(times, time)
        times.insert(place, time)
        first, last = max(place - self.needed + 1, 0), min(place, len(times) - self.needed)
        spans = (times[i + self.needed - 1] - times[i] for i in range(first, last + 1))
        return any(span < self.within for span in spans)

    def _trim(self, times: list[int], horizon: int) -> None:
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        settled = bisect_right(times, horizon)
        del times[: max(settled - self.needed, bisect_right(times, horizon - self.within))]

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        times = entity.leaves.get(self.key)
        if times is None or len(times) < self.needed:
            return False
        last = bisect_right(times, at)
        if last < self.needed:
            return False
        return self.within is None or times[last - self.needed] > at - self.within

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        times = entity.leaves.get(self.key, ())
        last = bisect_right(times, at)
        first = 0 if self.within is None else bisect_right(times, at - self.within)
        start = self.window_start(at)
        return observe_count(last - first, self.needed, self.comparison, start)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: it turns true with an event only."""
        times: list[int] = entity.leaves.get(self.key, [])
        return times[bisect_right(times, low) : bisect_right(times, high)]


def at_least(operator: str, value: float) -> int:
    """The smallest whole number that compares: ``> 2`` and ``>= 2.5`` are both 3."""
    whole = floor(value)
    return whole + 1 if operator == ">" or whole < value else whole
