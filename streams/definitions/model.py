"""What a definitions file means, as frozen types. Durations and times are milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

EntityKind = Literal["account", "user"]
Owner = tuple[str | None, str | None]
"""Account and user; the account alone has no user, a user may have no account."""
MeasureKind = Literal["count", "users", "days", "weeks", "distinct", "sum", "avg", "min", "max"]
FunnelOrder = Literal["ordered", "strict", "unordered"]
Operator = Literal[">=", ">", "==", "!=", "<=", "<"]

FilterOperator = Literal[
    "eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "not_contains",
    "starts_with", "ends_with", "matches", "exists", "before", "after", "between",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """``>= 3``."""

    operator: Operator
    value: float | int

    def __str__(self) -> str:
        return f"{self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class Compare:
    """One filter: the value at ``path`` (``properties.role``) against ``value``."""

    path: str
    operator: FilterOperator
    value: Any
    """A scalar; a tuple for ``in``, ``not_in`` and ``between``; epoch ms for ``before``, ``after``
    (and for ``between`` where both ends are times)."""


@dataclass(frozen=True, slots=True)
class AllFilters:
    """Every filter holds (also: none at all)."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class AnyFilter:
    """At least one filter holds."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class NotFilter:
    """The filter does not hold."""

    filter: "Filter"


Filter = Compare | AllFilters | AnyFilter | NotFilter


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured over the matching events, and what it is compared with."""

    kind: MeasureKind
    comparison: Comparison
    of: str | None = None
    """Path of the value, for ``distinct sum avg min max``."""


@dataclass(frozen=True, slots=True)
class EventCondition:
    """A measure of the matching events in a window."""

    events: tuple[str, ...]
    """Names; ``*`` at the end of one matches any rest, ``*`` alone every event."""
    where: Filter | None
    measure: Measure
    within: int | None = None
    """Length of the sliding window (t − within, t]; ``None``: all time."""
    start: int | None = None
    """``from``, included; ``None``: the beginning."""
    end: int | None = None
    """``to``, excluded; ``None``: no end."""


@dataclass(frozen=True, slots=True)
class MilestoneCondition:
    """Another milestone was reached: the entity's own, or (``users``) its users'."""

    milestone: str
    users: Comparison | None = None
    """How many of the account's users; ``None``: the entity's own milestone."""
    within: int | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds at the same instant."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are meant, whatever is then asked of them."""

    events: tuple[str, ...]
    """Names, as in :class:`EventCondition`."""
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class FirstCondition:
    """The first matching event ever lies in the window."""

    event: EventFilter
    within: int


@dataclass(frozen=True, slots=True)
class ReturnedCondition:
    """In the window lies a matching event before which there was none for long."""

    event: EventFilter
    silent: int
    """At least so long after the matching event before it, which there must be."""
    within: int


@dataclass(frozen=True, slots=True)
class InactiveCondition:
    """No matching event lies in the window."""

    event: EventFilter
    length: int


@dataclass(frozen=True, slots=True)
class AfterCondition:
    """An event was not followed by another in time; true from when that time was over."""

    after: EventFilter
    no: EventFilter
    lasting: int
    """``for``, its end included."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a sequence, or one that must not come there."""

    event: EventFilter
    absent: bool = False
    lasting: int | None = None
    """``for``, of the absent event that ends a sequence."""


@dataclass(frozen=True, slots=True)
class SequenceCondition:
    """Events in the order of their times."""

    steps: tuple[Step, ...]
    """The first is an event, no two that are absent ones follow each other at the end."""
    within: int | None = None
    """From the first event to the last, included; ``None``: any time."""
    strict: bool = False
    """Whether no other event of the entity may come in between."""
    count: Comparison = Comparison(">=", 1)
    """Matches, none of which shares an event with another."""


@dataclass(frozen=True, slots=True)
class RegularlyCondition:
    """In so many of the last periods there were so many events."""

    event: EventFilter
    every: int
    """Length of a period. The newest ends now, the others lie one before the other."""
    times: Comparison
    """Events of a period."""
    periods: Comparison
    """``in``: how many periods have so many."""
    of_last: int


@dataclass(frozen=True, slots=True)
class LatestCondition:
    """The newest matching event passes a filter."""

    event: EventFilter
    has: Filter


@dataclass(frozen=True, slots=True)
class TrendCondition:
    """A measure of a window divided by that of the window before it."""

    event: EventFilter
    kind: MeasureKind
    of: str | None
    """Path of the value, as in :class:`Measure`."""
    window: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class TraitCondition:
    """A trait of the account, or of the user, passes a filter."""

    trait: str
    has: Compare
    """On the path ``traits.`` and the trait's name."""


@dataclass(frozen=True, slots=True)
class SegmentCondition:
    """The account, or the user, is in a segment: the first one whose condition holds."""

    segment: str
    condition: "Condition"
    """That of the segment, and none of the conditions before it."""


@dataclass(frozen=True, slots=True)
class ScoreCondition:
    """A score compares now."""

    score: "Score"
    comparison: Comparison
    """One of ``>= > <= <``."""
    until: Comparison | None = None
    """Once true it stays so until this holds, of the same score; ``None``: it does not stay."""


Condition = (
    EventCondition
    | MilestoneCondition
    | FirstCondition
    | ReturnedCondition
    | InactiveCondition
    | AfterCondition
    | SequenceCondition
    | RegularlyCondition
    | LatestCondition
    | TrendCondition
    | TraitCondition
    | SegmentCondition
    | ScoreCondition
    | AllOf
    | AnyOf
    | Not
)


@dataclass(frozen=True, slots=True)
class WhileTrue:
    """1 while a condition holds, otherwise 0."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Share:
    """A measure of the events in a window, divided by what is full: from 0 to 1, never beyond."""

    measured: EventCondition
    """Its comparison is ``>= full``."""


@dataclass(frozen=True, slots=True)
class Recency:
    """e^(−age / time constant) of the newest matching event; 0 without any."""

    event: EventFilter
    time_constant: float
    """Milliseconds in which it falls to 1/e; a half-life divided by ln 2."""


@dataclass(frozen=True, slots=True)
class Fading:
    """The sum of 2^(−age / half-life) over all matching events."""

    event: EventFilter
    half_life: int
    most: float | None = None
    """At most so much, in events; ``None``: no bound."""


Signal = WhileTrue | Share | Recency | Fading


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a score: its points times its signal."""

    name: str
    points: float
    """Not 0; more than 0 where the signal fades (:class:`Recency`, :class:`Fading`)."""
    signal: Signal


@dataclass(frozen=True, slots=True)
class Score:
    """A number of an account or a user that says how near it is to buying.

    It is the sum of its components; with an ``intercept`` z = intercept + that sum is taken to
    100 / (1 + e^−z).
    """

    name: str
    of: EntityKind
    components: tuple[Component, ...]
    intercept: float | None = None
    veto: Condition | None = None
    """While it holds the score is 0, whatever else holds."""
    force: Condition | None = None
    """While it holds (and no veto) the score is at least 100."""
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A named group of accounts or users; each is in the first one whose condition holds."""

    name: str
    of: EntityKind
    when: Condition


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
