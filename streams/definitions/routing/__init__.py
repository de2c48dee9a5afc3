"""The section ``routing``: who follows up a lead, and how soon."""

from streams.definitions.routing.rules import read_routing
from streams.definitions.routing.schema import routing_schema

__all__ = ["read_routing", "routing_schema"]
