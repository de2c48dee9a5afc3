"""Who follows up which leads, and how soon. Durations are milliseconds, times of day minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from streams.definitions.model.conditions import TraitCondition
from streams.definitions.model.filters import Comparison


@dataclass(frozen=True, slots=True)
class DayHours:
    """The working hours of one day, by the clock on the wall."""

    start: int
    """Minutes after midnight."""
    end: int
    """Larger than ``start``, at most 1440; the hours end before it."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When a team works."""

    zone: ZoneInfo
    days: tuple[DayHours | None, ...]
    """Seven of them, Monday first; ``None``: no working day. One at least is one."""
    holidays: frozenset[date] = frozenset()
    """Dates in ``zone`` on which nobody works."""


@dataclass(frozen=True, slots=True)
class Territories:
    """Owners by the value of a trait."""

    trait: str
    of: Mapping[str, tuple[str, ...]]
    """Value → owners."""
    otherwise: tuple[str, ...]
    """Owners where the trait has another value, or none."""


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """Which leads go to which team, and how soon they must be contacted."""

    name: str
    team: str
    sla: int
    """Time until the first contact; working time where there are ``hours``."""
    floor: int = 0
    """No contact before so much time has passed, whatever the hours."""
    hours: WorkingHours | None = None
    """``None``: around the clock."""
    owners: tuple[str, ...] | Territories = ()
    """Who takes them in turn; nobody: the team as a whole."""
    score: tuple[Comparison, ...] = ()
    """All of them hold, each one of ``>= > <= <``; empty: also a lead without a score."""
    segments: frozenset[str] | None = None
    """It is in one of them; ``None``: also a lead in no segment."""
    traits: tuple[TraitCondition, ...] = ()
    """All of them hold."""


@dataclass(frozen=True, slots=True)
class Routing:
    """The matrix: of the rules the first one that fits counts."""

    rules: tuple[RoutingRule, ...]
    """In order; the last may fit every lead, none before it does."""
