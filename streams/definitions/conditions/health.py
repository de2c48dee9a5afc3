"""``health: NAME, is: red`` — the health of the account, or of the user, is at a level."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Final

from typing_extensions import override

from schemas.qualifications import HealthLevel
from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, Lasts, ReadCondition
from streams.definitions.conditions.naming import find
from streams.definitions.meaning import Canonical
from streams.definitions.model import (
    LEVELS,
    AllOf,
    AnyOf,
    Condition,
    Health,
    HealthCondition,
    Not,
)
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope, kind_of

_IS: Final = "is"
_IN: Final = "in"


class HealthForm(Form[HealthCondition]):
    """A health by name, at one of some levels."""

    name = "health"
    fields = ("health", _IS, _IN)
    together: ClassVar[Mapping[str, Any]] = {"minProperties": 2, "maxProperties": 2}
    model = HealthCondition
    syntax = "`health: NAME`, `is: red`"
    true_when = "the [health](#health) is this now; or one of these: `in: [red, yellow]`"

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> HealthCondition | None:
        reader, before = scope.reader, scope.reader.errors
        if scope.owner.section == "segment":
            reader.error(
                node.keys["health"],
                "a segment names no health: health may name segments, not the other way round",
            )
            return None
        self.fits(node, scope)
        health = find(scope, node.entries["health"], "health", reader.health)
        given = [name for name in (_IS, _IN) if name in node.entries]
        if not given:
            reader.error(node, f"{self.what} lacks a level: write `is: red`")
        elif len(given) > 1:
            reader.error(node.keys[_IN], "`is` is one level, `in` one of several: give one of them")
        if reader.errors > before:
            return None
        levels = _read_levels(reader, node.entries[given[0]], given[0])
        if levels is None or health is None:
            return None
        if not _fit(reader, node.entries[given[0]], health, levels):
            return None
        return HealthCondition(health.name, levels, expanded(health, levels))

    @override
    def describe(self, condition: HealthCondition, inner: Describe) -> str:
        return f"health {condition.health} is {' or '.join(condition.levels)}"

    @override
    def canonical(
        self, condition: HealthCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return inner(condition.condition)

    @override
    def lasts(self, condition: HealthCondition, truth: bool, inner: Lasts) -> bool:
        return inner(condition.condition, truth)

    @override
    def schema(self) -> dict[str, Any]:
        level = {"enum": list(LEVELS)}
        levels = {"type": "array", "items": level, "minItems": 1, "maxItems": 2}
        return {
            "health": {"type": "string", "minLength": 1, "description": "Its name."},
            _IS: {**level, "description": "Its level."},
            _IN: {**levels, "uniqueItems": True, "description": "One of these levels."},
        }

    @override
    def inside(self, condition: HealthCondition) -> tuple[Condition, ...]:
        return (condition.condition,)


def expanded(health: Health, levels: Collection[HealthLevel]) -> Condition:
    """What holds exactly while a health is at one of some of its levels."""
    red, yellow = health.red, health.yellow
    if red is None or yellow is None:
        only = yellow if red is None else red
        assert only is not None  # noqa: S101 - one of both is there
        return Not(only) if "green" in levels else only
    match "red" in levels, "yellow" in levels, "green" in levels:
        case True, True, _:
            return AnyOf((red, yellow))
        case True, _, True:
            return AnyOf((red, Not(yellow)))
        case True, _, _:
            return red
        case _, True, True:
            return Not(red)
        case _, True, _:
            return AllOf((Not(red), yellow))
    return AllOf((Not(red), Not(yellow)))


def read_level(reader: Reader, node: document.Node, what: str) -> HealthLevel | None:
    """``green``, ``yellow`` or ``red``; ``None`` once an error is reported."""
    value = node.value if isinstance(node, document.Scalar) else None
    for level in LEVELS:
        if value == level:
            return level
    message = f"{what} is green, yellow or red, not {kind_of(node)}"
    reader.unknown(node, message, value if isinstance(value, str) else "", LEVELS)
    return None


def _read_levels(reader: Reader, node: document.Node, field: str) -> tuple[HealthLevel, ...] | None:
    """In the order of ``LEVELS``; ``None`` once an error is reported."""
    if field == _IS:
        level = read_level(reader, node, f"`{_IS}`")
        return None if level is None else (level,)
    if not isinstance(node, document.Sequence) or not node.items:
        shown = "empty" if isinstance(node, document.Sequence) else kind_of(node)
        reader.error(node, f"`{_IN}` is a list of levels, such as `[red, yellow]`, not {shown}")
        return None
    found = [read_level(reader, item, "a level") for item in node.items]
    return None if None in found else tuple(level for level in LEVELS if level in found)


def may_be(reader: Reader, node: document.Node, health: Health, level: HealthLevel) -> bool:
    """Whether it ever has that level; reports it where not."""
    if level in health.levels:
        return True
    reader.error(node, f"{quote(health.name)} is never {level}: it does not say when it would be")
    return False


def _fit(
    reader: Reader, node: document.Node, health: Health, levels: tuple[HealthLevel, ...]
) -> bool:
    """Whether they are some, and not all, of those that the health may have."""
    if not all(may_be(reader, node, health, level) for level in levels):
        return False
    if levels == health.levels:
        reader.error(node, f"{quote(health.name)} is always one of these: leave a level out")
        return False
    return True
