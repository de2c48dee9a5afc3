"""A whole file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.definitions.model.abuse import AbuseRule
from streams.definitions.model.cases import Case
from streams.definitions.model.conditions import Baseline, Score
from streams.definitions.model.entities import Funnel, Journey, Milestone, Segment
from streams.definitions.model.health import Health
from streams.definitions.model.leads import Lead
from streams.definitions.model.roles import Role
from streams.definitions.model.routing import Routing


@dataclass(frozen=True, slots=True)
class Timing:
    """How far disorder and repetition are tolerated."""

    allowed_lateness: int = 3_600_000
    dedupe_within: int = 86_400_000


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole file."""

    timing: Timing = field(default_factory=Timing)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    funnels: Mapping[str, Funnel] = field(default_factory=dict)
    tests: tuple[Case, ...] = ()
    segments: Mapping[str, Segment] = field(default_factory=dict)
    """In order: the first one that holds counts."""
    scores: Mapping[str, Score] = field(default_factory=dict)
    leads: Mapping[str, Lead] = field(default_factory=dict)
    routing: Routing | None = None
    """``None``: leads are not routed."""
    health: Mapping[str, Health] = field(default_factory=dict)
    abuse: Mapping[str, AbuseRule] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
