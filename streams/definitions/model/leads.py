"""Leads: whom to talk to, and what becomes of it."""

from dataclasses import dataclass

from schemas.qualifications import LeadKind
from streams.definitions.model.conditions import Condition, EntityKind, Score


@dataclass(frozen=True, slots=True)
class Contacts:
    """The users of an account that is a lead whom it is worth while to talk to."""

    milestone: str
    """A milestone of users: those who have reached it (a live one: those in it now)."""
    score: Score | None = None
    """A score of users, the highest first; ``None``: who reached it last comes first."""
    most: int = 5


@dataclass(frozen=True, slots=True)
class Lead:
    """An account, or a user, that is worth a conversation from when a condition turns true.

    There is one open lead of a name for an entity at a time: turning true again while it is open is
    counted with it. It is closed by what comes back of it, and may be opened again after that.
    """

    name: str
    of: EntityKind
    when: Condition
    again: int = 0
    """It is opened again at the earliest so long after it was closed."""
    contacts: Contacts | None = None
    """Of accounts only."""
    title: str | None = None
    description: str | None = None
    shadow: bool = False
    """Evaluated and persisted, and told no subscriber."""
    shadow_of: str | None = None
    """The live lead that it is compared with."""
    kind: LeadKind = "pqa"
    """A label for people and reports: leads of every kind are followed in the same way."""
    goal: str | None = None
    """A milestone of the same kind: where it is reached in time, the lead was right; ``None``: only
    what comes back of it says so."""
    matures: int = 2_592_000_000
    """So long after it qualified nothing more is expected of it: it was right by then, or wrong."""
    parity: str | None = None
    """A trait: ``milepost watch`` compares how often those qualify who have the one or the other
    value of it. ``None``: none is compared."""
