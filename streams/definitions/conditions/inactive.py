"""``inactive: 14d`` — no event for a while."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    ANY_EVENT,
    FIELDS,
    describe_event,
    event_schema,
    read_event,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.meaning import Canonical
from streams.definitions.model import (
    Comparison,
    EventCondition,
    EventFilter,
    InactiveCondition,
    Measure,
)
from streams.definitions.reader import Scope
from streams.definitions.values import format_duration, read_duration

_NONE = Measure("count", Comparison("==", 0))


class InactiveForm(Form[InactiveCondition]):
    """No matching event lies in the window."""

    name = "inactive"
    fields = (*FIELDS, "inactive")
    together: ClassVar[Mapping[str, Any]] = {"dependencies": {"where": ["event"]}}
    model = InactiveCondition
    syntax = "`inactive: 14d`"
    true_when = (
        "there was no event for so long, once there was any; `event` and `where` may be added to "
        "mean only those"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> InactiveCondition | None:
        reader, before = scope.reader, scope.reader.errors
        self.fits(node, scope)
        length = read_duration(reader, node.entries["inactive"], "`inactive`")
        event: EventFilter | None = ANY_EVENT
        if "event" in node.entries:
            event = read_event(reader, node)
        elif "where" in node.entries:
            reader.error(
                node.keys["where"], '`where` says which events are meant: write `event: "*"`, too'
            )
        if reader.errors > before or event is None or length is None:
            return None
        return InactiveCondition(event, length)

    @override
    def describe(self, condition: InactiveCondition, inner: Describe) -> str:
        names = describe_event(condition.event, every="event")
        return f"no {names} for {format_duration(condition.length)}"

    @override
    def canonical(
        self, condition: InactiveCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        event = condition.event
        return inner(EventCondition(event.events, event.where, _NONE, condition.length))

    @override
    def schema(self) -> dict[str, Any]:
        return {
            **event_schema(),
            "inactive": {"$ref": "#/definitions/duration", "description": "For how long."},
        }
