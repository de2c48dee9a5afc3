"""``segment: NAME`` — the account, or the user, is in a segment."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.conditions.naming import find
from streams.definitions.meaning import Canonical
from streams.definitions.model import AllOf, Condition, Not, Segment, SegmentCondition
from streams.definitions.reader import Scope


class SegmentForm(Form[SegmentCondition]):
    """A segment by name."""

    name = "segment"
    fields = ("segment",)
    model = SegmentCondition
    syntax = "`segment: NAME`"
    true_when = "the account (the user) is in this [segment](#segments): the first that holds"

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> SegmentCondition | None:
        fits = self.fits(node, scope)
        segment = find(scope, node.entries["segment"], "segment", scope.reader.segments)
        if not fits or segment is None:
            return None
        before: list[Segment] = []
        for each in scope.reader.segments.read.values():
            if each is None:  # reported where it stands; whether it comes first nobody knows
                return None
            if each.name == segment.name:
                break
            if each.of == segment.of:
                before.append(each)
        parts = (*(Not(each.when) for each in before), segment.when)
        return SegmentCondition(segment.name, AllOf(parts))

    @override
    def describe(self, condition: SegmentCondition, inner: Describe) -> str:
        return f"segment {condition.segment}"

    @override
    def canonical(
        self, condition: SegmentCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return inner(condition.condition)

    @override
    def lasts(self, condition: SegmentCondition, truth: bool, inner: Lasts) -> bool:
        return inner(condition.condition, truth)

    @override
    def schema(self) -> dict[str, Any]:
        return {"segment": {"type": "string", "minLength": 1, "description": "Its name."}}

    @override
    def inside(self, condition: SegmentCondition) -> tuple[Condition, ...]:
        return (condition.condition,)
