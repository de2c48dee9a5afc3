"""``regularly``: how many of the last periods had enough events."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import Final

from schemas.events import Event
from streams.definitions.model import RegularlyCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.leaves.window import directions, span

_SLACK: Final = 32


class RegularlyLeaf(EventLeaf):
    """The number of periods whose number of events compares.

    State: the times of the events that a period may still hold, sorted, without those between so
    many others that no period has fewer than ``times`` asks for because of them.
    """

    def __init__(self, key: int, text: str, condition: RegularlyCondition) -> None:
        super().__init__(key, text, condition.event)
        self._every = condition.every
        self._of_last = condition.of_last
        self._times = condition.times
        self._periods = condition.periods
        self._enough = COMPARE[condition.times.operator]
        self._compare = COMPARE[condition.periods.operator]
        _, self._cap = span(condition.times)
        more_rises, more_falls = directions(condition.times)
        periods_rise, periods_fall = directions(condition.periods)
        self.may_rise = (more_rises and periods_rise) or (more_falls and periods_fall)
        self.may_fall = (more_rises and periods_fall) or (more_falls and periods_rise)

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        times: list[int] = entity.leaves.setdefault(self.key, [])
        time = event.time
        if times and time < times[-1]:
            insort(times, time)
            return True
        times.append(time)
        if len(times) > _SLACK and len(times) % _SLACK == 0:
            self._trim(times, horizon)
        crowded = len(times) > self._cap and times[-self._cap - 1] > time - self._every
        return not crowded or time < entity.clock

    def _trim(self, times: list[int], horizon: int) -> None:
        del times[: bisect_right(times, horizon - self._of_last * self._every)]
        kept: list[int] = []
        settled = bisect_right(times, horizon)
        for place in range(settled):
            # Whatever period holds it holds as many before it, or as many after it, as count.
            after = place + self._cap
            if (
                len(kept) >= self._cap
                and after < settled
                and times[after] - kept[-self._cap] < self._every
            ):
                continue
            kept.append(times[place])
        times[:settled] = kept

    def _count(self, entity: Entity, at: int) -> int:
        times: list[int] = entity.leaves.get(self.key, [])
        found = 0
        last = bisect_right(times, at)
        for period in range(1, self._of_last + 1):
            first = bisect_right(times, at - period * self._every)
            found += self._enough(min(last - first, self._cap), self._times.value)
            last = first
        return found

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._compare(self._count(entity, at), self._periods.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        start = at - self._every * self._of_last
        holds = self.holds(entity, at)
        return Observation(self._count(entity, at), False, str(self._periods), start, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: an event moves on from period to period."""
        times: list[int] = entity.leaves.get(self.key, [])
        found: set[int] = set()
        for period in range(self._of_last + 1):
            age = period * self._every
            first, last = bisect_right(times, low - age), bisect_right(times, high - age)
            found.update(time + age for time in times[first:last])
        return found

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        times: list[int] = entity.leaves.get(self.key, [])
        found = None
        for period in range(self._of_last + 1):
            age = period * self._every
            place = bisect_right(times, after - age)
            if place < len(times) and (found is None or times[place] + age < found):
                found = times[place] + age
        return found

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True
