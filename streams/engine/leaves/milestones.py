"""``milestone:`` — one's own, or one's users'."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

from streams.definitions.model import MilestoneCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import COMPARE, Leaf, Observation
from streams.engine.leaves.window import directions, observe_count, span

_SLACK: Final = 32


class ReachedLeaf(Leaf):
    """The entity's own milestone was reached.

    Attributes:
        reached: key of that milestone in :attr:`Entity.reached`.
    """

    def __init__(self, key: int, text: str, reached: int) -> None:
        super().__init__(key, text)
        self.reached = reached

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        occurred = entity.reached.get(self.reached)
        return occurred is not None and occurred <= at

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "reached", None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        occurred = entity.reached.get(self.reached)
        return (occurred,) if occurred is not None and low < occurred <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        occurred = entity.reached.get(self.reached)
        return occurred if occurred is not None and occurred > after else None

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return True


class StuckLeaf(Leaf):
    """A step of a journey was reached, and long after it still none of those that follow.

    Attributes:
        step: key of the step in :attr:`Entity.reached`.
    """

    may_fall = True

    def __init__(self, key: int, text: str, step: int, later: tuple[int, ...], length: int) -> None:
        super().__init__(key, text)
        self.step = step
        self._later = later
        self._length = length

    def _due(self, entity: Entity) -> int | None:
        occurred = entity.reached.get(self.step)
        if occurred is None:
            return None
        due = occurred + self._length
        return None if any(entity.reached.get(key, due + 1) <= due for key in self._later) else due

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        due = self._due(entity)
        return due is not None and due <= at

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "stuck", at - self._length, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        due = self._due(entity)
        return (due,) if due is not None and low < due <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        due = self._due(entity)
        return due if due is not None and due > after else None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True


class UsersLeaf(Leaf):
    """How many of the account's users compares.

    It is not fed by events but by what is found out about its users.
    """

    def __init__(self, key: int, text: str, condition: MilestoneCondition) -> None:
        super().__init__(key, text)
        assert condition.users is not None  # noqa: S101 - the compiler's business, not a user's
        self.comparison = condition.users
        self._compare = COMPARE[self.comparison.operator]
        self.rises, self.cap = span(self.comparison)
        self.within = condition.within

    def count(self, entity: Entity, at: int) -> int:
        """How many users, as far as state knows."""
        raise NotImplementedError

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._compare(min(self.count(entity, at), self.cap), self.comparison.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        start = at - self.within if self.within is not None else None
        return observe_count(self.count(entity, at), self.comparison, start)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        return [at for at in self._turns(entity) if low < at <= high]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        return min((at for at in self._turns(entity) if at > after), default=None)

    def _turns(self, entity: Entity) -> Iterable[int]:
        raise NotImplementedError


class UsersReachedLeaf(UsersLeaf):
    """Users who reached their milestone (within the window).

    State: user → when, of a milestone that repeats each time.

    A late event may prove that a user reached it earlier, by ``lateness`` at most, and so out of
    a window: as long as that could matter, what looks at it is refutable.
    """

    def __init__(self, key: int, text: str, condition: MilestoneCondition, lateness: int) -> None:
        super().__init__(key, text, condition)
        self._lateness = lateness
        self.may_rise, falls = directions(self.comparison)
        self._always = falls
        self.may_fall = falls or self.within is not None
        self.may_rise = self.may_rise or self.within is not None

    def add(
        self, entity: Entity, user_id: str, occurred: int, known: int | None, horizon: int
    ) -> None:
        """Remember that a user reached it, and not when ``known`` says, where that is set.

        No instant before ``horizon`` will be asked about.
        """
        state: dict[str, list[int]] = entity.leaves.setdefault(self.key, {})
        times = [at for at in state.get(user_id, ()) if at not in (known, occurred)]
        if self.within is not None:
            times = [at for at in times if at > horizon - self.within]
            times.append(occurred)
        else:
            times = [min(occurred, *times)] if times else [occurred]
        state[user_id] = times
        if len(state) > 2 * self.cap + _SLACK and len(state) % _SLACK == 0:
            self._trim(state, horizon)

    def _trim(self, state: dict[str, list[int]], horizon: int) -> None:
        """Of what no event can change, keep the ``cap`` that hold the longest."""
        settled = sorted((times[-1], user) for user, times in state.items() if times[-1] <= horizon)
        spare = settled[self.cap :] if self.within is None else settled[: -self.cap]
        for _, user in spare:
            del state[user]

    def count(self, entity: Entity, at: int) -> int:
        """See :meth:`UsersLeaf.count`."""
        state: dict[str, list[int]] = entity.leaves.get(self.key, {})
        start = at - self.within if self.within is not None else None
        return sum(
            any(when <= at and (start is None or when > start) for when in times)
            for times in state.values()
        )

    def is_refutable(self, entity: Entity) -> bool:
        """See :meth:`Leaf.is_refutable`: near the far end of a window that may still be judged."""
        if self._always or self.within is None:
            return True
        end, lateness = entity.clock - self.within, self._lateness
        state: dict[str, list[int]] = entity.leaves.get(self.key, {})
        return any(
            end - lateness < when <= end + lateness for times in state.values() for when in times
        )

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return self.within is None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return self.within is not None and not (self.rises and not self.both)

    def _turns(self, entity: Entity) -> Iterable[int]:
        state: dict[str, list[int]] = entity.leaves.get(self.key, {})
        found = [when for times in state.values() for when in times]
        if self.is_timed():
            assert self.within is not None  # noqa: S101 - for the type checker
            found += [when + self.within for when in found]
        return found

    def load(self, data: Any) -> Any:
        """See :meth:`Leaf.load`: an older version kept one time a user."""
        return {user: [at] if isinstance(at, int) else at for user, at in data.items()}

    packs = True


class UsersSoFarLeaf(UsersReachedLeaf):
    """Users who reached a milestone that is told late, by what is known now: for live ones."""

    def preview(self, entity: Entity, user_id: str, first: int | None) -> int | None:
        """Replace what is known of a user: when it was reached, told or yet to be told.

        Returns:
            The earliest instant at which that made a difference; ``None`` for no difference.
        """
        state: dict[str, list[int]] = entity.leaves.setdefault(self.key, {})
        known, found = state.get(user_id, []), [] if first is None else [first]
        if found:
            state[user_id] = found
        else:
            state.pop(user_id, None)
        return min(set(found) ^ set(known), default=None)


Flips = list[tuple[int, bool]]
"""What a live milestone is from an instant on, then each instant at which it turns."""


class UsersNowLeaf(UsersLeaf):
    """Users for whom a live milestone holds.

    State: user → when it turned, true and false in turn, beginning with true.
    """

    may_fall = True

    def feed(self, entity: Entity, user_id: str, flips: Flips, horizon: int) -> int | None:
        """Replace what is known of a user from the first flip's instant on.

        Returns:
            The earliest instant at which that made a difference; ``None`` for no difference.
        """
        state: dict[str, list[int]] = entity.leaves.setdefault(self.key, {})
        low = flips[0][0]
        known = state.get(user_id, [])
        turns = [at for at in known if at < low]
        for at, value in flips:
            if value != bool(len(turns) % 2):
                turns.append(at)
        first = min(set(turns) ^ set(known), default=None)
        while len(turns) > 1 and turns[1] <= horizon:
            del turns[:2]
        if turns:
            state[user_id] = turns
        else:
            state.pop(user_id, None)
        return first

    def count(self, entity: Entity, at: int) -> int:
        """See :meth:`UsersLeaf.count`."""
        state: dict[str, list[int]] = entity.leaves.get(self.key, {})
        return sum(bisect_right(turns, at) % 2 for turns in state.values())

    def _turns(self, entity: Entity) -> Iterable[int]:
        state: dict[str, list[int]] = entity.leaves.get(self.key, {})
        return [at for turns in state.values() for at in turns]
