"""``event: NAME, returned_after: 30d`` — back after a silence."""

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
from streams.definitions.model import ReturnedCondition
from streams.definitions.reader import Scope
from streams.definitions.values import format_duration, read_duration


class ReturnedForm(Form[ReturnedCondition]):
    """In the window lies a matching event before which there was none for long."""

    name = "returned_after"
    fields = (*FIELDS, "returned_after", "within")
    required: ClassVar[Mapping[str, str]] = {"event": 'event: "*"', "within": "within: 7d"}
    model = ReturnedCondition
    syntax = "`event: NAME`, `returned_after: 30d`, `within: 7d`"
    true_when = (
        "such an event lies in the window that came at least so long after the one before it, "
        "which there must be; `where` may be added"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> ReturnedCondition | None:
        reader, before = scope.reader, scope.reader.errors
        silent = read_duration(reader, node.entries["returned_after"], "`returned_after`")
        if not self.fits(node, scope):
            return None
        event = read_event(reader, node)
        within = read_duration(reader, node.entries["within"], "`within`")
        if reader.errors > before or event is None or silent is None or within is None:
            return None
        return ReturnedCondition(event, silent, within)

    @override
    def describe(self, condition: ReturnedCondition, inner: Describe) -> str:
        return (
            f"{describe_event(condition.event)} again after {format_duration(condition.silent)} "
            f"without, within {format_duration(condition.within)}"
        )

    @override
    def canonical(
        self, condition: ReturnedCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return [
            "returned", *canonical_event(condition.event), condition.silent, condition.within,
        ]  # fmt: skip

    @override
    def schema(self) -> dict[str, Any]:
        return {
            **event_schema(),
            "returned_after": {
                "$ref": "#/definitions/duration",
                "description": "How long there was no such event before it, or longer.",
            },
            "within": {"$ref": "#/definitions/duration"},
        }
