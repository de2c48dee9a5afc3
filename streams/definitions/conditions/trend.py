"""``trend: {event: NAME, window: 7d, is: ">= 1.5"}`` — a window against the one before it."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    canonical_event,
    describe_event,
    events_alone_schema,
    read_events_alone,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.conditions.measures import MEASURES, one_measure
from streams.definitions.meaning import Canonical, canonical_number
from streams.definitions.model import MeasureKind, TrendCondition
from streams.definitions.reader import Reader, Scope, kind_of
from streams.definitions.values import (
    format_duration,
    read_comparison,
    read_duration,
    read_path,
)

_REQUIRED = {"window": "window: 7d", "is": 'is: ">= 1.5"'}


class TrendForm(Form[TrendCondition]):
    """A measure of a window divided by that of the window before it."""

    name = "trend"
    fields = ("trend",)
    model = TrendCondition
    syntax = '`trend: {event: NAME, count: true, window: 7d, is: ">= 1.5"}`'
    true_when = (
        "the measure of this window, divided by that of the window before it, compares; where "
        "that one has nothing, there is no trend; a measure is `count`, `users`, `days`, `weeks` "
        "(`true`) or one of a value (`sum: PATH`); `where` may be added"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> TrendCondition | None:
        self.fits(node, scope)
        reader, before = scope.reader, scope.reader.errors
        body = node.entries["trend"]
        event = read_events_alone(reader, body, "`trend`", (*MEASURES, *_REQUIRED))
        if not isinstance(body, document.Mapping):
            return None
        for name, example in _REQUIRED.items():
            if name not in body.entries:
                reader.error(body, f"`trend` lacks `{name}`: write `{example}`")
        kind, path = _read_measured(body, scope)
        if reader.errors > before or event is None or kind is None:
            return None
        window = read_duration(reader, body.entries["window"], "`window`")
        comparison = read_comparison(reader, body.entries["is"], "`is`")
        if window is None or comparison is None:
            return None
        return TrendCondition(event, kind, path, window, comparison)

    @override
    def describe(self, condition: TrendCondition, inner: Describe) -> str:
        words = MEASURES[condition.kind].words
        words = words.format(of=condition.of, events=describe_event(condition.event))
        window = format_duration(condition.window)
        return f"{words} within {window} {condition.comparison} times that of the {window} before"

    @override
    def canonical(
        self, condition: TrendCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        comparison = condition.comparison
        return [
            "trend",
            *canonical_event(condition.event),
            [condition.kind, condition.of],
            condition.window,
            [comparison.operator, canonical_number(comparison.value)],
        ]

    @override
    def schema(self) -> dict[str, Any]:
        body = events_alone_schema(
            **{
                kind: {
                    "description": measure.meaning,
                    **({"$ref": "#/definitions/path"} if measure.of_path else {"const": True}),
                }
                for kind, measure in MEASURES.items()
            },
            **{
                "window": {"$ref": "#/definitions/duration"},
                "is": {
                    "$ref": "#/definitions/comparison",
                    "description": "This window's measure divided by the one before's.",
                },
            },
        )
        return {"trend": {**body, "required": ["event", *_REQUIRED]}}


def _read_measured(node: document.Mapping, scope: Scope) -> tuple[MeasureKind | None, str | None]:
    """What is measured, ``count`` where nothing is said; no kind once an error is reported."""
    reader = scope.reader
    given = [name for name in node.entries if name in MEASURES]
    if not given:
        return "count", None
    measure = one_measure(node, scope)
    if measure is None:
        return None, None
    value = node.entries[measure.kind]
    if measure.of_path:
        return measure.kind, _read_path(reader, measure.kind, value)
    if isinstance(value, document.Scalar) and value.value is True:
        return measure.kind, None
    reader.error(
        value,
        f"`{measure.kind}` of a trend is `true`, and `is` compares it, not {kind_of(value)}",
    )
    return None, None


def _read_path(reader: Reader, kind: str, node: document.Node) -> str | None:
    if isinstance(node, document.Scalar) and isinstance(node.value, str):
        return read_path(reader, node, f"`{kind}`")
    reader.error(
        node,
        f"`{kind}` of a trend is a path alone, such as `{kind}: properties.minutes`, and `is` "
        f"compares it, not {kind_of(node)}",
    )
    return None
