"""``count``: how many events."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import Final

from schemas.events import Event
from streams.definitions.model import EventCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import Observation
from streams.engine.leaves.window import CountedLeaf, earlier

_SLACK: Final = 32
"""Times kept beyond what is needed before a trim is worth its while."""


class CountLeaf(CountedLeaf):
    """The number of events in the window.

    State: the times of the events, sorted. A sliding window keeps the newest ``cap`` up to the
    horizon and all that came after; all time keeps the oldest ``cap``.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self._limit = self.limit(_SLACK)

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        leaves = entity.leaves
        times: list[int] | None = leaves.get(self.key)
        time = event.time
        cap = self.cap
        if times is None:
            leaves[self.key] = [time]
            return cap == 1 or not self.rises
        if self.within is None:
            return self._add_first(times, time)
        if time < times[-1]:
            return self._add_late(times, time)
        times.append(time)
        if len(times) > self._limit and len(times) % _SLACK == 0:
            self.trim(times, horizon)
        if not self.rises:
            return self._turns(times, time) or time < entity.clock
        if len(times) < cap or times[-cap] <= time - self.within:
            return False
        # Where one less would have done it was true already, but may not have been so until now.
        was_true = len(times) > cap and times[-cap - 1] > time - self.within
        return not was_true or time < entity.clock

    def _add_first(self, times: list[int], time: int) -> bool:
        cap = self.cap
        if len(times) >= cap and time >= times[-1]:
            return False
        insort(times, time)
        del times[cap:]
        return len(times) == cap or not self.rises

    def _turns(self, times: list[int], time: int) -> bool:
        """Whether it compares otherwise with the newest event than without."""
        assert self.within is not None  # noqa: S101 - for the type checker
        count = len(times) - bisect_right(times, time - self.within)
        return self.compares(count) != self.compares(count - 1)

    def _add_late(self, times: list[int], time: int) -> bool:
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        place = bisect_right(times, time)
        times.insert(place, time)
        cap = self.cap
        if not self.rises:
            return True
        first, last = max(place - cap + 1, 0), min(place, len(times) - cap)
        spans = (times[i + cap - 1] - times[i] for i in range(first, last + 1))
        return any(span < self.within for span in spans)

    def seed(self, entity: Entity) -> None:
        """See :meth:`Leaf.seed`: of events of every name, the newest."""
        if self.events == ("*",) and self.accepts is None:
            entity.leaves[self.key] = [entity.clock]

    def trim(self, times: list[int], horizon: int) -> None:
        """Forget what no window that ends at or after ``horizon`` needs."""
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        settled = bisect_right(times, horizon)
        needless = max(settled - self.cap, bisect_right(times, horizon - self.within))
        if 16 * needless >= len(times):  # fewer are not worth moving the others
            del times[:needless]

    def count(self, entity: Entity, at: int) -> int:
        """How many, as far as state knows."""
        times: list[int] | None = entity.leaves.get(self.key)
        if times is None:
            return 0
        last = bisect_right(times, at)
        return last if self.within is None else last - bisect_right(times, at - self.within)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        if not self.rises:
            return self.compares(self.count(entity, at))
        times = entity.leaves.get(self.key)
        if times is None or len(times) < self.cap:
            return False
        last = bisect_right(times, at)
        if last < self.cap:
            return False
        return self.within is None or times[last - self.cap] > at - self.within

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        return self.observed(self.count(entity, at), at)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: with an event that comes, or with one that leaves."""
        times: list[int] = entity.leaves.get(self.key, [])
        found = times[bisect_right(times, low) : bisect_right(times, high)]
        if self.within is not None and not self.only_rises():
            within = self.within
            first, last = bisect_right(times, low - within), bisect_right(times, high - within)
            found += [time + within for time in times[first:last]]
        return found

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        times: list[int] | None = entity.leaves.get(self.key)
        if times is None:
            return None
        coming = bisect_right(times, after)
        found = times[coming] if coming < len(times) else None
        if self.within is None or self.only_rises():
            return found
        leaving = bisect_right(times, after - self.within)
        return earlier(found, times[leaving] + self.within) if leaving < len(times) else found
