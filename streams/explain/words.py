"""What a condition asks for, in plain words: for who sells, not for who writes definitions."""

from collections.abc import Mapping
from typing import Any, Final

from streams.definitions.model import (
    AfterCondition,
    AllFilters,
    AnyFilter,
    Compare,
    Comparison,
    Condition,
    EventCondition,
    EventFilter,
    Filter,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    Measure,
    MilestoneCondition,
    NotFilter,
    RegularlyCondition,
    ReturnedCondition,
    ScoreCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    TraitCondition,
    TrendCondition,
)
from streams.explain.plain import (
    date_words,
    last_words,
    length_words,
    listed,
    many,
    number_words,
    value_words,
)

Titles = Mapping[str, str]
"""Milestone → what it is called."""

_COMPARED: Final = {
    ">=": "at least", ">": "more than", "==": "exactly", "!=": "any number but", "<=": "at most",
    "<": "fewer than",
}  # fmt: skip
_TESTS: Final = {
    "eq": "is", "ne": "is not", "gt": "is more than", "gte": "is at least", "lt": "is less than",
    "lte": "is at most", "in": "is", "not_in": "is none of", "contains": "contains",
    "not_contains": "does not contain", "starts_with": "begins with", "ends_with": "ends with",
    "matches": "matches", "before": "is before", "after": "is after", "between": "is between",
}  # fmt: skip
_COUNTED: Final = {
    "count": ("", "time"), "users": ("by ", "user"), "days": ("on ", "day"),
    "weeks": ("in ", "week"), "distinct": ("with ", "different value"),
}  # fmt: skip
_NUMBERS: Final = {
    "count": "the number", "users": "the number of users", "days": "the number of days",
    "weeks": "the number of weeks", "distinct": "the number of different {}",
    "sum": "the sum of {}", "avg": "the average {}", "min": "the smallest {}",
    "max": "the largest {}",
}  # fmt: skip


def requirement(condition: Condition, titles: Titles, live: frozenset[str]) -> str:
    """What must be true, for a condition that is no ``all``, ``any`` or ``not``.

    Args:
        condition: which.
        titles: what milestones are called.
        live: names of those that are entered and exited.
    """
    match condition:
        case EventCondition():
            return _measured(condition)
        case MilestoneCondition() | ScoreCondition() | SegmentCondition():
            return _named(condition, titles, live)
        case FirstCondition(event, within):
            return f"the first {event_words(event)} ever, in {last_words(within)}"
        case ReturnedCondition(event, silent, within):
            pause = f"after {length_words(silent)} or more without"
            return f"{event_words(event)} again {pause}, in {last_words(within)}"
        case InactiveCondition(event, length):
            return f"no {event_words(event).removeprefix('any ')} for {length_words(length)}"
        case AfterCondition(after, no, lasting):
            return (
                f"{event_words(after)}, and then no {event_words(no)} for {length_words(lasting)}"
            )
        case SequenceCondition():
            return _sequence(condition)
        case RegularlyCondition():
            return _regularly(condition)
        case LatestCondition(event, has):
            return f"the latest {event_words(event)} says: {filter_words(has)}"
        case TrendCondition():
            return _trend(condition)
        case TraitCondition(_, has):
            return filter_words(has)
    raise TypeError(condition)


def event_words(event: EventFilter) -> str:
    """``Invite Sent (role is admin)``."""
    names = " or ".join(_name(name) for name in event.events)
    return names if event.where is None else f"{names} ({filter_words(event.where)})"


def _name(name: str) -> str:
    if name == "*":
        return "any event"
    one_line = " ".join(name.split())
    return f"any {one_line[:-1]}…" if name.endswith("*") else one_line


def filter_words(filter_: Filter) -> str:
    """``role is admin or editor and seats is at least 5``."""
    match filter_:
        case Compare(path, "exists", wanted):
            return f"{_field(path)} {'is there' if wanted else 'is missing'}"
        case Compare(path, operator, value):
            return f"{_field(path)} {_TESTS[operator]} {_value(operator, value)}"
        case NotFilter(inner):
            return f"not ({filter_words(inner)})"
        case AnyFilter(filters):
            return " or ".join(_among(each, AllFilters) for each in filters)
        case AllFilters(filters):
            return " and ".join(_among(each, AnyFilter) for each in filters)


def _among(filter_: Filter, other: type) -> str:
    words = filter_words(filter_)
    return f"({words})" if isinstance(filter_, other) else words


def _field(path: str) -> str:
    return path.removeprefix("properties.").removeprefix("traits.")


def _value(operator: str, value: Any) -> str:
    if operator in ("before", "after"):
        return date_words(value)
    if operator == "between":
        return f"{value_words(value[0])} and {value_words(value[1])}"
    if isinstance(value, tuple):
        return listed([value_words(each) for each in value])
    return value_words(value)


def _measured(condition: EventCondition) -> str:
    event = EventFilter(condition.events, condition.where)
    return _measure(condition.measure, event_words(event)) + _window(condition)


