"""``sequence`` with ``count``: how many matches there are, none sharing an event with another.

They are taken one after the other: the one that is complete first, of these the one of the earliest
events; its events are used up.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventFilter, SequenceCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.leaves.sequences import Spec
from streams.engine.leaves.window import directions, observe_count, span

_SLACK: Final = 32

Touch = list[int]
"""When, what the event may be (as in :data:`sequences.Seen`), and whether it is used up."""


class Pool:
    """The events that matches may be made of.

    Attributes:
        touches: sorted, no older than a match that is yet to come may reach.
        taken: matches that no event can change any more.
        upto: all that were complete by then are among these.
        complete: when further ones are; ``None`` where that must be worked out anew.
    """

    __slots__ = ("complete", "taken", "touches", "upto")

    def __init__(self) -> None:
        self.touches: list[Touch] = []
        self.taken = 0
        self.upto = BEFORE_ALL
        self.complete: list[int] | None = []


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
        self._ends = 1 << (spec.length - 1) | spec.last

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        mask = self._spec.mask(event)
        if not mask and not self._spec.strict:
            return False
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            pool = entity.leaves[self.key] = Pool()
        if pool.taken >= self._cap:
            return False
        late = bool(pool.touches) and event.time <= pool.touches[-1][0]
        insort(pool.touches, [event.time, mask, 0])
        if late or mask & self._ends:
            pool.complete = None
        if len(pool.touches) % _SLACK == 0:
            self._settle(pool, horizon)
        return pool.complete is None

    def _completions(self, pool: Pool) -> list[int]:
        if pool.complete is None:
            pool.complete = [at for at, _ in _take(self._spec, pool, self._cap)]
        return pool.complete

    def _settle(self, pool: Pool, horizon: int) -> None:
        """Take for good the matches that no event can change any more, and forget the rest."""
        for at, used in _take(self._spec, pool, self._cap):
            if at >= horizon:
                break
            pool.taken += 1
            for place in used:
                pool.touches[place][2] = 1
        pool.upto = max(pool.upto, horizon - 1)
        pool.complete = None
        oldest = horizon - self._spec.wait - self._spec.within
        del pool.touches[: bisect_left(pool.touches, [oldest])]
        if pool.taken >= self._cap:
            pool.touches.clear()

    def count(self, entity: Entity, at: int) -> int:
        """How many, as far as state knows."""
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            return 0
        return pool.taken + sum(complete <= at for complete in self._completions(pool))

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._compare(min(self.count(entity, at), self._cap), self._count.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        return observe_count(self.count(entity, at), self._count, None)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        pool: Pool | None = entity.leaves.get(self.key)
        return () if pool is None else [at for at in self._completions(pool) if low < at <= high]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        pool: Pool | None = entity.leaves.get(self.key)
        if pool is None:
            return None
        return min((at for at in self._completions(pool) if at > after), default=None)

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return bool(self._spec.last)

    def dump(self, state: Pool) -> Any:
        """See :meth:`Leaf.dump`."""
        return [state.touches, state.taken, state.upto]

    def load(self, data: Any) -> Pool:
        """See :meth:`Leaf.load`."""
        pool = Pool()
        pool.touches, pool.taken, pool.upto = data
        pool.complete = None
        return pool


def _take(spec: Spec, pool: Pool, cap: int) -> list[tuple[int, list[int]]]:
    """The matches that are complete after what is taken for good: when, and made of which."""
    touches = pool.touches
    free = [not used for _, _, used in touches]
    found: list[tuple[int, list[int]]] = []
    end_bit = 1 << (spec.length - 1)
    ends = sorted({time for time, mask, _ in touches if mask & end_bit})
    for end in ends:
        at = end + spec.wait
        if at <= pool.upto or (spec.last and _follows(spec, touches, end)):
            continue
        while pool.taken + len(found) < cap:
            places = _Search(spec, touches, free, end).find()
            if places is None:
                break
            found.append((at, places))
            for place in places:
                free[place] = False
    return found


def _follows(spec: Spec, touches: list[Touch], end: int) -> bool:
    """Whether what must not follow a match did."""
    first = bisect_left(touches, [end + 1])
    return any(mask & spec.last for time, mask, _ in touches[first:] if time <= end + spec.wait)


class _Search:
    """The match of the earliest events that ends at an instant, by trying them in their order."""

    def __init__(self, spec: Spec, touches: list[Touch], free: list[bool], end: int) -> None:
        self._spec = spec
        self._touches = touches
        self._free = free
        self._end = end
        self._first = bisect_left(touches, [end - spec.within])
        self._last = bisect_left(touches, [end + 1])
        self._failed: set[tuple[int, ...]] = set()

    def find(self) -> list[int] | None:
        """Places of its events, in the order of the steps."""
        return self._extend([])

    def _extend(self, chosen: list[int]) -> list[int] | None:
        step = len(chosen)
        if step == self._spec.length:
            return chosen if self._fits(chosen) else None
        time = self._touches[chosen[-1]][0] if chosen else self._touches[self._first][0]
        # What may follow depends on the events of the last instant alone (of a strict one, on all).
        same = [p for p in chosen if self._spec.strict or self._touches[p][0] == time]
        state = (step, *same)
        if state in self._failed:
            return None
        for place in range(bisect_left(self._touches, [time]), self._last):
            at, mask, _ = self._touches[place]
            if step == self._spec.length - 1 and at != self._end:
                continue
            if not self._free[place] or not mask >> step & 1 or place in same:
                continue
            if chosen and self._is_cut(step, time, at):
                break
            longer = self._extend([*chosen, place])
            if longer is not None:
                return longer
        self._failed.add(state)
        return None

    def _is_cut(self, step: int, after: int, before: int) -> bool:
        """Whether something that must not comes strictly between two instants."""
        spec = self._spec
        forbidden = spec.gaps.get(step, 0)
        if not forbidden and not spec.strict:
            return False
        first, last = bisect_left(self._touches, [after + 1]), bisect_left(self._touches, [before])
        return any(spec.strict or mask & forbidden for _, mask, _ in self._touches[first:last])

    def _fits(self, chosen: list[int]) -> bool:
        """Whether a strict match has no other event strictly between its first and its last."""
        if not self._spec.strict:
            return True
        first, last = self._touches[chosen[0]][0], self._end
        between = range(bisect_left(self._touches, [first + 1]), bisect_left(self._touches, [last]))
        return all(place in chosen for place in between)
