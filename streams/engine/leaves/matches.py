"""``sequence`` with ``count``: how many matches there are, none sharing an event with another.

They are taken one after the other: the one that is complete first, of these the one of the earliest
events; its events are used up.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventFilter, SequenceCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.leaves.pool import Pool
from streams.engine.leaves.steps import Spec
from streams.engine.leaves.window import directions, observe_count, span

_SLACK: Final = 32


class MatchesLeaf(EventLeaf):
    """The number of matches compares. State: :class:`Pool`."""

    packs = True

    def __init__(self, key: int, text: str, condition: SequenceCondition) -> None:
        self._spec = Spec(condition)
        super().__init__(key, text, EventFilter(self._spec.events))
        self._count = condition.count
        self._compare = COMPARE[condition.count.operator]
        _, self._cap = span(condition.count)
        spec = self._spec
        refutes = bool(spec.gaps or spec.last or spec.strict or spec.may_share())
        rises, falls = directions(condition.count)
        self.may_rise = rises or refutes
        self.may_fall = falls or refutes

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        mask = self._spec.mask(event)
        if not mask and not self._spec.strict:
            return False
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            pool = entity.leaves[self.key] = Pool(self._spec)
        if pool.taken >= self._cap:
            return False
        changed = pool.add((event.time, mask), self._cap)
        if pool.size > max(_SLACK, pool.settle_at):
            pool.settle(horizon, self._cap)
            pool.settle_at = pool.size * 9 // 8 + _SLACK
        return changed

    def count(self, entity: Entity, at: int) -> int:
        """How many, as far as state knows."""
        pool: Pool | None = entity.leaves.get(self.key)
        return 0 if pool is None else pool.taken + bisect_right(pool.complete, at)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._compare(min(self.count(entity, at), self._cap), self._count.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        return observe_count(self.count(entity, at), self._count, None)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            return ()
        complete = pool.complete
        return complete[bisect_right(complete, low) : bisect_right(complete, high)]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            return None
        place = bisect_right(pool.complete, after)
        return pool.complete[place] if place < len(pool.complete) else None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return bool(self._spec.last)

    def dump(self, state: Pool) -> Any:
        """See :meth:`Leaf.dump`."""
        return [state.touches, state.others, state.taken, state.upto]

    def load(self, data: Any) -> Pool:
        """See :meth:`Leaf.load`."""
        touches, others, taken, upto = data
        pool = Pool(self._spec)
        pool.restore([(*one,) for one in touches], [(*one,) for one in others], taken, upto)
        pool.take(BEFORE_ALL, self._cap)
        return pool