def _measure(measure: Measure, events: str) -> str:
    comparison = measure.comparison
    match measure.kind:
        case "count":
            if (comparison.operator, comparison.value) == ("==", 0):
                return f"no {events.removeprefix('any ')}"
            return f"{events} {_times(comparison)}"
        case "users":
            return f"{events} by {_amount(comparison, 'user')}"
        case "days":
            return f"{events} on {_amount(comparison, 'day')}"
        case "weeks":
            return f"{events} in {_amount(comparison, 'week')}"
        case "distinct":
            values = _amount(comparison, "different value")
            return f"{events} with {values} of {_field(measure.of or '')}"
    numbers = _NUMBERS[measure.kind].format(_field(measure.of or ""))
    return f"{numbers} of {events} {compared(comparison)}"


def share_words(condition: EventCondition, observed: float, full: float) -> str:
    """How much of a full amount there is: ``Invited 2 of 3 times in the last 7 days``.

    Args:
        condition: says what is measured.
        observed: the measure.
        full: what it is divided by.
    """
    measure = condition.measure
    events = event_words(EventFilter(condition.events, condition.where))
    amount = f"{number_words(observed)} of {number_words(full)}"
    window = _window(condition)
    if measure.kind in _COUNTED:
        before, noun = _COUNTED[measure.kind]
        of = "" if measure.of is None else f" of {_field(measure.of)}"
        return f"{events} {before}{amount} {noun}{'' if full == 1 else 's'}{of}{window}"
    numbers = _NUMBERS[measure.kind].format(_field(measure.of or ""))
    return f"{numbers} of {events}{window} is {amount}"


def compared(comparison: Comparison) -> str:
    """With a number that counts nothing."""
    words = "less than" if comparison.operator == "<" else _COMPARED[comparison.operator]
    return f"{words} {number_words(comparison.value)}"


def _times(comparison: Comparison) -> str:
    if (comparison.operator, comparison.value) == (">=", 1):
        return "at least once"
    return _amount(comparison, "time")


def _amount(comparison: Comparison, noun: str) -> str:
    if (comparison.operator, comparison.value) == ("==", 0):
        return f"no {noun}"
    return f"{_COMPARED[comparison.operator]} {many(comparison.value, noun)}"


def _window(condition: EventCondition) -> str:
    words = ""
    if condition.within is not None:
        words += f" in {last_words(condition.within)}"
    if condition.start is not None:
        words += f" from {date_words(condition.start)} on"
    if condition.end is not None:
        words += f" before {date_words(condition.end)}"
    return words


def _named(
    condition: MilestoneCondition | ScoreCondition | SegmentCondition,
    titles: Titles,
    live: frozenset[str],
) -> str:
    match condition:
        case MilestoneCondition(milestone):
            return _milestone(condition, titles.get(milestone), live)
        case SegmentCondition(segment):
            return f"segment is {segment}"
    return _score(condition)


def _milestone(condition: MilestoneCondition, title: str | None, live: frozenset[str]) -> str:
    name = title or condition.milestone
    is_live = condition.milestone in live
    if condition.users is None:
        return f"{name} holds now" if is_live else f"{name} was reached"
    users = _amount(condition.users, "user")
    words = f"{users} for whom {name} holds now" if is_live else f"{users} who reached {name}"
    if condition.within is not None:
        words += f" in {last_words(condition.within)}"
    return words


def _sequence(condition: SequenceCondition) -> str:
    words = ""
    for step in condition.steps:
        words += _step(step) if not words else f", then {_step(step)}"
    if condition.strict:
        words += ", with nothing else in between"
    if condition.within is not None:
        words += f", within {length_words(condition.within)}"
    if condition.count != Comparison(">=", 1):
        words += f", {_times(condition.count)}"
    return words


def _step(step: Step) -> str:
    if not step.absent:
        return event_words(step.event)
    words = f"no {event_words(step.event).removeprefix('any ')}"
    return words if step.lasting is None else f"{words} for {length_words(step.lasting)}"


def _regularly(condition: RegularlyCondition) -> str:
    often = f"{event_words(condition.event)} {_times(condition.times)}"
    often += f" in {length_words(condition.every)}"
    periods = f"{_COMPARED[condition.periods.operator]} {number_words(condition.periods.value)}"
    return f"{often}, in {periods} of the last {condition.of_last} such periods"


def _trend(condition: TrendCondition) -> str:
    measured = f"{_NUMBERS[condition.kind]} of".format(_field(condition.of or ""))
    window = length_words(condition.window)
    return (
        f"{measured} {event_words(condition.event)} in {last_words(condition.window)}, "
        f"{compared(condition.comparison)} times that of the {window} before"
    )


def _score(condition: ScoreCondition) -> str:
    score = condition.score
    words = f"{score.title or f'score {score.name}'} is {compared(condition.comparison)}"
    if condition.until is None:
        return words
    return f"{words}, and from then on until it is {compared(condition.until)}"
