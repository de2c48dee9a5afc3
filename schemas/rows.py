"""Rows of ClickHouse, in the order of the columns in ``deploy/clickhouse``.

Every row is absolute: written twice, or in any order, it counts once. Text that is none is the
empty string there (an id is never empty). Times are epoch milliseconds and days are counted from
1970-01-01, both within `EARLIEST`..`LATEST`, which is what the columns can hold.
"""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import Field, WithJsonSchema

EARLIEST = -2_208_988_800_000
"""1900-01-01T00:00:00.000Z."""

LATEST = 10_413_791_999_999
"""2299-12-31T23:59:59.999Z."""

Count = Annotated[int, Field(ge=0)]

Contributed = Annotated[
    tuple[str, float, float],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "component": {"type": "string"},
                "points": {"type": "number"},
                "signal": {"type": "number"},
            },
            "required": ["component", "points", "signal"],
            "additionalProperties": False,
        }
    ),
]
"""Component, points and signal: a named tuple of ClickHouse, which gives it out as an object."""

Contacted = Annotated[
    tuple[str, float | None],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "user_id": {"type": "string"},
                "score": {"type": ["number", "null"]},
            },
            "required": ["user_id", "score"],
            "additionalProperties": False,
        }
    ),
]
"""User and score of a contact, likewise."""

Features = Annotated[
    Mapping[str, float],
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "number"}}),
]
"""Component of a score → its signal."""

# ClickHouse gives the next two out as text: `FORMAT JSONEachRow` with
# `date_time_output_format = 'iso'`, which is what the published schemas describe.

Time = Annotated[int, WithJsonSchema({"type": "string", "format": "date-time"})]
"""Epoch milliseconds."""

Day = Annotated[int, WithJsonSchema({"type": "string", "format": "date"})]
"""Days since 1970-01-01."""


class MilestoneRow(NamedTuple):
    """An occurrence of a milestone that is not live. The earliest ``occurred_at`` stays."""

    milestone: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    id: str
    type: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    score: float | None = None
    contributions: tuple[Contributed, ...] = ()
    segment: str = ""
    model: str = ""
    """By which the score was computed; empty where the definitions themselves say it."""
    model_version: str = ""
    fell_back_to: str = ""


class TransitionRow(NamedTuple):
    """An entry into a live milestone, or an exit from it, by ``type``. The earliest stays."""

    milestone: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    type: str
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    score: float | None = None
    contributions: tuple[Contributed, ...] = ()
    segment: str = ""
    model: str = ""
    """By which the score was computed; empty where the definitions themselves say it."""
    model_version: str = ""
    fell_back_to: str = ""


class StuckRow(NamedTuple):
    """An entity that got stuck on a journey, after the step ``milestone``. The earliest stays."""

    journey: str
    milestone: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    segment: str = ""


class LeadRow(NamedTuple):
    """What was told of a lead, by ``type``, with all that was known of it then. The earliest stays.

    Where no rule took it, ``rule`` and ``team`` are empty, and ``earliest`` and ``due`` ``None``.
    """

    lead: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    type: str
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    opened_at: Time
    score: float | None = None
    contributions: tuple[Contributed, ...] = ()
    segment: str = ""
    contacts: tuple[Contacted, ...] = ()
    rule: str = ""
    team: str = ""
    owner: str = ""
    earliest: Time | None = None
    due: Time | None = None
    contacted_at: Time | None = None
    breached_at: Time | None = None
    merged: Count = 0
    outcome: str = ""
    reason: str = ""
    model: str = ""
    """By which the score was computed; empty where the definitions themselves say it."""
    model_version: str = ""
    kind: str = ""
    """Empty in what was told before leads had one."""
    action: str = ""
    """Of the newest override, as are the next three."""
    approver: str = ""
    override_reason: str = ""
    overridden_at: Time | None = None
    rerouted_by: str = ""
    """Of a route that an override brought: the id of its event."""
    fell_back_to: str = ""


