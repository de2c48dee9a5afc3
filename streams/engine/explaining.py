"""Why a milestone holds of somebody, or what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from streams.definitions.model import Comparison, Component, Score, ScoreCondition
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves import Leaf
from streams.engine.leaves.base import Observation
from streams.engine.leaves.signals import RecencyLeaf, ShareLeaf, SignalLeaf
from streams.engine.milestones import CompiledMilestone, SoFarLeaf, asked
from streams.engine.nodes import All, Any, LiveLeaf, Node, Not
from streams.engine.scores import ScoreLeaf
from streams.engine.sums import Term

MOST_INSTANTS = 1_000
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
        score: of a leaf that compares a score, what that is made of.
    """

    kind: str
    text: str
    key: int
    holds: bool
    since: int | None
    turns_at: int | None
    seen: Observation | None
    parts: "tuple[Explained, ...]"
    score: "ExplainedScore | None" = None


@dataclass(frozen=True, slots=True)
class ExplainedTerm:
    """A component of a score at one instant.

    Attributes:
        component: as it is defined.
        key: of the leaf of its signal; 0 where that is a condition.
        signal: how much of it there is.
        full: of a share, what its measure is divided by.
        measured: of a share, what is divided by what is full.
        newest: of recency, when the newest event was.
        why: of a condition, whether it holds.
    """

    component: Component
    key: int
    signal: float
    measured: Observation | None
    newest: int | None
    why: Explained | None
    full: float | None = None


@dataclass(frozen=True, slots=True)
class ExplainedScore:
    """A score that is compared, at one instant.

    Attributes:
        condition: which compares it.
        asked: the score itself, or the one that stands in for it; all that follows is of that one.
        value: the score.
        points: the sum of what its components add, without the intercept.
        counts: of the two comparisons of a condition with ``until``, the one that turns it next.
        terms: its components, in the order of their names.
        veto: where it has one.
        force: likewise.
    """

    condition: ScoreCondition
    asked: Score
    value: float
    points: float
    counts: Comparison
    terms: tuple[ExplainedTerm, ...]
    veto: Explained | None
    force: Explained | None


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
    return explain_node(milestone.when, entity, at, whole, elsewhere)


def explain_node(
    node: Node, entity: Entity, at: int, whole: int, elsewhere: Elsewhere = NOWHERE
) -> Explained:
    """The same of a condition by itself."""
    return _Look(entity, at, whole, elsewhere).at_node(node)


class _Look:
    """A look at an entity at one instant."""

    def __init__(self, entity: Entity, at: int, whole: int, elsewhere: Elsewhere) -> None:
        self._entity = entity.apart()  # a score with `until` is worked out as far as is looked at
        self._at = at
        self._whole = whole
        self._elsewhere = elsewhere

    def at_node(self, node: Node) -> Explained:
        entity, at = self._entity, self._at
        known = at >= entity.born
        leaves = _leaves(node)
        self._work_out(leaves, at)
        holds = known and node.holds(entity, at)
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
        score = self._score(node, holds) if isinstance(node, ScoreLeaf) else None
        return Explained("leaf", node.text, node.key, holds, since, turns_at, seen, inside, score)

    def _score(self, leaf: ScoreLeaf, holds: bool) -> ExplainedScore:
        entity, at, condition = self._entity, self._at, leaf.condition
        score = leaf.score.in_force(entity, at)
        model = _named(condition.score, score.name)
        components = {one.name: one for one in model.components}
        return ExplainedScore(
            condition,
            model,
            score.value(entity, at),
            score.points(entity, at) + score.rest,
            condition.until if holds and condition.until is not None else condition.comparison,
            tuple([self._term(components[term.name], term) for term in score.terms]),
            None if score.veto is None else self.at_node(score.veto),
            None if score.force is None else self.at_node(score.force),
        )

    def _term(self, component: Component, term: Term) -> ExplainedTerm:
        entity, at, signal = self._entity, self._at, term.signal
        amount = term.amount(entity, at)
        if not isinstance(signal, SignalLeaf):
            return ExplainedTerm(component, 0, amount, None, None, self.at_node(signal))
        measured = signal.measured(entity, at) if isinstance(signal, ShareLeaf) else None
        full = signal.full(entity, at) if isinstance(signal, ShareLeaf) else None
        newest = signal.newest(entity, at) if isinstance(signal, RecencyLeaf) else None
        return ExplainedTerm(component, signal.key, amount, measured, newest, None, full)

    def _work_out(self, leaves: list[Leaf], upto: int) -> None:
        """So that what a score with ``until`` is at one instant need not be found from far back."""
        for leaf in leaves:
            if isinstance(leaf, ScoreLeaf):
                leaf.revise(self._entity, upto, upto, BEFORE_ALL)

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
        turn = at
        for _ in range(MOST_INSTANTS):
            nexts = [leaf.next_instant(entity, turn) for leaf in leaves]
            following = [one for one in nexts if one is not None]
            if not following:
                return None
            turn = min(following)
            self._work_out(leaves, turn)
            if node.holds(entity, turn) != holds:
                return turn
        return None

    def _due(self, leaf: Leaf, milestone: CompiledMilestone) -> int | None:
        """When the leaf's milestone is reached, if it is not and nothing comes."""
        if leaf.holds(self._entity, self._at):
            return None
        return self._turns_at(milestone.when, _leaves(milestone.when), False)


def _named(score: Score, name: str) -> Score:
    """The score of this name, among one and those that may stand in for it."""
    while score.name != name and score.fallback is not None:
        score = score.fallback.score
    return score


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
    elif isinstance(node, ScoreLeaf):
        # It turns with its parts, and where fading alone takes it past a threshold.
        found.update(dict.fromkeys(part.leaf for part in asked(node.parts)))
        found[node] = None
    else:
        found[node] = None
    return list(found)
