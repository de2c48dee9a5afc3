"""Records of ``plg.qualifications`` and ``plg.activity`` as rows of ClickHouse."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

from schemas.activity import DailyActivity, DayCount, TraitChange
from schemas.dead_letters import Reason
from schemas.encoding import ACTIVITY_VERSION
from schemas.rows import (
    EARLIEST,
    LATEST,
    ActivityRow,
    LeadRow,
    MilestoneRow,
    Row,
    StuckRow,
    TraitRow,
    TransitionRow,
)
from streams.errors import Rejected
from streams.sinks.fields import Fields, Types, json_text, nearest_time, parse

_DAY = 86_400_000

_TEXT: Final = (str,)
_ID: Final = (str, NoneType)
_INTEGER: Final = (int,)
_ACTIVITY: Final[Mapping[str, Types]] = dict(
    zip(
        DailyActivity._fields,
        (_ID, _ID, _INTEGER, _TEXT, (dict,)),
        strict=True,
    )
)
_TRAIT: Final[Mapping[str, Types]] = dict(
    zip(
        TraitChange._fields,
        (_ID, _ID, _TEXT, (str, int, float, bool, NoneType, list, dict), _INTEGER),
        strict=True,
    )
)


def qualification_rows(value: bytes | None) -> list[Row]:
    """The row of one qualification; none for a type that is not kept.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    fields = parse(value)
    match fields.text("type"):
        case "milestone.reached" | "milestone.corrected" as kind:
            return [MilestoneRow(type=kind, **_occurrence(fields), **_score(fields))]
        case "milestone.entered" | "milestone.exited" as kind:
            return [TransitionRow(type=kind, **_occurrence(fields), **_score(fields))]
        case "journey.stuck":
            return [StuckRow(journey=fields.text("journey"), **_occurrence(fields))]
        case "lead.qualified" | "lead.routed" | "lead.sla_breached" | "lead.closed" as kind:
            told = _occurrence(fields)
            name = told.pop("milestone")
            return [LeadRow(lead=name, type=kind, **told, **_score(fields), **_life(fields))]
        case _:
            return []


def _occurrence(fields: Fields) -> dict[str, Any]:
    """The columns that rows of all qualifications have."""
    return {
        "milestone": fields.text("milestone"),
        "account_id": fields.id("account_id"),
        "user_id": fields.id("user_id"),
        "definition_hash": fields.text("definition_hash"),
        "occurrence": fields.number("occurrence"),
        "id": fields.text("id"),
        "occurred_at": fields.time("occurred_at"),
        "detected_at": fields.time("detected_at"),
        "decided_by": fields.id("decided_by"),
        "late": fields.flag("late"),
        "evidence": fields.json("evidence"),
        "segment": fields.text("segment") if fields.has("segment") else "",
    }


def _score(fields: Fields) -> dict[str, Any]:
    """The columns of a score; those of none where the condition named none."""
    if not fields.has("score"):
        return {}
    parts = fields.objects("contributions")
    return {
        "score": fields.real("score"),
        "fell_back_to": fields.text("fell_back_to") if fields.has("fell_back_to") else "",
        "contributions": tuple(
            (part.text("component"), part.real("points"), part.real("signal")) for part in parts
        ),
    }


def _life(fields: Fields) -> dict[str, Any]:
    """The columns of a lead; those of no route where no rule took it."""
    lead = fields.object("lead")
    life = {
        "opened_at": lead.time("opened_at"),
        "contacts": tuple(
            (one.text("user_id"), None if one.is_null("score") else one.real("score"))
            for one in lead.objects("contacts")
        ),
        "contacted_at": lead.time_or_none("contacted_at"),
        "breached_at": lead.time_or_none("breached_at"),
        "merged": lead.number("merged"),
        "outcome": lead.id("outcome"),
        "reason": lead.id("reason"),
    }
    if not fields.has("route"):
        return life
    route = fields.object("route")
    return life | {
        "rule": route.text("rule"),
        "team": route.text("team"),
        "owner": route.id("owner"),
        "earliest": route.time("earliest"),
        "due": route.time("due"),
    }


def activity_rows(value: bytes | None) -> list[Row]:
    """The rows of one activity update: daily activity, then traits.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    update = parse(value)
    version = update.number("version")
    if version != ACTIVITY_VERSION:
        raise Rejected(
            Reason.WRONG_TYPE, "version", f"{version} is not known here; upgrade the sink"
        )
    rows: list[Row] = []
    for index, day in enumerate(update.rows("activity", DailyActivity, _ACTIVITY)):
        rows += _day_rows(day, f"activity[{index}].events")
    for index, trait in enumerate(update.rows("traits", TraitChange, _TRAIT)):
        rows.append(
            TraitRow(
                account_id=trait.account_id or "",
                user_id=trait.user_id or "",
                name=trait.name,
                value=json_text(trait.value, f"traits[{index}].value"),
                changed_at=nearest_time(trait.at),
            )
        )
    return rows


def _day_rows(activity: DailyActivity, path: str) -> Iterator[ActivityRow]:
    day = min(max(activity.day, EARLIEST // _DAY), LATEST // _DAY)
    counts: Mapping[str, Any] = activity.events
    for event, numbers in counts.items():
        if type(numbers) is not list or [type(one) for one in numbers] != [int, int, int]:
            detail = f"{', '.join(DayCount._fields)} are expected, not {numbers!r:.40}"
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}", detail)
        count, first_at, last_at = numbers
        if count < 1:
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}.count", f"{count} is less than 1")
        yield ActivityRow(
            account_id=activity.account_id or "",
            user_id=activity.user_id or "",
            day=day,
            event=event,
            part=activity.part,
            events=count,
            first_at=nearest_time(first_at),
            last_at=nearest_time(last_at),
        )
