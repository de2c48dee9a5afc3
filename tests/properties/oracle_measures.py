"""Windows, measures and comparisons, exactly: plain loops over events."""

import operator
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from schemas.events import Event
from streams.definitions.model import Comparison, EventFilter, MeasureKind
from tests.properties.oracle_filters import MISSING, identity, number_of, passes, value_at

DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

COMPARES = {
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    "<": operator.lt,
}


def compares(value: Fraction | int | float, comparison: Comparison) -> bool:
    """Without rounding: Python compares fractions, whole numbers and floats exactly."""
    return bool(COMPARES[comparison.operator](value, comparison.value))


def matches(event: Event, wanted: EventFilter) -> bool:
    """Whether the event's name and fields are those that are meant."""
    named = any(
        event.name.startswith(name[:-1]) if name.endswith("*") else event.name == name
        for name in wanted.events
    )
    return named and passes(event, wanted.where)


def lying_in(events: Iterable[Event], after: int, until: int) -> list[Event]:
    """Those in (after, until]."""
    return [event for event in events if after < event.time <= until]


def amount(kind: MeasureKind, of: str | None, window: list[Event]) -> Fraction | int | None:
    """The measure over the window's events; ``None`` for avg, min and max of no number."""
    if kind in ("sum", "avg", "min", "max"):
        assert of is not None
        found = [number_of(value_at(event, of)) for event in window]
        return _of_numbers(kind, [number for number in found if number is not None])
    if kind == "count":
        return len(window)
    if kind == "users":
        return len({event.user_id for event in window if event.user_id is not None})
    if kind == "days":
        return len({event.time // DAY for event in window})
    if kind == "weeks":
        return len({_iso_week(event.time) for event in window})
    assert kind == "distinct"
    assert of is not None
    values = [value_at(event, of) for event in window]
    return len({identity(value) for value in values if value is not MISSING})


def _of_numbers(kind: MeasureKind, numbers: list[Fraction]) -> Fraction | None:
    total = sum(numbers, Fraction(0))
    if kind == "sum":
        return total
    if not numbers:
        return None
    if kind == "avg":
        return total / len(numbers)
    return min(numbers) if kind == "min" else max(numbers)


def _iso_week(time: int) -> tuple[int, int]:
    moment = EPOCH + timedelta(milliseconds=time)
    return moment.isocalendar()[:2]


def quotient(value: Fraction | int, divisor: Fraction | int) -> float:
    """The double nearest to the exact quotient; infinite where no double is so large."""
    exact = Fraction(value) / Fraction(divisor)
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")
