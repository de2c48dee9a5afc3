"""``event: NAME, first: true`` — the first such event ever is recent."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    FIELDS,
    canonical_event,
    describe_event,
    event_schema,
    read_event,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.meaning import Canonical
from streams.definitions.model import FirstCondition
from streams.definitions.reader import Scope, kind_of
from streams.definitions.values import format_duration, read_duration


class FirstForm(Form[FirstCondition]):
    """The first matching event ever lies in the window."""

    name = "first"
    fields = (*FIELDS, "first", "within")
    required: ClassVar[Mapping[str, str]] = {"event": "event: Signed Up", "within": "within: 7d"}
    model = FirstCondition
    syntax = "`event: NAME`, `first: true`, `within: 7d`"
    true_when = "the first such event ever lies in the window; `where` may be added"

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> FirstCondition | None:
        reader, before = scope.reader, scope.reader.errors
        first = node.entries["first"]
        if not (isinstance(first, document.Scalar) and first.value is True):
            reader.error(first, f"`first` is `true`, or left out, not {kind_of(first)}")
        if not self.fits(node, scope):
            return None
        event = read_event(reader, node)
        within = read_duration(reader, node.entries["within"], "`within`")
        if reader.errors > before or event is None or within is None:
            return None
        return FirstCondition(event, within)

    @override
    def describe(self, condition: FirstCondition, inner: Describe) -> str:
        names = describe_event(condition.event, every="event")
        return f"first {names} ever within {format_duration(condition.within)}"

    @override
    def canonical(
        self, condition: FirstCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return ["first", *canonical_event(condition.event), condition.within]

    @override
    def schema(self) -> dict[str, Any]:
        return {
            **event_schema(),
            "first": {"const": True, "description": "The first such event ever."},
            "within": {"$ref": "#/definitions/duration"},
        }
