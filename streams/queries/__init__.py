"""Questions to what the sink persisted: SQL in the files beside this, values as parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import orjson
from clickhouse_connect.driver.client import Client

from schemas.qualifications import (
    TYPES,
    Contact,
    HealthChange,
    LeadLife,
    LeadOverride,
    LeadRoute,
    ModelVersion,
)
from schemas.rows import EARLIEST, LATEST
from streams.definitions.model import EntityKind
from streams.queries import asking


@dataclass(frozen=True, slots=True)
class StepCount:
    """One step of a journey."""

    step: str
    """Name of the milestone."""
    count: int
    """Entities that reached this step and, one after the other, all before it."""
    reached: int
    """Entities that reached this milestone at all, whatever they did before."""
    of_first: float | None
    """Share of the first step's count; ``None`` where that is 0."""
    of_previous: float | None
    """Share of the count of the step before; ``None`` for the first, and where that is 0."""
    median_wait: int | None
    """Median time since the step before, milliseconds; ``None`` for the first, and for nobody."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of everything persisted."""

    events: int
    accounts: int
    users: int
    milestones: dict[str, int]
    """Occurrences by milestone."""
    leads: dict[str, int]
    """How often somebody was a lead, by its name."""
    excluded: dict[str, int]
    """Events that were excluded, by abuse rule."""
    facts: dict[str, int]
    """Events that have a role, by the role."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something published of an entity, as it is kept."""

    milestone: str
    """For ``journey.stuck`` the step, for ``lead.…`` the lead, for ``health.…`` the health."""
    type: str
    journey: str | None
    """For ``journey.stuck``; ``None`` for every other type."""
    occurrence: int
    occurred_at: int
    """Epoch milliseconds."""
    detected_at: int
    """Epoch milliseconds."""
    definition_hash: str
    id: str
    decided_by: str | None
    """``None`` where the passing of time decided."""
    late: bool
    evidence: list[dict[str, Any]]
    """As it was published, see ``schemas.wire``."""
    score: float | None
    """``None`` where the condition names none."""
    contributions: list[dict[str, Any]]
    """As it was published; empty without a score."""
    segment: str | None
    """``None`` where it was in none."""
    lead: LeadLife | None = None
    """For ``lead.…``; ``None`` for every other type."""
    health: HealthChange | None = None
    """For ``health.changed``; ``None`` for every other type."""
    shadow: bool = False
    """Whether it was in the shadow then, and nobody was told."""
    model: ModelVersion | None = None
    """What the score was computed by; ``None`` where the definitions themselves say it."""
    fell_back_to: str | None = None
    """The score that stood in for it; ``None``: it stood for itself, or there is none."""


_ORDER: Final[Sequence[str]] = tuple(TYPES)
_OTHERWISE: Final = ("lead", "health", "shadow", "model")
_TOLD: Final = (
    *(field.name for field in fields(Occurrence) if field.name not in _OTHERWISE),
    "model",
    "model_version",
)


def occurrences(
    client: Client,
    account_id: str | None,
    user_id: str | None,
    *,
    milestone: str | None = None,
    until: int | None = None,
) -> list[Occurrence]:
    """Everything told of one entity, in the shadow or not, the newest last.

    An occurrence that was corrected is there once, with its right time; one that several
    definitions of its milestone told, once for each of them.

    Args:
        client: of a migrated ClickHouse.
        account_id: ``None`` for a user without an account.
        user_id: ``None`` for the account itself.
        milestone: only what concerns this one.
        until: only what had occurred by then (included), epoch milliseconds.
    """
    parameters = {
        "account_id": account_id or "",
        "user_id": user_id or "",
        "milestone": milestone or "",
        "until": LATEST if until is None else min(max(until, EARLIEST), LATEST),
    }
    told = [_occurrence(row) for row in asking.rows(client, "occurrences", parameters)]
    told += [
        replace(_occurrence({name: row[name] for name in _TOLD}), lead=_life(row))
        for row in asking.rows(client, "told_leads", parameters)
    ]
    told += [
        replace(_occurrence({name: row[name] for name in _TOLD}), health=_change(row))
        for row in asking.rows(client, "told_health", parameters)
    ]
    for row in asking.rows(client, "told_shadows", parameters):
        shadow = _occurrence({name: row[name] for name in _TOLD})
        life = _life(row) if shadow.type.startswith("lead.") else None
        told.append(replace(shadow, lead=life, shadow=True))
    return sorted(told, key=_place)


