"""``after: {event: NAME}, no: {event: NAME}, for: 5m`` — an event that was not followed up."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    describe_event,
    events_alone_schema,
    read_events_alone,
)
from streams.definitions.conditions.form import (
    Canonicalise,
    Describe,
    Form,
    Lasts,
    ReadCondition,
)
from streams.definitions.meaning import Canonical
from streams.definitions.model import AfterCondition, SequenceCondition, Step
from streams.definitions.reader import Scope
from streams.definitions.values import format_duration, read_duration


class AfterForm(Form[AfterCondition]):
    """An event was not followed by another in time."""

    name = "after"
    fields = ("after", "no", "for")
    required: ClassVar[Mapping[str, str]] = {
        "no": "no: {event: Invite Sent}",
        "for": "for: 5m",
    }
    model = AfterCondition
    syntax = "`after: {event: NAME}`, `no: {event: NAME}`, `for: 5m`"
    true_when = (
        "the first happened and the second did not follow in that time; it turns true when the "
        "time is over, and stays true; `where` may be added to both"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> AfterCondition | None:
        reader = scope.reader
        after = read_events_alone(reader, node.entries["after"], "`after`")
        if not self.fits(node, scope):
            return None
        no = read_events_alone(reader, node.entries["no"], "`no`")
        lasting = read_duration(reader, node.entries["for"], "`for`")
        if after is None or no is None or lasting is None:
            return None
        return AfterCondition(after, no, lasting)

    @override
    def describe(self, condition: AfterCondition, inner: Describe) -> str:
        absent = describe_event(condition.no, every="event")
        lasting = format_duration(condition.lasting)
        return f"{describe_event(condition.after)}, then no {absent} for {lasting}"

    @override
    def canonical(
        self, condition: AfterCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        steps = (Step(condition.after), Step(condition.no, absent=True, lasting=condition.lasting))
        return inner(SequenceCondition(steps))

    @override
    def lasts(self, condition: AfterCondition, truth: bool, inner: Lasts) -> bool:
        return truth

    @override
    def schema(self) -> dict[str, Any]:
        return {
            "after": {"description": "The event that happened.", **events_alone_schema()},
            "no": {"description": "The event that did not follow.", **events_alone_schema()},
            "for": {"$ref": "#/definitions/duration", "description": "How long after it."},
        }
