"""Which milestones a late event may refute: those are told when none can come any more."""

from collections.abc import Mapping

from streams.definitions.model import (
    AllFilters,
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    EventCondition,
    Filter,
    Milestone,
    MilestoneCondition,
    RegularlyCondition,
    SequenceCondition,
)
from tests.properties.oracle_filters import number_of


def may_be_refuted(condition: Condition, milestones: Mapping[str, Milestone]) -> bool:
    """Whether one more event could make the condition false where it was true without it."""
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            return any(may_be_refuted(one, milestones) for one in conditions)
        case MilestoneCondition(name, users, within):
            named = milestones[name]
            lasting = users is None or (asks_for_more(users) and within is None)
            return not lasting or may_be_refuted(named.when, milestones)
        case EventCondition():
            return _measure_may_be_refuted(condition)
        case RegularlyCondition(times=times, periods=periods):
            return not (asks_for_more(times) and asks_for_more(periods))
        case SequenceCondition(steps=steps, strict=strict, count=count):
            simple = not strict and not any(step.absent for step in steps)
            return not (simple and count in (Comparison(">=", 1), Comparison(">", 0)))
        case _:
            return True


def asks_for_more(comparison: Comparison) -> bool:
    return comparison.operator in (">=", ">")


def _measure_may_be_refuted(condition: EventCondition) -> bool:
    kind, comparison = condition.measure.kind, condition.measure.comparison
    if kind == "min":
        return comparison.operator not in ("<=", "<")
    if kind == "sum" and not never_negative(condition.where, condition.measure.of):
        return True
    return kind == "avg" or not asks_for_more(comparison)


def never_negative(where: Filter | None, path: str | None) -> bool:
    """Whether the filter lets only numbers from 0 on pass at the path."""
    if isinstance(where, AllFilters):
        return any(never_negative(one, path) for one in where.filters)
    if not isinstance(where, Compare) or where.path != path:
        return False
    if where.operator not in ("gt", "gte", "eq", "between", "in"):
        return False
    operands = where.value if isinstance(where.value, tuple) else (where.value,)
    found = [number_of(operand) for operand in operands]
    return all(number is not None and number >= 0 for number in found)
