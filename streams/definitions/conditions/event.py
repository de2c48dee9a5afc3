"""``event: NAME`` — a measure of the matching events in a window."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    FIELDS,
    canonical_event,
    describe_event,
    event_schema,
    read_event,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.conditions.measures import MEASURES, describe_measure, read_measure
from streams.definitions.meaning import Canonical
from streams.definitions.model import EventCondition, EventFilter, Measure, MeasureKind
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope
from streams.definitions.values import (
    DAY,
    format_duration,
    format_time,
    read_duration,
    read_time,
    settled,
)


class EventForm(Form[EventCondition]):
    """Events by name, with a filter, one measure and a window."""

    name = "event"
    fields = (*FIELDS, *MEASURES, "within", "from", "to")
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
        before = reader.errors
        self.fits(node, scope)
        event = read_event(reader, node)
        measure = read_measure(node, scope)
        within, start, end = read_window(reader, node)
        if reader.errors > before or event is None or measure is None:
            return None
        if within is not None:
            _warn_of_the_calendar(reader, node, measure, within)
        return EventCondition(event.events, event.where, measure, within, start, end)

    @override
    def describe(self, condition: EventCondition, inner: Describe) -> str:
        names = describe_event(EventFilter(condition.events, condition.where))
        words = describe_measure(condition.measure, names)
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
            *canonical_event(EventFilter(condition.events, condition.where)),
            [measure.kind, measure.of, *MEASURES[measure.kind].canonical(measure.comparison)],
            condition.within,
            condition.start,
            condition.end,
        ]

    @override
    def lasts(self, condition: EventCondition, truth: bool, inner: Lasts) -> bool:
        measure = condition.measure
        lasting = MEASURES[measure.kind].lasts(measure.comparison, truth)
        return lasting and condition.within is None

    @override
    def schema(self) -> dict[str, Any]:
        return {
            **event_schema(),
            **{kind: measure.schema() for kind, measure in MEASURES.items()},
            **window_schema(),
        }


def _warn_of_the_calendar(
    reader: Reader, node: document.Mapping, measure: Measure, within: int
) -> None:
    """A window touches only so many days: more of them can never be."""
    most = most_touched(measure.kind, within)
    word = None if most is None else settled(measure.comparison, most)
    if word is not None:
        reader.warning(
            node.entries[measure.kind],
            f"`{measure.kind}` {quote(measure.comparison)} is {word} true: "
            f"{format_duration(within)} touch at most {most} {measure.kind}",
        )


def most_touched(kind: MeasureKind, within: int) -> int | None:
    """How many days or weeks of the calendar a window touches; ``None`` for other measures."""
    unit = {"days": DAY, "weeks": 7 * DAY}.get(kind)
    return None if unit is None else 1 + (within + unit - 2) // unit


def read_window(
    reader: Reader, node: document.Mapping
) -> tuple[int | None, int | None, int | None]:
    """``within``, ``from`` and ``to`` of a mapping, each ``None`` where there is none."""
    within, start, end = (node.entries.get(name) for name in ("within", "from", "to"))
    if within is not None and (start is not None or end is not None):
        reader.error(
            within, "`within` is a sliding window, `from` and `to` a fixed one: give one of them"
        )
        return None, None, None
    length = read_duration(reader, within, "`within`", endless=True) if within is not None else None
    return length, *read_range(reader, node, "the window is empty")


def window_schema() -> dict[str, Any]:
    """JSON Schema of ``within``, ``from`` and ``to``."""
    return {
        "within": {
            "$ref": "#/definitions/duration",
            "description": "Sliding window: an event exactly this old is out.",
        },
        "from": {"$ref": "#/definitions/time", "description": "Included."},
        "to": {"$ref": "#/definitions/time", "description": "Not included."},
    }


def read_range(reader: Reader, node: document.Mapping, empty: str) -> tuple[int | None, int | None]:
    """``from`` and ``to`` of a mapping; ``empty`` says what is wrong where nothing is between."""
    start, end = node.entries.get("from"), node.entries.get("to")
    first = read_time(reader, start, "`from`") if start is not None else None
    last = read_time(reader, end, "`to`") if end is not None else None
    if end is not None and first is not None and last is not None and last <= first:
        reader.error(end, f"`to` must be later than `from`: {empty}")
    return first, last
