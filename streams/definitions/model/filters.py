"""Filters and comparisons."""

from dataclasses import dataclass
from typing import Any, Literal

Operator = Literal[">=", ">", "==", "!=", "<=", "<"]

FilterOperator = Literal[
    "eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "not_contains",
    "starts_with", "ends_with", "matches", "exists", "before", "after", "between",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """``>= 3``."""

    operator: Operator
    value: float | int

    def __str__(self) -> str:
        return f"{self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class Compare:
    """One filter: the value at ``path`` (``properties.role``) against ``value``."""

    path: str
    operator: FilterOperator
    value: Any
    """A scalar; a tuple for ``in``, ``not_in`` and ``between``; epoch ms for ``before``, ``after``
    (and for ``between`` where both ends are times)."""


@dataclass(frozen=True, slots=True)
class AllFilters:
    """Every filter holds (also: none at all)."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class AnyFilter:
    """At least one filter holds."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class NotFilter:
    """The filter does not hold."""

    filter: "Filter"


Filter = Compare | AllFilters | AnyFilter | NotFilter
