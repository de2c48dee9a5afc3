"""Routing: who follows up a lead, and until when. Pure, and asked once for each lead."""

from streams.engine.routing.hours import BusinessHours
from streams.engine.routing.router import Candidate, Router

__all__ = ["BusinessHours", "Candidate", "Router"]
