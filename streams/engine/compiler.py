"""Definitions compiled into what the engine runs: leaves by event name, milestones in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from streams.definitions import canonical, describe, fingerprints
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    EntityKind,
    EventCondition,
    Milestone,
    MilestoneCondition,
)
from streams.engine.entities import Entity
from streams.engine.leaves import EventLeaf, Leaf, ReachedLeaf, UsersReachedLeaf, event_leaf
from streams.engine.leaves.series import SeriesLeaf
from streams.engine.values import names


def state_key(text: str) -> int:
    """The key under which a state stands for whatever ``text`` says in full."""
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big")


class All:
    """True where every part is."""

    def __init__(self, parts: "list[Node]") -> None:
        self.parts = parts

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return all(part.holds(entity, at) for part in self.parts)


class Any:
    """True where at least one part is."""

    def __init__(self, parts: "list[Node]") -> None:
        self.parts = parts

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return any(part.holds(entity, at) for part in self.parts)


Node = Leaf | All | Any


@dataclass(slots=True)
class CompiledMilestone:
    """A milestone ready to be judged."""

    name: str
    key: int
    """What it is known by in :attr:`Entity.reached`."""
    bit: int
    """Its own bit in bit sets of milestones."""
    definition_hash: str
    when: Node
    leaves: list[Leaf]
    may_be_held: bool
    """Whether it has leaves that may be refutable."""
    dependents: list[int] = field(default_factory=list)
    """Places of the entity's own milestones that look at this one."""
    watchers: list[UsersReachedLeaf] = field(default_factory=list)
    """Leaves of account milestones that count the users who reached this one."""

    def is_held(self, entity: Entity) -> bool:
        """Whether an instant is judged only when no event can come late for it any more."""
        return self.may_be_held and any(leaf.is_refutable(entity) for leaf in self.leaves)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """The first instant after ``after`` that is worth a judgement, by what is known now."""
        instants = [leaf.next_instant(entity, after) for leaf in self.leaves]
        return min((at for at in instants if at is not None), default=None)

    def first_true(self, entity: Entity, low: int, high: int) -> int | None:
        """The first instant in [low, high] at which it is true."""
        if low == high:
            return low if self.when.holds(entity, low) else None
        instants = {low}
        for leaf in self.leaves:
            instants.update(leaf.instants(entity, low, high))
        for at in sorted(instants):
            if self.when.holds(entity, at):
                return at
        return None


class Plan:
    """The milestones of one kind of entity.

    Attributes:
        lateness: how late an event may come, milliseconds.
        milestones: in an order in which each comes after those that it looks at.
        place_of: milestone key → its place among the milestones.
        may_be_held: the places of the milestones that may have to wait until no event comes late.
        leaves: every leaf, by its key.
    """

    def __init__(self, kind: EntityKind, definitions: Definitions) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self.milestones: list[CompiledMilestone] = []
        self.leaves: dict[int, Leaf] = {}
        self._places: dict[str, int] = {}
        self._meanings = fingerprints(definitions)
        for name in self._meanings:  # each after those that it names
            milestone = definitions.milestones[name]
            if milestone.of == kind:
                self._places[name] = len(self.milestones)
                self.milestones.append(self._compile(milestone))
        self.place_of = {one.key: place for place, one in enumerate(self.milestones)}
        self.may_be_held = [p for p, one in enumerate(self.milestones) if one.may_be_held]
        self._series = {key for key, one in self.leaves.items() if isinstance(one, SeriesLeaf)}
        """Keys of the leaves whose states must be dumped and loaded; the others are plain."""
        self._event_leaves = [leaf for leaf in self.leaves.values() if isinstance(leaf, EventLeaf)]

    def leaves_for(self, name: str) -> tuple[EventLeaf, ...]:
        """The leaves that want events of this name."""
        return tuple(leaf for leaf in self._event_leaves if names(leaf.condition.events, name))

    def load_leaves(self, data: Mapping[int, object]) -> dict[int, object]:
        """What :meth:`dump_leaves` gave, for the leaves that there still are."""
        states: dict[int, object] = {}
        for key, state in data.items():
            leaf = self.leaves.get(key)
            if leaf is not None:
                # Under the leaf's own key: looking it up again finds the same object at once.
                states[leaf.key] = leaf.load(state) if key in self._series else state
        return states

    def dump_leaves(self, states: Mapping[int, object]) -> Mapping[int, object]:
        """What an entity's leaves remember, as lists, maps, numbers and text."""
        if not self._series:
            return states
        series = self._series.intersection(states)
        if not series:
            return states
        leaves = self.leaves
        return {**states, **{key: leaves[key].dump(states[key]) for key in series}}

    def _compile(self, milestone: Milestone) -> CompiledMilestone:
        definition_hash = self._meanings[milestone.name]
        place = len(self.milestones)
        leaves: list[Leaf] = []
        when = self._node(milestone.when, leaves)
        key = state_key(f"{milestone.of}\0{milestone.name}\0{definition_hash}")
        for leaf in leaves:
            leaf.milestones |= 1 << place
            leaf.places += ((place, key),)
        return CompiledMilestone(
            name=milestone.name,
            key=key,
            bit=1 << place,
            definition_hash=definition_hash,
            when=when,
            leaves=leaves,
            may_be_held=any(leaf.may_be_refutable for leaf in leaves),
        )

    def _node(self, condition: Condition, leaves: list[Leaf]) -> Node:
        if isinstance(condition, AllOf | AnyOf):
            parts = [self._node(part, leaves) for part in condition.conditions]
            return All(parts) if isinstance(condition, AllOf) else Any(parts)
        leaf = self._leaf(condition)
        if leaf not in leaves:
            leaves.append(leaf)
        return leaf

    def _leaf(self, condition: EventCondition | MilestoneCondition) -> Leaf:
        meaning = canonical(condition)
        if isinstance(condition, MilestoneCondition):
            # The other milestone's meaning is part of this one's: if it changes, this starts again.
            meaning += "\0" + self._meanings[condition.milestone]
        key = state_key(meaning)
        known = self.leaves.get(key)
        if known is not None:
            return known
        text = describe(condition)
        leaf: Leaf
        if isinstance(condition, EventCondition):
            leaf = event_leaf(key, text, condition)
        elif condition.users is None:
            reached = self.milestones[self._places[condition.milestone]]
            leaf = ReachedLeaf(key, text, condition, reached.key)
        else:
            leaf = UsersReachedLeaf(key, text, condition, self.lateness)
        self.leaves[key] = leaf
        return leaf

    def connect(self, users: "Plan", definitions: Definitions) -> None:
        """Tell each milestone who looks at it; ``users`` is the plan of users' milestones."""
        for name, place in self._places.items():
            for condition in _milestone_conditions(definitions.milestones[name].when):
                if condition.users is None:
                    self.milestones[self._places[condition.milestone]].dependents.append(place)
                else:
                    leaf = self._leaf(condition)
                    watched = users.milestones[users._places[condition.milestone]]
                    if isinstance(leaf, UsersReachedLeaf) and leaf not in watched.watchers:
                        watched.watchers.append(leaf)


def _milestone_conditions(condition: Condition) -> Iterable[MilestoneCondition]:
    if isinstance(condition, MilestoneCondition):
        yield condition
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from _milestone_conditions(part)
