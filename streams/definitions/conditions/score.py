"""``score: NAME, is: ">= 70"`` — a score compares now."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.conditions.naming import find
from streams.definitions.meaning import Canonical, canonical_number
from streams.definitions.model import (
    Comparison,
    Component,
    Condition,
    Fallback,
    Operator,
    Score,
    ScoreCondition,
)
from streams.definitions.problems import quote
from streams.definitions.ranges import Range, range_of
from streams.definitions.reader import Reader, Scope, Section, kind_of
from streams.definitions.signals import signal_form
from streams.definitions.values import read_comparison

_BELOW: Final[Mapping[Section, str]] = {"segment": "segments", "health": "health"}
"""Sections whose conditions name no scores, as scores may name them; and how several are called."""
_UP: Final = (">=", ">")
_OPPOSITE: Final[Mapping[Operator, Operator]] = {">=": "<", ">": "<=", "<=": ">", "<": ">="}


class ScoreForm(Form[ScoreCondition]):
    """A score by name, compared."""

    name = "score"
    fields = ("score", "is", "until")
    required: ClassVar[Mapping[str, str]] = {"is": 'is: ">= 70"'}
    model = ScoreCondition
    syntax = '`score: NAME`, `is: ">= 70"`'
    true_when = (
        'the [score](#scores) compares now, by `>=`, `>`, `<=` or `<`; with `until: "< 60"` it '
        "stays true from then on until the score compares so"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> ScoreCondition | None:
        reader, before = scope.reader, scope.reader.errors
        if scope.owner.section in _BELOW:
            what, several = scope.owner.section, _BELOW[scope.owner.section]
            reader.error(
                node.keys["score"],
                f"a {what} names no score: scores may name {several}, not the other way round",
            )
            return None
        self.fits(node, scope)
        score = find(scope, node.entries["score"], "score", reader.scores)
        comparison, until = (
            _read_bound(reader, node.entries[name], f"`{name}`") if name in node.entries else None
            for name in ("is", "until")
        )
        if comparison is not None and until is not None:
            _check_until(reader, node.entries["until"], comparison, until)
        if reader.errors > before or score is None or comparison is None:
            return None
        range_ = range_of(score)
        _warn(reader, node.entries["is"], score, comparison, range_)
        if until is not None:
            _warn(reader, node.entries["until"], score, until, range_)
        return ScoreCondition(score, comparison, until)

    @override
    def describe(self, condition: ScoreCondition, inner: Describe) -> str:
        words = f"score {condition.score.name} {condition.comparison}"
        return words if condition.until is None else f"{words} until {condition.until}"

    @override
    def canonical(
        self, condition: ScoreCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        comparison, until = condition.comparison, condition.until
        if until is not None and _is_end(comparison, until):
            until = None
        bounds = [
            None if each is None else [each.operator, canonical_number(each.value)]
            for each in (comparison, until)
        ]
        return ["score", canonical_score(condition.score, inner), *bounds]

    @override
    def schema(self) -> dict[str, Any]:
        bound = {"$ref": "#/definitions/bound"}
        return {
            "score": {"type": "string", "minLength": 1, "description": "Its name."},
            "is": bound,
            "until": {**bound, "description": "Once true it stays so until the score is this."},
        }

    @override
    def inside(self, condition: ScoreCondition) -> tuple[Condition, ...]:
        return _conditions(condition.score)


def _conditions(score: Score) -> tuple[Condition, ...]:
    """Those that it looks at, or the score that may stand for it."""
    parts = [
        part
        for each in score.components
        for part in signal_form(each.signal).conditions(each.signal)
    ]
    parts += [one for one in (score.veto, score.force) if one is not None]
    return (*parts, *(() if score.fallback is None else _conditions(score.fallback.score)))


def canonical_score(score: Score, inner: Canonicalise) -> Canonical:
    """All that changes what is told of it: its names, too, as they are told with it."""
    components: list[Canonical] = [
        [
            each.name,
            canonical_number(each.points),
            signal_form(each.signal).canonical(each.signal, inner),
            *_scaling(each),
        ]
        for each in sorted(score.components, key=lambda component: component.name)
    ]
    return [
        score.name,
        score.of,
        None if score.intercept is None else canonical_number(score.intercept),
        None if score.veto is None else inner(score.veto),
        None if score.force is None else inner(score.force),
        components,
        # Of a model all features are told, also those without a signal; not a part of the meaning:
        # by which training it came about.
        *([] if score.model is None else ["model"]),
        *_canonical_fallback(score.fallback, inner),
    ]


def _scaling(component: Component) -> list[Canonical]:
    """Nothing where nothing is scaled: such components had their fingerprints first."""
    scaling = component.scaling
    if scaling is None or (scaling.mean, scaling.scale) == (0, 1):
        return []
    return [canonical_number(scaling.mean), canonical_number(scaling.scale)]


def _canonical_fallback(fallback: Fallback | None, inner: Canonicalise) -> list[Canonical]:
    """Which score it is; when that takes over is for others to say."""
    return [] if fallback is None else [["fallback", canonical_score(fallback.score, inner)]]


def _read_bound(reader: Reader, node: document.Node, what: str) -> Comparison | None:
    comparison = read_comparison(reader, node, what)
    if comparison is not None and comparison.operator not in _OPPOSITE:
        signs = " ".join(_OPPOSITE)
        reader.error(node, f"{what} of a score is one of {signs} and a number, not {kind_of(node)}")
        return None
    return comparison


def _check_until(
    reader: Reader, node: document.Node, comparison: Comparison, until: Comparison
) -> None:
    """One must turn false before the other turns true, or the score would be both."""
    up = comparison.operator in _UP
    if up == (until.operator in _UP):
        sign = "<" if up else ">"
        reader.error(
            node,
            f"`until` ends what {quote(comparison)} begins, so it has `{sign}` or `{sign}=`, not "
            f"{quote(until.operator)}",
        )
        return
    low, high = (comparison, until) if up else (until, comparison)
    both = (low.operator, high.operator) == (">=", "<=")
    if low.value < high.value or (both and low.value == high.value):
        side = "below" if up else "above"
        reader.error(
            node,
            f"`until` {quote(until)} and `is` {quote(comparison)} hold of the same scores: `until` "
            f"lies {side} {quote(comparison.value)}",
        )


def _is_end(comparison: Comparison, until: Comparison) -> bool:
    """Whether one holds exactly where the other does not."""
    return until == Comparison(_OPPOSITE[comparison.operator], comparison.value)


def _warn(
    reader: Reader, node: document.Node, score: Score, comparison: Comparison, range_: Range
) -> None:
    word = range_.settled(comparison)
    if word is None:
        return
    upper = (word == "never") == (comparison.operator in _UP)
    bound = f"{range_.high:g} at most" if upper else f"{range_.low:g} at least"
    how = "add up to" if score.intercept is None else "make it"
    reader.warning(
        node,
        f"score {quote(score.name)} is {word} {quote(comparison)}: its components {how} {bound}",
    )
