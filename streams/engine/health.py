"""Health compiled: at which level an entity is, and how far it has come by then."""

from collections.abc import Callable, Sequence
from typing import Final

from schemas.qualifications import HealthChange, HealthLevel
from streams.definitions.model import LEVELS, AnyOf, Condition, Health, Milestone
from streams.engine.entities import Entity
from streams.engine.milestones import CompiledMilestone
from streams.engine.nodes import Any, Node, Parts

GREEN: Final = 0
YELLOW: Final = 1
RED: Final = 2
"""Levels as states know them: places among :data:`LEVELS`."""

CompileNode = Callable[[Condition, bool, Parts], Node]
"""Condition, whether it is negated, where its parts go → the node."""


class CompiledHealth:
    """What is asked of an entity to tell its level.

    Attributes:
        conditions: those of its levels but green, the worst first.

    Args:
        red: ``None``: it is never red.
        yellow: ``None``: it is never yellow.
        steps: the milestones that a change may be told with, key and name; those of a journey in
            its order.
        by_order: whether the last of them that was reached is meant, and not the newest.
    """

    def __init__(
        self,
        red: Node | None,
        yellow: Node | None,
        steps: Sequence[tuple[int, str]],
        *,
        by_order: bool,
    ) -> None:
        self._red: Final = red
        self._yellow: Final = yellow
        self.conditions: Final = _conditions(red, yellow)
        self._steps: Final = tuple(steps)
        self._by_order: Final = by_order

    def level(self, entity: Entity, at: int) -> int:
        """The level at an instant: green before the entity was first seen."""
        if at < entity.born:
            return GREEN
        if self._red is not None and self._red.holds(entity, at):
            return RED
        if self._yellow is not None and self._yellow.holds(entity, at):
            return YELLOW
        return GREEN

    def change(self, entity: Entity, before: int, level: int, at: int) -> HealthChange:
        """What is told of a change at an instant."""
        return HealthChange(LEVELS[level], LEVELS[before], self._step(entity, at))

    def _step(self, entity: Entity, at: int) -> str | None:
        found: str | None = None
        newest: int | None = None
        for key, name in self._steps:
            occurred = entity.reached.get(key)
            if occurred is None or occurred > at:
                continue
            if self._by_order or newest is None or occurred >= newest:
                found, newest = name, occurred
        return found


def _conditions(red: Node | None, yellow: Node | None) -> list[tuple[HealthLevel, Node]]:
    found: list[tuple[HealthLevel, Node]] = []
    if red is not None:
        found.append(("red", red))
    if yellow is not None:
        found.append(("yellow", yellow))
    return found


def compile_health(
    health: Health,
    place: int,
    definition_hash: str,
    node: CompileNode,
    steps: Sequence[tuple[int, str]],
) -> tuple[CompiledMilestone, CompiledHealth]:
    """A health as what is judged when it may turn, and what is asked of it then.

    Args:
        health: as it is defined.
        place: among the milestones of its kind.
        definition_hash: its fingerprint.
        node: compiles a condition.
        steps: see :class:`CompiledHealth`.
    """
    parts: Parts = {}
    red = None if health.red is None else node(health.red, False, parts)
    yellow = None if health.yellow is None else node(health.yellow, False, parts)
    conditions = tuple([one for one in (health.red, health.yellow) if one is not None])
    not_green = Any([one for one in (red, yellow) if one is not None])
    milestone = CompiledMilestone(
        Milestone(health.name, health.of, AnyOf(conditions)),
        place,
        definition_hash,
        not_green,
        list(parts.values()),
        mode="health",
    )
    return milestone, CompiledHealth(red, yellow, steps, by_order=health.journey is not None)
