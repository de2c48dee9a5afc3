"""The record of decisions: a row for each milestone and each lead that was told.

These are what others act on, so these are what somebody may have to answer for. That a journey is
stuck is not: it says that nothing was decided; nor are changes of health and what abuse rules flag,
which have tables of their own. What a row has of people are ids, which may be pseudonyms; the
contacts and the owner of a lead are left out.
"""

from collections.abc import Callable
from typing import Any

from schemas.rows import AuditRow, Row
from streams.sinks.decode import model_of, override_of, rows_told
from streams.sinks.fields import Fields, parse
from streams.sinks.pseudonyms import Pseudonyms

_DECISIONS = ("milestone.", "lead.")


def audited_rows(pseudonyms: Pseudonyms) -> Callable[[bytes | None], list[Row]]:
    """What makes rows of one qualification, as :func:`qualification_rows` does, and one for audit.

    Args:
        pseudonyms: of the ids in the row for audit.
    """

    def rows(value: bytes | None) -> list[Row]:
        fields = parse(value)
        told = rows_told(fields)
        if told and fields.text("type").startswith(_DECISIONS):
            told.append(_audit_row(fields, pseudonyms))
        return told

    return rows


def _audit_row(fields: Fields, pseudonyms: Pseudonyms) -> AuditRow:
    of = pseudonyms.of
    return AuditRow(
        id=of("decision", fields.text("id")),
        type=fields.text("type"),
        name=fields.text("milestone"),
        account_id=of("account", fields.id("account_id")),
        user_id=of("user", fields.id("user_id")),
        is_pseudonymous=pseudonyms.are_kept,
        occurrence=fields.number("occurrence"),
        occurred_at=fields.time("occurred_at"),
        detected_at=fields.time("detected_at"),
        decided_by=of("event", fields.id("decided_by")),
        late=fields.flag("late"),
        definition_hash=fields.text("definition_hash"),
        evidence=fields.json("evidence"),
        segment=fields.text("segment") if fields.has("segment") else "",
        **{"model": "", "model_version": ""} | model_of(fields),
        **_score(fields),
        **_lead(fields),
    )


def _score(fields: Fields) -> dict[str, Any]:
    if not fields.has("score"):
        return {"score": None, "features": {}}
    parts = fields.objects("contributions")
    return {
        "score": fields.real("score"),
        "features": {part.text("component"): part.real("signal") for part in parts},
    }


def _lead(fields: Fields) -> dict[str, Any]:
    none: dict[str, Any] = dict.fromkeys(
        ("kind", "rule", "team", "outcome", "reason", "action", "approver", "override_reason"), ""
    )
    none["overridden_at"] = None
    if not fields.has("lead"):
        return none
    lead = fields.object("lead")
    found = none | {"outcome": lead.id("outcome"), "reason": lead.id("reason")} | override_of(lead)
    if fields.has("route"):
        route = fields.object("route")
        found |= {"rule": route.text("rule"), "team": route.text("team")}
    return found
