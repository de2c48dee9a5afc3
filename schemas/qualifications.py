"""What subscribers receive: what became of a milestone, a journey or a health, with evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

QualificationType = Literal[
    "milestone.reached",
    "milestone.corrected",
    "milestone.entered",
    "milestone.exited",
    "journey.stuck",
    "lead.qualified",
    "lead.routed",
    "lead.sla_breached",
    "lead.closed",
    "health.changed",
    "entity.flagged",
    "entity.cleared",
    "entity.deleted",
]

TYPES: Final[Mapping[QualificationType, str]] = {
    "milestone.reached": "A milestone was reached.",
    "milestone.corrected": "A milestone was reached earlier than published.",
    "milestone.entered": "A live milestone became true.",
    "milestone.exited": "A live milestone is true no more.",
    "journey.stuck": "After a step of a journey the next one has taken too long.",
    "lead.qualified": "An account, or a user, became a lead.",
    "lead.routed": "A lead was given to a team.",
    "lead.sla_breached": "A lead was not contacted by when it was due.",
    "lead.closed": "A lead was converted or disqualified.",
    "health.changed": "The health of an account, or of a user, has another level.",
    "entity.flagged": "An abuse rule excludes events of an account, or a user, from now on.",
    "entity.cleared": "An abuse rule excludes events of an account, or a user, no more.",
    "entity.deleted": "An account, or a user, was erased; what comes later begins anew.",
}
"""Every type with what it says, for people."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One leaf of a milestone's condition, as it stood at ``occurred_at``."""

    condition: str
    """The leaf in the words of the definitions, on one line."""
    observed: float | int | bool
    """The measure over the window."""
    at_least: bool
    """True where the measure may be more than ``observed``: state keeps no more than the
    threshold needs."""
    threshold: str
    """What the measure is compared with, ``>= 3``."""
    window_start: int | None
    """Start of the window (excluded), epoch milliseconds; ``None`` for all time."""
    window_end: int
    """End of the window (included), epoch milliseconds."""
    holds: bool
    """Whether this leaf is true (in an ``any``, some may not be)."""
    history_since: int | None = None
    """Set where the condition was added later and its window reaches back before: it saw no event
    from before this time, epoch milliseconds. ``None``: it saw them all."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one component added to a score."""

    component: str
    """Its name in the definitions."""
    points: float
    """What it added to the sum: the component's points times ``signal``; less than 0 where it took
    away."""
    signal: float
    """How much of the component was there, 0 to 1; more than 1 where it adds up and fades."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained model."""

    name: str
    version: str
    """Any text that tells it from others of its name."""


LeadOutcome = Literal["converted", "disqualified"]

LeadKind = Literal["pqa", "pql", "eql"]
"""A product-qualified account, a product-qualified lead, an expansion-qualified lead."""

