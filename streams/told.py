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
            return f"routed to {told['route']['team']}"
        case "lead.closed":
            reason = told["lead"]["reason"]
            return f"closed: {told['lead']['outcome']}" + (f", {reason}" if reason else "")
        case "health.changed":
            return f"health: {told['health']['before']} → {told['health']['level']}"
        case kind:
            return _TYPES.get(kind, str(kind))
