"""What was told, in words."""

from collections.abc import Mapping
from typing import Any, Final

_TYPES: Final = {
    "milestone.reached": "reached",
    "milestone.corrected": "reached, as an event that came late has shown",
    "milestone.entered": "entered",
    "milestone.exited": "exited",
    "journey.stuck": "stuck",
    "lead.qualified": "became a lead",
    "lead.sla_breached": "SLA breached",
    "entity.flagged": "flagged",
    "entity.cleared": "free again",
    "entity.deleted": "erased",
}


def told_words(told: Mapping[str, Any]) -> str:
    """``reached``, ``routed to sales``: what became of a milestone, a journey, a lead or a health.

    Args:
        told: a published object, see :class:`schemas.wire.QualificationMessage`.
    """
    match told["type"]:
        case "lead.routed":
            words = f"routed to {told['route']['team']}"
        case "lead.closed":
            words = closed_words(told["lead"])
        case "health.changed":
            words = f"health: {told['health']['before']} → {told['health']['level']}"
        case kind:
            words = _TYPES.get(kind, str(kind))
    return words + _decided(told)


def closed_words(lead: Mapping[str, Any]) -> str:
    """``closed: disqualified, too small``.

    Args:
        lead: see :class:`schemas.wire.LeadMessage`.
    """
    return f"closed: {lead['outcome']}" + (f", {lead['reason']}" if lead["reason"] else "")


def _decided(told: Mapping[str, Any]) -> str:
    """By whom, where somebody decided it."""
    override = told.get("lead", {}).get("override")
    is_due = told["type"] == "lead.sla_breached"
    if override is None or is_due or override["at"] != told["occurred_at"]:
        return ""
    by = f", as {override['approver']} decided"
    return by if told["type"] == "lead.closed" else f"{by}: {override['reason']}"
