"""Tests of definitions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.qualifications import HealthLevel

Owner = tuple[str | None, str | None]
"""Account and user; the account alone has no user, a user may have no account."""

LeadState = Literal["open", "breached", "converted", "disqualified"]
"""What became of a lead: it is open, and nobody has contacted it; it is open, and somebody has; it
is open, was due, and nobody has; it was closed."""


@dataclass(frozen=True, slots=True)
class Given:
    """An event of a test."""

    time: int
    event: str
    account_id: str | None
    user_id: str | None
    properties: Mapping[str, Any]
    event_id: str
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is so of one account or user of a test."""

    shown: str
    """The name that the test has for it."""
    account_id: str | None
    user_id: str | None
    """``None`` for the account itself."""
    reached: Mapping[str, int | None] | None
    """All milestones that it has reached or, where they are live, is in now; each with its time
    (of a milestone that it reached or entered several times, the last) where that is said.
    ``None``: not said."""
    not_reached: frozenset[str]
    """Milestones that it has not reached, or is not in now."""
    exited: Mapping[str, int | None] | None = None
    """All live milestones that it was in and is no more, each with the time at which it left last
    where that is said. ``None``: not said."""
    stuck: Mapping[str, str | None] | None = None
    """All journeys that told that it is stuck, each with the step of which that was told last where
    that is said. ``None``: not said."""
    leads: Mapping[str, LeadState | None] | None = None
    """All leads that it has become, each with the state of the newest of that name where that is
    said. ``None``: not said."""
    health: Mapping[str, HealthLevel] = field(default_factory=dict)
    """The levels of the health that is named."""
    flagged: Mapping[str, None] | None = None
    """All abuse rules that flag it. ``None``: not said."""


@dataclass(frozen=True, slots=True)
class Check:
    """What holds at one time of a test."""

    at: int | None
    """``None``: at the newest event, at its end."""
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A test of the milestones of a file: these events, then that."""

    name: str
    line: int
    """Where it stands."""
    given: tuple[Given, ...]
    """In the order in which they arrive."""
    checks: tuple[Check, ...]
