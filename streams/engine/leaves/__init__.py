"""The leaves of conditions: each remembers just what its truth may still depend on.

A new measure or form is one class in one file here, and one entry in :data:`MEASURES` or
:data:`FORMS`.
"""

from collections.abc import Callable
from typing import Any

from streams.definitions.model import (
    AfterCondition,
    Comparison,
    EventCondition,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    Measure,
    RegularlyCondition,
    ReturnedCondition,
    SequenceCondition,
    Step,
    TraitCondition,
    TrendCondition,
)
from streams.engine.leaves.base import EventLeaf, Leaf
from streams.engine.leaves.latest import LatestLeaf, TraitLeaf
from streams.engine.leaves.matches import MatchesLeaf
from streams.engine.leaves.measures import MEASURES
from streams.engine.leaves.milestones import ReachedLeaf, StuckLeaf
from streams.engine.leaves.regular import RegularlyLeaf
from streams.engine.leaves.returns import FirstLeaf, ReturnedLeaf
from streams.engine.leaves.sequences import SequenceLeaf
from streams.engine.leaves.trends import TrendLeaf
from streams.engine.leaves.users import (
    Flips,
    UsersLeaf,
    UsersNowLeaf,
    UsersReachedLeaf,
    UsersSoFarLeaf,
)
from streams.engine.leaves.window import span


def _measured(key: int, text: str, condition: EventCondition, _lateness: int) -> EventLeaf:
    return MEASURES[condition.measure.kind](key, text, condition)


def _inactive(key: int, text: str, condition: InactiveCondition, lateness: int) -> EventLeaf:
    wanted, none = condition.event, Measure("count", Comparison("==", 0))
    counted = EventCondition(wanted.events, wanted.where, none, condition.length)
    return _measured(key, text, counted, lateness)


def _after(key: int, text: str, condition: AfterCondition, lateness: int) -> EventLeaf:
    absent = Step(condition.no, absent=True, lasting=condition.lasting)
    return _sequence(key, text, SequenceCondition((Step(condition.after), absent)), lateness)


def _sequence(key: int, text: str, condition: SequenceCondition, _lateness: int) -> EventLeaf:
    _, cap = span(condition.count)
    if cap == 1:  # one match decides, no more is counted
        return SequenceLeaf(key, text, condition)
    return MatchesLeaf(key, text, condition)


FORMS: dict[type, Callable[[int, str, Any, int], EventLeaf]] = {
    EventCondition: _measured,
    InactiveCondition: _inactive,
    AfterCondition: _after,
    SequenceCondition: _sequence,
    FirstCondition: FirstLeaf,
    ReturnedCondition: lambda key, text, condition, _: ReturnedLeaf(key, text, condition),
    RegularlyCondition: lambda key, text, condition, _: RegularlyLeaf(key, text, condition),
    LatestCondition: lambda key, text, condition, _: LatestLeaf(key, text, condition),
    TrendCondition: lambda key, text, condition, _: TrendLeaf(key, text, condition),
    TraitCondition: lambda key, text, condition, _: TraitLeaf(key, text, condition),
}
"""Which leaf stands for which form; made of its key, its words, the condition, the lateness."""


def event_leaf(key: int, text: str, condition: Any, lateness: int) -> EventLeaf:
    """The leaf for a condition over events; ``text`` is the condition in words, for evidence."""
    return FORMS[type(condition)](key, text, condition, lateness)


__all__ = [
    "FORMS",
    "MEASURES",
    "EventLeaf",
    "Flips",
    "Leaf",
    "ReachedLeaf",
    "StuckLeaf",
    "TraitLeaf",
    "UsersLeaf",
    "UsersNowLeaf",
    "UsersReachedLeaf",
    "UsersSoFarLeaf",
    "event_leaf",
]
