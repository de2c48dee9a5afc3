"""Conditions, and the scores that they compare. Durations and times are milliseconds."""

from dataclasses import dataclass
from typing import Literal

from schemas.qualifications import HealthLevel, ModelVersion
from streams.definitions.model.filters import Compare, Comparison, Filter

EntityKind = Literal["account", "user"]
BaselineKind = Literal["count", "days", "users"]
Statistic = Literal["mean", "median", "p75", "p90"]
MeasureKind = Literal["count", "users", "days", "weeks", "distinct", "sum", "avg", "min", "max"]


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


ONCE = Comparison(">=", 1)
"""At least once: what a sequence is asked where nothing else is said."""


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
    count: Comparison = ONCE
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
class HealthCondition:
    """The account's, or the user's, health is at one of these levels."""

    health: str
    levels: tuple[HealthLevel, ...]
    """One or two of those that it may have."""
    condition: "Condition"
    """What holds exactly then."""


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
    | HealthCondition
    | AllOf
    | AnyOf
    | Not
)


@dataclass(frozen=True, slots=True)
class WhileTrue:
    """1 while a condition holds, otherwise 0."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Baseline:
    """What accounts, or users, usually do: a number that is computed again and again."""

    name: str
    of: EntityKind
    events: tuple[str, ...]
    """Names, as in :class:`EventCondition`."""
    kind: BaselineKind
    """What is measured of each of them."""
    within: int
    """Over how long; whole days."""
    start: float
    """What it is before it was computed first; more than 0."""
    statistic: Statistic = "mean"
    """Of those who did it at least once in that time."""
    every: int = 86_400_000
    """How often it is computed."""


@dataclass(frozen=True, slots=True)
class Share:
    """A measure of the events in a window, divided by what is full: from 0 to 1, never beyond."""

    measured: EventCondition
    """Its comparison is ``>= full``; of a baseline, the number that it starts with."""
    baseline: Baseline | None = None
    """What is full, where that is set in the stream of events."""


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
class Scaling:
    """How the signals of a model's feature were spread where it was trained."""

    mean: float
    scale: float
    """More than 0."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a score: its points times its signal, or times that signal scaled.

    A feature of a model is one whose points are its coefficient, any number.
    """

    name: str
    points: float
    """Not 0; more than 0 where the signal fades (:class:`Recency`, :class:`Fading`)."""
    signal: Signal
    scaling: Scaling | None = None
    """``None``: its signal counts as it is."""

    def scaled(self, signal: float) -> float:
        """How much its signal counts: less its mean, divided by its scale."""
        scaling = self.scaling
        return signal if scaling is None else (signal - scaling.mean) / scaling.scale

    @property
    def slope(self) -> float:
        """What it adds for each 1 of its signal."""
        return self.points if self.scaling is None else self.points / self.scaling.scale

    @property
    def rest(self) -> float:
        """What it adds where its signal is 0."""
        return 0.0 if self.scaling is None else self.points * self.scaled(0.0)


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
    model: ModelVersion | None = None
    """Whose features the components are, and whose the intercept; ``None``: they stand in the
    definitions."""
    shadow: bool = False
    """Named by nothing that is live."""
    shadow_of: str | None = None
    """The live score beside which it is recorded."""
    fallback: "Fallback | None" = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Which score stands for another one, once that is wrong too often."""

    score: Score
    """Of the same kind."""
    above: float
    """Share of false positives above which it does; more than 0, at most 1."""
    least: int = 20
    """How many decisions must have been judged before the share says anything."""
