"""What crosses Kafka, as types: `encoding` writes it, and the published schemas are made of it.

The types beside this module are what the code holds in memory (times are epoch milliseconds);
these are the same in JSON (times are text, except in the rows of `activity`: they cross as they
are).
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from schemas.activity import DailyActivity, ExcludedActivity, TraitChange
from schemas.dead_letters import Reason
from schemas.fallbacks import FallbackType
from schemas.qualifications import (
    HealthLevel,
    LeadKind,
    LeadOutcome,
    OverrideAction,
    QualificationType,
)

Time = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
        }
    ),
]
"""ISO 8601 in UTC with milliseconds."""

EntityId = Annotated[str, Field(min_length=1)]

ProducerId = Annotated[str | float | None, WithJsonSchema({"type": ["string", "number", "null"]})]
"""An id as producers send it: a number becomes its text."""

ProducerTime = Annotated[
    str | float,
    WithJsonSchema({"type": ["string", "number"], "minLength": 1}),
]

_OPEN = ConfigDict(use_attribute_docstrings=True)
_CLOSED = ConfigDict(use_attribute_docstrings=True, extra="forbid")


def _names(field: str) -> dict[str, Any]:
    named = {"type": ["string", "number"], "minLength": 1}
    return {"required": [field], "properties": {field: named}}


@with_config(
    ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={"anyOf": [_names("account_id"), _names("user_id")]},
    )
)
class EventMessage(TypedDict):
    """One product event, in the native format. Names an account, a user, or both.

    The Segment spec and CloudEvents 1.0 (structured and binary) are read on the same topic.
    Fields that are not named here are ignored.
    """

    event: Annotated[str, Field(min_length=1)]
    """What happened, any text; ``identify`` and ``group`` carry traits."""
    timestamp: ProducerTime
    """Event time: ISO 8601 (without a zone it is UTC), or epoch milliseconds as a number or as its
    digits. From the year 1900 to a day after the record's own Kafka time."""
    event_id: NotRequired[ProducerId]
    """The producer's unique id, by which repeats are dropped. Without one the record's topic,
    partition and offset stand in, and repeats cannot be seen."""
    account_id: NotRequired[ProducerId]
    """The organisation."""
    user_id: NotRequired[ProducerId]
    """Who did it."""
    properties: NotRequired[dict[str, Any] | None]
    """What the producer says of the event."""
    traits: NotRequired[dict[str, Any] | None]
    """Traits of the user (``identify``) or of the account (``group``)."""


@with_config(_CLOSED)
class EvidenceMessage(TypedDict):
    """One leaf of a milestone's condition, as it stood at ``occurred_at``."""

    condition: str
    """The leaf in the words of the definitions."""
    observed: float | int | bool
    """The measure over the window."""
    at_least: bool
    """True where the measure may be more than ``observed``: no more than the threshold needs
    is kept."""
    threshold: str
    """What the measure is compared with, ``>= 3``."""
    window_start: Time | None
    """Start of the window, excluded; null for all time."""
    window_end: Time
    """End of the window, included."""
    holds: bool
    """Whether this leaf is true; in an ``any`` some may not be."""
    history_since: Time | None
    """Set where the condition was added later and its window reaches back before: it saw no event
    from before this time. Null where it saw them all."""


@with_config(_CLOSED)
class ContributionMessage(TypedDict):
    """What one component added to a score."""

    component: str
    """Its name in the definitions."""
    points: float
    """What it added to the sum; less than 0 where it took away."""
    signal: float
    """How much of the component was there, 0 to 1; more than 1 where it adds up and fades."""


@with_config(_CLOSED)
class ModelMessage(TypedDict):
    """The trained model that a score was computed by."""

    name: str
    version: str
    """Any text that tells it from others of its name."""


@with_config(_CLOSED)
class ContactMessage(TypedDict):
    """A user of the account whom it is worth while to talk to."""

    user_id: EntityId
    score: float | None
    """What they are ranked by; null where the lead names no score of users."""


@with_config(_CLOSED)
class OverrideMessage(TypedDict):
    """What somebody decided about a lead, whatever its condition and its rule say."""

    action: OverrideAction
    """Opened though the condition does not hold, closed, or given to another team or owner."""
    approver: str
    """Who answers for it."""
    reason: str
    """As it was said."""
    at: Time


