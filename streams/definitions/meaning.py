"""Small parts of a canonical form: the same meaning gives the same JSON, however it is written."""

import json
from math import ceil, floor
from typing import Any

from streams.definitions.model import (
    AllFilters,
    AnyFilter,
    Compare,
    Comparison,
    Filter,
    NotFilter,
)

Canonical = None | bool | int | float | str | list[Any]
"""JSON without objects, so that nothing depends on the order of fields."""


def as_text(canonical: Canonical) -> str:
    """One line of ASCII."""
    return json.dumps(canonical, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def unordered(word: str, parts: list[Canonical]) -> Canonical:
    """``all`` or ``any`` of parts: flat, sorted, each once; a single one stands for itself."""
    flat: dict[str, Canonical] = {}
    for part in parts:
        nested = isinstance(part, list) and part and part[0] == word
        for each in part[1] if isinstance(part, list) and nested else [part]:
            flat[as_text(each)] = each
    ordered = [flat[key] for key in sorted(flat)]
    return ordered[0] if len(ordered) == 1 else [word, ordered]


def canonical_number(value: int | float) -> int | float:
    """``3.0`` as ``3``."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def canonical_count(comparison: Comparison) -> list[Any]:
    """A comparison of whole numbers from 0: ``> 2`` is ``>= 3``, ``<= 0`` is ``== 0``."""
    sign, value = str(comparison.operator), comparison.value
    if sign in (">=", ">"):
        sign, value = ">=", floor(value) + 1 if sign == ">" else ceil(value)
    elif sign in ("<=", "<"):
        sign, value = "<=", ceil(value) - 1 if sign == "<" else floor(value)
    if (sign, value) in (("<=", 0), ("!=", 0)):
        sign, value = ("==", 0) if sign == "<=" else (">=", 1)
    return [sign, canonical_number(value)]


def canonical_filter(filter_: Filter | None) -> Canonical:
    """A filter; ``None`` for one that everything passes."""
    match filter_:
        case None | AllFilters(()):
            return None
        case Compare():
            return _canonical_compare(filter_)
        case NotFilter(NotFilter(inner)):
            return canonical_filter(inner)
        case NotFilter(inner):
            return ["not", canonical_filter(inner)]
        case AllFilters(filters):
            return unordered("all", [canonical_filter(each) for each in filters])
        case AnyFilter(filters):
            return unordered("any", [canonical_filter(each) for each in filters])


def _canonical_compare(compare: Compare) -> Canonical:
    operator, value = str(compare.operator), compare.value
    if operator in ("in", "not_in"):
        members = {as_text(member): member for member in map(_canonical_scalar, value)}
        value = [members[key] for key in sorted(members)]
        if len(value) == 1:
            operator, value = ("eq" if operator == "in" else "ne"), value[0]
    elif isinstance(value, tuple):
        value = [_canonical_scalar(each) for each in value]
    else:
        value = _canonical_scalar(value)
    return ["is", compare.path, operator, value]


def _canonical_scalar(value: Any) -> Any:
    return canonical_number(value) if isinstance(value, float) else value
