"""``event: NAME, count: 3`` — how much of a full amount there is."""

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.event import most_touched, read_window, window_schema
from streams.definitions.conditions.events import (
    FIELDS,
    canonical_event,
    event_schema,
    read_event,
)
from streams.definitions.conditions.form import Canonicalise, ReadCondition
from streams.definitions.conditions.measures import MEASURES, MeasureForm, one_measure
from streams.definitions.conditions.naming import find
from streams.definitions.meaning import Canonical, canonical_number
from streams.definitions.model import (
    Baseline,
    Comparison,
    Condition,
    EventCondition,
    EventFilter,
    Measure,
    Share,
)
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope
from streams.definitions.signals.form import JSON, POSITIVE, SignalForm
from streams.definitions.values import LARGEST_COUNT, format_duration, read_number, read_path

_BASELINE: JSON = {
    "type": "object",
    "description": "A number that is computed again and again.",
    "additionalProperties": False,
    "required": ["baseline"],
    "properties": {"baseline": {"type": "string", "minLength": 1, "description": "Its name."}},
}
_COUNT: JSON = {"type": "integer", "minimum": 1, "maximum": LARGEST_COUNT}


class ShareForm(SignalForm[Share]):
    """How much of a full amount there is."""

    signs = tuple(MEASURES)
    fields = (*FIELDS, *MEASURES, "within", "from", "to")
    model = Share
    syntax = "`event: NAME`, `count: 3`"
    meaning = (
        "the measure divided by this full amount, 1 from there on: `count`, `users`, `days` or "
        "`weeks` with a number, one of a value with `{of: PATH, full: 3}`; in place of the number "
        "a [baseline](#baselines), `{baseline: NAME}`; `where`, and `within` or `from` and `to` "
        "may be added"
    )

    @override
    def read(self, node: document.Mapping, scope: Scope, inner: ReadCondition) -> Share | None:
        reader, before = scope.reader, scope.reader.errors
        event = read_event(reader, node)
        form = one_measure(node, scope)
        full = None if form is None else _read_full(scope, form, node.entries[form.kind])
        within, start, end = read_window(reader, node)
        if reader.errors > before or event is None or full is None:
            return None
        measure, baseline = full
        if baseline is not None and within is None:
            reader.error(
                node,
                "what is divided by a baseline lacks `within`, as a baseline is of so long a time: "
                f"write `within: {format_duration(baseline.within)}`",
            )
            return None
        if baseline is None and within is not None:
            _warn_of_the_calendar(reader, node, measure, within)
        condition = EventCondition(event.events, event.where, measure, within, start, end)
        return Share(condition, baseline)

    @override
    def canonical(self, signal: Share, inner: Canonicalise) -> Canonical:
        share: list[Canonical] = ["share", inner(signal.measured)]
        # Those without came first.
        return share if signal.baseline is None else [*share, canonical_baseline(signal.baseline)]

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


def canonical_baseline(baseline: Baseline) -> Canonical:
    """What it means to whom is compared with it: all but how often it is computed."""
    return [
        "baseline",
        baseline.name,
        baseline.of,
        *canonical_event(EventFilter(baseline.events)),
        baseline.kind,
        baseline.within,
        baseline.statistic,
        canonical_number(baseline.start),
    ]


def _read_full(
    scope: Scope, form: MeasureForm, node: document.Node
) -> tuple[Measure, Baseline | None] | None:
    """The measure, compared with what is full, and the baseline that says what that is.

    ``None`` once an error is reported.
    """
    reader = scope.reader
    if not form.of_path:
        if isinstance(node, document.Mapping):
            return _of_baseline(scope, form, node, None)
        full = _read_amount(reader, node, f"`{form.kind}`, the full amount,", form)
        return None if full is None else (Measure(form.kind, Comparison(">=", full)), None)
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
    amount = mapping.entries["full"]
    if isinstance(amount, document.Mapping):
        return None if path is None else _of_baseline(scope, form, amount, path)
    full = _read_amount(reader, amount, "`full`", form)
    if path is None or full is None:
        return None
    return Measure(form.kind, Comparison(">=", full), path), None


def _of_baseline(
    scope: Scope, form: MeasureForm, node: document.Mapping, path: str | None
) -> tuple[Measure, Baseline] | None:
    """``{baseline: NAME}`` in place of a number."""
    reader, before = scope.reader, scope.reader.errors
    reader.only(node, ("baseline",), "the full amount")
    named = node.entries.get("baseline")
    if named is None:
        if reader.errors == before:
            reader.error(node, "the full amount is a number, or `{baseline: NAME}`")
        return None
    baseline = find(scope, named, "baseline", reader.baselines)
    if baseline is None or reader.errors > before:
        return None
    return Measure(form.kind, Comparison(">=", baseline.start), path), baseline


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
    number = _COUNT if form.counts else POSITIVE
    amount: JSON = {"anyOf": [number, _BASELINE], "description": "The full amount."}
    if not form.of_path:
        return {**amount, "description": f"{form.meaning}: the full amount"}
    return {
        "description": form.meaning,
        "type": "object",
        "required": ["of", "full"],
        "additionalProperties": False,
        "properties": {"of": {"$ref": "#/definitions/path"}, "full": amount},
    }
