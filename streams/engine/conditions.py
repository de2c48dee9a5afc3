"""Conditions compiled: what can be asked, made of leaves, of which equal ones are shared."""

from collections.abc import Mapping
from typing import Final

from streams.definitions import canonical, describe
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    HealthCondition,
    MilestoneCondition,
    ScoreCondition,
    SegmentCondition,
)
from streams.definitions.model import Not as NotOf
from streams.engine.leaves import (
    Leaf,
    ReachedLeaf,
    UsersLeaf,
    UsersNowLeaf,
    UsersReachedLeaf,
    UsersSoFarLeaf,
    event_leaf,
)
from streams.engine.milestones import CompiledMilestone, SoFarLeaf, state_key
from streams.engine.nodes import All, Any, LiveLeaf, Node, Not, Part, Parts
from streams.engine.scoring import score_leaf


class ConditionCompiler:
    """Compiles the conditions of one kind of entity.

    Attributes:
        milestones: those that are compiled by now, which conditions may name.
        places: name of a milestone → its place among them.
        leaves: every leaf, by its key.

    Args:
        definitions: the whole file.
        meanings: fingerprints of its milestones.
        users: the compiler of users' conditions, where this is that of accounts.
    """

    def __init__(
        self,
        definitions: Definitions,
        meanings: Mapping[str, str],
        users: "ConditionCompiler | None",
    ) -> None:
        self.milestones: Final[list[CompiledMilestone]] = []
        self.places: Final[dict[str, int]] = {}
        self.leaves: Final[dict[int, Leaf]] = {}
        self._lateness = definitions.timing.allowed_lateness
        self._definitions = definitions
        self._meanings = meanings
        self._users = users

    def node(
        self,
        condition: Condition,
        negated: bool,
        parts: Parts,
        *,
        live: bool,
    ) -> Node:
        """What can be asked whether a condition holds.

        Args:
            condition: of a milestone, a score, …
            negated: whether it stands under an odd number of ``not``.
            parts: takes its leaves, each once.
            live: whether what looks at it may turn back.
        """
        if isinstance(condition, AllOf | AnyOf):
            inner = [self.node(part, negated, parts, live=live) for part in condition.conditions]
            return All(inner) if isinstance(condition, AllOf) else Any(inner)
        if isinstance(condition, NotOf):
            return Not(self.node(condition.condition, not negated, parts, live=live))
        if isinstance(condition, SegmentCondition | HealthCondition):
            return self.node(condition.condition, negated, parts, live=live)
        leaf = self.leaf(condition, live=live)
        parts.setdefault((leaf.key, negated), Part(leaf, negated))
        return leaf

    def leaf(self, condition: Condition, *, live: bool) -> Leaf:
        """The leaf of a condition that is not made of others; equal ones share it."""
        meaning = canonical(condition)
        if isinstance(condition, ScoreCondition):
            return self._score_leaf(condition, live=live)
        if isinstance(condition, MilestoneCondition):
            # The other milestone's meaning is part of this one's: if it changes, this starts again.
            meaning += f"\0{self._meanings[condition.milestone]}\0{live}"
        key = state_key(meaning)
        if key not in self.leaves:
            text = describe(condition)
            self.leaves[key] = (
                self._milestone_leaf(key, text, condition, live=live)
                if isinstance(condition, MilestoneCondition)
                else event_leaf(key, text, condition, self._lateness)
            )
        return self.leaves[key]

    def _score_leaf(self, condition: ScoreCondition, *, live: bool) -> Leaf:
        # The milestones that a score looks at are a part of what it means, as of a milestone's.
        key = state_key(f"{canonical(condition, self._meanings)}\0{live}")
        if key not in self.leaves:

            def node(part: Condition, negated: bool, parts: Parts) -> Node:
                return self.node(part, negated, parts, live=live)

            self.leaves[key] = score_leaf(key, condition, node, self.leaves)
        return self.leaves[key]

    def _milestone_leaf(
        self, key: int, text: str, condition: MilestoneCondition, *, live: bool
    ) -> Leaf:
        """The leaf for another milestone; ``live`` where what looks at it is live."""
        if condition.users is not None:
            return self._users_leaf(key, text, condition, live=live)
        named = self.milestones[self.places[condition.milestone]]
        if named.mode == "live":
            return LiveLeaf(key, text, named.when, named.parts)
        if live and named.waits_for:
            return self._so_far(key, text, named)
        return ReachedLeaf(key, text, named.key)

    def _so_far(self, key: int, text: str, named: CompiledMilestone) -> SoFarLeaf:
        parts: Parts = {}
        node = self.node(self._definitions.milestones[named.name].when, False, parts, live=True)
        return SoFarLeaf(key, text, named, node, list(parts.values()), self._lateness)

    def _users_leaf(
        self, key: int, text: str, condition: MilestoneCondition, *, live: bool
    ) -> Leaf:
        assert self._users is not None  # noqa: S101 - only accounts have users
        watched = self._users.milestones[self._users.places[condition.milestone]]
        users: UsersLeaf
        if watched.mode == "live":
            users = UsersNowLeaf(key, text, condition)
        elif live and watched.waits_for and watched.mode == "once":
            users = UsersSoFarLeaf(key, text, condition, self._lateness)
            if not watched.impatient:
                self._users._preview(watched, watched)
                watched.so_far = self._users._so_far(key, text, watched)
            watched.impatient.append(users)
        else:
            users = UsersReachedLeaf(key, text, condition, self._lateness)
        watched.watchers.append(users)
        return users

    def _preview(self, impatient: CompiledMilestone, named: CompiledMilestone) -> None:
        """Let what an impatient milestone comes to be by now be found with what it names."""
        if impatient in named.foretellers:
            return
        named.foretellers.append(impatient)
        for leaf in named.leaves:
            if isinstance(leaf, ReachedLeaf):
                self._preview(impatient, self._keyed(leaf.reached))

    def _keyed(self, key: int) -> CompiledMilestone:
        return next(one for one in self.milestones if one.key == key)
