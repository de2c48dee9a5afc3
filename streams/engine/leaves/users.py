"""``milestone:`` with ``users``: how many of the account's users."""

from collections.abc import Iterable
from typing import Any, Final

from streams.definitions.model import MilestoneCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import COMPARE, NOBODY, Leaf, Observation
from streams.engine.leaves.presence import Presence, Span
from streams.engine.leaves.window import directions, earlier, observe_count, span

_SLACK: Final = 32


class UsersLeaf(Leaf):
    """How many of the account's users compares.

    It is not fed by events but by what is found out about its users. State: that of a
    :class:`Presence`, user → times, of which the subclass knows when the user counts.
    """

    def __init__(self, key: int, text: str, condition: MilestoneCondition) -> None:
        super().__init__(key, text)
        assert condition.users is not None  # noqa: S101 - the compiler's business, not a user's
        self.comparison = condition.users
        self._compare = COMPARE[self.comparison.operator]
        self.rises, self.cap = span(self.comparison)
        self.within = condition.within
        self.users = Presence(key, self.spans, _SLACK)

    def spans(self, times: list[int]) -> list[Span]:
        """When a user with such times counts."""
        raise NotImplementedError

    def trim(self, entity: Entity, horizon: int) -> None:
        """Forget users who make no difference at or after ``horizon``."""
        raise NotImplementedError

    def put(self, entity: Entity, user_id: str, times: list[int], horizon: int) -> None:
        """Give a user other times."""
        self.users.put(entity, user_id, times)
        if self.users.is_time_to_forget(entity):
            self.trim(entity, horizon)
            self.users.forgot(entity)

    def forget_user(self, entity: Entity, user_id: str, nobody: str) -> bool:
        """See :meth:`Leaf.forget_user`: who has reached it stays counted."""
        times = self.users.times(entity).get(user_id)
        if times is not None:
            self.users.drop(entity, user_id)
            self.users.put(entity, nobody, times)
        return False

    def who(self, entity: Entity, at: int) -> list[tuple[int, str]]:
        """The users that count at ``at``, each with since when; nobody who was erased."""
        return [
            (begin, user_id)
            for user_id, times in self.users.times(entity).items()
            for begin, end in self.spans(times)
            if begin <= at and (end is None or at < end) and not user_id.startswith(NOBODY)
        ]

    def count(self, entity: Entity, at: int) -> int:
        """How many users, as far as state knows."""
        return self.users.count(entity, at)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self._compare(min(self.count(entity, at), self.cap), self.comparison.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        start = at - self.within if self.within is not None else None
        return observe_count(self.count(entity, at), self.comparison, start)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        return self.users.begins(entity, low, high) + self.users.ends(entity, low, high)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        users = self.users
        return earlier(users.next_begin(entity, after), users.next_end(entity, after))


class UsersReachedLeaf(UsersLeaf):
    """Users who reached their milestone (within the window).

    The times of a user are those at which it was reached; without a window, the first.

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

    def spans(self, times: list[int]) -> list[Span]:
        """See :meth:`UsersLeaf.spans`."""
        if self.within is None:
            return [(times[0], None)] if times else []
        found: list[Span] = []
        for at in sorted(times):
            end = at + self.within
            if found and found[-1][1] is not None and at <= found[-1][1]:
                found[-1] = (found[-1][0], end)
            else:
                found.append((at, end))
        return found

    def add(
        self, entity: Entity, user_id: str, occurred: int, known: int | None, horizon: int
    ) -> None:
        """Remember that a user reached it, and not when ``known`` says, where that is set.

        No instant before ``horizon`` will be asked about.
        """
        before = self.users.times(entity).get(user_id, ())
        times = [at for at in before if at not in (known, occurred)]
        if self.within is not None:
            times = [at for at in times if at > horizon - self.within]
            times.append(occurred)
        else:
            times = [min(occurred, *times)] if times else [occurred]
        self.put(entity, user_id, times, horizon)

    def trim(self, entity: Entity, horizon: int) -> None:
        """See :meth:`UsersLeaf.trim`: of what none can change, the ``cap`` that hold longest."""
        known = self.users.times(entity)
        settled = sorted((times[-1], user) for user, times in known.items() if times[-1] <= horizon)
        spare = settled[self.cap :] if self.within is None else settled[: -self.cap]
        for _, user in spare:
            self.users.drop(entity, user)

    def is_refutable(self, entity: Entity) -> bool:
        """See :meth:`Leaf.is_refutable`: near the far end of a window that may still be judged."""
        if self._always or self.within is None:
            return True
        end = entity.clock - self.within
        return self.users.has_between(entity, end - self._lateness, end + self._lateness)

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return self.within is None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return self.within is not None and not (self.rises and not self.both)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        if self.is_timed():
            return super().instants(entity, low, high)
        return self.users.begins(entity, low, high)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        if self.is_timed():
            return super().next_instant(entity, after)
        return self.users.next_begin(entity, after)

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
        known = self.users.times(entity).get(user_id, [])
        found = [] if first is None else [first]
        if not found:
            self.users.drop(entity, user_id)
        elif found != known:
            self.users.put(entity, user_id, found)
        return min(set(found) ^ set(known), default=None)


Flips = list[tuple[int, bool]]
"""What a live milestone is from an instant on, then each instant at which it turns."""


class UsersNowLeaf(UsersLeaf):
    """Users for whom a live milestone holds.

    The times of a user are those at which it turned, true and false in turn, beginning with true.
    """

    may_fall = True

    def spans(self, times: list[int]) -> list[Span]:
        """See :meth:`UsersLeaf.spans`."""
        ends: list[int | None] = [*times[1::2], None]
        return list(zip(times[::2], ends, strict=False))

    def feed(self, entity: Entity, user_id: str, flips: Flips, horizon: int) -> int | None:
        """Replace what is known of a user from the first flip's instant on.

        Returns:
            The earliest instant at which that made a difference; ``None`` for no difference.
        """
        low = flips[0][0]
        known = self.users.times(entity).get(user_id, [])
        turns = [at for at in known if at < low]
        for at, value in flips:
            if value != bool(len(turns) % 2):
                turns.append(at)
        first = min(set(turns) ^ set(known), default=None)
        while len(turns) > 1 and turns[1] <= horizon:
            del turns[:2]
        if not turns:
            self.users.drop(entity, user_id)
        elif turns != known:
            self.put(entity, user_id, turns, horizon)
        return first

    def forget_user(self, entity: Entity, user_id: str, nobody: str) -> bool:  # noqa: ARG002
        """See :meth:`Leaf.forget_user`: it holds for the user no more."""
        known = user_id in self.users.times(entity)
        self.users.drop(entity, user_id)
        return known

    def trim(self, entity: Entity, horizon: int) -> None:
        """See :meth:`UsersLeaf.trim`: those for whom it does not hold any more."""
        known = self.users.times(entity)
        gone = [u for u, turns in known.items() if len(turns) % 2 == 0 and turns[-1] <= horizon]
        for user in gone:
            self.users.drop(entity, user)
