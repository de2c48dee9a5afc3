"""``sequence: [STEP, …]`` — events in the order of their times."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import (
    canonical_event,
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
from streams.definitions.conditions.measures import count_lasts
from streams.definitions.meaning import Canonical, as_text, canonical_count
from streams.definitions.model import Comparison, SequenceCondition, Step
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope, kind_of
from streams.definitions.values import (
    format_duration,
    read_count_comparison,
    read_duration,
    read_flag,
)

MOST_STEPS: Final = 50
"""Each is a bit of a number that is set for each event."""

_ONCE = Comparison(">=", 1)


class SequenceForm(Form[SequenceCondition]):
    """Events one after the other."""

    name = "sequence"
    fields = ("sequence", "within", "strict", "count")
    model = SequenceCondition
    syntax = "`sequence: [STEP, STEP, …]`"
    true_when = (
        "the steps happened one after the other; a step is `{event: NAME}`, with `where` where "
        "needed, or between two of them `{no: {event: NAME}}`, which at the end has `for: 5m`; "
        "`within` (from the first to the last), `strict: true` (no other event in between) and, "
        "with `within`, `count` may be added"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> SequenceCondition | None:
        reader, before = scope.reader, scope.reader.errors
        self.fits(node, scope)
        entries = node.entries
        steps = _read_steps(reader, entries["sequence"])
        within, strict, count = (entries.get(name) for name in ("within", "strict", "count"))
        length = (
            read_duration(reader, within, "`within`", endless=True) if within is not None else None
        )
        tight = read_flag(reader, strict, "`strict`") if strict is not None else False
        times = read_count_comparison(reader, count, "`count`") if count is not None else _ONCE
        if times is not None and within is None and _count(times) != _count(_ONCE):
            reader.error(
                node.keys["count"], f"`count` {quote(times)} goes with `within`: write `within: 1d`"
            )
        if reader.errors > before or times is None or tight is None:
            return None
        return SequenceCondition(steps, length, tight, times)

    @override
    def describe(self, condition: SequenceCondition, inner: Describe) -> str:
        words = ", then ".join(_describe_step(step) for step in condition.steps)
        if condition.strict:
            words += ", nothing else in between"
        if condition.within is not None:
            words += f", within {format_duration(condition.within)}"
        if _count(condition.count) != _count(_ONCE):
            words += f", {condition.count} times"
        return words

    @override
    def canonical(
        self, condition: SequenceCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        steps: list[Canonical] = []
        for absent, group in groupby(condition.steps, key=lambda step: step.absent):
            found = [_canonical_step(step) for step in group]
            # What must not come between two steps has no order, and is said once.
            texts = {as_text(step): step for step in found}
            steps += [texts[text] for text in sorted(texts)] if absent else found
        alone = sum(not step.absent for step in condition.steps) == 1
        within, strict = (None, False) if alone else (condition.within, condition.strict)
        return ["sequence", steps, within, strict, _count(condition.count)]

    @override
    def lasts(self, condition: SequenceCondition, truth: bool, inner: Lasts) -> bool:
        return count_lasts(condition.count, truth)

    @override
    def schema(self) -> dict[str, Any]:
        absent = {
            "type": "object",
            "required": ["no"],
            "additionalProperties": False,
            "properties": {
                "no": {"description": "It must not come there.", **events_alone_schema()},
                "for": {
                    "$ref": "#/definitions/duration",
                    "description": "At the end: for so long after the step before.",
                },
            },
        }
        return {
            "sequence": {
                "type": "array",
                "minItems": 2,
                "maxItems": MOST_STEPS,
                "items": [events_alone_schema()],
                "additionalItems": {"oneOf": [events_alone_schema(), absent]},
            },
            "within": {
                "$ref": "#/definitions/duration",
                "description": "From the first step to the last, included.",
            },
            "strict": {
                "type": "boolean",
                "default": False,
                "description": "Whether no other event may come in between.",
            },
            "count": {
                "$ref": "#/definitions/comparison",
                "description": "How many times, no event in two of them.",
            },
        }


def _count(comparison: Comparison) -> list[Any]:
    return canonical_count(comparison)


def _describe_step(step: Step) -> str:
    if not step.absent:
        return describe_event(step.event)
    words = f"no {describe_event(step.event, every='event')}"
    return words if step.lasting is None else f"{words} for {format_duration(step.lasting)}"


def _canonical_step(step: Step) -> Canonical:
    return [*canonical_event(step.event), step.absent, step.lasting]


def _read_steps(reader: Reader, node: document.Node) -> tuple[Step, ...]:
    example = "`[{event: Signed Up}, {event: Document Created}]`"
    if not isinstance(node, document.Sequence):
        reader.error(node, f"`sequence` is a list of steps, such as {example}, not {kind_of(node)}")
        return ()
    if not 2 <= len(node.items) <= MOST_STEPS:
        reader.error(node, f"a sequence has 2 to {MOST_STEPS} steps, this one {len(node.items)}")
        return ()
    steps = []
    for number, item in enumerate(node.items):
        step = _read_step(reader, item, first=not number, last=number == len(node.items) - 1)
        steps += [step] if step is not None else []
    if len(steps) == len(node.items) and steps[-1].absent and steps[-2].absent:
        reader.error(
            node.items[-2], "at the end one `no` is enough: name both events in one `event: [A, B]`"
        )
    return tuple(steps)


def _read_step(reader: Reader, node: document.Node, *, first: bool, last: bool) -> Step | None:
    if not (isinstance(node, document.Mapping) and "no" in node.entries):
        event = read_events_alone(reader, node, "a step")
        return None if event is None else Step(event)
    before = reader.errors
    reader.only(node, ("no", "for"), "a step with `no`")
    event = read_events_alone(reader, node.entries["no"], "`no`")
    lasting = node.entries.get("for")
    length = read_duration(reader, lasting, "`for`") if lasting is not None else None
    if first:
        reader.error(
            node, "a sequence begins with an event: `no` stands between two, or at the end"
        )
    elif last and lasting is None:
        reader.error(node, "a `no` that ends a sequence says for how long: write `for: 5m`")
    elif lasting is not None and not last:
        reader.error(
            node.keys["for"], "`for` goes with the `no` that ends a sequence: leave it out here"
        )
    if reader.errors > before or event is None:
        return None
    return Step(event, absent=True, lasting=length)
