"""``where:`` compiled into predicates over events."""

from collections.abc import Callable
from typing import Any

import re2

from schemas.events import Event
from streams.definitions.model import AllFilters, AnyFilter, Compare, Filter, NotFilter
from streams.definitions.values import parse_time
from streams.engine.values import getter, identity, number

Predicate = Callable[[Event], bool]
Test = Callable[[Any], bool]


def compile_filter(condition: Filter) -> Predicate:
    """A predicate that is true for the events which pass the filter."""
    if isinstance(condition, Compare):
        return _compile_compare(condition)
    if isinstance(condition, NotFilter):
        inner = compile_filter(condition.filter)
        return lambda event: not inner(event)
    parts = [compile_filter(part) for part in condition.filters]
    if len(parts) == 1:
        return parts[0]
    if isinstance(condition, AllFilters):
        return lambda event: all(part(event) for part in parts)
    if isinstance(condition, AnyFilter):
        return lambda event: any(part(event) for part in parts)
    raise TypeError(f"not a filter: {condition!r}")


def _compile_compare(compare: Compare) -> Predicate:
    find = getter(compare.path)
    test = compare_test(compare)
    return lambda event: test(find(event))


def compare_test(compare: Compare) -> Test:
    """What a filter asks of the value at its path; ``None`` stands for a missing one."""
    test = TESTS[compare.operator](compare.value)
    when_missing = compare.operator in ("ne", "not_in", "not_contains") or (
        compare.operator == "exists" and not compare.value
    )
    return lambda value: when_missing if value is None else test(value)


def equal(expected: Any) -> Test:
    """Equality as the language means it: numbers with numeric text, ``true`` with ``"true"``."""
    wanted = identity(expected)
    return lambda value: identity(value) == wanted


def _ordered(accept: Callable[[int], bool]) -> Callable[[Any], Test]:
    """A comparison of numbers; ``accept`` says which signs of (value − bound) pass."""

    def make(bound: Any) -> Test:
        limit = number(bound)

        def test(value: Any) -> bool:
            found = number(value)
            if found is None or limit is None:
                return False
            return accept((found > limit) - (found < limit))

        return test

    return make


def _member(options: Any) -> Test:
    wanted = {identity(option) for option in options}
    return lambda value: identity(value) in wanted


def _contains(part: Any) -> Test:
    wanted = identity(part)
    needle = str(part).casefold()

    def test(value: Any) -> bool:
        if type(value) is str:
            return needle in value.casefold()
        if type(value) is list:
            return any(
                item.casefold() == needle if type(item) is str else identity(item) == wanted
                for item in value
            )
        return False

    return test


def _text(method: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    def make(part: Any) -> Test:
        fixed = str(part)
        return lambda value: type(value) is str and method(value, fixed)

    return make


def _matches(pattern: Any) -> Test:
    compiled = re2.compile(str(pattern))
    return lambda value: type(value) is str and compiled.search(value) is not None


def moment(value: Any) -> float | None:
    """A property's time in epoch milliseconds: a number is one already, text is ISO 8601.

    Text of digits is a date, as ISO 8601 has it (``20260101``), or no time at all.
    """
    return parse_time(value) if type(value) is str else number(value)


def _before(bound: Any) -> Test:
    def test(value: Any) -> bool:
        found = moment(value)
        return found is not None and found < bound

    return test


def _after(bound: Any) -> Test:
    def test(value: Any) -> bool:
        found = moment(value)
        return found is not None and found > bound

    return test


def _between(bounds: Any) -> Test:
    low, high = bounds

    def test(value: Any) -> bool:
        found = number(value)
        if found is None:
            found = moment(value)
        return found is not None and low <= found <= high

    return test


def _exists(wanted: Any) -> Test:
    return lambda _value: bool(wanted)


def _negated(make: Callable[[Any], Test]) -> Callable[[Any], Test]:
    def made(expected: Any) -> Test:
        test = make(expected)
        return lambda value: not test(value)

    return made


TESTS: dict[str, Callable[[Any], Test]] = {
    "eq": equal,
    "ne": _negated(equal),
    "gt": _ordered(lambda sign: sign > 0),
    "gte": _ordered(lambda sign: sign >= 0),
    "lt": _ordered(lambda sign: sign < 0),
    "lte": _ordered(lambda sign: sign <= 0),
    "in": _member,
    "not_in": _negated(_member),
    "contains": _contains,
    "not_contains": _negated(_contains),
    "starts_with": _text(str.startswith),
    "ends_with": _text(str.endswith),
    "matches": _matches,
    "exists": _exists,
    "before": _before,
    "after": _after,
    "between": _between,
}
"""What each operator of ``where:`` tests, given the value in the definition."""