OverrideAction = Literal["qualify", "close", "reroute"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A user of the account whom it is worth while to talk to."""

    user_id: str
    score: float | None
    """What they are ranked by; ``None`` where the lead names no score of users."""


@dataclass(frozen=True, slots=True)
class LeadRoute:
    """Who follows a lead up, and by when. Times are epoch milliseconds."""

    rule: str
    """The rule that took it."""
    team: str
    owner: str | None
    """``None``: the team as a whole."""
    earliest: int
    """No contact before it."""
    due: int
    """The first contact is in time up to it, included."""


@dataclass(frozen=True, slots=True)
class LeadOverride:
    """What somebody decided about a lead, whatever its condition and its rule say."""

    action: OverrideAction
    """Opened though the condition does not hold, closed, or given to another team or owner."""
    approver: str
    """Who answers for it."""
    reason: str
    """As it was said."""
    at: int
    """Epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class LeadLife:
    """What became of a lead so far. Times are epoch milliseconds."""

    opened_at: int
    """When it qualified."""
    contacts: tuple[Contact, ...] = ()
    """Best first, as they stood when it qualified."""
    route: LeadRoute | None = None
    """``None`` where no rule fits it; ``due`` as it is now, later where it was snoozed."""
    contacted_at: int | None = None
    """When it was contacted first."""
    breached_at: int | None = None
    """When it was due and not contacted."""
    merged: int = 0
    """How often the condition turned true again while it was open."""
    outcome: LeadOutcome | None = None
    """``None``: it is open."""
    reason: str | None = None
    """Why it was disqualified, as it was said."""
    kind: LeadKind = "pqa"
    override: LeadOverride | None = None
    """The newest one; ``None`` where nobody decided otherwise."""


HealthLevel = Literal["green", "yellow", "red"]
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class HealthChange:
    """What a health came to be."""

    level: HealthLevel
    before: HealthLevel
    """Green for whoever had been told of with no other yet."""
    milestone: str | None
    """How far the entity had come by then, as it was known: the furthest step of the health's
    journey, or without one the milestone that it had reached last. ``None`` where it had reached
    none of them."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What an abuse rule says of an account or a user."""

    rule: str
    """Its name in the definitions."""
    fake: bool
    """Whether an account that it flags counts as fake."""
    until: int | None
    """Until when events are excluded, epoch milliseconds: the end of the period, where the rule
    has a limit; ``None`` where that is not known yet, and for ``entity.cleared``."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """That an account, with all its users, or a user was erased."""

    through: int
    """Epoch milliseconds: all that happened up to it, included, is erased, and an event of that
    time that comes later is not counted. No earlier than the newest that was known."""
    asked_by: str | None
    """Who asked for it, as it was said."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """What became of a milestone of an account or a user, or of its way through a journey."""

    id: str
    """Deterministic: the same input gives the same id, so repeats can be dropped."""
    type: QualificationType
    milestone: str
    """Name in the definitions; for ``journey.stuck`` the step that the entity is stuck at."""
    account_id: str | None
    user_id: str | None
    occurrence: int
    """1 for the first time, 2 for the second, …; ``milestone.exited`` has that of its entry, and
    ``health.changed`` counts the changes."""
    occurred_at: int
    """Event time at which the condition became true, epoch milliseconds; for ``milestone.exited``
    false, and for ``journey.stuck`` the moment the time for the next step ran out."""
    detected_at: int
    """Time of the record that decided; where the passing of time did, the moment it was due (where
    an event that comes late could refute it: when none can any more). Epoch milliseconds."""
    definition_hash: str
    """Fingerprint of the milestone's, or the journey's, meaning."""
    decided_by: str | None
    """Id of the event that decided; ``None`` where the passing of time did."""
    late: bool
    """True where an event later than ``allowed_lateness`` decided: the time may be inexact."""
    journey: str | None
    """Name of the journey, for ``journey.stuck``; ``None`` for every other type."""
    evidence: tuple[Evidence, ...]
    score: float | None = None
    """The first score that its condition names, as it stood at ``occurred_at``; ``None`` where it
    names none, and for ``journey.stuck``."""
    contributions: tuple[Contribution, ...] = ()
    """What that score is made of, the most points first; empty without a score."""
    segment: str | None = None
    """The segment that the account, or the user, was in at ``occurred_at``; ``None`` where no
    segments are defined, and where none held."""
    lead: LeadLife | None = None
    """For every ``lead.…`` type, whose ``milestone`` is the lead's name; ``None`` for others."""
    health: HealthChange | None = None
    """For ``health.changed``, whose ``milestone`` is the health's name; ``None`` for others."""
    flag: Flag | None = None
    """For ``entity.flagged`` and ``entity.cleared``, whose ``milestone`` is the rule's name;
    ``None`` for others."""
    shadow: bool = False
    """Whether its milestone, or lead, is in the shadow: for the sink, and for no subscriber."""
    shadow_of: str | None = None
    """The live one that it is compared with; ``None`` for none, and for what is live."""
    model: ModelVersion | None = None
    """What ``score`` was computed by; ``None`` where the definitions themselves say it, and without
    a score."""
    deletion: Deletion | None = None
    """For ``entity.deleted``, whose ``milestone`` and ``definition_hash`` are empty; ``None`` for
    others."""
    fell_back_to: str | None = None
    """The score that stood in for it at ``occurred_at``: ``score`` and ``contributions`` are that
    one's. ``None``: the score stood for itself, or there is none."""
