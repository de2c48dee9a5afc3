"""The section ``roles``: a product's own names, mapped once to what KPIs ask for."""

from streams.definitions.roles.reading import Known, read_roles, roles_schema
from streams.definitions.roles.registry import ATTRIBUTES, ROLES, Attribute, RoleKind, stand_in

__all__ = [
    "ATTRIBUTES",
    "ROLES",
    "Attribute",
    "Known",
    "RoleKind",
    "read_roles",
    "roles_schema",
    "stand_in",
]
