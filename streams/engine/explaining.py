"""Why a milestone holds of somebody, or what is missing."""

from dataclasses import dataclass

from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves.base import Observation
from streams.engine.milestones import CompiledMilestone
from streams.engine.nodes import All, Any, LiveLeaf, Node, Not

MOST_INSTANTS = 1_000
"""Turns looked through, newest first, for the one since which a condition stands as it does."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A condition at one instant, with those inside it.

    Attributes:
        kind: ``all``, ``any``, ``not``, or ``leaf``.
        text: of a leaf, its words.
        holds: whether it is true.
        since: since when it has been so, as far as is remembered.
        seen: of a leaf, what was measured.
        parts: the conditions inside it.
    """

    kind: str
    text: str
    holds: bool
    since: int | None
    seen: Observation | None
    parts: "tuple[Explained, ...]"


def explain(milestone: CompiledMilestone, entity: Entity, at: int) -> Explained:
    """The tree of a milestone's conditions at an instant, by what the entity's state remembers."""
    horizon = max(entity.born, BEFORE_ALL)
    turns = sorted({*milestone.instants(entity, horizon, at)} if horizon <= at else ())
    return _explain(milestone.when, entity, at, turns[-MOST_INSTANTS:])


def _explain(node: Node, entity: Entity, at: int, turns: list[int]) -> Explained:
    known = at >= entity.born
    holds = known and node.holds(entity, at)
    since = _since(node, entity, at, turns) if known else None
    if isinstance(node, All | Any):
        parts = tuple(_explain(part, entity, at, turns) for part in node.parts)
        return Explained("all" if isinstance(node, All) else "any", "", holds, since, None, parts)
    if isinstance(node, Not):
        inner = _explain(node.part, entity, at, turns)
        return Explained("not", "", holds, since, None, (inner,))
    inside = (_explain(node.node, entity, at, turns),) if isinstance(node, LiveLeaf) else ()
    return Explained("leaf", node.text, holds, since, node.observe(entity, at), inside)


def _since(node: Node, entity: Entity, at: int, turns: list[int]) -> int | None:
    holds = node.holds(entity, at)
    since = None
    for turn in reversed(turns):
        if node.holds(entity, turn) != holds:
            return since
        since = turn
    return since
