"""``event: NAME`` — a measure of the matching events in a window."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.conditions.measures import MEASURES, describe_measure, read_measure
from streams.definitions.filters import describe_filter, read_filter
from streams.definitions.meaning import Canonical, canonical_filter
from streams.definitions.model import EventCondition, Filter
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope
from streams.definitions.values import format_duration, format_time, read_duration, read_time


class EventForm(Form[EventCondition]):
    """Events by name, with a filter, one measure and a window."""

    name = "event"
    fields = ("event", "where", *MEASURES, "within", "from", "to")
    model = EventCondition
    syntax = '`event: NAME`, `[NAMES]`, `"prefix*"` or `"*"`'
    true_when = (
        "the measure of the matching events in the window compares; `where`, one measure, and "
        "`within` or `from` and `to` may be added"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> EventCondition | None:
        reader = scope.reader
        reader.only(node, self.fields, "an `event` condition")
        before = reader.errors
        events = read_events(reader, node.entries["event"])
        where = node.entries.get("where")
        condition = read_filter(reader, where) if where is not None else None
        measure = read_measure(node, scope)
        within, start, end = _read_window(reader, node)
        if reader.errors > before or measure is None:
            return None
        return EventCondition(events, condition, measure, within, start, end)

    @override
    def describe(self, condition: EventCondition, inner: Describe) -> str:
        named = ("any event",) if condition.events == ("*",) else condition.events
        names = describe_events(named, condition.where)
        words = describe_measure(condition.measure, " ".join(names.split()))
        if condition.within is not None:
            words += f" within {format_duration(condition.within)}"
        if condition.start is not None:
            words += f" from {format_time(condition.start)}"
        if condition.end is not None:
            words += f" to {format_time(condition.end)}"
        return words

    @override
    def canonical(
        self, condition: EventCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        measure = condition.measure
        return [
            "event",
            _canonical_events(condition.events),
            canonical_filter(condition.where),
            [measure.kind, measure.of, *MEASURES[measure.kind].canonical(measure.comparison)],
            condition.within,
            condition.start,
            condition.end,
        ]

    @override
    def schema(self) -> dict[str, Any]:
        name = {"type": "string", "minLength": 1, "pattern": r"^[^*]*\*?$"}
        return {
            "event": {
                "description": "Name of the event; `*` at its end stands for any rest.",
                "anyOf": [name, {"type": "array", "items": name, "minItems": 1}],
            },
            "where": {"$ref": "#/definitions/filter"},
            **{kind: measure.schema() for kind, measure in MEASURES.items()},
            "within": {
                "$ref": "#/definitions/duration",
                "description": "Sliding window: an event exactly this old is out.",
            },
            "from": {"$ref": "#/definitions/time", "description": "Included."},
            "to": {"$ref": "#/definitions/time", "description": "Not included."},
        }


def describe_events(events: tuple[str, ...], where: Filter | None) -> str:
    """Names and filter in words: ``Document Shared [properties.first = true]``."""
    names = " or ".join(events)
    return names if where is None else f"{names} [{describe_filter(where)}]"


def read_events(reader: Reader, node: document.Node) -> tuple[str, ...]:
    """One name, or a list of names; empty once an error is reported."""
    if not isinstance(node, document.Sequence):
        return _read_names(reader, [node])
    if not node.items:
        reader.error(node, '`event` names no event: write a name, or `"*"` for every event')
    return _read_names(reader, node.items)


def _read_names(reader: Reader, nodes: list[document.Node]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for node in nodes:
        name = reader.text(node, "an event's name")
        if name is None:
            continue
        if "*" in name[:-1]:
            reader.error(node, f"{quote(name)}: `*` may stand at the end of a name only")
        elif name in names:
            reader.warning(node, f"{quote(name)} is named twice")
        elif not name.endswith("*"):
            reader.events.setdefault(name, node.place)
        names[name] = None
    return tuple(names)


def _read_window(
    reader: Reader, node: document.Mapping
) -> tuple[int | None, int | None, int | None]:
    within, start, end = (node.entries.get(name) for name in ("within", "from", "to"))
    if within is not None and (start is not None or end is not None):
        reader.error(
            within, "`within` is a sliding window, `from` and `to` a fixed one: give one of them"
        )
        return None, None, None
    length = read_duration(reader, within, "`within`") if within is not None else None
    return length, *read_range(reader, node, "the window is empty")


def read_range(reader: Reader, node: document.Mapping, empty: str) -> tuple[int | None, int | None]:
    """``from`` and ``to`` of a mapping; ``empty`` says what is wrong where nothing is between."""
    start, end = node.entries.get("from"), node.entries.get("to")
    first = read_time(reader, start, "`from`") if start is not None else None
    last = read_time(reader, end, "`to`") if end is not None else None
    if end is not None and first is not None and last is not None and last <= first:
        reader.error(end, f"`to` must be later than `from`: {empty}")
    return first, last


def _canonical_events(names: tuple[str, ...]) -> Canonical:
    """Sorted, without names that a pattern among them covers."""
    prefixes = [name[:-1] for name in names if name.endswith("*")]
    kept = {
        name
        for name in names
        if not any(name.startswith(prefix) and name != f"{prefix}*" for prefix in prefixes)
    }
    return sorted(kept)
