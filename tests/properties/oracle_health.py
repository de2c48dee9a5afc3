"""What is told of health, from the language alone: red, else yellow, else green, at every instant.

It shares nothing with the engine but the frozen types.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas.events import Event
from schemas.qualifications import HealthLevel
from streams.definitions.model import Condition, Definitions, Health, Milestone
from tests.properties.oracle import Oracle
from tests.properties.oracle_life import Entity
from tests.properties.oracle_live import holds_at, views


class Turn(NamedTuple):
    """A level, and since when."""

    at: int
    level: HealthLevel


class Followed(NamedTuple):
    """A health of one entity."""

    entity: Entity
    health: str


def twin(health: Health, level: str) -> str:
    """Name of a live milestone that has the condition of a level."""
    return f"{health.name} is {level}"


def with_twins(definitions: Definitions) -> Definitions:
    """The same, with a live milestone for the condition of each level in place of the health."""
    milestones = dict(definitions.milestones)
    for health in definitions.health.values():
        levels: dict[str, Condition | None] = {"red": health.red, "yellow": health.yellow}
        for level, condition in levels.items():
            if condition is not None:
                name = twin(health, level)
                milestones[name] = Milestone(name, health.of, condition, live=True)
    return replace(definitions, milestones=milestones, health={})


def turns(oracle: Oracle, entity: Entity, health: Health) -> list[Turn]:
    """Every change of level of a whole history, which begins with green.

    Args:
        oracle: of definitions :func:`with_twins`.
        entity: whose it is.
        health: which.
    """
    red = [] if health.red is None else oracle.flips(entity, twin(health, "red"))
    yellow = [] if health.yellow is None else oracle.flips(entity, twin(health, "yellow"))
    found = [Turn(-(2**62), "green")]
    for at in sorted({flip.at for flip in (*red, *yellow)}):
        level: HealthLevel = "green"
        if holds_at(red, at):
            level = "red"
        elif holds_at(yellow, at):
            level = "yellow"
        if level != found[-1].level:
            found.append(Turn(at, level))
    return found[1:]


def health_told(
    definitions: Definitions, arrivals: Sequence[Event], until: int
) -> dict[Followed, list[Turn]]:
    """All that is told of every health, where events arrive in this order.

    As of live milestones: after each arrival, and when the time is ``until``, the whole history
    is judged anew as it is known then, and what was told stays told.
    """
    doubled = with_twins(definitions)
    told: dict[Followed, list[Turn]] = {}
    for health in definitions.health.values():
        for entity in Oracle(doubled, arrivals).entities(health.of):
            seen = views(doubled, entity, arrivals, until)
            found = _tell(doubled, entity, health, seen)
            if found:
                told[Followed(entity, health.name)] = found
    return told


def _tell(
    doubled: Definitions, entity: Entity, health: Health, seen: Iterable[tuple[list[Event], int]]
) -> list[Turn]:
    told: list[Turn] = []
    for known, clock in seen:
        last = told[-1] if told else Turn(-(2**62), "green")
        oracle = Oracle(doubled, known, max(clock, last.at) if told else clock)
        now = turns(oracle, entity, health)
        before: list[Turn] = [one for one in now if one.at <= last.at]
        level: HealthLevel = before[-1].level if before else "green"
        if level != last.level:
            told.append(Turn(last.at, level))
        told += [one for one in now if one.at > last.at]
    return told
