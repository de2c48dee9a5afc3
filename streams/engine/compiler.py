"""Definitions compiled into what the engine runs: leaves by event name, milestones in order."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from streams.definitions import (
    fingerprints,
    health_fingerprints,
    lead_fingerprints,
)
from streams.definitions.conditions import milestones_in
from streams.definitions.model import (
    Comparison,
    Condition,
    Contacts,
    Definitions,
    EntityKind,
    Health,
    Journey,
    Lead,
    Milestone,
    MilestoneCondition,
    Score,
    ScoreCondition,
)
from streams.definitions.values import format_duration
from streams.engine.comparing import compile_shadows
from streams.engine.conditions import ConditionCompiler
from streams.engine.entities import AFTER_ALL, BEFORE_ALL, Entity
from streams.engine.health import CompiledHealth, compile_health
from streams.engine.leads import CompiledLead, LeadLeaf
from streams.engine.leaves import (
    ReachedLeaf,
    StuckLeaf,
    UsersLeaf,
)
from streams.engine.leaves.parameters import ParameterLeaf
from streams.engine.listeners import Listeners
from streams.engine.milestones import CompiledMilestone, asked, state_key
from streams.engine.nodes import Node, Part, Parts
from streams.engine.routing import Router
from streams.engine.rules import Rules
from streams.engine.scores import ScoreLeaf
from streams.engine.sums import CompiledScore


class Plan:
    """The milestones of one kind of entity.

    Attributes:
        lateness: how late an event may come, milliseconds.
        milestones: in an order in which each comes after those that it looks at.
        place_of: milestone key → its place among the milestones.
        leads: place → the lead that it is, of those that are leads.
        health: likewise, of those that are health.
        rules: the abuse rules; their places come last.
        at_birth: places of those to judge of whoever is found to be known, or to be known for
            longer: what is true of anybody, looks ahead at one of these, or remembers.
        timed: places of those for which there may be something to judge without an event.
        leaves: every leaf, by its key.
        parameters: of these, those that are parameters.
        listeners: the leaves by what they want to see.
        signature: of all that is timed, four bytes; a state with another may lack timers.
    """

    def __init__(
        self, kind: EntityKind, definitions: Definitions, users: "Plan | None" = None
    ) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self._definitions = definitions
        self._users = users
        self._meanings = fingerprints(definitions)
        self._conditions: ConditionCompiler = ConditionCompiler(
            definitions, self._meanings, None if users is None else users._conditions
        )
        self.milestones = self._conditions.milestones
        self.leaves = self._conditions.leaves
        self._places = self._conditions.places
        stuck = sum(len(journey.stuck) for journey in definitions.journeys.values())
        others = len(definitions.leads) + len(definitions.health) + len(definitions.abuse)
        self._always = 1 << len(definitions.milestones) + stuck + others
        """No milestone's bit, and so never settled: for leaves that are asked at any time."""
        for name in self._meanings:  # each after those that it names
            milestone = definitions.milestones[name]
            if milestone.of == kind:
                self._places[name] = len(self.milestones)
                self._compile(milestone)
        for journey in definitions.journeys.values():
            if journey.of == kind:
                self._compile_journey(journey)
        self.leads: dict[int, CompiledLead] = {}
        self._contact_scores: dict[str, CompiledScore] = {}
        meanings = lead_fingerprints(definitions)
        router = None if definitions.routing is None else Router(definitions.routing)
        for lead in definitions.leads.values():
            if lead.of == kind:
                self._compile_lead(lead, meanings[lead.name], router)
            elif kind == "user" and lead.contacts is not None and lead.contacts.score is not None:
                score = lead.contacts.score
                self._contact_scores[score.name] = self._score_at_any_time(score)
        self.health: dict[int, CompiledHealth] = {}
        health_meanings = health_fingerprints(definitions)
        for health in definitions.health.values():
            if health.of == kind:
                self._compile_health(health, health_meanings[health.name])
        self._segments = self._compile_segments(kind)
        compile_shadows(kind, definitions, self.milestones, self._score_at_any_time)
        self.rules = Rules(kind, definitions, self.milestones, self.leaves)
        self.place_of = {one.key: one.place for one in self.milestones}
        self._connect()
        nobody = Entity(b"", None)
        nobody.born = BEFORE_ALL
        nobody.timers = {one.key: 0 for one in self.milestones if one.may_be_held}
        self.at_birth: list[int] = []
        for one in self.milestones:
            looks_ahead = any(waits in self.at_birth for waits in one.previews())
            if one.holds(nobody, 0) or looks_ahead or one.remembers:
                self.at_birth.append(one.place)
        self.timed = [one.place for one in self.milestones if one.may_be_held or one.is_timed]
        keys = [str(self.milestones[place].key) for place in self.timed]
        self.signature = state_key("\0".join([str(self.lateness), *keys])) & 0xFFFFFFFF
        self._packed = {key for key, one in self.leaves.items() if one.packs}
        """Keys of the leaves whose states must be dumped and loaded; the others are plain."""
        self.listeners = Listeners(
            leaf for key, leaf in self.leaves.items() if key not in self.rules.leaves
        )
        leaves = self.leaves.values()
        self.parameters = tuple([one for one in leaves if isinstance(one, ParameterLeaf)])

    def named(self, name: str) -> CompiledMilestone:
        """The milestone, or the lead, of that name."""
        return self.milestones[self._places[name]]

    def health_named(self, name: str) -> tuple[CompiledMilestone, CompiledHealth]:
        """The health of that name: what is judged, and what is asked then."""
        [place] = [place for place in self.health if self.milestones[place].name == name]
        return self.milestones[place], self.health[place]

    def segment_of(self, entity: Entity, at: int) -> str | None:
        """The segment that an entity is in at ``at``; ``None`` where it is in none."""
        for name, condition in self._segments:
            if condition.holds(entity, at):
                return name
        return None

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

    def _compile(self, milestone: Milestone) -> None:
        parts: Parts = {}
        when = self._conditions.node(milestone.when, False, parts, live=milestone.live)
        definition_hash = self._meanings[milestone.name]
        place = len(self.milestones)
        compiled = CompiledMilestone(milestone, place, definition_hash, when, list(parts.values()))
        for name in sorted(milestones_in(milestone.when)):
            compiled.waits_for += self._waits_for(name, compiled)
        self.milestones.append(compiled)

    def _waits_for(self, name: str, compiled: CompiledMilestone) -> tuple[int, ...]:
        """Whose being told a milestone waits for, that names this one."""
        if self._definitions.milestones[name].live:
            return ()
        if name in self._places:
            return self.milestones[self._places[name]].waits_for
        assert self._users is not None  # noqa: S101 - only accounts name those of others
        users = self._users.milestones[self._users._places[name]]
        return (compiled.key,) if users.waits_for else ()

    def _compile_lead(self, lead: Lead, definition_hash: str, router: Router | None) -> None:
        parts: Parts = {}
        when = self._conditions.node(lead.when, False, parts, live=True)
        leaf = LeadLeaf(state_key(f"lead\0{lead.name}\0{definition_hash}"), lead)
        self.leaves[leaf.key] = leaf
        users, score = self._compile_contacts(lead.contacts)
        milestone = Milestone(
            lead.name, lead.of, lead.when, shadow=lead.shadow, shadow_of=lead.shadow_of
        )
        place = self._places[lead.name] = len(self.milestones)
        compiled = CompiledMilestone(
            milestone, place, definition_hash, when, list(parts.values()), leaf
        )
        self.milestones.append(compiled)
        most = 0 if lead.contacts is None else lead.contacts.most
        self.leads[place] = CompiledLead(leaf, lead.again, router, users, score, most)

    def _compile_health(self, health: Health, definition_hash: str) -> None:
        def node(condition: Condition, negated: bool, parts: Parts) -> Node:
            return self._conditions.node(condition, negated, parts, live=True)

        journey = health.journey
        names = self._meanings if journey is None else self._definitions.journeys[journey].steps
        steps = [(self.milestones[self._places[n]].key, n) for n in names if n in self._places]
        place = len(self.milestones)
        compiled, self.health[place] = compile_health(health, place, definition_hash, node, steps)
        self.milestones.append(compiled)

    def _compile_contacts(
        self, contacts: Contacts | None
    ) -> tuple[UsersLeaf | None, CompiledScore | None]:
        """Who of an account's users is to be talked to, and by what they are ranked."""
        if contacts is None or self._users is None:
            return None, None
        every = MilestoneCondition(contacts.milestone, Comparison("==", AFTER_ALL))
        users = self._conditions.leaf(every, live=False)
        assert isinstance(users, UsersLeaf)  # noqa: S101 - it counts users
        users.milestones |= self._always
        score = None
        if contacts.score is not None:
            score = self._users._contact_scores[contacts.score.name]
        return users, score

    def _score_at_any_time(self, score: Score, *, live: bool = True) -> CompiledScore:
        """A score that is asked for whatever milestone looks at it.

        Not ``live``, it sees of milestones that are told late what was told, as those that are
        reached once do.
        """
        leaf = self._conditions.leaf(ScoreCondition(score, Comparison(">=", 0)), live=live)
        assert isinstance(leaf, ScoreLeaf)  # noqa: S101 - it compares one
        self._always_feed([Part(leaf, False)])
        return leaf.score

    def _always_feed(self, parts: Iterable[Part]) -> None:
        """Let leaves see events whatever is settled."""
        for part in asked(list(parts)):
            part.leaf.milestones |= self._always
            part.leaf.both = True

    def _compile_segments(self, kind: EntityKind) -> list[tuple[str, Node]]:
        """The segments in order; whatever milestone is told names the one that its entity is in."""
        found: list[tuple[str, Node]] = []
        for segment in self._definitions.segments.values():
            if segment.of == kind:
                parts: Parts = {}
                found.append(
                    (segment.name, self._conditions.node(segment.when, False, parts, live=True))
                )
                self._always_feed(parts.values())
        return found

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

    def _connect(self) -> None:
        """Tell each milestone who looks at it, and whether time alone may turn it."""
        for one in self.milestones:
            one.is_timed = any(leaf.is_timed() for leaf in one.leaves)
            for leaf in one.leaves:
                if isinstance(leaf, ReachedLeaf):
                    self.milestones[self.place_of[leaf.reached]].dependents.append(one.place)
            for place in one.previews():
                self.milestones[place].dependents.append(one.place)
