"""``where:`` — filters over an event's properties: reading, words, canonical form, schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from streams.definitions import document, values
from streams.definitions.document import Node, Scalar
from streams.definitions.model import (
    AllFilters,
    AnyFilter,
    Compare,
    Filter,
    FilterOperator,
    NotFilter,
)
from streams.definitions.patterns import LONGEST_PATTERN, read_pattern
from streams.definitions.problems import quote
from streams.definitions.reader import DEEPEST_CONDITION, Reader, kind_of

_EXAMPLE = "{properties.role: admin}"

JSON = dict[str, Any]
ReadValue = Callable[[Reader, Node, str], Any]
"""The operator's value, or ``None`` once an error is reported."""


def read_filter(reader: Reader, node: Node, depth: int = 1, what: str = "`where`") -> Filter | None:
    """A mapping or a list of mappings, all required; ``None`` once an error is reported."""
    if depth > DEEPEST_CONDITION:
        reader.error(node, f"filters are nested deeper than {DEEPEST_CONDITION} levels")
        return None
    if isinstance(node, document.Sequence):
        found = [read_filter(reader, item, depth + 1, what) for item in node.items]
        return _required(reader, node, found)
    mapping = reader.mapping(node, what, _EXAMPLE)
    if mapping is None:
        return None
    found = [
        _read_entry(reader, name, mapping.keys[name], value, depth)
        for name, value in mapping.entries.items()
    ]
    return _required(reader, mapping, found)


def _required(reader: Reader, node: Node, found: list[Filter | None]) -> Filter | None:
    """Every one of ``found``; a single one stands for itself."""
    if not found:
        reader.error(node, f"a filter is empty: leave it out, or write one such as `{_EXAMPLE}`")
    filters = tuple(each for each in found if each is not None)
    if not found or len(filters) < len(found):
        return None
    return filters[0] if len(filters) == 1 else AllFilters(filters)


def _read_entry(
    reader: Reader, name: str, key: document.Place, value: Node, depth: int
) -> Filter | None:
    if name == "any":
        return _read_any(reader, value, depth)
    if name == "not":
        inner = read_filter(reader, value, depth + 1)
        return None if inner is None else NotFilter(inner)
    if not values.is_path(reader, Scalar(key, name, name), name):
        return None
    return read_comparisons(reader, name, value)


def _read_any(reader: Reader, node: Node, depth: int) -> Filter | None:
    if not isinstance(node, document.Sequence) or not node.items:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(
            node,
            "`any` in a filter is a list, such as `[{properties.role: admin}, "
            f"{{properties.plan: pro}}]`, not {shown}",
        )
        return None
    found = [read_filter(reader, item, depth + 1) for item in node.items]
    filters = tuple(each for each in found if each is not None)
    return AnyFilter(filters) if len(filters) == len(found) else None


def read_comparisons(reader: Reader, path: str, node: Node) -> Filter | None:
    """The value of a path: a scalar to equal, or operators that all must hold.

    It is one :class:`Compare`, or :class:`AllFilters` of several.
    """
    if isinstance(node, document.Sequence):
        reader.error(node, f"to allow several values of {quote(path)}, write `{{in: […]}}`")
        return None
    if isinstance(node, Scalar):
        if node.value is None:
            reader.error(
                node,
                f"{quote(path)} has nothing to equal: where it should be missing, "
                "write `{exists: false}`",
            )
            return None
        value = _scalar(reader, node, quote(path))
        return None if value is None else Compare(path, "eq", value)
    found: list[Filter | None] = []
    for name, argument in node.entries.items():
        if name not in OPERATORS:
            message = f"{quote(name)} is not an operator of filters"
            reader.unknown(node.keys[name], message, name, OPERATORS)
            found.append(None)
            continue
        value = OPERATORS[name].read(reader, argument, f"`{name}`")
        operator = cast(FilterOperator, name)
        found.append(None if value is None else Compare(path, operator, value))
    return _required(reader, node, found)


def _scalar(reader: Reader, node: Node, what: str) -> str | int | float | bool | None:
    """What a value may equal; whole numbers of any size, for ids are often large."""
    if not isinstance(node, Scalar) or node.value is None:
        kinds = "text, a number, true or false"
        reader.error(node, f"{what} is compared with {kinds}, not {kind_of(node)}")
        return None
    if isinstance(node.value, float):
        return values.read_number(reader, node, what)
    return node.value


def _number(reader: Reader, node: Node, what: str) -> int | float | None:
    if isinstance(node, Scalar) and values.is_time(node.value):
        reader.error(node, f"{what} compares numbers: for times there are `before` and `after`")
        return None
    return values.read_number(reader, node, what)


def _text(reader: Reader, node: Node, what: str) -> str | None:
    """Text; a number or true and false as they are written."""
    if isinstance(node, Scalar) and node.value is not None and node.text:
        return node.text
    reader.error(node, f"{what} takes text that is not empty, not {kind_of(node)}")
    return None


def _list(reader: Reader, node: Node, what: str) -> tuple[Any, ...] | None:
    if not isinstance(node, document.Sequence) or not node.items:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(node, f"{what} takes a list, such as `[admin, editor]`, not {shown}")
        return None
    found = [_scalar(reader, item, what) for item in node.items]
    return None if None in found else tuple(found)


