"""What ``where:`` means, written down once more: plain Python over one event, no cleverness.

Shares nothing with the engine but the frozen model of the language.
"""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from schemas.events import Event
from streams.definitions.model import AllFilters, AnyFilter, Compare, Filter, NotFilter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMERIC_TEXT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
MISSING = object()

TRUE_OF_A_MISSING_PROPERTY = {"ne", "not_in", "not_contains"}


def passes(event: Event, condition: Filter | None) -> bool:
    """Whether the event satisfies the filter."""
    if condition is None:
        return True
    if isinstance(condition, AllFilters):
        return all(passes(event, one) for one in condition.filters)
    if isinstance(condition, AnyFilter):
        return any(passes(event, one) for one in condition.filters)
    if isinstance(condition, NotFilter):
        return not passes(event, condition.filter)
    return compare(value_at(event, condition.path), condition)


def value_at(event: Event, path: str) -> Any:
    """The value at a path such as ``properties.plan.name``; ``MISSING`` where there is none.

    A null is no value: whoever sends ``"plan": null`` says that there is no plan.
    """
    root, *names = path.split(".")
    value: Any = getattr(event, {"event": "name"}.get(root, root))
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return MISSING if value is None else value


def number_of(value: Any) -> Fraction | None:
    """The finite number that a value is, or that its text says; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not NUMERIC_TEXT.fullmatch(value):
        return None
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return Fraction(number) if math.isfinite(number) else None


def identity(value: Any) -> Any:
    """What two values share exactly when they are equal: ``1``, ``1.0`` and ``"1"`` do."""
    number = number_of(value)
    if number is not None:
        return ("number", number)
    if isinstance(value, bool):
        return ("text", "true" if value else "false")
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, list):
        return ("list", tuple(identity(one) for one in value))
    if isinstance(value, dict):
        return ("object", frozenset((name, identity(one)) for name, one in value.items()))
    return ("null", None)


def text_of(value: Any) -> str:
    """A JSON value as one text, the same for what is equal; of a null, and of empty text, none."""
    number = number_of(value)
    if number is not None:
        return str(int(number)) if number.denominator == 1 else repr(float(number))
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def compare(value: Any, condition: Compare) -> bool:
    """Whether a value (or ``MISSING``) passes one filter."""
    operator, wanted = condition.operator, condition.value
    if operator == "exists":
        return bool((value is not MISSING) == wanted)
    if value is MISSING:
        return operator in TRUE_OF_A_MISSING_PROPERTY
    if operator == "ne":
        return bool(identity(value) != identity(wanted))
    if operator == "not_in":
        return all(identity(value) != identity(one) for one in wanted)
    if operator == "not_contains":
        return not _contains(value, wanted)
    return _holds_for_a_value(value, operator, wanted)


def _holds_for_a_value(value: Any, operator: str, wanted: Any) -> bool:
    if operator == "eq":
        return bool(identity(value) == identity(wanted))
    if operator == "in":
        return any(identity(value) == identity(one) for one in wanted)
    if operator == "contains":
        return _contains(value, wanted)
    if operator in ("starts_with", "ends_with", "matches"):
        return isinstance(value, str) and _text_operator(value, operator, wanted)
    if operator in ("before", "after"):
        at = _time_of(value)
        return at is not None and (at < wanted if operator == "before" else at > wanted)
    if operator == "between":
        number = number_of(value)
        found = _time_of(value) if number is None else number
        low, high = (number_of(end) for end in wanted)
        return found is not None and low is not None and high is not None and low <= found <= high
    return _in_order(number_of(value), operator, number_of(wanted))


def _in_order(value: Fraction | None, operator: str, wanted: Fraction | None) -> bool:
    if value is None or wanted is None:
        return False
    if operator == "gt":
        return value > wanted
    if operator == "gte":
        return value >= wanted
    if operator == "lt":
        return value < wanted
    if operator == "lte":
        return value <= wanted
    raise AssertionError(f"no such filter operator: {operator}")


def _text_operator(value: str, operator: str, wanted: str) -> bool:
    if operator == "starts_with":
        return value.startswith(wanted)
    if operator == "ends_with":
        return value.endswith(wanted)
    return re.search(wanted, value) is not None


def _contains(value: Any, wanted: Any) -> bool:
    """A text contains a text, a list contains an element; case does not matter in either."""
    if isinstance(value, str) and isinstance(wanted, str):
        return wanted.lower() in value.lower()
    if isinstance(value, list):
        return any(_without_case(one) == _without_case(wanted) for one in value)
    return False


def _without_case(value: Any) -> Any:
    return identity(value.lower() if isinstance(value, str) else value)


def _time_of(value: Any) -> int | float | None:
    """Epoch milliseconds of a number or of ISO 8601 text (UTC where it names no zone)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(milliseconds=1)