class HealthRow(NamedTuple):
    """A change of a health. The earliest stays.

    Where the entity had reached no milestone by then, ``milestone`` is empty.
    """

    health: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    level: str
    before: str
    milestone: str = ""
    score: float | None = None
    contributions: tuple[Contributed, ...] = ()
    segment: str = ""
    model: str = ""
    model_version: str = ""
    fell_back_to: str = ""


class AuditRow(NamedTuple):
    """A decision: a milestone or a lead that was told. The earliest ``detected_at`` stays.

    Where ``is_pseudonymous``, ``id``, ``account_id``, ``user_id`` and ``decided_by`` are keyed
    hashes of what they are in other tables.
    """

    id: str
    type: str
    name: str
    """Of the milestone, or of the lead."""
    kind: str
    """Of a lead."""
    account_id: str
    user_id: str
    is_pseudonymous: bool
    occurrence: Count
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    definition_hash: str
    model: str
    """Of a score that a model computed; likewise its version."""
    model_version: str
    score: float | None
    features: Features
    evidence: str
    """A JSON list."""
    segment: str
    rule: str
    team: str
    outcome: str
    reason: str
    action: str
    """Of the newest override, as are the next three."""
    approver: str
    override_reason: str
    overridden_at: Time | None


class ActivityRow(NamedTuple):
    """One user's count of one event on one day. The highest count of ``events`` stays."""

    account_id: str
    user_id: str
    day: Day
    event: str
    part: str
    events: Count
    first_at: Time
    last_at: Time


class TraitRow(NamedTuple):
    """A trait of an account or a user. The newest ``changed_at`` stays."""

    account_id: str
    user_id: str
    name: str
    value: str
    """JSON text."""
    changed_at: Time


class FlagRow(NamedTuple):
    """That an abuse rule flagged somebody, or did so no more, by ``type``. The earliest stays."""

    rule: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    type: str
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    fake: bool
    until: Time | None = None
    segment: str = ""


class ExcludedRow(NamedTuple):
    """A rule's count of one user's excluded events on one day. The highest ``events`` stays."""

    account_id: str
    user_id: str
    day: Day
    event: str
    rule: str
    part: str
    events: Count
    first_at: Time
    last_at: Time


class ShadowRow(NamedTuple):
    """What was told of a milestone or a lead in the shadow, by ``type``. The earliest stays.

    A correction takes the place of what it corrects. What does not apply is empty or ``None``; so
    is ``shadow_of`` of what is compared with nothing.
    """

    name: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    type: str
    shadow_of: str
    id: str
    occurred_at: Time
    detected_at: Time
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""
    score: float | None = None
    contributions: tuple[Contributed, ...] = ()
    segment: str = ""
    opened_at: Time | None = None
    contacts: tuple[Contacted, ...] = ()
    rule: str = ""
    team: str = ""
    owner: str = ""
    earliest: Time | None = None
    due: Time | None = None
    contacted_at: Time | None = None
    breached_at: Time | None = None
    merged: Count = 0
    outcome: str = ""
    reason: str = ""
    model: str = ""
    model_version: str = ""
    kind: str = ""
    """Of a lead."""
    action: str = ""
    """Of the newest override of the lead in the shadow itself, as are the next three."""
    approver: str = ""
    override_reason: str = ""
    overridden_at: Time | None = None
    rerouted_by: str = ""
    """As of a lead."""
    fell_back_to: str = ""


class ComparisonRow(NamedTuple):
    """A score in the shadow beside the live one, as told with a milestone or a lead.

    The earliest stays; what was corrected is ``milestone.reached`` here, too.
    """

    score: str
    shadow: str
    shadow_hash: str
    milestone: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: Count
    told: str
    id: str
    qualification: str
    occurred_at: Time
    detected_at: Time
    value: float
    shadow_value: float
    contributions: tuple[Contributed, ...]


