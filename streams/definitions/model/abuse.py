"""What is no use of the product, or too much of it: bots, fakes, internal traffic."""

from dataclasses import dataclass

from streams.definitions.model.conditions import Condition, EntityKind, EventFilter


@dataclass(frozen=True, slots=True)
class FlagRule:
    """Flags an account, or a user, while a condition holds: its events are excluded."""

    name: str
    of: EntityKind
    when: Condition
    """Names no milestone and no score."""
    lasting: int = 0
    """``for``: it stays flagged for so long after the condition held last."""
    fake: bool = False
    """Whether an account that it flags counts as fake; of accounts only."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """Excludes single events, and flags nobody."""

    name: str
    event: EventFilter


@dataclass(frozen=True, slots=True)
class CapRule:
    """Excludes the events of an account, or of a user, that are more than there may be."""

    name: str
    of: EntityKind
    event: EventFilter
    most: int
    """How many of a period count."""
    per: int
    """Length of the periods; the first began at 1970-01-01T00:00:00Z."""
    unless: Condition | None = None
    """While it holds there is no limit. Names no milestone and no score."""


AbuseRule = FlagRule | EventRule | CapRule
