"""What abuse rules know of an account or a user: since when it is flagged, and how much it did."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from streams.definitions.conditions.events import describe_event
from streams.definitions.model import CapRule, FlagRule
from streams.definitions.values import format_duration
from streams.engine.entities import Entity
from streams.engine.leaves.base import Leaf, Observation


class Memory(Leaf):
    """Something that is remembered of an entity, and not asked when it turns."""

    def holds(self, entity: Entity, at: int) -> bool:  # noqa: ARG002 - most are asked otherwise
        """See :meth:`Leaf.holds`."""
        return self.key in entity.leaves

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, self.text, None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:  # noqa: ARG002
        """See :meth:`Leaf.instants`."""
        return ()

    def next_instant(self, entity: Entity, after: int) -> int | None:  # noqa: ARG002
        """See :meth:`Leaf.next_instant`."""
        return None


class FlagLeaf(Memory):
    """Whether a rule flags an entity.

    State: since when it is, or was last; until when, ``None`` while its condition holds; and
    whether it is yet to be told that it is so no more.
    """

    def __init__(self, key: int, rule: FlagRule) -> None:
        super().__init__(key, f"flagged by {rule.name}")
        self._lasting = rule.lasting

    def flag(self, entity: Entity, at: int) -> bool:
        """The condition has turned true; whether the entity was free."""
        state: list[Any] | None = entity.leaves.get(self.key)
        if state is not None and state[2]:
            state[1] = None
            return False
        if not entity.leaves:
            entity.leaves = {}
        # With no time between, events that come late meet one time of being flagged, not two.
        since = state[0] if state is not None and state[1] == at else at
        entity.leaves[self.key] = [since, None, True]
        return True

    def release(self, entity: Entity, at: int) -> None:
        """The condition has turned false."""
        entity.leaves[self.key][1] = at + self._lasting

    def clear(self, entity: Entity, upto: int) -> int | None:
        """When it came to be free, up to an instant; ``None`` where that is told, or not so."""
        state: list[Any] | None = entity.leaves.get(self.key)
        if state is None or not state[2] or state[1] is None or state[1] > upto:
            return None
        state[2] = False
        until: int = state[1]
        return until

    def since(self, entity: Entity, at: int) -> int | None:
        """Since when it is flagged; ``None`` where it is not, at ``at``."""
        state: list[Any] | None = entity.leaves.get(self.key)
        if state is None or at < state[0] or (state[1] is not None and at >= state[1]):
            return None
        since: int = state[0]
        return since

    def until(self, entity: Entity) -> int | None:
        """Until when it is flagged, as far as is known."""
        until: int | None = entity.leaves[self.key][1]
        return until

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self.since(entity, at) is not None

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`: when it is over."""
        state: list[Any] | None = entity.leaves.get(self.key)
        if state is None or not state[2] or state[1] is None or state[1] <= after:
            return None
        until: int = state[1]
        return until

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True


class CapLeaf(Memory):
    """How many events of a period there are.

    State: in how many periods there were too many, then each period that is still open, and its
    number.
    """

    def __init__(self, key: int, rule: CapRule) -> None:
        per = format_duration(rule.per)
        super().__init__(key, f"count of {describe_event(rule.event)} > {rule.most} per {per}")
        self._most = rule.most
        self._per = rule.per

    def end(self, time: int) -> int:
        """The end of the period that a time is in, which is not a part of it."""
        return (time // self._per + 1) * self._per

    def count(self, entity: Entity, time: int, horizon: int) -> int:
        """Count an event in, and say its number in the period.

        After the first that is too many all have the next number.

        Args:
            entity: whose it is.
            time: of the event.
            horizon: periods that ended by then are over; an event that comes for one counts as
                its first.
        """
        if self.end(time) <= horizon:
            return 1
        state: list[int] = entity.leaves.get(self.key) or [0]
        period = time // self._per
        numbers = {
            state[place]: state[place + 1]
            for place in range(1, len(state), 2)
            if (state[place] + 1) * self._per > horizon
        }
        number = min(numbers.get(period, 0) + 1, self._most + 2)
        numbers[period] = number
        times = state[0] + (number == self._most + 1)
        if not entity.leaves:
            entity.leaves = {}
        entity.leaves[self.key] = [times, *(one for pair in numbers.items() for one in pair)]
        return number

    def occurrence(self, entity: Entity) -> int:
        """In how many periods there were too many."""
        times: int = entity.leaves[self.key][0]
        return times

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`: there are too many."""
        return self._number(entity, at) > self._most

    def _number(self, entity: Entity, at: int) -> int:
        state: list[int] = entity.leaves.get(self.key) or [0]
        period = at // self._per
        for place in range(1, len(state), 2):
            if state[place] == period:
                return state[place + 1]
        return 0

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        number = self._number(entity, at)
        start = self.end(at) - self._per - 1  # a window's start is not a part of it
        most = self._most
        return Observation(number, number > most + 1, f"> {most}", start, number > most)


class CompiledFlag(NamedTuple):
    """A rule that flags, ready to be judged."""

    leaf: FlagLeaf
    fake: bool
    lasts: bool
    """Whether it goes on for a time after its condition held last."""
