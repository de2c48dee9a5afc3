"""``event: NAME, count: 3`` — how much of a full amount there is."""

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.event import most_touched, read_window, window_schema
from streams.definitions.conditions.events import FIELDS, event_schema, read_event
from streams.definitions.conditions.form import Canonicalise, ReadCondition
from streams.definitions.conditions.measures import MEASURES, MeasureForm, one_measure
from streams.definitions.meaning import Canonical
from streams.definitions.model import Comparison, Condition, EventCondition, Measure, Share
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope
from streams.definitions.signals.form import JSON, POSITIVE, SignalForm
from streams.definitions.values import LARGEST_COUNT, format_duration, read_number, read_path

_COUNT: JSON = {"type": "integer", "minimum": 1, "maximum": LARGEST_COUNT}


class ShareForm(SignalForm[Share]):
    """How much of a full amount there is."""

    signs = tuple(MEASURES)
    fields = (*FIELDS, *MEASURES, "within", "from", "to")
    model = Share
    syntax = "`event: NAME`, `count: 3`"
    meaning = (
        "the measure divided by this full amount, 1 from there on: `count`, `users`, `days` or "
        "`weeks` with a number, one of a value with `{of: PATH, full: 3}`; `where`, and `within` "
        "or `from` and `to` may be added"
    )

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> Share | None:
        reader, before = scope.reader, scope.reader.errors
        event = read_event(reader, node)
        form = one_measure(node, scope)
        measure = None if form is None else _read_full(reader, form, node.entries[form.kind])
        within, start, end = read_window(reader, node)
        if reader.errors > before or event is None or measure is None:
            return None
        if within is not None:
            _warn_of_the_calendar(reader, node, measure, within)
        return Share(EventCondition(event.events, event.where, measure, within, start, end))

    @override
    def canonical(self, signal: Share, inner: Canonicalise) -> Canonical:
        return ["share", inner(signal.measured)]

    @override
    def schema(self) -> JSON:
        return {
            "properties": {
                **event_schema(),
                **{kind: _full_schema(form) for kind, form in MEASURES.items()},
                **window_schema(),
            },
            "required": ["event"],
            "oneOf": [{"required": [kind]} for kind in MEASURES],
        }

    @override
    def conditions(self, signal: Share) -> tuple[Condition, ...]:
        return (signal.measured,)


def _read_full(reader: Reader, form: MeasureForm, node: document.Node) -> Measure | None:
    """The measure, compared with the amount that is full; ``None`` once an error is reported."""
    if not form.of_path:
        full = _read_amount(reader, node, f"`{form.kind}`, the full amount,", form)
        return None if full is None else Measure(form.kind, Comparison(">=", full))
    mapping = reader.mapping(node, f"`{form.kind}`", "{of: properties.minutes, full: 3}")
    if mapping is None:
        return None
    what, before = f"`{form.kind}` of a component", reader.errors
    if "is" in mapping.entries:
        reader.error(mapping.keys["is"], f"{what} is not compared: write `full: 3`, what is full")
        return None
    reader.only(mapping, ("of", "full"), what)
    for name in ("of", "full"):
        if name not in mapping.entries and reader.errors == before:
            reader.error(mapping, f"{what} lacks `{name}`")
    if reader.errors > before:
        return None
    path = read_path(reader, mapping.entries["of"], "`of`")
    full = _read_amount(reader, mapping.entries["full"], "`full`", form)
    if path is None or full is None:
        return None
    return Measure(form.kind, Comparison(">=", full), path)


def _read_amount(
    reader: Reader, node: document.Node, what: str, form: MeasureForm
) -> int | float | None:
    full = read_number(reader, node, what)
    if full is None:
        return None
    if form.counts and not (full == int(full) and 1 <= full <= LARGEST_COUNT):
        reader.error(
            node,
            f"{what} is a whole number from 1 to {LARGEST_COUNT:,}, not {quote(full)}",
        )
        return None
    if full <= 0:
        reader.error(node, f"{what} is more than 0, not {quote(full)}")
        return None
    return int(full) if form.counts else full


def _warn_of_the_calendar(
    reader: Reader, node: document.Mapping, measure: Measure, within: int
) -> None:
    """A window touches only so many days: more of them are never full."""
    most = most_touched(measure.kind, within)
    full = measure.comparison.value
    if most is not None and full > most:
        reader.warning(
            node.entries[measure.kind],
            f"`{measure.kind}` {quote(full)} is never full: {format_duration(within)} touch at "
            f"most {most} {measure.kind}",
        )


def _full_schema(form: MeasureForm) -> JSON:
    """JSON Schema of a measure's value."""
    amount = {**(_COUNT if form.counts else POSITIVE), "description": "The full amount."}
    if not form.of_path:
        return {**amount, "description": f"{form.meaning}: the full amount"}
    return {
        "description": form.meaning,
        "type": "object",
        "required": ["of", "full"],
        "additionalProperties": False,
        "properties": {"of": {"$ref": "#/definitions/path"}, "full": amount},
    }
