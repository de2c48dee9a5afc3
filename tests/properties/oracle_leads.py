"""What becomes of every lead, from when its condition turns and what comes back: a plain loop.

For events in the order of their times. It shares nothing with the engine but the frozen types.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from schemas.events import Event
from schemas.qualifications import Contact, LeadLife, LeadOutcome, LeadOverride, LeadRoute
from streams.definitions.model import Definitions, Lead, RoutingRule, WorkingHours
from tests.properties.oracle import Oracle
from tests.properties.oracle_life import Entity, events_of, unique_events
from tests.properties.oracle_measures import DAY

OUTCOMES: dict[str, LeadOutcome] = {
    "lead_converted": "converted",
    "lead_disqualified": "disqualified",
}
FEEDBACK = ("lead_contacted", "lead_snoozed", *OUTCOMES, "lead_overridden")
LENGTHS = {"3h": DAY // 8, "18h": 3 * DAY // 4, "2d": 2 * DAY}
"""Durations that events may carry."""

_RISE, _SAID = 0, 1


class Told(NamedTuple):
    """An output of a lead."""

    type: str
    occurrence: int
    at: int
    segment: str | None
    life: LeadLife


class Followed(NamedTuple):
    """The leads of one name of one entity."""

    entity: Entity
    lead: str


class LeadOracle:
    """Answers for leads whose conditions are those of milestones.

    Args:
        definitions: with the leads.
        conditions: lead → the milestone that has the same condition.
        history: in any order, with repeats.
        until: the time now.
    """

    def __init__(
        self,
        definitions: Definitions,
        conditions: dict[str, str],
        history: Iterable[Event],
        until: int,
    ) -> None:
        self._definitions = definitions
        self._conditions = conditions
        self._events = unique_events(history)
        self._until = until
        self._oracle = Oracle(definitions, self._events, until)

    def answer(self) -> dict[Followed, list[Told]]:
        """All that is told of each lead, in order."""
        found = {
            Followed(entity, lead.name): list(self._lives(entity, lead))
            for lead in self._definitions.leads.values()
            for entity in self._oracle.entities(lead.of)
        }
        return {followed: told for followed, told in found.items() if told}

    def _lives(self, entity: Entity, lead: Lead) -> Iterator[Told]:
        flips = self._oracle.flips(entity, self._conditions[lead.name])
        items: list[tuple[int, int, Event | None]] = [
            *((flip.at, _RISE, None) for flip in flips if flip.holds),
            *((event.time, _SAID, event) for event in self._said(entity, lead)),
        ]
        count, life, closed_at = 0, LeadLife(0), None
        for at, _, event in sorted(items, key=lambda item: item[:2]):
            if count and closed_at is None and (late := breach(life, at - 1)):
                life = late
                yield self._told("sla_breached", entity, count, life.breached_at, life)
            is_open = count > 0 and closed_at is None
            if event is None and is_open:
                life = replace(life, merged=life.merged + 1)
            elif event is None and (closed_at is None or at >= closed_at + lead.again):
                count, closed_at, life = count + 1, None, self._begin(entity, lead, at)
                yield self._told("qualified", entity, count, at, life)
                if life.route is not None:
                    yield self._told("routed", entity, count, at, life)
            elif event is not None and event.name == "lead_overridden":
                life, names = self._decide(entity, lead, life, event, is_open=is_open)
                count += "qualified" in names
                closed_at = at if "closed" in names else None if names else closed_at
                for name in names:
                    yield self._told(name, entity, count, at, life)
            elif event is not None and is_open:
                life = self._hear(life, event)
                if life.outcome is not None:
                    closed_at = at
                    yield self._told("closed", entity, count, at, life)
        if count and closed_at is None and (late := breach(life, self._until)):
            yield self._told("sla_breached", entity, count, late.breached_at, late)

    def _said(self, entity: Entity, lead: Lead) -> list[Event]:
        return [
            event
            for event in events_of(entity, self._events)
            if event.name in FEEDBACK
            and event.properties.get("lead", self._meant(event, lead)) == lead.name
        ]

    def _meant(self, event: Event, lead: Lead) -> str | None:
        """Overrides say which lead they are of; of others all are meant without a word."""
        return None if event.name == "lead_overridden" else lead.name

    def _decide(
        self, entity: Entity, lead: Lead, life: LeadLife, event: Event, *, is_open: bool
    ) -> tuple[LeadLife, list[str]]:
        """What becomes of a lead by an override, and what is told of it."""
        override = override_of(event)
        match None if override is None else override.action:
            case "qualify" if not is_open:
                life = replace(self._begin(entity, lead, event.time), override=override)
                return life, ["qualified", *(["routed"] if life.route is not None else [])]
            case "close" if is_open:
                return closed_by(life, override, event), ["closed"]
            case "reroute" if is_open and life.route is not None:
                return rerouted_by(life, life.route, override, event), ["routed"]
        return life, []

    def _hear(self, life: LeadLife, event: Event) -> LeadLife:
        if event.name == "lead_snoozed":
            until = snoozed_until(event)
            if life.route is None or until is None:
                return life
            hours = self._rule(life.route.rule).hours
            resumed = until if hours is None else working(hours, until, 0)
            return replace(life, route=replace(life.route, due=max(life.route.due, resumed)))
        if life.contacted_at is None:
            life = replace(life, contacted_at=event.time)
        if event.name in OUTCOMES:
            reason = event.properties.get("reason")
            life = replace(life, outcome=OUTCOMES[event.name], reason=reason)
        return life

    def _told(
        self, name: str, entity: Entity, occurrence: int, at: int | None, life: LeadLife
    ) -> Told:
        assert at is not None
        return Told(f"lead.{name}", occurrence, at, self._segment(entity, at), life)

    def _begin(self, entity: Entity, lead: Lead, at: int) -> LeadLife:
        contacts, route = self._contacts(entity, lead, at), self._route(entity, at)
        return LeadLife(at, contacts, route, kind=lead.kind)

    def _segment(self, entity: Entity, at: int) -> str | None:
        kind = "account" if entity.user_id is None else "user"
        for segment in self._definitions.segments.values():
            if segment.of == kind and self._oracle.truth(entity, segment.when, at):
                return segment.name
        return None

    def _rule(self, name: str) -> RoutingRule:
        assert self._definitions.routing is not None
        return next(rule for rule in self._definitions.routing.rules if rule.name == name)

    def _route(self, entity: Entity, at: int) -> LeadRoute | None:
        rules = () if self._definitions.routing is None else self._definitions.routing.rules
        for rule in rules:
            if rule.segments is not None and self._segment(entity, at) not in rule.segments:
                continue
            if all(self._oracle.truth(entity, wanted, at) for wanted in rule.traits):
                earliest, due = at + rule.floor, at + rule.sla
                if rule.hours is not None:
                    earliest = working(rule.hours, earliest, 0)
                    due = working(rule.hours, at, rule.sla)
                return LeadRoute(rule.name, rule.team, None, earliest, max(earliest, due))
        return None

    def _contacts(self, entity: Entity, lead: Lead, at: int) -> tuple[Contact, ...]:
        if lead.contacts is None:
            return ()
        milestone = self._definitions.milestones[lead.contacts.milestone]
        found = []
        for user in self._oracle.entities("user"):
            if user.account_id != entity.account_id:
                continue
            times = [one for one in self._oracle.occurrences(user, milestone.name) if one <= at]
            gone = milestone.live and not self._oracle.is_true(user, milestone.name, at)
            if times and not gone:
                found.append((-times[-1], user.user_id or ""))
        return tuple(Contact(name, None) for _, name in sorted(found)[: lead.contacts.most])


def breach(life: LeadLife, upto: int) -> LeadLife | None:
    """The same life with its breach, where it was due up to then and nobody had contacted it."""
    if life.route is None or life.contacted_at is not None or life.breached_at is not None:
        return None
    return replace(life, breached_at=life.route.due) if life.route.due <= upto else None


def override_of(event: Event) -> LeadOverride | None:
    """What somebody decided; ``None`` where that is not said in a way that is understood."""
    said = event.properties
    action, approver, reason = said.get("action"), said.get("approver"), said.get("reason")
    if action not in ("qualify", "close", "reroute") or not approver or not reason:
        return None
    if action == "close" and said.get("outcome") not in ("converted", "disqualified"):
        return None
    if action == "reroute" and not (said.get("team") or said.get("owner")):
        return None
    return LeadOverride(action, approver, reason, event.time)


def closed_by(life: LeadLife, override: LeadOverride | None, event: Event) -> LeadLife:
    contacted_at = event.time if life.contacted_at is None else life.contacted_at
    outcome = event.properties["outcome"]
    return replace(
        life,
        contacted_at=contacted_at,
        outcome=outcome,
        reason=event.properties["reason"],
        override=override,
    )


def rerouted_by(
    life: LeadLife, route: LeadRoute, override: LeadOverride | None, event: Event
) -> LeadLife:
    team = event.properties.get("team") or route.team
    route = replace(route, team=team, owner=event.properties.get("owner"))
    return replace(life, route=route, override=override)


def snoozed_until(event: Event) -> int | None:
    """Until when; ``None`` where that is not said in a way that is understood."""
    until = event.properties.get("until")
    if isinstance(until, str):
        return int(datetime.fromisoformat(until).timestamp() * 1000)
    if until is not None:
        return int(until)
    length = LENGTHS.get(event.properties.get("for", ""))
    return None if length is None else event.time + length


def working(hours: WorkingHours, at: int, length: int) -> int:
    """When so much working time is over, by a clock in UTC."""
    for day in range(at // DAY, at // DAY + 60):
        span = hours.days[(day + 3) % 7]
        if span is None:
            continue
        opens, closes = (day * DAY + minute * 60_000 for minute in (span.start, span.end))
        opens = max(opens, at)
        if opens >= closes:
            continue
        if opens + length < closes or (length and opens + length == closes):
            return opens + length
        length -= closes - opens
    raise AssertionError("sixty days without an end")
