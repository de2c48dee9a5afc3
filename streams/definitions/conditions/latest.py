"""``latest: {event: NAME}, has: FILTER`` — what the newest event says."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    canonical_event,
    describe_event,
    events_alone_schema,
    read_events_alone,
)
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.filters import describe_filter, read_filter
from streams.definitions.meaning import Canonical, canonical_filter
from streams.definitions.model import LatestCondition
from streams.definitions.reader import Scope


class LatestForm(Form[LatestCondition]):
    """The newest matching event passes a filter."""

    name = "latest"
    fields = ("latest", "has")
    required: ClassVar[Mapping[str, str]] = {"has": "has: {properties.plan: pro}"}
    model = LatestCondition
    syntax = "`latest: {event: NAME}`, `has: FILTER`"
    true_when = "the newest such event passes the filter; `where` may be added to `latest`"

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> LatestCondition | None:
        event = read_events_alone(scope.reader, node.entries["latest"], "`latest`")
        if not self.fits(node, scope):
            return None
        has = read_filter(scope.reader, node.entries["has"], what="`has`")
        return None if event is None or has is None else LatestCondition(event, has)

    @override
    def describe(self, condition: LatestCondition, inner: Describe) -> str:
        has = " ".join(describe_filter(condition.has).split())
        return f"latest {describe_event(condition.event, every='event')} has [{has}]"

    @override
    def canonical(
        self, condition: LatestCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return ["latest", *canonical_event(condition.event), canonical_filter(condition.has)]

    @override
    def schema(self) -> dict[str, Any]:
        return {
            "latest": {"description": "Of these events the newest.", **events_alone_schema()},
            "has": {"$ref": "#/definitions/filter"},
        }
