"""The referee: what a whole history means, worked out from the definitions by brute force.

Every milestone is evaluated over every event of its entity, at every instant at which anything
can change, with plain loops. No state, no arrival order, no lateness: whatever the engine does
to be fast and to cope with disorder must come to the same answer.

It shares nothing with the engine but the frozen types (`schemas.events`, `definitions.model`).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.events import Event
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    EntityKind,
    MilestoneCondition,
    Not,
    Score,
    ScoreCondition,
    SegmentCondition,
)
from tests.properties.oracle_forms import changes, holds
from tests.properties.oracle_life import Entity, Life, unique_events
from tests.properties.oracle_measures import compares
from tests.properties.oracle_scores import Parameters, Scored

NO_PARAMETERS: Parameters = {}


class Reached(NamedTuple):
    """One milestone of one entity, for the first time or again."""

    entity: Entity
    milestone: str
    occurrence: int = 1


class Stuck(NamedTuple):
    """A step of a journey after which the next one took too long."""

    entity: Entity
    journey: str
    step: str


class Flip(NamedTuple):
    """The condition of a milestone turned true, or false."""

    at: int
    holds: bool


class Oracle:
    """Answers for one set of definitions and one whole history, in any order, with repeats."""

    def __init__(
        self,
        definitions: Definitions,
        history: Iterable[Event],
        until: int | None = None,
        parameters: Parameters = NO_PARAMETERS,
    ) -> None:
        """Takes the time now as ``until``: the newest event's where it is not said."""
        self._parameters = parameters
        self._milestones = definitions.milestones
        self._journeys = definitions.journeys
        self._segments = list(definitions.segments.values())
        self._events = unique_events(history)
        newest = max((event.time for event in self._events), default=0)
        self.until = newest if until is None else until
        self._lives: dict[Entity, Life] = {}
        self._flips: dict[tuple[Entity, str], list[Flip]] = {}
        self._scored: dict[Entity, Scored] = {}

    def answer(self) -> dict[Reached, int]:
        """Every occurrence of every milestone that is not live, with its ``occurred_at``."""
        return {
            Reached(entity, name, number): at
            for name, milestone in self._milestones.items()
            if not milestone.live
            for entity in self.entities(milestone.of)
            for number, at in enumerate(self.occurrences(entity, name), start=1)
        }

    def members(self, milestone: str, at: int | None = None) -> set[Entity]:
        """For whom the milestone's condition is true at an instant (``None``: now)."""
        now = self.until if at is None else at
        return {
            entity
            for entity in self.entities(self._milestones[milestone].of)
            if self.is_true(entity, milestone, now)
        }

    def stuck(self) -> dict[Stuck, int]:
        """Who was stuck after which step of a journey, and when the time for the next ran out."""
        return {
            Stuck(entity, journey.name, step): due
            for journey in self._journeys.values()
            for step, lasting in journey.stuck.items()
            for entity in self.entities(journey.of)
            for due in self._ran_out(entity, journey.steps, step, lasting)
        }

    def entities(self, kind: str) -> list[Entity]:
        """Accounts, or users, that the history knows."""
        if kind == "account":
            known = {Entity(event.account_id, None) for event in self._events if event.account_id}
        else:
            known = {
                Entity(event.account_id, event.user_id) for event in self._events if event.user_id
            }
        return sorted(known, key=repr)

    def occurrences(self, entity: Entity, milestone: str) -> list[int]:
        """When the milestone was reached: once, or (``repeat``) again; live: when it was entered.

        Again is when it turns true at least ``repeat`` after the last time.
        """
        meaning = self._milestones[milestone]
        turned = [flip.at for flip in self.flips(entity, milestone) if flip.holds]
        if meaning.live:
            return turned
        if meaning.repeat is None:
            return turned[:1]
        found: list[int] = []
        for at in turned:
            if not found or at >= found[-1] + meaning.repeat:
                found.append(at)
        return found

    def flips(self, entity: Entity, milestone: str) -> list[Flip]:
        """Every instant up to now at which the milestone's condition turns true or false."""
        key = (entity, milestone)
        if key not in self._flips:
            condition = self._milestones[milestone].when
            instants = {at for at in self._changes(entity, condition) if at <= self.until}
            found: list[Flip] = []
            for at in sorted(instants):
                before = bool(found) and found[-1].holds
                if self.truth(entity, condition, at) != before:
                    found.append(Flip(at, not before))
            self._flips[key] = found
        return self._flips[key]

    def is_true(self, entity: Entity, milestone: str, at: int) -> bool:
        """Whether the milestone's condition is true, whatever was reached before."""
        return self.truth(entity, self._milestones[milestone].when, at)

    def truth(self, entity: Entity, condition: Condition, at: int) -> bool:
        """Whether the condition is true of the entity at an instant, now or before.

        False, whatever it says, before the entity was seen.
        """
        return self._life(entity).is_known(at) and self._holds(entity, condition, at)

    def segment(self, entity: Entity, at: int) -> str | None:
        """The first segment whose condition holds; ``None`` before the entity was seen."""
        for segment in self._segments:
            if segment.of == kind_of(entity) and self.truth(entity, segment.when, at):
                return segment.name
        return None

    def score(self, entity: Entity, score: Score, at: int) -> float:
        """What a score is."""
        return self._scores_of(entity).value(score, at)

    def _holds(self, entity: Entity, condition: Condition, at: int) -> bool:
        match condition:
            case SegmentCondition(name):
                return self.segment(entity, at) == name
            case ScoreCondition():
                return self._scores_of(entity).holds(condition, at)
            case AllOf(conditions):
                return all(self._holds(entity, one, at) for one in conditions)
            case AnyOf(conditions):
                return any(self._holds(entity, one, at) for one in conditions)
            case Not(inner):
                return not self._holds(entity, inner, at)
            case MilestoneCondition(users=comparison):
                if comparison is None:
                    return self._counts(entity, condition, at)
                users = self._users(entity)
                reached = sum(self._counts(user, condition, at) for user in users)
                return compares(reached, comparison)
            case _:
                return holds(condition, self._life(entity), at)

    def _counts(self, holder: Entity, condition: MilestoneCondition, at: int) -> bool:
        """Whether the milestone of its holder is true (live), or was reached in the window."""
        if self._milestones[condition.milestone].live:
            return self.is_true(holder, condition.milestone, at)
        return any(
            reached <= at and (condition.within is None or reached > at - condition.within)
            for reached in self.occurrences(holder, condition.milestone)
        )

    def _changes(self, entity: Entity, condition: Condition) -> Iterator[int]:
        """Every instant at which the condition may turn true or false; others among them."""
        yield from (event.time for event in self._life(entity).events)
        match condition:
            case AllOf(conditions) | AnyOf(conditions):
                for one in conditions:
                    yield from self._changes(entity, one)
            case Not(inner):
                yield from self._changes(entity, inner)
            case SegmentCondition():
                for segment in self._segments:
                    if segment.of == kind_of(entity):
                        yield from self._changes(entity, segment.when)
            case ScoreCondition():
                yield from self._scores_of(entity).changes(condition, self.until)
            case MilestoneCondition(milestone, users, within):
                for holder in [entity] if users is None else self._users(entity):
                    for at, _ in self.flips(holder, milestone):
                        yield at
                        yield at + (within or 0)
            case _:
                yield from changes(condition, self._life(entity))

    def _ran_out(
        self, entity: Entity, steps: tuple[str, ...], step: str, lasting: int
    ) -> Iterator[int]:
        for reached in self.occurrences(entity, step)[:1]:
            due = reached + lasting
            later = steps[steps.index(step) + 1 :]
            went_on = any(at <= due for name in later for at in self.occurrences(entity, name)[:1])
            if due <= self.until and not went_on:
                yield due

    def _users(self, account: Entity) -> list[Entity]:
        return [user for user in self.entities("user") if user.account_id == account.account_id]

    def _scores_of(self, entity: Entity) -> Scored:
        if entity not in self._scored:
            self._scored[entity] = Scored(
                self._life(entity),
                lambda condition, at: self.truth(entity, condition, at),
                lambda condition: self._changes(entity, condition),
                self.until,
                self._parameters,
            )
        return self._scored[entity]

    def _life(self, entity: Entity) -> Life:
        if entity not in self._lives:
            self._lives[entity] = Life(entity, self._events)
        return self._lives[entity]


def kind_of(entity: Entity) -> EntityKind:
    """A user without an account is a user, too."""
    return "account" if entity.user_id is None else "user"