@with_config(_CLOSED)
class LeadMessage(TypedDict):
    """What became of a lead so far."""

    opened_at: Time
    """When it qualified."""
    contacts: list[ContactMessage]
    """Best first, as they stood when it qualified."""
    contacted_at: Time | None
    """When it was contacted first."""
    breached_at: Time | None
    """When it was due and not contacted."""
    merged: Annotated[int, Field(ge=0)]
    """How often the condition turned true again while it was open."""
    outcome: LeadOutcome | None
    """Null while it is open."""
    reason: str | None
    """Why it was disqualified, as it was said."""
    kind: LeadKind
    """A product-qualified account, a product-qualified lead, or an expansion-qualified lead."""
    override: OverrideMessage | None
    """The newest one; null where nobody decided otherwise."""


@with_config(_CLOSED)
class RouteMessage(TypedDict):
    """Who follows a lead up, and by when."""

    rule: str
    """The rule that took it."""
    team: str
    owner: str | None
    """Null: the team as a whole."""
    earliest: Time
    """No contact before it."""
    due: Time
    """The first contact is in time up to it, included; later than told before where the lead was
    snoozed."""


@with_config(_CLOSED)
class HealthMessage(TypedDict):
    """What a health came to be."""

    level: HealthLevel
    before: HealthLevel
    """What it was until then; green for whoever was told of with no other yet."""
    milestone: Annotated[str, Field(min_length=1)] | None
    """How far the entity had come by then: the furthest step of the health's journey, or without
    one the milestone that it had reached last. Null where it had reached none of them."""


@with_config(_CLOSED)
class FlagMessage(TypedDict):
    """What an abuse rule says of an account or a user."""

    rule: str
    """Its name in the definitions."""
    fake: bool
    """Whether an account that it flags counts as fake."""
    until: Time | None
    """Until when events are excluded: the end of the period, where the rule has a limit. Null where
    that is not known yet, and for `entity.cleared`."""


@with_config(_CLOSED)
class DeletionMessage(TypedDict):
    """That an account, with all its users, or a user was erased."""

    through: Time
    """All that happened up to it, included, is erased, and an event of that time that comes later
    is not counted."""
    asked_by: str | None
    """Who asked for it, as it was said; null where it was not."""


@with_config(_CLOSED)
class QualificationMessage(TypedDict):
    """What became of a milestone or lead of an account or a user, or of its way through a journey.

    Delivered at least once: a repeat has the same ``id``.
    """

    id: str
    """Deterministic: the same input gives the same id, so that repeats can be dropped."""
    type: QualificationType
    """What has happened."""
    milestone: str
    """Its name in the definitions; for ``journey.stuck`` the step that the entity is stuck at, for
    ``lead.…`` the name of the lead, for ``health.changed`` that of the health, for
    ``entity.flagged`` and ``entity.cleared`` that of the abuse rule; empty for
    ``entity.deleted``."""
    account_id: EntityId | None
    """Null for a user without an account."""
    user_id: EntityId | None
    """Null for a milestone, a lead or an abuse rule of an account."""
    occurrence: Annotated[int, Field(ge=1)]
    """1 for the first time, 2 for the second; ``milestone.exited`` has that of its entry, and all
    that is told of one lead has the same; ``health.changed`` counts the changes."""
    occurred_at: Time
    """Event time at which the condition became true; for ``milestone.exited`` false, for
    ``journey.stuck`` the moment the time for the next step ran out, for ``lead.sla_breached`` when
    the lead was due, for ``lead.closed`` when it was closed, for ``health.changed`` when the level
    changed, for ``entity.deleted`` when that was asked for, and for ``entity.cleared`` from when on
    events count again."""
    detected_at: Time
    """Kafka's time of the record that decided; where the passing of time did, when that was due."""
    definition_hash: str
    """Fingerprint of the meaning of the milestone, the journey, the lead, the health or the rule:
    another one, another meaning."""
    decided_by: str | None
    """Id of the event that decided; null where the passing of time did."""
    late: bool
    """True where an event later than the allowed lateness decided: the time may be inexact."""
    journey: str | None
    """Name of the journey, for ``journey.stuck``; null for every other type."""
    evidence: list[EvidenceMessage]
    """Every leaf of the condition, of ``health.changed`` of both its conditions; empty for what
    becomes of a lead after it qualified."""
    score: NotRequired[float]
    """The first score that the condition names, as it stood at ``occurred_at``. Left out where it
    names none."""
    contributions: NotRequired[list[ContributionMessage]]
    """What ``score`` is made of, the most points first. Left out where that is."""
    segment: NotRequired[Annotated[str, Field(min_length=1)]]
    """The segment that the account, or the user, was in at ``occurred_at``. Left out where it was
    in none."""
    lead: NotRequired[LeadMessage]
    """For every ``lead.…`` type; left out for others."""
    route: NotRequired[RouteMessage]
    """Who follows the lead up. Left out where no rule took it, and where there is no ``lead``."""
    health: NotRequired[HealthMessage]
    """For ``health.changed``; left out for others."""
    flag: NotRequired[FlagMessage]
    """For ``entity.flagged`` and ``entity.cleared``; left out for others."""
    model: NotRequired[ModelMessage]
    """What ``score`` was computed by; ``contributions`` then has every feature. Left out where the
    definitions themselves say it, and without a score."""
    deletion: NotRequired[DeletionMessage]
    """For ``entity.deleted``; left out for others."""
    fell_back_to: NotRequired[Annotated[str, Field(min_length=1)]]
    """Name of the score that stood in for the one that the condition names: ``score`` and
    ``contributions`` are that one's. Left out where the score stood for itself."""


