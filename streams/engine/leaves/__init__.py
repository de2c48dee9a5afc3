"""The leaves of conditions: each remembers just what its truth may still depend on.

A new measure is one class in one file here, and one entry in :data:`MEASURES`.
"""

from streams.definitions.model import EventCondition
from streams.engine.leaves.base import EventLeaf, Leaf
from streams.engine.leaves.counts import CountLeaf
from streams.engine.leaves.distinct import DistinctLeaf
from streams.engine.leaves.extremes import ExtremeLeaf
from streams.engine.leaves.milestones import ReachedLeaf, UsersReachedLeaf
from streams.engine.leaves.totals import TotalLeaf

MEASURES: dict[str, type[EventLeaf]] = {
    "count": CountLeaf,
    "users": DistinctLeaf,
    "days": DistinctLeaf,
    "weeks": DistinctLeaf,
    "distinct": DistinctLeaf,
    "sum": TotalLeaf,
    "avg": TotalLeaf,
    "min": ExtremeLeaf,
    "max": ExtremeLeaf,
}
"""Which class keeps which measure."""


def event_leaf(key: int, text: str, condition: EventCondition) -> EventLeaf:
    """The leaf for an event condition; ``text`` is the condition in words, for evidence."""
    return MEASURES[condition.measure.kind](key, text, condition)


__all__ = ["MEASURES", "EventLeaf", "Leaf", "ReachedLeaf", "UsersReachedLeaf", "event_leaf"]
