"""The measures of an event condition: what is measured, and how it may be compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from streams.definitions import document
from streams.definitions.meaning import canonical_count, canonical_number
from streams.definitions.model import Comparison, Measure, MeasureKind
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope
from streams.definitions.values import read_comparison, read_count_comparison, read_path

ReadComparison = Callable[[Reader, document.Node, str], Comparison | None]

DEFAULT = Measure("count", Comparison(">=", 1))
"""Where no measure is given: the event happened."""


@dataclass(frozen=True, slots=True)
class MeasureForm:
    """One measure."""

    kind: MeasureKind
    of_path: bool
    """Whether it is written ``{of: PATH, is: COMPARISON}``."""
    counts: bool
    """Whether it is a whole number, which events can only raise."""
    words: str
    """``{of}`` and ``{events}`` in a description."""
    meaning: str
    """What is compared."""

    def read(self, reader: Reader, node: document.Node) -> Measure | None:
        """The measure, or ``None`` once an error is reported."""
        read: ReadComparison = read_count_comparison if self.counts else read_comparison
        what = f"`{self.kind}`"
        if not self.of_path:
            comparison = read(reader, node, what)
            return None if comparison is None else Measure(self.kind, comparison)
        mapping = reader.mapping(node, what, '{of: properties.minutes, is: ">= 3"}')
        if mapping is None:
            return None
        reader.only(mapping, ("of", "is"), what)
        missing = [name for name in ("of", "is") if name not in mapping.entries]
        for name in missing:
            reader.error(mapping, f"{what} lacks `{name}`")
        if missing:
            return None
        path = read_path(reader, mapping.entries["of"], "`of`")
        comparison = read(reader, mapping.entries["is"], what)
        if path is None or comparison is None:
            return None
        return Measure(self.kind, comparison, path)

    def canonical(self, comparison: Comparison) -> list[Any]:
        """The comparison in canonical form."""
        if self.counts:
            return [canonical_count(comparison)]
        return [comparison.operator, canonical_number(comparison.value)]

    def lasts(self, comparison: Comparison, truth: bool) -> bool:
        """Whether, over all time, a comparison that came out as ``truth`` always will."""
        if self.counts:
            return count_lasts(comparison, truth)
        lasting = {"max": (">=", ">"), "min": ("<=", "<")}.get(self.kind, ())
        return truth and comparison.operator in lasting

    def documentation(self) -> str:
        """Its line in the documentation's table of measures."""
        value = '{of: PATH, is: ">= 3"}' if self.of_path else '">= 3"'
        return f"| `{self.kind}: {value}` | {self.meaning} |"

    def schema(self) -> dict[str, Any]:
        """JSON Schema of its value."""
        comparison = {"$ref": "#/definitions/comparison"}
        if not self.of_path:
            return {"description": self.meaning, "allOf": [comparison]}
        return {
            "description": self.meaning,
            "type": "object",
            "required": ["of", "is"],
            "additionalProperties": False,
            "properties": {"of": {"$ref": "#/definitions/path"}, "is": comparison},
        }


MEASURES: Mapping[str, MeasureForm] = {
    form.kind: form
    for form in (
        MeasureForm("count", False, True, "count of {events}", "number of events"),
        MeasureForm("users", False, True, "users of {events}", "distinct users (in an account)"),
        MeasureForm("days", False, True, "days of {events}", "distinct UTC days"),
        MeasureForm("weeks", False, True, "weeks of {events}", "distinct ISO weeks (UTC)"),
        MeasureForm("distinct", True, True, "distinct {of} of {events}", "distinct values"),
        MeasureForm("sum", True, False, "sum of {of} of {events}", "sum of the numbers"),
        MeasureForm("avg", True, False, "average {of} of {events}", "mean of the numbers"),
        MeasureForm("min", True, False, "smallest {of} of {events}", "smallest of the numbers"),
        MeasureForm("max", True, False, "largest {of} of {events}", "largest of the numbers"),
    )
}
"""Every measure by name, in the order in which the documentation lists them."""


def count_lasts(comparison: Comparison, truth: bool) -> bool:
    """Whether a comparison with a number that only grows, come out as ``truth``, always will."""
    return canonical_count(comparison)[0] == ">=" if truth else _is_at_most(comparison)


def _is_at_most(comparison: Comparison) -> bool:
    sign, value = canonical_count(comparison)
    return sign == "<=" or (sign, value) == ("==", 0)


def read_measure(node: document.Mapping, scope: Scope) -> Measure | None:
    """The one measure of an event condition; ``None`` once an error is reported."""
    if not any(name in MEASURES for name in node.entries):
        return DEFAULT
    form = one_measure(node, scope)
    return None if form is None else form.read(scope.reader, node.entries[form.kind])


def one_measure(node: document.Mapping, scope: Scope) -> MeasureForm | None:
    """Which measure a mapping has that has one; ``None`` once an error is reported."""
    given = [name for name in node.entries if name in MEASURES]
    reader = scope.reader
    if len(given) > 1:
        names = " and ".join(quote(name) for name in given)
        reader.error(
            node.keys[given[1]],
            f"one measure a condition, not {names}: write a condition for each inside `all`",
        )
        return None
    name = given[0]
    if name == "users" and scope.of == "user":
        reader.error(
            node.keys[name],
            f"`users` counts the users of an account: this {scope.owner.section} is a user's",
        )
        return None
    return MEASURES[name]


def describe_measure(measure: Measure, events: str) -> str:
    """``count of Invite Sent >= 3``; ``events`` says which events are measured."""
    words = MEASURES[measure.kind].words.format(of=measure.of, events=events)
    return f"{words} {measure.comparison}"
