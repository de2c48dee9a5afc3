"""``first`` and ``returned_after``: the first event ever, and the first after a silence."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Final

from schemas.events import Event
from streams.definitions.model import FirstCondition, ReturnedCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import EventLeaf, Observation
from streams.engine.leaves.window import earlier

_SLACK: Final = 32


class _MomentLeaf(EventLeaf):
    """One of some moments lies in the window."""

    threshold: str

    def __init__(self, key: int, text: str, condition: FirstCondition | ReturnedCondition) -> None:
        super().__init__(key, text, condition.event)
        self.within = condition.within

    def moments(self, entity: Entity) -> list[int]:
        """Them all, sorted."""
        raise NotImplementedError

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        moments = self.moments(entity)
        newest = bisect_right(moments, at) - 1
        return newest >= 0 and moments[newest] > at - self.within

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, self.threshold, at - self.within, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        moments, within = self.moments(entity), self.within
        found = moments[bisect_right(moments, low) : bisect_right(moments, high)]
        if self.both:
            first, last = bisect_right(moments, low - within), bisect_right(moments, high - within)
            found += [at + within for at in moments[first:last]]
        return found

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        moments = self.moments(entity)
        coming = bisect_right(moments, after)
        found = moments[coming] if coming < len(moments) else None
        if self.both:
            leaving = bisect_right(moments, after - self.within)
            if leaving < len(moments):
                return earlier(found, moments[leaving] + self.within)
        return found

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return self.both


class FirstLeaf(_MomentLeaf):
    """The first matching event ever lies in the window. State: its time."""

    threshold = "first"

    def __init__(self, key: int, text: str, condition: FirstCondition, lateness: int) -> None:
        super().__init__(key, text, condition)
        # One that comes late moves it by less than that: out of no window that ends by now.
        self.may_fall = condition.within < lateness

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:  # noqa: ARG002
        """See :meth:`EventLeaf.add`."""
        known = entity.leaves.get(self.key)
        if known is not None and known <= event.time:
            return False
        entity.leaves[self.key] = event.time
        return True

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return True

    def moments(self, entity: Entity) -> list[int]:
        """See :meth:`_MomentLeaf.moments`."""
        first = entity.leaves.get(self.key)
        return [] if first is None else [first]


class ReturnedLeaf(_MomentLeaf):
    """An event after a silence lies in the window.

    State: the times of such events that a window may still reach, and the times of all events
    since the horizon with the newest before it, each once.
    """

    may_fall = True
    threshold = "returned"

    def __init__(self, key: int, text: str, condition: ReturnedCondition) -> None:
        super().__init__(key, text, condition)
        self._silent = condition.silent

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        time = event.time
        state: list[list[int]] | None = entity.leaves.get(self.key)
        if state is None:
            entity.leaves[self.key] = [[], [time]]
            return False
        returns, times = state
        if time > times[-1]:
            returned = time - times[-1] >= self._silent
            if returned:
                returns.append(time)
            times.append(time)
            if len(times) > _SLACK and len(times) % _SLACK == 0:
                self._trim(returns, times, horizon)
            return returned or time < entity.clock
        place = bisect_left(times, time)
        if times[place] == time:
            return False
        if place and time - times[place - 1] >= self._silent:
            insort(returns, time)
        following = times[place]
        known = bisect_left(returns, following)
        is_return = known < len(returns) and returns[known] == following
        if is_return and following - time < self._silent:
            del returns[known]
        elif not is_return and following - time >= self._silent:
            returns.insert(known, following)  # until now it was the first there was
        times.insert(place, time)
        return True

    def _trim(self, returns: list[int], times: list[int], horizon: int) -> None:
        del returns[: bisect_right(returns, horizon - self.within)]
        del times[: max(0, bisect_right(times, horizon) - 1)]

    def moments(self, entity: Entity) -> list[int]:
        """See :meth:`_MomentLeaf.moments`."""
        state = entity.leaves.get(self.key)
        return [] if state is None else state[0]
