"""What a file names: segments, milestones, journeys, funnels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from streams.definitions.model.conditions import Condition, EntityKind, EventFilter

FunnelOrder = Literal["ordered", "strict", "unordered"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A named group of accounts or users; each is in the first one whose condition holds."""

    name: str
    of: EntityKind
    when: Condition
    benchmark: str | None = None
    """Whose published figures it is compared with: ``smb``, ``mid_market`` or ``enterprise``."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A named condition of an account or a user."""

    name: str
    of: EntityKind
    when: Condition
    title: str | None = None
    description: str | None = None
    live: bool = False
    """Entered and exited, again and again."""
    repeat: int | None = None
    """Reached again when it turns true at least so long after the last time; ``None``: once."""
    shadow: bool = False
    """Evaluated and persisted, and told no subscriber."""
    shadow_of: str | None = None
    """The live milestone that it is compared with."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Milestones in order."""

    name: str
    of: EntityKind
    steps: tuple[str, ...]
    within: int | None = None
    stuck: Mapping[str, int] = field(default_factory=dict)
    """Step → how long after it the next one, or a later one, may take."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An event that ends an attempt when it happens between two of its steps."""

    event: EventFilter
    first: int
    """The step after which it counts, from 1."""
    last: int
    """The step up to which it counts; larger than ``first``."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Events as steps, and how far each account or user comes."""

    name: str
    of: EntityKind
    steps: tuple[EventFilter, ...]
    order: FunnelOrder = "ordered"
    within: int | None = None
    """From the first step to the last, included; ``None``: any time."""
    exclude: tuple[Exclusion, ...] = ()
    start: int | None = None
    """``from``, included: only events from then on are looked at."""
    end: int | None = None
    """``to``, excluded."""
