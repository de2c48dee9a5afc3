"""Scores compiled: what they are made of, as leaves."""

from collections.abc import Callable, MutableMapping

from schemas.parameters import BASELINE, FALLBACK
from streams.definitions import canonical, describe
from streams.definitions.meaning import as_text
from streams.definitions.model import (
    Component,
    Condition,
    Score,
    ScoreCondition,
    Share,
    WhileTrue,
)
from streams.definitions.signals import signal_form
from streams.engine.fallbacks import ReplaceableScore
from streams.engine.leaves import Leaf
from streams.engine.leaves.parameters import ParameterLeaf
from streams.engine.leaves.signals import SIGNAL_LEAVES, ShareLeaf, SignalLeaf
from streams.engine.milestones import asked, state_key
from streams.engine.nodes import Node, Part, Parts
from streams.engine.scores import BELOW, ScoreLeaf
from streams.engine.sums import CompiledScore, Term

CompileNode = Callable[[Condition, bool, Parts], Node]
"""Condition, whether it is negated, where its parts go → the node."""


def score_leaf(
    key: int, condition: ScoreCondition, node: CompileNode, leaves: MutableMapping[int, Leaf]
) -> ScoreLeaf:
    """The leaf for a condition on a score.

    Args:
        key: of the leaf.
        condition: what is asked of the score.
        node: compiles a condition inside it.
        leaves: those of the plan; the signals' are added to them.
    """
    parts: Parts = {}
    # What raises a score below which something is to be is against it.
    sinks = condition.comparison.operator in BELOW
    score = _replaceable(condition.score, sinks, node, leaves, parts)
    leaf = ScoreLeaf(key, describe(condition), score, list(parts.values()), condition)
    leaf.listen(dict.fromkeys(part.leaf for part in asked(leaf.parts)))
    return leaf


def _replaceable(
    score: Score,
    sinks: bool,
    node: CompileNode,
    leaves: MutableMapping[int, Leaf],
    parts: Parts,
) -> CompiledScore:
    own = _score(score, sinks, node, leaves, parts)
    if score.fallback is None:
        return own
    other = _replaceable(score.fallback.score, sinks, node, leaves, parts)
    switch = _parameter(FALLBACK + score.name, 0, leaves, parts)
    return ReplaceableScore(own, other, switch)


def _parameter(
    name: str, start: float, leaves: MutableMapping[int, Leaf], parts: Parts
) -> ParameterLeaf:
    """The leaf of a parameter, as a part of what it changes."""
    key = state_key(f"parameter\0{name}\0{start}")
    leaf = leaves.get(key)
    if leaf is None:
        leaf = leaves[key] = ParameterLeaf(key, name, name, start)
    assert isinstance(leaf, ParameterLeaf)  # noqa: S101 - for the type checker
    parts.setdefault((leaf.key, False), Part(leaf, False))
    return leaf


def _score(
    score: Score,
    sinks: bool,
    node: CompileNode,
    leaves: MutableMapping[int, Leaf],
    parts: Parts,
) -> CompiledScore:
    terms = []
    # In the order of their names, so that what adds the same is told in one order.
    for component in sorted(score.components, key=lambda one: one.name):
        negated = (component.points < 0) != sinks
        signal = component.signal
        found: Node
        if isinstance(signal, WhileTrue):
            found = node(signal.condition, negated, parts)
        else:
            leaf = _signal(component, leaves)
            if isinstance(signal, Share) and signal.baseline is not None:
                assert isinstance(leaf, ShareLeaf)  # noqa: S101 - for the type checker
                baseline = signal.baseline
                leaf.against(_parameter(BASELINE + baseline.name, baseline.start, leaves, parts))
            parts.setdefault((leaf.key, negated), Part(leaf, negated))
            found = leaf
        terms.append(Term(component.name, component.slope, found, component.rest))
    veto = None if score.veto is None else node(score.veto, not sinks, parts)
    force = None if score.force is None else node(score.force, sinks, parts)
    return CompiledScore(score.name, terms, score.intercept, veto, force, score.model)


def _signal(component: Component, leaves: MutableMapping[int, Leaf]) -> SignalLeaf:
    """The leaf of a signal; equal signals share it."""
    signal = component.signal
    meaning = signal_form(signal).canonical(signal, canonical)
    key = state_key(f"signal\0{as_text(meaning)}")
    leaf = leaves.get(key)
    if leaf is None:
        leaf = leaves[key] = SIGNAL_LEAVES[type(signal)](key, component.name, signal)
    assert isinstance(leaf, SignalLeaf)  # noqa: S101 - for the type checker
    return leaf