def _between(reader: Reader, node: Node, what: str) -> tuple[Any, ...] | None:
    """Two numbers or two times; both ends are in."""
    if not isinstance(node, document.Sequence) or len(node.items) != 2:
        reader.error(node, f"{what} takes two numbers or two times, such as `[10, 20]`")
        return None
    times = any(isinstance(item, Scalar) and values.is_time(item.value) for item in node.items)
    read = values.read_time if times else values.read_number
    low, high = (read(reader, item, what) for item in node.items)
    if low is None or high is None:
        return None
    if low > high:
        reader.error(node, f"{what} goes from the lower to the higher: turn the two around")
        return None
    return (low, high)


@dataclass(frozen=True, slots=True)
class FilterOperatorForm:
    """One operator: how its value is read, said and offered in editors."""

    read: ReadValue
    words: str
    """Between path and value in a description."""
    meaning: str
    """Completes "the value is …"."""
    schema: JSON

    def documentation(self, name: str) -> str:
        """Its line in the documentation's table of operators."""
        return f"| `{name}` | {self.meaning} |"


_SCALAR_SCHEMA: JSON = {"type": ["string", "number", "boolean"]}
_TEXT_SCHEMA: JSON = {"type": ["string", "number", "boolean"], "minLength": 1}
_NUMBER_SCHEMA: JSON = {
    "type": ["number", "string"],
    "pattern": r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$",
}
_TIME_SCHEMA: JSON = {"type": ["string", "integer"], "minLength": 4}
_LIST_SCHEMA: JSON = {"type": "array", "items": _SCALAR_SCHEMA, "minItems": 1}
_PAIR_SCHEMA: JSON = {
    "type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2,
}  # fmt: skip
_PATTERN_SCHEMA: JSON = {"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN}

OPERATORS: Mapping[str, FilterOperatorForm] = {
    "eq": FilterOperatorForm(_scalar, "=", "equal to this", _SCALAR_SCHEMA),
    "ne": FilterOperatorForm(_scalar, "!=", "not equal to this, or missing", _SCALAR_SCHEMA),
    "gt": FilterOperatorForm(_number, ">", "greater", _NUMBER_SCHEMA),
    "gte": FilterOperatorForm(_number, ">=", "greater or equal", _NUMBER_SCHEMA),
    "lt": FilterOperatorForm(_number, "<", "less", _NUMBER_SCHEMA),
    "lte": FilterOperatorForm(_number, "<=", "less or equal", _NUMBER_SCHEMA),
    "in": FilterOperatorForm(_list, "in", "equal to one of a list", _LIST_SCHEMA),
    "not_in": FilterOperatorForm(
        _list, "not in", "equal to none of a list, or missing", _LIST_SCHEMA
    ),
    "contains": FilterOperatorForm(
        _text,
        "contains",
        "text with this in it, or a list with this among its items, whatever the case",
        _TEXT_SCHEMA,
    ),
    "not_contains": FilterOperatorForm(
        _text, "does not contain", "neither of that, or missing", _TEXT_SCHEMA
    ),
    "starts_with": FilterOperatorForm(
        _text, "starts with", "text that begins with this", _TEXT_SCHEMA
    ),
    "ends_with": FilterOperatorForm(_text, "ends with", "text that ends with this", _TEXT_SCHEMA),
    "matches": FilterOperatorForm(
        read_pattern,
        "matches",
        "text in which this regular expression (RE2) is found",
        _PATTERN_SCHEMA,
    ),
    "exists": FilterOperatorForm(
        values.read_flag, "exists", "there (`true`), or missing (`false`)", {"type": "boolean"}
    ),
    "before": FilterOperatorForm(
        values.read_time, "before", "a time before this one", _TIME_SCHEMA
    ),
    "after": FilterOperatorForm(values.read_time, "after", "a time after this one", _TIME_SCHEMA),
    "between": FilterOperatorForm(
        _between, "between", "between two numbers or two times, both included", _PAIR_SCHEMA
    ),
}
"""Every operator, in the order in which the documentation lists them."""


def describe_filter(filter_: Filter) -> str:
    """A filter in words, on one line."""
    match filter_:
        case Compare(path, "exists", wanted):
            return f"{path} {'exists' if wanted else 'is missing'}"
        case Compare(path, operator, value):
            return f"{path} {OPERATORS[operator].words} {_describe_value(operator, value)}"
        case NotFilter(inner):
            return f"not ({describe_filter(inner)})"
        case AnyFilter(filters):
            return " or ".join(_describe_part(each, AllFilters) for each in filters)
        case AllFilters(filters):
            return " and ".join(_describe_part(each, AnyFilter) for each in filters)


def _describe_part(filter_: Filter, other: type) -> str:
    """A filter among several; in brackets where it joins its own the other way."""
    words = describe_filter(filter_)
    return f"({words})" if isinstance(filter_, other) else words


def _describe_value(operator: FilterOperator, value: Any) -> str:
    if operator in ("before", "after"):
        return values.format_time(value)
    if operator == "between":
        return f"{value[0]} and {value[1]}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_describe_value("eq", each) for each in value) + ")"
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(str(value).split())
