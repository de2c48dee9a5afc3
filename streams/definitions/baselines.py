"""The section ``baselines``: what accounts or users usually do, computed again and again."""

from typing import Any, Final, get_args

from streams.definitions import document
from streams.definitions.conditions.events import read_event
from streams.definitions.model import Baseline, BaselineKind, EntityKind, Statistic
from streams.definitions.names import read_kind
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of
from streams.definitions.values import (
    DAY,
    LARGEST_NUMBER,
    UNITS,
    format_duration,
    read_duration,
    read_flag,
    read_number,
)

KINDS: Final[tuple[BaselineKind, ...]] = get_args(BaselineKind)
STATISTICS: Final[tuple[Statistic, ...]] = get_args(Statistic)
FIELDS: Final = ("of", "event", *KINDS, "within", "statistic", "every", "start")

_USUAL: Final[Statistic] = "mean"
_EVERY: Final = DAY
_OFTEN: Final = UNITS["h"]
"""Every computation is a step that all who look at the baseline learn of."""


def read_baseline(reader: Reader, name: str, node: document.Mapping) -> Baseline | None:
    """Read one baseline; ``None`` once an error is reported."""
    what, before = f"baseline {quote(name)}", reader.errors
    if "where" in node.entries:
        reader.error(
            node.keys["where"],
            "a baseline has no `where`: it is computed of what is kept by day, which is how often "
            "each event happened",
        )
    reader.only(node, (*FIELDS, "where"), what)
    of = read_kind(reader, node, what)
    event = None
    if "event" in node.entries:
        event = read_event(reader, node)
    else:
        reader.error(node, f"{what} lacks `event`: write `event: Document Shared`")
    kind = _read_kind(reader, node, what, of)
    within = _read_within(reader, node, what)
    statistic = _read_statistic(reader, node)
    every = _read_every(reader, node)
    start = _read_start(reader, node, what)
    if reader.errors > before or of is None or event is None or kind is None:
        return None
    if within is None or start is None or every is None:
        return None
    return Baseline(name, of, event.events, kind, within, start, statistic, every)


def _read_kind(
    reader: Reader, node: document.Mapping, what: str, of: EntityKind | None
) -> BaselineKind | None:
    given = [kind for kind in KINDS if kind in node.entries]
    if len(given) != 1:
        shown = " and ".join(quote(kind) for kind in given)
        wrong = f"has one measure, not {shown}" if given else "lacks a measure"
        reader.error(node, f"{what} {wrong}: write `count: true`, `days: true` or `users: true`")
        return None
    kind = given[0]
    value = node.entries[kind]
    if read_flag(reader, value, f"{quote(kind)} of a baseline") is False:
        reader.error(value, f"{quote(kind)} of a baseline is true: it says what is measured")
    if kind == "users" and of == "user":
        reader.error(
            node.keys[kind],
            "`users` counts the users of an account: this baseline is of users",
        )
    return kind


def _read_within(reader: Reader, node: document.Mapping, what: str) -> int | None:
    value = node.entries.get("within")
    if value is None:
        reader.error(node, f"{what} lacks `within`: write `within: 30d`")
        return None
    length = read_duration(reader, value, "`within`")
    if length is not None and length % DAY:
        shown = quote(format_duration(length))
        reader.error(value, f"`within` of a baseline is in whole days, as it is kept, not {shown}")
    return length


def _read_every(reader: Reader, node: document.Mapping) -> int | None:
    value = node.entries.get("every")
    if value is None:
        return _EVERY
    length = read_duration(reader, value, "`every`")
    if length is not None and length < _OFTEN:
        shown = quote(format_duration(length))
        reader.error(value, f"`every` is at least {format_duration(_OFTEN)}, not {shown}")
    return length


def _read_statistic(reader: Reader, node: document.Mapping) -> Statistic:
    value = node.entries.get("statistic")
    if value is None:
        return _USUAL
    given = value.value if isinstance(value, document.Scalar) else None
    for statistic in STATISTICS:
        if given == statistic:
            return statistic
    message = f"`statistic` is one of {', '.join(map(quote, STATISTICS))}, not {kind_of(value)}"
    reader.unknown(value, message, given if isinstance(given, str) else "", STATISTICS)
    return _USUAL


def _read_start(reader: Reader, node: document.Mapping, what: str) -> float | None:
    value = node.entries.get("start")
    if value is None:
        reader.error(
            node, f"{what} lacks `start`, which counts until one is computed: write `start: 20`"
        )
        return None
    start = read_number(reader, value, "`start`")
    if start is not None and start <= 0:
        reader.error(value, f"`start` is more than 0, not {quote(start)}")
    return start


def baseline_schema() -> dict[str, Any]:
    """JSON Schema of one baseline."""
    name = {"type": "string", "minLength": 1}
    duration = {"$ref": "#/definitions/duration"}
    names = {"anyOf": [name, {"type": "array", "items": name, "minItems": 1}]}
    start = {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_NUMBER}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["of", "event", "within", "start"],
        "oneOf": [{"required": [kind]} for kind in KINDS],
        "properties": {
            "of": {"enum": ["account", "user"], "description": "Whose it is."},
            "event": {**names, "description": "A name, or several; `*` at the end is any rest."},
            **{kind: {"const": True, "description": "What is measured."} for kind in KINDS},
            "within": {**duration, "description": "Over how long; whole days."},
            "statistic": {
                "enum": list(STATISTICS),
                "default": _USUAL,
                "description": "Of those who did it at least once in that time.",
            },
            "every": {**duration, "default": "1d", "description": "How often it is computed."},
            "start": {**start, "description": "What it is until it is computed first."},
        },
    }