@with_config(_CLOSED)
class FallbackMessage(TypedDict):
    """A score is replaced by its fallback, or counts by itself again.

    Delivered at least once: a repeat has the same ``id``.
    """

    id: str
    """Deterministic: the same switch has the same id, so that repeats can be dropped."""
    type: FallbackType
    """What has happened."""
    milestone: str
    """Name of the score in the definitions."""
    fallback: str
    """Name of the score that counts, or counted, in its place."""
    occurred_at: Time
    """From when on."""
    value: Annotated[float, Field(ge=0, le=1)]
    """Share of the judged leads, of those whose condition names the score, that were wrong."""
    above: float
    """Share above which the score falls back; it recovers at nine tenths of it."""
    judged: Annotated[int, Field(ge=0)]
    """How many leads were judged."""


@with_config(_OPEN)
class QualificationHeaders(TypedDict):
    """CloudEvents 1.0 attributes in Kafka's binary content mode."""

    ce_specversion: Literal["1.0"]
    ce_id: str
    """The ``id`` of the value."""
    ce_source: str
    ce_type: QualificationType | FallbackType
    ce_subject: str
    """The user, or the account where the milestone is an account's; of ``score.…`` the score."""
    ce_time: Time
    """The ``occurred_at`` of the value."""
    ce_dataschema: str
    """``$id`` of the JSON Schema of the value."""
    content_type: Annotated[Literal["application/json"], Field(alias="content-type")]


@with_config(_CLOSED)
class ActivityMessage(TypedDict):
    """Some of what changed in a commit cycle of one partition of the events, accounts mixed.

    Rows are arrays. Absolute values: an update that is delivered twice counts once.
    """

    version: Literal[1]
    """Version of this format."""
    activity: list[DailyActivity]
    """How often one entity did one thing on one UTC day, all told so far."""
    traits: list[TraitChange]
    """Traits as events said them."""
    excluded: NotRequired[list[ExcludedActivity]]
    """What abuse rules excluded, likewise. Left out where they excluded nothing."""


@with_config(_OPEN)
class DeadLetterHeaders(TypedDict):
    """Why a record could not be an event, and where it stood. Key and value are as they came."""

    dead_letter_reason: Reason
    dead_letter_path: str
    """Path of the field at fault; empty for the record as a whole."""
    dead_letter_detail: str
    """One sentence for a person."""
    dead_letter_topic: str
    dead_letter_partition: Annotated[str, Field(pattern=r"^\d+$")]
    dead_letter_offset: Annotated[str, Field(pattern=r"^\d+$")]
