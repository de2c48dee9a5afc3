"""Definitions compiled into what the engine runs: leaves by event name, milestones in order."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from streams.definitions import canonical, describe, fingerprints
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    EntityKind,
    Journey,
    Milestone,
    MilestoneCondition,
)
from streams.definitions.model import Not as NotOf
from streams.definitions.values import format_duration
from streams.engine.entities import BEFORE_ALL, Entity
from streams.engine.leaves import (
    EventLeaf,
    Leaf,
    ReachedLeaf,
    StuckLeaf,
    TraitLeaf,
    UsersLeaf,
    UsersNowLeaf,
    UsersReachedLeaf,
    event_leaf,
)
from streams.engine.nodes import All, Any, LiveLeaf, Node, Not, Part


def state_key(text: str) -> int:
    """The key under which a state stands for whatever ``text`` says in full."""
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big")


class CompiledMilestone:
    """A milestone ready to be judged.

    Attributes:
        name: what is told of it; for a journey in which one may be stuck, the step.
        journey: its name, where this says that one is stuck in it.
        key: what it is known by in :attr:`Entity.reached`.
        place: among the milestones of its kind.
        bit: its own bit in bit sets of milestones.
        parts: its leaves, each once, for evidence.
        leaves: those that are asked when it may turn; those of a live milestone that it names.
        mode: reached ``once``; each time again, with ``repeat``; or entered and exited, ``live``.
        repeat: after how long it may be reached again.
        may_be_held: whether there may be instants that are judged only when no event can come late.
        is_timed: whether it may turn without an event.
        dependents: places of the entity's own milestones that look at this one.
        watchers: leaves of account milestones that count the users who reached this one.
    """

    def __init__(
        self, milestone: Milestone, place: int, definition_hash: str, when: Node, parts: list[Part]
    ) -> None:
        self.name: Final = milestone.name
        self.journey: str | None = None
        self.mode: Final[str] = (
            "live" if milestone.live else "repeat" if milestone.repeat is not None else "once"
        )
        self.repeat: Final = milestone.repeat
        self.definition_hash: Final = definition_hash
        self.key: Final = state_key(f"{milestone.of}\0{milestone.name}\0{definition_hash}")
        self.place: Final = place
        self.bit: Final = 1 << place
        self.when: Final = when
        self.parts: Final = parts
        asked = _asked(parts)
        self.leaves: Final = list(dict.fromkeys(part.leaf for part in asked))
        self._refutable = [part for part in asked if part.may_be_refuted]
        self.may_be_held: Final = self.mode == "repeat" or (
            self.mode == "once" and bool(self._refutable)
        )
        self.is_timed = False
        self.dependents: list[int] = []
        self.watchers: list[UsersLeaf] = []
        for leaf in self.leaves:
            leaf.milestones |= self.bit
            leaf.places += ((place, self.key),)
            if self.mode != "once":
                leaf.both = True
        for part in asked:
            if part.negated:
                part.leaf.both = True

    def holds(self, entity: Entity, at: int) -> bool:
        """Whether it is true at ``at``: never before the entity was first seen."""
        return at >= entity.born and self.when.holds(entity, at)

    def is_held(self, entity: Entity) -> bool:
        """Whether an instant is judged only when no event can come late for it any more."""
        if not self.may_be_held:
            return False
        return self.mode == "repeat" or any(part.is_refutable(entity) for part in self._refutable)

    def is_open(self, entity: Entity) -> bool:
        """Whether it may yet turn without an event."""
        if not (self.is_timed or self.may_be_held):
            return False
        return self.mode != "once" or self.key not in entity.reached

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """The first instant after ``after`` that is worth a judgement, by what is known now."""
        instants = [leaf.next_instant(entity, after) for leaf in self.leaves]
        return min((at for at in instants if at is not None), default=None)

    def instants(self, entity: Entity, low: int, high: int) -> list[int]:
        """``low``, and every instant up to ``high`` at which it may turn."""
        found = {low}
        if low < high:
            for leaf in self.leaves:
                found.update(leaf.instants(entity, low, high))
            if low < entity.born <= high:
                found.add(entity.born)
        return sorted(found)


def _asked(parts: list[Part]) -> list[Part]:
    """The parts, those of a live milestone in place of the leaf that stands for it."""
    found = []
    for part in parts:
        if isinstance(part.leaf, LiveLeaf):
            inner = _asked(list(part.leaf.parts))
            found += [Part(one.leaf, one.negated != part.negated) for one in inner]
        else:
            found.append(part)
    return found


class Plan:
    """The milestones of one kind of entity.

    Attributes:
        lateness: how late an event may come, milliseconds.
        milestones: in an order in which each comes after those that it looks at.
        place_of: milestone key → its place among the milestones.
        at_birth: places of those that are true of whoever is known, before anything is known.
        timed: places of those for which there may be something to judge without an event.
        leaves: every leaf, by its key.
        traits: trait → the leaves that look at it.
        signature: of all that is timed, four bytes; a state with another may lack timers.
    """

    def __init__(
        self, kind: EntityKind, definitions: Definitions, users: "Plan | None" = None
    ) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self.milestones: list[CompiledMilestone] = []
        self.leaves: dict[int, Leaf] = {}
        self._definitions = definitions
        self._users = users
        self._places: dict[str, int] = {}
        self._meanings = fingerprints(definitions)
        for name in self._meanings:  # each after those that it names
            milestone = definitions.milestones[name]
            if milestone.of == kind:
                self._places[name] = len(self.milestones)
                self._compile(milestone)
        for journey in definitions.journeys.values():
            if journey.of == kind:
                self._compile_journey(journey)
        self.place_of = {one.key: one.place for one in self.milestones}
        self._connect()
        nobody = Entity(b"", None)
        nobody.born = BEFORE_ALL
        self.at_birth = [one.place for one in self.milestones if one.holds(nobody, 0)]
        self.timed = [one.place for one in self.milestones if one.may_be_held or one.is_timed]
        keys = [str(self.milestones[place].key) for place in self.timed]
        self.signature = state_key("\0".join([str(self.lateness), *keys])) & 0xFFFFFFFF
        self.traits: dict[str, tuple[TraitLeaf, ...]] = {}
        self._packed = {key for key, one in self.leaves.items() if one.packs}
        """Keys of the leaves whose states must be dumped and loaded; the others are plain."""
        self._exact: dict[str, list[EventLeaf]] = {}
        self._prefixes: dict[str, list[EventLeaf]] = {}
        for leaf in self.leaves.values():
            self._index(leaf)

    def named(self, name: str) -> CompiledMilestone:
        """The milestone of that name."""
        return self.milestones[self._places[name]]

    def leaves_for(self, name: str) -> tuple[EventLeaf, ...]:
        """The leaves that want events of this name."""
        found = list(self._exact.get(name, ()))
        for prefix, leaves in self._prefixes.items():
            if name.startswith(prefix):
                found += leaves
        return tuple(dict.fromkeys(found))

    def load_leaves(self, data: Mapping[int, object]) -> dict[int, object]:
        """What :meth:`dump_leaves` gave, for the leaves that there still are."""
        states: dict[int, object] = {}
        for key, state in data.items():
            leaf = self.leaves.get(key)
            if leaf is not None:
                # Under the leaf's own key: looking it up again finds the same object at once.
                states[leaf.key] = leaf.load(state) if key in self._packed else state
        return states

    def dump_leaves(self, states: Mapping[int, object]) -> Mapping[int, object]:
        """What an entity's leaves remember, as lists, maps, numbers and text."""
        if not self._packed:
            return states
        packed = self._packed.intersection(states)
        if not packed:
            return states
        leaves = self.leaves
        return {**states, **{key: leaves[key].dump(states[key]) for key in packed}}

    def _index(self, leaf: Leaf) -> None:
        if isinstance(leaf, TraitLeaf):
            self.traits[leaf.trait] = (*self.traits.get(leaf.trait, ()), leaf)
        elif isinstance(leaf, EventLeaf):
            for name in leaf.events:
                index = self._prefixes if name.endswith("*") else self._exact
                index.setdefault(name.removesuffix("*"), []).append(leaf)

    def _compile(self, milestone: Milestone) -> None:
        parts: dict[tuple[int, bool], Part] = {}
        when = self._node(milestone.when, False, parts)
        definition_hash = self._meanings[milestone.name]
        place = len(self.milestones)
        self.milestones.append(
            CompiledMilestone(milestone, place, definition_hash, when, list(parts.values()))
        )

    def _compile_journey(self, journey: Journey) -> None:
        for step, length in journey.stuck.items():
            following = journey.steps[journey.steps.index(step) + 1 :]
            keys = [self.milestones[self._places[name]].key for name in (step, *following)]
            meaning = f"stuck\0{journey.name}\0{keys}\0{length}"
            text = f"not beyond {step} within {format_duration(length)}"
            leaf = StuckLeaf(state_key(meaning), text, keys[0], tuple(keys[1:]), length)
            self.leaves[leaf.key] = leaf
            definition_hash = sha256(meaning.encode()).hexdigest()[:16]
            milestone = Milestone(step, journey.of, self._definitions.milestones[step].when)
            compiled = CompiledMilestone(
                milestone, len(self.milestones), definition_hash, leaf, [Part(leaf, False)]
            )
            compiled.journey = journey.name
            self.milestones.append(compiled)
            for name in (step, *following):
                self.milestones[self._places[name]].dependents.append(compiled.place)

    def _node(
        self, condition: Condition, negated: bool, parts: dict[tuple[int, bool], Part]
    ) -> Node:
        if isinstance(condition, AllOf | AnyOf):
            inner = [self._node(part, negated, parts) for part in condition.conditions]
            return All(inner) if isinstance(condition, AllOf) else Any(inner)
        if isinstance(condition, NotOf):
            return Not(self._node(condition.condition, not negated, parts))
        leaf = self._leaf(condition)
        parts.setdefault((leaf.key, negated), Part(leaf, negated))
        return leaf

    def _leaf(self, condition: Condition) -> Leaf:
        meaning = canonical(condition)
        if isinstance(condition, MilestoneCondition):
            # The other milestone's meaning is part of this one's: if it changes, this starts again.
            meaning += "\0" + self._meanings[condition.milestone]
        key = state_key(meaning)
        if key not in self.leaves:
            text = describe(condition)
            self.leaves[key] = (
                self._milestone_leaf(key, text, condition)
                if isinstance(condition, MilestoneCondition)
                else event_leaf(key, text, condition, self.lateness)
            )
        return self.leaves[key]

    def _milestone_leaf(self, key: int, text: str, condition: MilestoneCondition) -> Leaf:
        live = self._definitions.milestones[condition.milestone].live
        if condition.users is not None:
            users: UsersLeaf = (
                UsersNowLeaf(key, text, condition)
                if live
                else UsersReachedLeaf(key, text, condition, self.lateness)
            )
            assert self._users is not None  # noqa: S101 - only accounts have users
            watched = self._users.milestones[self._users._places[condition.milestone]]
            watched.watchers.append(users)
            return users
        named = self.milestones[self._places[condition.milestone]]
        return (
            LiveLeaf(key, text, named.when, named.parts)
            if live
            else ReachedLeaf(key, text, named.key)
        )

    def _connect(self) -> None:
        """Tell each milestone who looks at it, and whether time alone may turn it."""
        for one in self.milestones:
            one.is_timed = any(leaf.is_timed() for leaf in one.leaves)
            for leaf in one.leaves:
                if isinstance(leaf, ReachedLeaf):
                    self.milestones[self.place_of[leaf.reached]].dependents.append(one.place)
