"""What was seen of a condition, in plain words, and how much is missing."""

from typing import Final

from streams.definitions.model import (
    AfterCondition,
    Comparison,
    Condition,
    EventCondition,
    InactiveCondition,
    MilestoneCondition,
    RegularlyCondition,
    ScoreCondition,
    SequenceCondition,
    TraitCondition,
    TrendCondition,
)
from streams.engine.entities import Entity
from streams.engine.leaves.base import COMPARE, Observation
from streams.engine.leaves.window import span
from streams.explain.plain import number_words, value_words

_COUNTS: Final = frozenset(("count", "users", "days", "weeks", "distinct"))


def missing(condition: Condition, seen: Observation) -> float | None:
    """How much more it takes; ``None`` where more is no help, or that is not to be counted."""
    comparison = _counted(condition)
    if seen.holds or isinstance(seen.observed, bool):
        return None
    if comparison is not None:
        rises, cap = span(comparison)
        needed = cap if rises else comparison.value if comparison.operator == "==" else 0
        return needed - seen.observed if needed > seen.observed else None
    if isinstance(condition, ScoreCondition):
        comparison = condition.comparison
    elif isinstance(condition, EventCondition) and condition.measure.kind == "sum":
        comparison = condition.measure.comparison
    if comparison is not None:
        short = comparison.value - seen.observed
        return short if comparison.operator in (">=", ">") and short > 0 else None
    return None


def _counted(condition: Condition) -> Comparison | None:
    """What a whole number is compared with."""
    match condition:
        case EventCondition(measure=measure) if measure.kind in _COUNTS:
            return measure.comparison
        case MilestoneCondition(users=users):
            return users
        case SequenceCondition(count=count):
            return count
        case RegularlyCondition(periods=periods):
            return periods
    return None


def seen_words(
    condition: Condition, seen: Observation, entity: Entity, at: int, short: float | None
) -> str:
    """What stands against the requirement.

    Args:
        condition: which.
        seen: what was measured.
        entity: of whom.
        at: when.
        short: how much more it takes.
    """
    if isinstance(condition, TraitCondition):
        return _trait(condition, seen, entity, at)
    if isinstance(condition, InactiveCondition):
        return "there was none" if seen.holds else "there was one"
    if isinstance(condition, TrendCondition):
        return _trend(condition, seen)
    is_once = isinstance(condition, SequenceCondition) and condition.count == Comparison(">=", 1)
    if is_once or isinstance(condition, AfterCondition):
        return "it happened" if seen.holds else "not yet"
    if isinstance(condition, MilestoneCondition) and condition.users is None and not seen.holds:
        return "no" if seen.threshold == "now" else "not yet"
    words = observed_words(seen.observed, at_least=seen.at_least)
    if short is None:
        return words
    if not seen.observed:
        return f"none yet, {number_words(short)} {'is' if short == 1 else 'are'} needed"
    return f"{words}, {number_words(short)} more {'is' if short == 1 else 'are'} needed"


def observed_words(observed: float | bool, *, at_least: bool) -> str:
    """``2 or more``, ``yes``."""
    if isinstance(observed, bool):
        return "yes" if observed else "no"
    return f"{number_words(observed)}{' or more' if at_least else ''}"


def _trait(condition: TraitCondition, seen: Observation, entity: Entity, at: int) -> str:
    known = entity.traits.get(condition.trait)
    if known is None or known[1] is None:
        return "it is not known"
    told_at, value = known
    if told_at > at:  # what it was then is no longer known
        return observed_words(seen.observed, at_least=False)
    return f"it is {value_words(value)}"


def _trend(condition: TrendCondition, seen: Observation) -> str:
    comparison = condition.comparison
    compares = COMPARE[comparison.operator](seen.observed, comparison.value)
    if compares != seen.holds:
        return "there is nothing to compare with"
    return f"{number_words(seen.observed)} times"
