"""Roles: which of a product's own events, milestones and leads mean what KPIs ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.definitions.model.conditions import EventFilter


@dataclass(frozen=True, slots=True)
class Role:
    """What plays a role: events, milestones, a lead or a trait; exactly one of them."""

    name: str
    """One of ``streams.definitions.roles.ROLES``."""
    event: EventFilter | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attribute → path of its value in the event."""
    milestones: tuple[str, ...] = ()
    """In the order in which the file has them."""
    lead: str | None = None
    trait: str | None = None
