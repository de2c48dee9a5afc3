"""The referee: what a whole history means, worked out from the definitions by brute force.

Every milestone is evaluated over every event of its entity, at every instant at which anything
can change, with plain loops. No state, no arrival order, no lateness: whatever the engine does
to be fast and to cope with disorder must come to the same answer.

It shares nothing with the engine but the frozen types (`schemas.events`, `definitions.model`).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from schemas.events import Event
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Definitions,
    EventCondition,
    MilestoneCondition,
)
from tests.properties.oracle_filters import MISSING, identity, number_of, passes, value_at

DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entity(NamedTuple):
    """An account (``user_id`` is ``None``), a user of an account, or a user without one."""

    account_id: str | None
    user_id: str | None


class Reached(NamedTuple):
    """One milestone of one entity."""

    entity: Entity
    milestone: str


class Oracle:
    """Answers for one set of definitions and one whole history, in any order, with repeats."""

    def __init__(
        self, definitions: Definitions, history: Iterable[Event], until: int | None = None
    ) -> None:
        """Takes the time now as ``until``: the newest event's where it is not said."""
        self._milestones = definitions.milestones
        self._events = unique_events(history)
        newest = max((event.time for event in self._events), default=0)
        self._until = newest if until is None else until
        self._known: dict[Reached, int | None] = {}
        self._matching: dict[tuple[Entity, EventCondition], list[Event]] = {}

    def answer(self) -> dict[Reached, int]:
        """Every milestone reached, with its ``occurred_at``."""
        found = {
            Reached(entity, name): self.occurred_at(entity, name)
            for name, milestone in self._milestones.items()
            for entity in self.entities(milestone.of)
        }
        return {reached: at for reached, at in found.items() if at is not None}

    def entities(self, kind: str) -> list[Entity]:
        """Accounts, or users, that the history knows."""
        if kind == "account":
            known = {Entity(event.account_id, None) for event in self._events if event.account_id}
        else:
            known = {
                Entity(event.account_id, event.user_id) for event in self._events if event.user_id
            }
        return sorted(known, key=repr)

    def occurred_at(self, entity: Entity, milestone: str) -> int | None:
        """The first instant at which the milestone's condition is true; ``None``: never."""
        key = Reached(entity, milestone)
        if key not in self._known:
            condition = self._milestones[milestone].when
            self._known[key] = next(
                (
                    at
                    for at in self._instants(entity, condition)
                    if self._true(entity, condition, at)
                ),
                None,
            )
        return self._known[key]

    def events_of(self, entity: Entity) -> list[Event]:
        """An account's events, whoever did them; a user's own events."""
        return [
            event
            for event in self._events
            if event.account_id == entity.account_id
            and (event.user_id == entity.user_id or is_account(entity))
        ]

    def _instants(self, entity: Entity, condition: Condition) -> list[int]:
        """Every instant up to now at which the condition can change."""
        times = {event.time for event in self.events_of(entity)}
        for leaf in leaves(condition):
            if isinstance(leaf, MilestoneCondition):
                times.update(self._reached_times(entity, leaf))
        windows = {leaf.within for leaf in leaves(condition) if leaf.within is not None}
        expiries = {at + within for at in times for within in windows}
        return sorted(at for at in times | expiries if at <= self._until)

    def _true(self, entity: Entity, condition: Condition, at: int) -> bool:
        if isinstance(condition, AllOf):
            return all(self._true(entity, one, at) for one in condition.conditions)
        if isinstance(condition, AnyOf):
            return any(self._true(entity, one, at) for one in condition.conditions)
        if isinstance(condition, MilestoneCondition):
            return self._milestone_true(entity, condition, at)
        window = [
            event
            for event in self._matching_events(entity, condition)
            if in_window(event.time, condition, at)
        ]
        return measure_compares(window, condition)

    def _matching_events(self, entity: Entity, condition: EventCondition) -> list[Event]:
        key = (entity, condition)
        if key not in self._matching:
            self._matching[key] = [
                event for event in self.events_of(entity) if matches(event, condition)
            ]
        return self._matching[key]

    def _milestone_true(self, entity: Entity, condition: MilestoneCondition, at: int) -> bool:
        seen = [
            reached
            for reached in self._reached_times(entity, condition)
            if reached <= at and (condition.within is None or reached > at - condition.within)
        ]
        if condition.users is None:
            return bool(seen)
        return compares(len(seen), condition.users)

    def _reached_times(self, entity: Entity, condition: MilestoneCondition) -> list[int]:
        if condition.users is None:
            holders = [entity]
        else:
            holders = [user for user in self.entities("user") if user[0] == entity.account_id]
        times = [self.occurred_at(holder, condition.milestone) for holder in holders]
        return [at for at in times if at is not None]


