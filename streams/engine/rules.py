"""Abuse rules compiled: those of one kind of entity, and those about single events."""

from collections.abc import MutableMapping
from typing import NamedTuple

from streams.definitions import canonical, describe, rule_fingerprints
from streams.definitions.model import (
    AllOf,
    AnyOf,
    CapRule,
    Condition,
    Definitions,
    EntityKind,
    EventFilter,
    EventRule,
    FlagRule,
    Milestone,
    SegmentCondition,
)
from streams.definitions.model import Not as NotOf
from streams.engine.entities import Entity
from streams.engine.excluded import CountsLeaf, RecordsLeaf
from streams.engine.filters import Predicate, compile_filter
from streams.engine.flags import CapLeaf, CompiledFlag, FlagLeaf
from streams.engine.leaves import Leaf, event_leaf
from streams.engine.listeners import Listeners
from streams.engine.milestones import CompiledMilestone, asked, state_key
from streams.engine.nodes import All, Any, Node, Not, Part, Parts


class Wanted:
    """Which events a rule is about.

    Attributes:
        accepts: of those with a name that it wants; ``None`` for all.
    """

    def __init__(self, event: EventFilter) -> None:
        self._exact = frozenset(name for name in event.events if not name.endswith("*"))
        self._stems = tuple(name[:-1] for name in event.events if name.endswith("*"))
        self.accepts: Predicate | None = (
            None if event.where is None else compile_filter(event.where)
        )

    def has(self, name: str) -> bool:
        """Whether it wants events of this name."""
        return name in self._exact or name.startswith(self._stems)


class CompiledCap(NamedTuple):
    """A limit, ready to be kept."""

    milestone: CompiledMilestone
    """What is told of it."""
    leaf: CapLeaf
    wanted: Wanted
    most: int
    unless: Node | None


class CompiledEventRule(NamedTuple):
    """A rule about single events."""

    name: str
    wanted: Wanted


class Flagged(NamedTuple):
    """A rule that excludes events of an entity now."""

    rule: str
    since: int | None
    """``None`` for a limit that is passed."""
    until: int | None
    """``None`` where that depends on what happens."""


class Rules:
    """The abuse rules of one kind of entity.

    What they look at is kept apart from what milestones look at, even where both look at the same:
    rules see events that are excluded.

    Attributes:
        first: place of the first of them; before it are the milestones.
        flags: place → the rule that flags.
        caps: the limits.
        leaves: keys of all that they remember.
        listeners: what their conditions want to see.
        records: the records that they excluded; there only where the file has rules.
        counts: how many events were excluded; likewise.
    """

    def __init__(
        self,
        kind: EntityKind,
        definitions: Definitions,
        milestones: list[CompiledMilestone],
        leaves: MutableMapping[int, Leaf],
    ) -> None:
        self.first = len(milestones)
        self.flags: dict[int, CompiledFlag] = {}
        self._names: dict[int, str] = {}
        self.caps: list[CompiledCap] = []
        self.records = RecordsLeaf(state_key("abuse records"), "excluded records")
        self.counts = CountsLeaf(state_key("abuse counts"), "excluded events")
        self._lateness = definitions.timing.allowed_lateness
        self._own: dict[int, Leaf] = {}
        meanings = rule_fingerprints(definitions)
        for rule in definitions.abuse.values():
            if isinstance(rule, FlagRule) and rule.of == kind:
                milestones.append(self._flag(rule, len(milestones), meanings[rule.name]))
            elif isinstance(rule, CapRule) and rule.of == kind:
                milestones.append(self._cap(rule, len(milestones), meanings[rule.name]))
        self.listeners = Listeners(self._own.values())
        if definitions.abuse:
            self._keep(self.records, self.counts)
        self.leaves = frozenset(self._own)
        leaves.update(self._own)

    def flagged(self, entity: Entity, at: int) -> list[Flagged]:
        """The rules that exclude events of an entity at ``at``, in their order."""
        found = []
        for name, rule in self.flags.items():
            since = rule.leaf.since(entity, at)
            if since is not None:
                found.append(Flagged(self._names[name], since, rule.leaf.until(entity)))
        for cap in self.caps:
            is_free = cap.unless is not None and cap.unless.holds(entity, at)
            if cap.leaf.holds(entity, at) and not is_free:
                found.append(Flagged(cap.milestone.name, None, cap.leaf.end(at)))
        return found

    def _keep(self, *leaves: Leaf) -> None:
        for leaf in leaves:
            self._own[leaf.key] = leaf

    def _flag(self, rule: FlagRule, place: int, meaning: str) -> CompiledMilestone:
        parts: Parts = {}
        when = self._node(rule.when, False, parts)
        leaf = FlagLeaf(state_key(f"flag\0{rule.name}\0{meaning}"), rule)
        self._keep(leaf)
        self._names[place] = rule.name
        self.flags[place] = CompiledFlag(leaf, rule.fake, rule.lasting > 0)
        milestone = Milestone(rule.name, rule.of, rule.when)
        return CompiledMilestone(
            milestone, place, meaning, when, list(parts.values()), leaf, "flag"
        )

    def _cap(self, rule: CapRule, place: int, meaning: str) -> CompiledMilestone:
        leaf = CapLeaf(state_key(f"cap\0{rule.name}\0{meaning}"), rule)
        parts: Parts = {}
        unless = None if rule.unless is None else self._node(rule.unless, True, parts)
        self._keep(leaf)
        for part in asked(list(parts.values())):
            part.leaf.both = True
        named = Milestone(rule.name, rule.of, AllOf(()))  # it is the leaf that is asked
        milestone = CompiledMilestone(named, place, meaning, leaf, [Part(leaf, False)], mode="cap")
        self.caps.append(CompiledCap(milestone, leaf, Wanted(rule.event), rule.most, unless))
        return milestone

    def _node(self, condition: Condition, negated: bool, parts: Parts) -> Node:
        if isinstance(condition, AllOf | AnyOf):
            inner = [self._node(part, negated, parts) for part in condition.conditions]
            return All(inner) if isinstance(condition, AllOf) else Any(inner)
        if isinstance(condition, NotOf):
            return Not(self._node(condition.condition, not negated, parts))
        if isinstance(condition, SegmentCondition):
            return self._node(condition.condition, negated, parts)
        key = state_key(f"abuse\0{canonical(condition)}")
        leaf = self._own.get(key)
        if leaf is None:
            leaf = event_leaf(key, describe(condition), condition, self._lateness)
            self._keep(leaf)
        parts.setdefault((key, negated), Part(leaf, negated))
        return leaf


def event_rules(definitions: Definitions) -> list[CompiledEventRule]:
    """The rules about single events."""
    return [
        CompiledEventRule(rule.name, Wanted(rule.event))
        for rule in definitions.abuse.values()
        if isinstance(rule, EventRule)
    ]
