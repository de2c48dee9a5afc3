"""``latest`` and ``trait``: what the newest says."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventFilter, LatestCondition, TraitCondition
from streams.engine.entities import Entity
from streams.engine.filters import compare_test, compile_filter
from streams.engine.leaves.base import EventLeaf, Observation
from streams.engine.values import identity

_SLACK: Final = 32

Said = list[Any]
"""When, the rank among those of the same time, and whether it passes."""


def _time(said: Said) -> Any:
    return said[0]


class _NewestLeaf(EventLeaf):
    """The newest of some statements passes. State: the newest up to the horizon, and all since."""

    may_fall = True
    missing = False
    """Whether it passes where nothing was said yet."""

    def say(self, entity: Entity, said: Said, horizon: int) -> bool:
        """Remember a statement; whether it may make a difference."""
        state: list[Said] = entity.leaves.setdefault(self.key, [])
        time, rank, passes = said
        place = bisect_right(state, time, key=_time)
        if place and state[place - 1][0] == time:
            if rank <= state[place - 1][1]:
                return False
            state[place - 1] = said
            return True
        before = state[place - 1][2] if place else self.missing
        state.insert(place, said)
        if len(state) % _SLACK == 0:
            del state[: max(0, bisect_right(state, horizon, key=_time) - 1)]
        return bool(passes != before) or place < len(state) - 1 or time < entity.clock

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        state: list[Said] = entity.leaves.get(self.key, [])
        place = bisect_right(state, at, key=_time)
        return bool(state[place - 1][2]) if place else self.missing

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "newest", None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        state: list[Said] = entity.leaves.get(self.key, [])
        first = bisect_right(state, low, key=_time)
        return [at for at, *_ in state[first : bisect_right(state, high, key=_time)]]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        state: list[Said] = entity.leaves.get(self.key, [])
        place = bisect_right(state, after, key=_time)
        return state[place][0] if place < len(state) else None


class LatestLeaf(_NewestLeaf):
    """The newest matching event passes; of several of one time, one of them does."""

    def __init__(self, key: int, text: str, condition: LatestCondition) -> None:
        super().__init__(key, text, condition.event)
        self._passes = compile_filter(condition.has)

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        passes = self._passes(event)
        return self.say(entity, [event.time, int(passes), passes], horizon)


class TraitLeaf(_NewestLeaf):
    """A trait passes. Of two of one time the greater text counts, as everywhere."""

    def __init__(self, key: int, text: str, condition: TraitCondition) -> None:
        super().__init__(key, text, EventFilter(()))
        self.trait = condition.trait
        self._test = compare_test(condition.has)
        self.missing = self._test(None)

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        return self.say(entity, self._said(event.time, event.traits[self.trait]), horizon)

    def seed(self, entity: Entity) -> None:
        """See :meth:`Leaf.seed`: the trait is kept whether a definition looks at it or not."""
        if self.trait in entity.traits:
            entity.leaves[self.key] = [self._said(*entity.traits[self.trait])]

    def _said(self, time: int, value: Any) -> Said:
        return [time, identity(value) or "", self._test(value)]