def is_account(entity: Entity) -> bool:
    return entity.user_id is None


def unique_events(history: Iterable[Event]) -> list[Event]:
    """One event for each id of an account (of a user, where there is no account)."""
    seen: dict[tuple[str | None, str | None, str], Event] = {}
    for event in history:
        scope = (event.account_id, None) if event.account_id else (None, event.user_id)
        seen.setdefault((*scope, event.event_id), event)
    return list(seen.values())


def leaves(condition: Condition) -> Iterator[EventCondition | MilestoneCondition]:
    if isinstance(condition, AllOf | AnyOf):
        for one in condition.conditions:
            yield from leaves(one)
    else:
        yield condition


def matches(event: Event, condition: EventCondition) -> bool:
    """Whether the event's name and properties are those that the condition is about."""
    named = any(
        event.name.startswith(name[:-1]) if name.endswith("*") else event.name == name
        for name in condition.events
    )
    return named and passes(event, condition.where)


def in_window(time: int, condition: EventCondition, at: int) -> bool:
    """Whether an event of that time counts at the instant ``at``."""
    if time > at:
        return False
    if condition.within is not None and time <= at - condition.within:
        return False
    if condition.start is not None and time < condition.start:
        return False
    return condition.end is None or time < condition.end


def measure_compares(window: list[Event], condition: EventCondition) -> bool:
    """Whether the measure over the window's events compares."""
    measure = condition.measure
    if measure.kind in ("sum", "avg", "min", "max"):
        assert measure.of is not None
        found = [number_of(value_at(event, measure.of)) for event in window]
        numbers = [number for number in found if number is not None]
        return (bool(numbers) or measure.kind == "sum") and compares(
            aggregate(measure.kind, numbers), measure.comparison
        )
    return compares(count_of(window, measure.kind, measure.of), measure.comparison)


def aggregate(kind: str, numbers: list[Fraction]) -> Fraction:
    if kind == "sum":
        return sum(numbers, Fraction(0))
    if kind == "avg":
        return sum(numbers, Fraction(0)) / len(numbers)
    return min(numbers) if kind == "min" else max(numbers)


def count_of(window: list[Event], kind: str, of: str | None) -> int:
    if kind == "count":
        return len(window)
    if kind == "users":
        return len({event.user_id for event in window if event.user_id is not None})
    if kind == "days":
        return len({event.time // DAY for event in window})
    if kind == "weeks":
        return len({iso_week(event.time) for event in window})
    assert kind == "distinct"
    assert of is not None
    values = [value_at(event, of) for event in window]
    return len({identity(value) for value in values if value is not MISSING})


def iso_week(time: int) -> tuple[int, int]:
    moment = EPOCH + timedelta(milliseconds=time)
    return moment.isocalendar()[:2]


def compares(value: Fraction | int, comparison: Comparison) -> bool:
    wanted = Fraction(comparison.value)
    return {
        ">=": value >= wanted,
        ">": value > wanted,
        "==": value == wanted,
        "!=": value != wanted,
        "<=": value <= wanted,
        "<": value < wanted,
    }[comparison.operator]
