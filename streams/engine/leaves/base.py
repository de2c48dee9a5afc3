"""What every leaf of a condition can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from schemas.events import Event
from streams.definitions.model import Comparison, EventCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.filters import Predicate, compile_filter

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": ge, ">": gt, "==": eq, "!=": ne, "<=": le, "<": lt,
}  # fmt: skip


class Observation(NamedTuple):
    """A leaf at one instant, for evidence."""

    observed: float | int | bool
    at_least: bool
    """The measure may be more: state keeps no more than the threshold needs."""
    threshold: str
    window_start: int | None
    holds: bool


def observe_count(
    count: int, needed: int, comparison: Comparison, window_start: int | None
) -> Observation:
    """A count against a threshold, told no further than the threshold: state keeps no more."""
    holds = count >= needed
    return Observation(min(count, needed), holds, str(comparison), window_start, holds)


class Leaf(ABC):
    """One comparison somewhere in a condition.

    Attributes:
        key: fingerprint of the meaning; equal conditions have one leaf and share its state.
        text: the condition in words.
        milestones: bit set of the milestones (of its entity kind) that this leaf is part of.
        places: the same as (place, key) of each.
        refutable: whether an event that comes late may prove that it was not true after all.
            Whatever contains such a leaf is judged only when no event can come late any more.
        may_be_refutable: whether it is refutable, or may become so with what it sees.
    """

    refutable = False
    may_be_refutable = False

    def __init__(self, key: int, text: str) -> None:
        # Typed loosely, so that what is compiled keeps the object and makes none for each look-up.
        self.key: Any = key
        self.text = text
        self.milestones = 0
        self.places: tuple[tuple[int, int], ...] = ()

    @abstractmethod
    def holds(self, entity: Entity, at: int) -> bool:
        """Whether it is true at ``at``, which is no later than the entity's clock."""

    @abstractmethod
    def observe(self, entity: Entity, at: int) -> Observation:
        """The measure at ``at``, for evidence."""

    @abstractmethod
    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """Every instant in (low, high] at which it may have turned true."""

    def dump(self, state: Any) -> Any:
        """The state as lists, maps, numbers and text."""
        return state

    def load(self, data: Any) -> Any:
        """The state again, from what :meth:`dump` gave."""
        return data

    def is_refutable(self, entity: Entity) -> bool:  # noqa: ARG002 - most leaves need not look
        """Whether it is refutable for this entity, by what was seen of it so far."""
        return self.refutable

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """The first instant after ``after`` at which it may turn true, by what is known now."""
        return min(self.instants(entity, after, entity.clock), default=None)


class EventLeaf(Leaf):
    """A leaf over events: knows which events it wants and in which window it looks at them."""

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text)
        self.condition = condition
        self.comparison: Comparison = condition.measure.comparison
        self.within = condition.within
        self.start = condition.start
        self.end = condition.end
        self.accepts: Predicate | None = self._acceptance(condition)

    @staticmethod
    def _acceptance(condition: EventCondition) -> Predicate | None:
        """``where``, ``from`` and ``to`` in one predicate; ``None`` where every event passes."""
        where = compile_filter(condition.where) if condition.where is not None else None
        if condition.start is None and condition.end is None:
            return where
        start = condition.start if condition.start is not None else BEFORE_ALL
        end = condition.end if condition.end is not None else -BEFORE_ALL
        if where is None:
            return lambda event: start <= event.time < end
        return lambda event: start <= event.time < end and where(event)

    @abstractmethod
    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """Remember an event that this leaf accepts.

        Args:
            entity: to which it happened; its clock is already at the event's time or past it.
            event: is accepted by :attr:`accepts`.
            horizon: no instant before it will be asked about, unless an event comes too late;
                what only such instants need may be forgotten.

        Returns:
            Whether the leaf may have turned true at an instant, from the event's time to the
            entity's clock, at which it was not.
        """

    def window_start(self, at: int) -> int | None:
        """Where the window that ends at ``at`` begins (excluded for a sliding one)."""
        return at - self.within if self.within is not None else self.start
