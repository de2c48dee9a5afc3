"""The wire form of what milepost publishes: JSON objects, record keys and Kafka headers."""

import math
import sys
from datetime import date
from functools import lru_cache
from typing import Any, Literal, cast

from schemas.activity import ActivityUpdate
from schemas.comparisons import ScoreComparison
from schemas.dead_letters import DeadLetter
from schemas.fallbacks import FallbackSwitch
from schemas.qualifications import (
    Contribution,
    Deletion,
    Evidence,
    Flag,
    HealthChange,
    LeadLife,
    LeadOverride,
    LeadRoute,
    ModelVersion,
    Qualification,
)
from schemas.shadow_wire import ComparisonMessage, ShadowMessage
from schemas.wire import (
    ContributionMessage,
    DeletionMessage,
    EvidenceMessage,
    FallbackMessage,
    FlagMessage,
    HealthMessage,
    LeadMessage,
    ModelMessage,
    OverrideMessage,
    QualificationMessage,
    RouteMessage,
)

Headers = list[tuple[str, bytes]]

ACTIVITY_VERSION: Literal[1] = 1
"""Carried by every activity update; a reader refuses a version that it does not know."""

SOURCE = "/milepost"
"""``ce_source`` of every qualification; with ``ce_id`` it names one occurrence for ever."""

_MINUTE = 60_000
_MINUTES_OF_DAY = 1440

# Thousands of times a second are written; looking text up takes half as long as formatting it.
_SECONDS = tuple(f"{second:02}." for second in range(60))
_MILLISECONDS = tuple(f"{millisecond:03}Z" for millisecond in range(1000))
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal()
_LARGEST_INTEGER = 2**63 - 1


def schema_id(name: str, version: int = 1) -> str:
    """Identifier of a published JSON Schema: its ``$id``, and ``ce_dataschema``."""
    return f"urn:milepost:schema:{name}:v{version}"


@lru_cache(maxsize=4096)
def date_text(day: int) -> str:
    """``2026-01-01`` of a day counted from 1970-01-01.

    Outside the years 1 to 9999, which this text can hold, the nearest day inside stands: a
    record's clock may say anything, and must not be able to stop a worker.
    """
    return date.fromordinal(min(max(day + _EPOCH, 1), _LAST)).isoformat()


def time_text(time: int) -> str:
    """``2026-01-01T10:00:00.000Z`` of epoch milliseconds."""
    minute, rest = divmod(time, _MINUTE)
    seconds, milliseconds = divmod(rest, 1000)
    return _minute_text(minute) + _SECONDS[seconds] + _MILLISECONDS[milliseconds]


@lru_cache(maxsize=4096)
def _minute_text(minute: int) -> str:
    """``2026-01-01T10:00:``: most of a time's text, and what is written together shares it."""
    day, of_day = divmod(minute, _MINUTES_OF_DAY)
    hours, minutes = divmod(of_day, 60)
    return f"{date_text(day)}T{hours:02}:{minutes:02}:"


def as_json(message: Qualification | ScoreComparison | ActivityUpdate) -> dict[str, Any]:
    """The message as its published JSON Schema describes it, for ``orjson.dumps``.

    Every field is always there, ``null`` where it has no value; but ``score``, ``contributions``
    and ``segment`` only where definitions have scores and segments to tell of, ``lead`` only of
    leads, ``route`` where a rule took the lead, ``model`` where one made the score,
    ``fell_back_to`` where another score stood in, ``health`` only of health, ``flag`` only of abuse
    rules, ``deletion`` only of erasures, ``shadow`` only of what is in the shadow, and ``excluded``
    only where there is some. Times are ISO 8601 in UTC with milliseconds; the rows of an update are
    what they are in memory.
    """
    if isinstance(message, ScoreComparison):
        return cast(dict[str, Any], _comparison(message))
    if isinstance(message, ActivityUpdate):
        update: dict[str, Any] = {
            "version": ACTIVITY_VERSION,
            "activity": message.activity,
            "traits": message.traits,
        }
        return update | {"excluded": message.excluded} if message.excluded else update
    if message.shadow:
        return cast(dict[str, Any], _shadow(message))
    return cast(dict[str, Any], _qualification(message))


def lead_message(lead: LeadLife) -> LeadMessage:
    """What became of a lead, without its route."""
    return {
        "opened_at": time_text(lead.opened_at),
        "contacts": [
            {"user_id": one.user_id, "score": None if one.score is None else json_number(one.score)}
            for one in lead.contacts
        ],
        "contacted_at": _time_or_none(lead.contacted_at),
        "breached_at": _time_or_none(lead.breached_at),
        "merged": lead.merged,
        "outcome": lead.outcome,
        "reason": lead.reason,
        "kind": lead.kind,
        "override": None if lead.override is None else _override(lead.override),
    }


def route_message(route: LeadRoute) -> RouteMessage:
    """Who follows a lead up, and by when."""
    return {
        "rule": route.rule,
        "team": route.team,
        "owner": route.owner,
        "earliest": time_text(route.earliest),
        "due": time_text(route.due),
    }


def model_message(model: ModelVersion) -> ModelMessage:
    """What a score was computed by."""
    return {"name": model.name, "version": model.version}


def health_message(health: HealthChange) -> HealthMessage:
    """What a health came to be."""
    return {"level": health.level, "before": health.before, "milestone": health.milestone}


def fallback_message(switch: FallbackSwitch) -> FallbackMessage:
    """The switch as its published JSON Schema describes it."""
    return {
        "id": switch.id,
        "type": switch.type,
        "milestone": switch.score,
        "fallback": switch.fallback,
        "occurred_at": time_text(switch.occurred_at),
        "value": switch.value,
        "above": switch.above,
        "judged": switch.judged,
    }


