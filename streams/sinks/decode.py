"""Records of ``plg.qualifications``, ``plg.shadow`` and ``plg.activity`` as rows of ClickHouse."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

from schemas.activity import DailyActivity, DayCount, ExcludedActivity, TraitChange
from schemas.dead_letters import Reason
from schemas.encoding import ACTIVITY_VERSION
from schemas.rows import (
    EARLIEST,
    LATEST,
    ActivityRow,
    ComparisonRow,
    Contributed,
    ErasingRow,
    ExcludedRow,
    FlagRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    Row,
    ShadowRow,
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
_EXCLUDED: Final[Mapping[str, Types]] = dict(
    zip(
        ExcludedActivity._fields,
        (_ID, _ID, _INTEGER, _TEXT, _TEXT, (dict,)),
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
    return rows_told(parse(value))


def rows_told(fields: Fields) -> list[Row]:
    """The same of one that is parsed."""
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
        case "health.changed":
            told = _occurrence(fields)
            name = told.pop("milestone")
            return [HealthRow(health=name, **told, **_score(fields), **_level(fields))]
        case "entity.flagged" | "entity.cleared" as kind:
            told, flag = _occurrence(fields), fields.object("flag")
            name = told.pop("milestone")
            fake, until = flag.flag("fake"), flag.time_or_none("until")
            return [FlagRow(rule=name, type=kind, **told, fake=fake, until=until)]
        case "entity.deleted":
            return [_erasing(fields)]
        case _:
            return []


def _erasing(fields: Fields) -> ErasingRow:
    deletion = fields.object("deletion")
    return ErasingRow(
        account_id=fields.id("account_id"),
        user_id=fields.id("user_id"),
        through=deletion.time("through"),
        id=fields.text("id"),
        asked_at=fields.time("occurred_at"),
        asked_by=deletion.id("asked_by"),
        marked_at=0,
    )


def shadow_rows(value: bytes | None) -> list[Row]:
    """The row of one record of what is in the shadow; none for a type that is not kept.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    fields = parse(value)
    kind = fields.text("type")
    if kind == "score.compared":
        return [_comparison(fields)]
    if not kind.startswith(("milestone.", "lead.")):
        return []
    told = _occurrence(fields)
    name = told.pop("milestone")
    live = fields.text("shadow_of") if fields.has("shadow_of") else ""
    life = _life(fields) if fields.has("lead") else {}
    return [ShadowRow(name=name, type=kind, shadow_of=live, **told, **_score(fields), **life)]


def _comparison(fields: Fields) -> ComparisonRow:
    told = fields.text("told")
    return ComparisonRow(
        score=fields.text("score"),
        shadow=fields.text("shadow"),
        shadow_hash=fields.text("shadow_hash"),
        milestone=fields.text("milestone"),
        account_id=fields.id("account_id"),
        user_id=fields.id("user_id"),
        definition_hash=fields.text("definition_hash"),
        occurrence=fields.number("occurrence"),
        told="milestone.reached" if told == "milestone.corrected" else told,
        id=fields.text("id"),
        qualification=fields.text("qualification"),
        occurred_at=fields.time("occurred_at"),
        detected_at=fields.time("detected_at"),
        value=fields.real("value"),
        shadow_value=fields.real("shadow_value"),
        contributions=_contributions(fields),
    )


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
    contributions = _contributions(fields)
    return {
        "score": fields.real("score"),
        "contributions": contributions,
        "fell_back_to": fields.text("fell_back_to") if fields.has("fell_back_to") else "",
        **model_of(fields),
    }


def _contributions(fields: Fields) -> tuple[Contributed, ...]:
    parts = fields.objects("contributions")
    return tuple(
        (part.text("component"), part.real("points"), part.real("signal")) for part in parts
    )


def model_of(fields: Fields) -> dict[str, Any]:
    """The columns of the model of a score; those of none where the definitions say it."""
    if not fields.has("model"):
        return {}
    model = fields.object("model")
    return {"model": model.text("name"), "model_version": model.text("version")}


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
        **override_of(lead),
    }
    if fields.text("type") == "lead.routed" and life.get("action") == "reroute":
        life["rerouted_by"] = fields.id("decided_by")
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


def _level(fields: Fields) -> dict[str, Any]:
    """The columns of a change of health."""
    health = fields.object("health")
    return {
        "level": health.text("level"),
        "before": health.text("before"),
        "milestone": health.id("milestone"),
    }


def override_of(lead: Fields) -> dict[str, Any]:
    """The columns of the kind of a lead and of its override; none in what was told before these."""
    columns: dict[str, Any] = {"kind": lead.text("kind")} if lead.has("kind") else {}
    if lead.has("override") and not lead.is_null("override"):
        override = lead.object("override")
        columns |= {
            "action": override.text("action"),
            "approver": override.text("approver"),
            "override_reason": override.text("reason"),
            "overridden_at": override.time("at"),
        }
    return columns


def activity_rows(value: bytes | None) -> list[Row]:
    """The rows of one activity update: daily activity, then traits, then what was excluded.

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
        rows += [ActivityRow(**row) for row in _day_rows(day, f"activity[{index}].events")]
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
    if update.has("excluded"):
        for index, one in enumerate(update.rows("excluded", ExcludedActivity, _EXCLUDED)):
            path = f"excluded[{index}].events"
            rows += [ExcludedRow(**row, rule=one.rule) for row in _day_rows(one, path)]
    return rows


def _day_rows(activity: DailyActivity | ExcludedActivity, path: str) -> Iterator[dict[str, Any]]:
    """The columns of each event of a day."""
    day = min(max(activity.day, EARLIEST // _DAY), LATEST // _DAY)
    counts: Mapping[str, Any] = activity.events
    for event, numbers in counts.items():
        if type(numbers) is not list or [type(one) for one in numbers] != [int, int, int]:
            detail = f"{', '.join(DayCount._fields)} are expected, not {numbers!r:.40}"
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}", detail)
        count, first_at, last_at = numbers
        if count < 1:
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}.count", f"{count} is less than 1")
        yield {
            "account_id": activity.account_id or "",
            "user_id": activity.user_id or "",
            "day": day,
            "event": event,
            "part": activity.part,
            "events": count,
            "first_at": nearest_time(first_at),
            "last_at": nearest_time(last_at),
        }