class EventRow(NamedTuple):
    """A product event as it was sent. The same id at the same time is one row."""

    account_id: str
    user_id: str
    at: Time
    event_id: str
    event: str
    properties: str
    """A JSON object."""
    traits: str
    """A JSON object; empty where it has none."""
    invite: bool
    """Whether it tells of somebody who was invited: such events go after 30 days."""


class FactRow(NamedTuple):
    """An event that has a role, with what its role says of it.

    The same id at the same time is one row. An attribute that the role does not have, or the event
    does not say, is empty, or ``None``.
    """

    role: str
    at: Time
    account_id: str
    user_id: str
    event_id: str
    event: str
    value: float | None = None
    """The amount, or the score."""
    plan: str = ""
    channel: str = ""
    experiment: str = ""
    variant: str = ""
    feature: str = ""
    self_serve: bool | None = None
    given: bool | None = None
    invitee: str = ""
    """Forgotten after 30 days."""


class TraitHistoryRow(NamedTuple):
    """A trait as an event said it, with the event's time."""

    account_id: str
    user_id: str
    name: str
    changed_at: Time
    value: str
    """JSON text."""


class ErasingRow(NamedTuple):
    """Somebody whose rows go: all that is of a time up to ``through``, whenever it comes.

    Forgotten after 30 days. An empty ``user_id``: the account with all its users.
    """

    account_id: str
    user_id: str
    through: Time
    id: str
    asked_at: Time
    asked_by: str
    marked_at: Time
    """When the sink has taken it in, which says it."""
    is_done: bool = False
    """Whether that was looked at again after a while."""


class ErasureRow(NamedTuple):
    """That somebody was erased, and who it was only for whoever knows the id."""

    id: str
    """SHA-256 of the id of the message ``entity.deleted``."""
    entity: str
    """SHA-256 of the ids of the account and the user."""
    of: str
    """``account`` or ``user``."""
    asked_at: Time
    asked_by: str
    erased_at: Time
    rows: Count
    """How many rows were deleted; those that came later are not counted."""


class WatchRow(NamedTuple):
    """An answer to a watch, at an instant of its schedule. The one written last stays."""

    watch: str
    labels: Mapping[str, str]
    at: Time
    value: float
    sample_size: Count
    """How many the value is of."""


class ParameterRow(NamedTuple):
    """A parameter that was set, from ``at`` on. The row written first stays."""

    name: str
    at: Time
    value: float
    sample_size: Count
    """Of a baseline: how many accounts or users it was computed of; of a fallback: how many leads
    were judged."""
    share: float | None = None
    """Of a fallback: how many of them were wrong, 0 to 1; ``None`` of a baseline."""


Row = (
    MilestoneRow
    | TransitionRow
    | StuckRow
    | LeadRow
    | HealthRow
    | ActivityRow
    | TraitRow
    | FlagRow
    | ExcludedRow
    | ShadowRow
    | ComparisonRow
    | AuditRow
    | EventRow
    | FactRow
    | TraitHistoryRow
    | ErasingRow
    | ErasureRow
    | WatchRow
    | ParameterRow
)

TABLES: Mapping[type[Row], str] = {
    MilestoneRow: "milestone_rows",
    TransitionRow: "transition_rows",
    StuckRow: "stuck_rows",
    LeadRow: "lead_rows",
    HealthRow: "health_rows",
    ActivityRow: "activity_rows",
    TraitRow: "trait_rows",
    FlagRow: "flag_rows",
    ExcludedRow: "excluded_rows",
    ShadowRow: "shadow_rows",
    ComparisonRow: "comparison_rows",
    AuditRow: "audit_rows",
    EventRow: "event_rows",
    FactRow: "fact_rows",
    TraitHistoryRow: "trait_history_rows",
    ErasingRow: "erasing_rows",
    ErasureRow: "erasure_rows",
    WatchRow: "watch_rows",
    ParameterRow: "parameter_rows",
}