def _occurrence(row: dict[str, Any]) -> Occurrence:
    name, version = row["model"], row.pop("model_version")
    return Occurrence(
        **row
        | {
            "journey": row["journey"] or None,
            "decided_by": row["decided_by"] or None,
            "evidence": orjson.loads(row["evidence"]),
            "segment": row["segment"] or None,
            "model": ModelVersion(name, version) if name else None,
            "fell_back_to": row["fell_back_to"] or None,
        }
    )


def _life(row: dict[str, Any]) -> LeadLife:
    route = None
    if row["rule"]:
        owner = row["owner"] or None
        route = LeadRoute(row["rule"], row["team"], owner, row["earliest"], row["due"])
    override = None
    if row["action"]:
        said = row["approver"], row["override_reason"], row["overridden_at"]
        override = LeadOverride(row["action"], *said)
    return LeadLife(
        opened_at=row["opened_at"],
        contacts=tuple(Contact(**one) for one in row["contacts"]),
        route=route,
        contacted_at=row["contacted_at"],
        breached_at=row["breached_at"],
        merged=row["merged"],
        outcome=row["outcome"] or None,
        reason=row["reason"] or None,
        kind=row["kind"],
        override=override,
    )


def _change(row: dict[str, Any]) -> HealthChange:
    return HealthChange(row["level"], row["before"], row["reached"] or None)


def _place(told: Occurrence) -> tuple[Any, ...]:
    """Where it stands among all; what was told of one instant in the order of a lead's life."""
    kind = _ORDER.index(told.type)
    return (told.occurred_at, told.milestone, told.occurrence, kind, told.journey or "",
            told.definition_hash)  # fmt: skip


def journey_counts(
    client: Client, steps: Sequence[str], *, of: EntityKind, within: int | None = None
) -> list[StepCount]:
    """How many entities reached each step of a journey.

    Args:
        client: of a migrated ClickHouse.
        steps: names of milestones, in order.
        of: whose milestones these are.
        within: milliseconds from the first step to a later one, included; ``None``: any time.
    """
    parameters = {"steps": list(steps), "of": of, "within": -1 if within is None else within}
    rows = {row["position"]: row for row in asking.rows(client, "journey", parameters)}
    counts = []
    first = previous = None
    for position, step in enumerate(steps, start=1):
        row = rows.get(position, {"reached": 0, "in_order": 0, "median_wait": 0})
        count = row["in_order"]
        counts.append(
            StepCount(
                step=step,
                count=count,
                reached=row["reached"],
                of_first=_share(count, count if first is None else first),
                of_previous=None if previous is None else _share(count, previous),
                median_wait=None if previous is None or not count else row["median_wait"],
            )
        )
        first = count if first is None else first
        previous = count
    return counts


def summary(client: Client) -> Summary:
    """Totals of everything persisted."""
    totals = next(asking.rows(client, "totals", {}))
    occurrences = asking.rows(client, "milestones", {})
    return Summary(
        events=totals["events"],
        accounts=totals["accounts"],
        users=totals["users"],
        milestones={row["milestone"]: row["occurrences"] for row in occurrences},
        leads={row["lead"]: row["leads"] for row in asking.rows(client, "leads", {})},
        excluded={row["rule"]: row["events"] for row in asking.rows(client, "excluded", {})},
        facts={row["role"]: row["facts"] for row in asking.rows(client, "facts", {})},
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