def fallback_headers(switch: FallbackSwitch) -> Headers:
    """CloudEvents 1.0 attributes of a switch, as those of a qualification."""
    return [
        ("ce_id", switch.id.encode()),
        ("ce_subject", switch.score.encode()),
        ("ce_time", time_text(switch.occurred_at).encode()),
        *_headers_of_type(switch.type),
    ]


def record_key(qualification: Qualification | ScoreComparison) -> bytes:
    """Key of its Kafka record: the account, or the user where there is no account."""
    return (qualification.account_id or qualification.user_id or "").encode()


def cloudevents_headers(qualification: Qualification) -> Headers:
    """CloudEvents 1.0 attributes of a qualification, in Kafka's binary content mode."""
    entity = qualification.user_id or qualification.account_id or ""
    return [
        ("ce_id", qualification.id.encode()),
        ("ce_subject", entity.encode()),
        ("ce_time", time_text(qualification.occurred_at).encode()),
        *_headers_of_type(qualification.type),
    ]


@lru_cache(maxsize=64)
def _headers_of_type(kind: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all qualifications of a type share."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_source", SOURCE.encode()),
        ("ce_type", kind.encode()),
        ("ce_dataschema", schema_id(kind).encode()),
        ("content-type", b"application/json"),
    )


def dead_letter_headers(letter: DeadLetter) -> Headers:
    """Why the record was refused and where it stood; the record's value stays as it came."""
    return [
        ("dead_letter_reason", letter.reason.encode()),
        ("dead_letter_path", letter.path.encode()),
        ("dead_letter_detail", letter.detail.encode()),
        ("dead_letter_topic", letter.topic.encode()),
        ("dead_letter_partition", b"%d" % letter.partition),
        ("dead_letter_offset", b"%d" % letter.offset),
    ]


def _qualification(qualification: Qualification) -> QualificationMessage:
    message: QualificationMessage = {
        "id": qualification.id,
        "type": qualification.type,
        "milestone": qualification.milestone,
        "account_id": qualification.account_id,
        "user_id": qualification.user_id,
        "occurrence": qualification.occurrence,
        "occurred_at": time_text(qualification.occurred_at),
        "detected_at": time_text(qualification.detected_at),
        "definition_hash": qualification.definition_hash,
        "decided_by": qualification.decided_by,
        "late": qualification.late,
        "journey": qualification.journey,
        "evidence": [_evidence(evidence) for evidence in qualification.evidence],
    }
    if qualification.score is not None:
        message["score"] = json_number(qualification.score)
        message["contributions"] = [_contribution(one) for one in qualification.contributions]
    if qualification.fell_back_to is not None:
        message["fell_back_to"] = qualification.fell_back_to
    if qualification.segment is not None:
        message["segment"] = qualification.segment
    if qualification.lead is not None:
        message["lead"] = lead_message(qualification.lead)
        if qualification.lead.route is not None:
            message["route"] = route_message(qualification.lead.route)
    if qualification.health is not None:
        message["health"] = health_message(qualification.health)
    if qualification.flag is not None:
        message["flag"] = _flag(qualification.flag)
    if qualification.model is not None:
        message["model"] = model_message(qualification.model)
    if qualification.deletion is not None:
        message["deletion"] = _deletion(qualification.deletion)
    return message


def _deletion(deletion: Deletion) -> DeletionMessage:
    return {"through": time_text(deletion.through), "asked_by": deletion.asked_by}


def _flag(flag: Flag) -> FlagMessage:
    return {"rule": flag.rule, "fake": flag.fake, "until": _time_or_none(flag.until)}


def _shadow(qualification: Qualification) -> ShadowMessage:
    told = cast(ShadowMessage, _qualification(qualification))
    told["shadow"] = True
    if qualification.shadow_of is not None:
        told["shadow_of"] = qualification.shadow_of
    return told


def _comparison(comparison: ScoreComparison) -> ComparisonMessage:
    return {
        "id": comparison.id,
        "type": "score.compared",
        "qualification": comparison.qualification,
        "told": comparison.told,
        "milestone": comparison.milestone,
        "account_id": comparison.account_id,
        "user_id": comparison.user_id,
        "occurrence": comparison.occurrence,
        "occurred_at": time_text(comparison.occurred_at),
        "detected_at": time_text(comparison.detected_at),
        "definition_hash": comparison.definition_hash,
        "score": comparison.score,
        "value": json_number(comparison.value),
        "shadow": comparison.shadow,
        "shadow_hash": comparison.shadow_hash,
        "shadow_value": json_number(comparison.shadow_value),
        "contributions": [_contribution(one) for one in comparison.contributions],
    }


def _evidence(evidence: Evidence) -> EvidenceMessage:
    return {
        "condition": evidence.condition,
        "observed": json_number(evidence.observed),
        "at_least": evidence.at_least,
        "threshold": evidence.threshold,
        "window_start": _time_or_none(evidence.window_start),
        "window_end": time_text(evidence.window_end),
        "holds": evidence.holds,
        "history_since": _time_or_none(evidence.history_since),
    }


def _override(override: LeadOverride) -> OverrideMessage:
    return {
        "action": override.action,
        "approver": override.approver,
        "reason": override.reason,
        "at": time_text(override.at),
    }


def _contribution(contribution: Contribution) -> ContributionMessage:
    return {
        "component": contribution.component,
        "points": json_number(contribution.points),
        "signal": json_number(contribution.signal),
    }


def _time_or_none(time: int | None) -> str | None:
    return None if time is None else time_text(time)


def json_number(value: float) -> float:
    """The nearest number that JSON can hold: a sum may pass 64 bits, or a float's range."""
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_INTEGER else float(value)
    return value if math.isfinite(value) else math.copysign(sys.float_info.max, value)
