"""``milestone:`` — one's own, or one's users'."""

from collections.abc import Iterable
from typing import Final

from streams.definitions.model import MilestoneCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import Leaf, Observation, observe_count
from streams.engine.leaves.counts import at_least

_SLACK: Final = 32


class ReachedLeaf(Leaf):
    """The entity's own milestone was reached (within the window)."""

    def __init__(self, key: int, text: str, condition: MilestoneCondition, reached: int) -> None:
        super().__init__(key, text)
        self.within = condition.within
        self.reached = reached
        """Key of that milestone in :attr:`Entity.reached`."""

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        occurred = entity.reached.get(self.reached)
        if occurred is None or occurred > at:
            return False
        return self.within is None or occurred > at - self.within

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        start = at - self.within if self.within is not None else None
        return Observation(holds, False, "reached", start, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        occurred = entity.reached.get(self.reached)
        return (occurred,) if occurred is not None and low < occurred <= high else ()


class UsersReachedLeaf(Leaf):
    """At least ``needed`` of the account's users reached their milestone (within the window).

    State: user → when.

    A late event may prove that a user reached it earlier, by ``lateness`` at most, and so out of
    a window: as long as that could matter, what looks at it is refutable.
    """

    def __init__(self, key: int, text: str, condition: MilestoneCondition, lateness: int) -> None:
        super().__init__(key, text)
        self.lateness = lateness
        assert condition.users is not None  # noqa: S101 - the compiler's business, not a user's
        self.comparison = condition.users
        self.within = condition.within
        self.may_be_refutable = condition.within is not None
        self.needed = at_least(condition.users.operator, condition.users.value)

    def add(self, entity: Entity, user_id: str, occurred: int, horizon: int) -> None:
        """Remember that a user reached it, or reached it earlier than was known.

        No instant before ``horizon`` will be asked about.
        """
        state: dict[str, int] = entity.leaves.setdefault(self.key, {})
        state[user_id] = occurred
        if len(state) > 2 * self.needed + _SLACK and len(state) % _SLACK == 0:
            self._trim(state, horizon)

    def _trim(self, state: dict[str, int], horizon: int) -> None:
        """Of what no event can change, keep the ``needed`` that hold the longest."""
        settled = sorted((at, user) for user, at in state.items() if at <= horizon)
        spare = settled[self.needed :] if self.within is None else settled[: -self.needed]
        for _, user in spare:
            del state[user]

    def _count(self, entity: Entity, at: int) -> int:
        state: dict[str, int] = entity.leaves.get(self.key, {})
        start = at - self.within if self.within is not None else None
        return sum(when <= at and (start is None or when > start) for when in state.values())

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._count(entity, at) >= self.needed

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        start = at - self.within if self.within is not None else None
        return observe_count(self._count(entity, at), self.needed, self.comparison, start)

    def is_refutable(self, entity: Entity) -> bool:
        """See :meth:`Leaf.is_refutable`: near the far end of a window that may still be judged."""
        if self.within is None:
            return False
        end = entity.clock - self.within
        state: dict[str, int] = entity.leaves.get(self.key, {})
        return any(end - self.lateness < when <= end + self.lateness for when in state.values())

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        state: dict[str, int] = entity.leaves.get(self.key, {})
        return [when for when in state.values() if low < when <= high]
