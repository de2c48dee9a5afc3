"""``recency`` and ``fading`` — what events are worth while time passes."""

import math

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.events import FIELDS, canonical_event, event_schema, read_event
from streams.definitions.conditions.form import Canonicalise, ReadCondition
from streams.definitions.meaning import Canonical, canonical_number
from streams.definitions.model import Fading, Recency
from streams.definitions.problems import quote
from streams.definitions.reader import Scope
from streams.definitions.signals.form import DURATION, JSON, POSITIVE, SignalForm
from streams.definitions.values import read_duration, read_number


class RecencyForm(SignalForm[Recency]):
    """How long ago the newest event is."""

    signs = ("recency",)
    fields = (*FIELDS, "recency")
    fades = True
    model = Recency
    syntax = "`event: NAME`, `recency: {half_life: 7d}`"
    meaning = (
        "1 at the newest such event, half of it after each half-life; `{time_constant: 10d}` says "
        "instead after how long it is down to 1/e, 37 %; `where` may be added"
    )

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> Recency | None:
        reader, before = scope.reader, scope.reader.errors
        event = read_event(reader, node)
        body = reader.mapping(node.entries["recency"], "`recency`", "{half_life: 7d}")
        if body is None:
            return None
        known = ("half_life", "time_constant")
        reader.only(body, known, "`recency`")
        given = [name for name in known if name in body.entries]
        if len(given) != 1 and set(body.entries) <= set(known):
            shown = "both" if given else "neither"
            reader.error(body, f"`recency` has one of `half_life` and `time_constant`, not {shown}")
        lengths = [read_duration(reader, body.entries[name], f"`{name}`") for name in given]
        if reader.errors > before or event is None or lengths[0] is None:
            return None
        length = float(lengths[0])
        return Recency(event, length / math.log(2) if given == ["half_life"] else length)

    @override
    def canonical(self, signal: Recency, inner: Canonicalise) -> Canonical:
        return ["recency", *canonical_event(signal.event), canonical_number(signal.time_constant)]

    @override
    def schema(self) -> JSON:
        recency = {
            "type": "object",
            "description": "How fast it fades.",
            "additionalProperties": False,
            "properties": {
                "half_life": {**DURATION, "description": "After how long it is half."},
                "time_constant": {**DURATION, "description": "After how long it is 1/e."},
            },
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {
            "properties": {**event_schema(), "recency": recency},
            "required": ["event", "recency"],
        }


class FadingForm(SignalForm[Fading]):
    """How many events there were, each of which counts less and less."""

    signs = ("fading",)
    fields = (*FIELDS, "fading")
    fades = True
    model = Fading
    syntax = "`event: NAME`, `fading: {half_life: 14d, most: 10}`"
    meaning = (
        "the number of such events, each worth half of it after each half-life; at most `most`, "
        "where that is given; `where` may be added"
    )

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> Fading | None:
        reader, before = scope.reader, scope.reader.errors
        event = read_event(reader, node)
        body = reader.mapping(node.entries["fading"], "`fading`", "{half_life: 14d}")
        if body is None:
            return None
        reader.only(body, ("half_life", "most"), "`fading`")
        half_life: int | None = None
        if "half_life" in body.entries:
            half_life = read_duration(reader, body.entries["half_life"], "`half_life`")
        elif set(body.entries) <= {"most"}:
            reader.error(body, "`fading` lacks `half_life`: write `half_life: 14d`")
        most: float | None = None
        if "most" in body.entries:
            most = read_number(reader, body.entries["most"], "`most`")
            if most is not None and most <= 0:
                reader.error(body.entries["most"], f"`most` is more than 0, not {quote(most)}")
        if reader.errors > before or event is None or half_life is None:
            return None
        return Fading(event, half_life, most)

    @override
    def canonical(self, signal: Fading, inner: Canonicalise) -> Canonical:
        most = None if signal.most is None else canonical_number(signal.most)
        return ["fading", *canonical_event(signal.event), signal.half_life, most]

    @override
    def schema(self) -> JSON:
        fading = {
            "type": "object",
            "description": "How fast each event fades.",
            "additionalProperties": False,
            "properties": {
                "half_life": {**DURATION, "description": "After how long it is half."},
                "most": {**POSITIVE, "description": "At most so much, in events."},
            },
            "required": ["half_life"],
        }
        return {
            "properties": {**event_schema(), "fading": fading},
            "required": ["event", "fading"],
        }

    @override
    def most(self, signal: Fading) -> float:
        return math.inf if signal.most is None else signal.most
