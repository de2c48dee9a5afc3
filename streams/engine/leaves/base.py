"""What every leaf of a condition can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from schemas.events import Event
from streams.definitions.model import EventFilter
from streams.engine.entities import Entity
from streams.engine.filters import Predicate, compile_filter

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": ge, ">": gt, "==": eq, "!=": ne, "<=": le, "<": lt,
}  # fmt: skip


NOBODY = "\0erased:"
"""Begins what stands in for the id of a user who was erased; no id of a user does."""


class Observation(NamedTuple):
    """A leaf at one instant, for evidence."""

    observed: float | int | bool
    at_least: bool
    """The measure may be more: state keeps no more than the threshold needs."""
    threshold: str
    window_start: int | None
    holds: bool


class Leaf(ABC):
    """One comparison somewhere in a condition.

    Attributes:
        key: fingerprint of the meaning; equal conditions have one leaf and share its state.
        text: the condition in words.
        milestones: bit set of the milestones (of its entity kind) that this leaf is part of.
        places: the same as (place, key) of each.
        both: whether anybody asks when it turns false; otherwise only when it turns true.
        may_rise: whether an event that comes late may prove that it was true at an instant.
        may_fall: whether one may prove that it was false. What contains such a leaf (or a ``not``
            of one that may rise) is judged only when no event can come late any more.
        packs: whether its state must be dumped and loaded; others are plain already.
    """

    may_rise = True
    may_fall = False
    packs = False

    def __init__(self, key: int, text: str) -> None:
        # Typed loosely, so that what is compiled keeps the object and makes none for each look-up.
        self.key: Any = key
        self.text = text
        self.milestones = 0
        self.places: tuple[tuple[int, int], ...] = ()
        self.both = False

    @abstractmethod
    def holds(self, entity: Entity, at: int) -> bool:
        """Whether it is true at ``at``, by what is known of the entity."""

    @abstractmethod
    def observe(self, entity: Entity, at: int) -> Observation:
        """The measure at ``at``, for evidence."""

    @abstractmethod
    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """Every instant in (low, high] at which it may have turned, as :attr:`both` asks for."""

    @abstractmethod
    def next_instant(self, entity: Entity, after: int) -> int | None:
        """The first instant after ``after`` at which it may turn if nothing comes any more."""

    def is_timed(self) -> bool:
        """Whether it may turn, as :attr:`both` asks for, without an event of its own."""
        return False

    def is_refutable(self, entity: Entity) -> bool:  # noqa: ARG002 - most leaves need not look
        """Where it :attr:`may_fall`: whether that can be, by what was seen of this entity."""
        return True

    def is_exact(self) -> bool:
        """Whether what is kept tells of every instant, also of those that nobody asks about."""
        return False

    def seed(self, entity: Entity) -> None:  # noqa: B027 - most leaves can know nothing
        """Remember what can be known of an entity that was seen before this leaf was there."""

    def forget_user(self, entity: Entity, user_id: str, nobody: str) -> bool:  # noqa: ARG002
        """Take a user's id out of what is remembered; where it still counts, ``nobody`` stands in.

        Returns:
            Whether it may have turned by that.
        """
        return False

    def dump(self, state: Any) -> Any:
        """The state as lists, maps, numbers and text."""
        return state

    def load(self, data: Any) -> Any:
        """The state again, from what :meth:`dump` gave."""
        return data


class EventLeaf(Leaf):
    """A leaf over events.

    Attributes:
        events: the names that it wants.
        accepts: which of these events it wants; ``None`` for all.
    """

    events: tuple[str, ...]
    accepts: Predicate | None

    def __init__(self, key: int, text: str, wanted: EventFilter) -> None:
        super().__init__(key, text)
        self.events = wanted.events
        self.accepts = compile_filter(wanted.where) if wanted.where is not None else None

    @abstractmethod
    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """Remember an event that this leaf accepts.

        Args:
            entity: to which it happened; its clock is already at the event's time or past it.
            event: is accepted by :attr:`accepts`.
            horizon: no instant before it will be asked about, unless an event comes too late;
                what only such instants need may be forgotten.

        Returns:
            Whether the leaf may have turned at an instant, from the event's time to the entity's
            clock, at which it did not turn before; or will turn earlier than was known.
        """
