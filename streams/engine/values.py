"""How values of events are found and understood."""

import re
from collections.abc import Callable, Iterable
from math import isfinite
from operator import attrgetter
from typing import Any, Final

import orjson

from schemas.events import Event

DAY: Final = 86_400_000
"""Milliseconds of a UTC day."""

_NUMERIC = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII).fullmatch
_LONGEST_NUMBER = 64
_NUMBER_STARTS = frozenset("+-.0123456789")

_ALIASES = {"event": "name", "timestamp": "time"}


def day_of(time: int) -> int:
    """The UTC day of a time in epoch milliseconds, counted from 1970-01-01."""
    return time // DAY


def week_of(time: int) -> int:
    """The ISO week (Monday to Sunday, UTC) of a time, counted so that weeks never repeat."""
    return (time // DAY + 3) // 7  # 1970-01-01 was a Thursday


def names(patterns: Iterable[str], name: str) -> bool:
    """Whether an event of this name is meant; ``*`` at the end of a pattern is any rest."""
    return any(
        name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted
        for wanted in patterns
    )


def getter(path: str) -> Callable[[Event], Any]:
    """A function that finds the value at ``path`` (``properties.plan.name``) in an event.

    It gives ``None`` where any part of the path is missing.
    """
    head, *rest = path.split(".")
    field: Callable[[Event], Any] = attrgetter(_ALIASES.get(head, head))
    if not rest:
        return field
    if len(rest) > 1:
        return lambda event: _descend(field(event), rest)
    only = rest[0]
    if head == "properties":  # nearly all are, and the compiled program knows where they stand
        return lambda event: event.properties.get(only)
    return lambda event: field(event).get(only)


def _descend(value: Any, keys: list[str]) -> Any:
    for key in keys:
        if type(value) is not dict:
            return None
        value = value.get(key)
    return value


def number(value: Any) -> int | float | None:
    """The finite number that a value is or spells; ``None`` for anything else, truth values too."""
    kind = type(value)
    if kind is int:
        return int(value)
    if kind is float:
        return float(value) if isfinite(value) else None
    if kind is str and len(value) <= _LONGEST_NUMBER and _NUMERIC(value):
        if value.lstrip("+-").isdigit():
            return int(value)
        spelled = float(value)
        return spelled if isfinite(spelled) else None
    return None


def identity(value: Any) -> str | None:
    """The text by which values are told apart; ``None`` (missing) is no value.

    Two values are equal exactly where their identities are: numbers with numeric text (``1``,
    ``1.0`` and ``"1"``), ``true`` with ``"true"``; lists and objects by their JSON, keys sorted.
    """
    kind = type(value)
    if kind is str:
        if value[:1] not in _NUMBER_STARTS or (spelled := number(value)) is None:
            return str(value)
        value, kind = spelled, type(spelled)
    if value is None:
        return None
    if kind is bool:
        return "true" if value else "false"
    if kind is float and value.is_integer():
        return str(int(value))
    if kind is int or kind is float:
        return str(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
