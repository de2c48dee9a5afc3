"""Why a milestone holds of somebody, or what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from streams.engine.entities import AFTER_ALL, Entity
from streams.engine.leaves import Leaf
from streams.engine.leaves.base import Observation
from streams.engine.milestones import CompiledMilestone, SoFarLeaf, asked
from streams.engine.nodes import All, Any, Composite, LiveLeaf, Node, Not

MOST_INSTANTS = 100
"""Instants that are looked at, nearest first, for the one at which a condition turned or turns."""

Elsewhere = Mapping[int, CompiledMilestone | None]
"""Key of a leaf that may turn, without an event, by what it does not see itself → the milestone of
the entity's own that it waits for; ``None`` where it is about others."""

NOWHERE: Elsewhere = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Explained:
    """A condition at one instant, with those inside it.

    Attributes:
        kind: ``all``, ``any``, ``not``, or ``leaf``.
        text: of a leaf, its words.
        key: of a leaf, its own; 0 for what is none.
        holds: whether it is true.
        since: since when it has been so; ``None`` where that is no longer remembered.
        turns_at: when it turns if nothing comes; ``None`` where it stays as it is, or nobody knows.
        seen: of a leaf, what was measured.
        parts: the conditions inside it.
    """

    kind: str
    text: str
    key: int
    holds: bool
    since: int | None
    turns_at: int | None
    seen: Observation | None
    parts: "tuple[Explained, ...]"


def explain(
    milestone: CompiledMilestone,
    entity: Entity,
    at: int,
    whole: int,
    elsewhere: Elsewhere = NOWHERE,
) -> Explained:
    """The tree of a milestone's conditions at an instant, by what the entity's state remembers.

    Args:
        milestone: whose conditions.
        entity: of whom.
        at: when; no earlier than ``whole``.
        whole: from then on the state remembers all.
        elsewhere: leaves that may turn by what they do not see themselves.
    """
    return _Look(entity, at, whole, elsewhere).at_node(milestone.when)


class _Look:
    """A look at an entity at one instant."""

    def __init__(self, entity: Entity, at: int, whole: int, elsewhere: Elsewhere) -> None:
        self._entity = entity
        self._at = at
        self._whole = whole
        self._elsewhere = elsewhere

    def at_node(self, node: Node) -> Explained:
        entity, at = self._entity, self._at
        known = at >= entity.born
        holds = known and node.holds(entity, at)
        leaves = _leaves(node)
        since = self._since(node, leaves, holds) if known else None
        turns_at = self._turns_at(node, leaves, holds) if known else None
        if isinstance(node, All | Any):
            parts = tuple([self.at_node(part) for part in node.parts])
            kind = "all" if isinstance(node, All) else "any"
            return Explained(kind, "", 0, holds, since, turns_at, None, parts)
        if isinstance(node, Not):
            inner = self.at_node(node.part)
            return Explained("not", "", 0, holds, since, turns_at, None, (inner,))
        inside: tuple[Explained, ...] = ()
        if isinstance(node, LiveLeaf) and not isinstance(node, SoFarLeaf):
            inside = (self.at_node(node.node),)
        seen = node.observe(entity, at)
        return Explained("leaf", node.text, node.key, holds, since, turns_at, seen, inside)

    def _since(self, node: Node, leaves: list[Leaf], holds: bool) -> int | None:
        entity, at = self._entity, self._at
        low = entity.born if all(leaf.is_exact() for leaf in leaves) else self._whole
        low = max(low, entity.born)
        turns = sorted({turn for leaf in leaves for turn in leaf.instants(entity, low, at)})
        since = None
        for turn in reversed(turns[-MOST_INSTANTS:]):
            if node.holds(entity, turn) != holds:
                return since
            since = turn
        if len(turns) > MOST_INSTANTS:
            return None
        if node.holds(entity, low) != holds:
            return since
        return low if low == entity.born else None

    def _turns_at(self, node: Node, leaves: list[Leaf], holds: bool) -> int | None:
        entity, at = self._entity, self._at
        for leaf in leaves:
            if leaf.key in self._elsewhere:
                milestone = self._elsewhere[leaf.key]
                due = None if milestone is None else self._due(leaf, milestone)
                if node is leaf:
                    return due
                if milestone is None or due is not None:
                    return None  # it may turn before anything that is seen here
        turns = sorted({turn for leaf in leaves for turn in leaf.instants(entity, at, AFTER_ALL)})
        for turn in turns[:MOST_INSTANTS]:
            if node.holds(entity, turn) != holds:
                return turn
        return None

    def _due(self, leaf: Leaf, milestone: CompiledMilestone) -> int | None:
        """When the leaf's milestone is reached, if it is not and nothing comes."""
        if leaf.holds(self._entity, self._at):
            return None
        return self._turns_at(milestone.when, _leaves(milestone.when), False)


def _leaves(node: Node) -> list[Leaf]:
    """The leaves by which a condition turns, each once."""
    found: dict[Leaf, None] = {}
    if isinstance(node, All | Any):
        for part in node.parts:
            found.update(dict.fromkeys(_leaves(part)))
    elif isinstance(node, Not):
        return _leaves(node.part)
    elif isinstance(node, LiveLeaf):
        return _leaves(node.node)
    else:
        found[node] = None
        if isinstance(node, Composite):  # a score turns with all that it is made of
            found.update(dict.fromkeys(part.leaf for part in asked(node.parts)))
    return list(found)
