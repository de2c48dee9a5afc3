"""What made-up sales do about the leads of a made-up account.

An engine of their own tells them, not the worker: where a day of the story passes in a second, a
call that waited for Kafka would come days late. So the whole story follows from its seed.
"""

import heapq
import sys
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from schemas.events import Event
from schemas.qualifications import LeadRoute, Qualification
from streams.demo.units import DAY, HOUR, MINUTE
from streams.demo.wire import Headers, native
from streams.engine import Engine
from streams.evaluator import Evaluator

TOO_LATE = 0.15
"""Share of leads that are contacted hours after that was due."""
GIVEN_UP = 0.5
"""Share of leads that are disqualified some time after the contact, if they do not buy before."""
OVERRULED = 0.05
"""Share of leads that the head of sales takes over before they are contacted."""
_HEAD = "head of sales"
_KNOWS = ("knows the customer", "the owner is away", "a strategic account")
_REASONS = ("no budget", "too small", "bad timing", "chose a competitor", "no answer")
_BOUGHT = "Subscription Started"
_LAST_HOURS = 2 * HOUR


class _Record(NamedTuple):
    """An event as the engine's evaluator reads it."""

    value: bytes
    offset: int
    timestamp: int
    key: bytes | None = None
    headers: Headers = ()


class _Plan(NamedTuple):
    """Something that sales mean to tell. Ordered by time."""

    at: int
    number: int
    name: str
    properties: dict[str, Any]
    occurrence: int
    """Of the lead: when it is closed, plans for it are off."""


class Sales:
    """Those who talk to one account.

    Args:
        engine: finds the leads.
        rng: their own random numbers.
    """

    def __init__(self, engine: Engine, rng: Random) -> None:
        self._engine = engine
        self._rng = rng
        self._plans: list[_Plan] = []
        self._made = 0
        self._open: dict[str, int] = {}
        """Open leads by name, with their occurrence."""
        self._taken = 0
        self._clock = 0

    def follow_up(self, life: Iterator[Event], end: int) -> Iterator[Event]:
        """The account's events, and among them what sales tell before ``end``, by event time."""
        account_id: str | None = None
        evaluator: Evaluator | None = None
        for event in life:
            if evaluator is None:
                account_id, evaluator = event.account_id, self._evaluator()
            yield from self._until(event.time, evaluator, account_id)
            yield event
            self._take(event, evaluator)
        if evaluator is not None:
            yield from self._until(end, evaluator, account_id)

    def _evaluator(self) -> Evaluator:
        return Evaluator(
            self._engine,
            topic="sales",
            partition=0,
            load_account=lambda _key: None,
            load_user=lambda _key: None,
        )

    def _until(self, time: int, evaluator: Evaluator, account_id: str | None) -> Iterator[Event]:
        """What sales tell before ``time``, and what becomes due until then."""
        evaluator.pass_time(self._clock, sys.maxsize)  # takes in what the newest event made due
        while (at := self._next(evaluator)) < time:
            self._clock = at
            evaluator.pass_time(at, sys.maxsize)
            self._hear(evaluator)
            while self._plans and self._plans[0].at <= at:
                plan = heapq.heappop(self._plans)
                if self._open.get(plan.properties["lead"]) != plan.occurrence:
                    continue
                event_id = f"{account_id}-sales-{plan.number:03}"
                event = Event(event_id, plan.name, at, account_id, None, plan.properties, {})
                yield event
                self._take(event, evaluator)

    def _next(self, evaluator: Evaluator) -> int:
        """When something is to be done next."""
        coming = [plan.at for plan in self._plans[:1]]
        if evaluator.next_deadline is not None and evaluator.next_deadline > self._clock:
            coming.append(evaluator.next_deadline)
        return min(coming, default=sys.maxsize)

    def _take(self, event: Event, evaluator: Evaluator) -> None:
        """Let the engine have an event."""
        self._clock = event.time
        self._taken += 1
        evaluator.apply([_Record(native(event).value, self._taken, event.time)])
        if event.name == _BOUGHT:
            for lead, occurrence in self._open.items():
                self._plan(event.time + MINUTE, "lead_converted", lead, occurrence)
        self._hear(evaluator)

    def _hear(self, evaluator: Evaluator) -> None:
        """Take in what the engine told."""
        for told in evaluator.staged.qualifications:
            if told.type == "lead.qualified":
                self._open[told.milestone] = told.occurrence
            elif told.type == "lead.closed":
                del self._open[told.milestone]
            elif told.lead and told.lead.route and told.type == "lead.routed":
                self._follow(told, told.lead.route)
        evaluator.staged.qualifications.clear()

    def _follow(self, told: Qualification, route: LeadRoute) -> None:
        """Make plans for a lead: most in the last hours before it is due, some too late."""
        rng, lead = self._rng, told.milestone
        if told.lead and told.lead.override:  # there are plans for it already
            return
        if rng.random() < TOO_LATE:
            contact = route.due + rng.randint(HOUR, 8 * HOUR)
        else:
            contact = route.due - rng.randint(0, min(_LAST_HOURS, route.due - route.earliest))
        self._plan(contact, "lead_contacted", lead, told.occurrence)
        if rng.random() < GIVEN_UP:
            given_up = contact + rng.randint(2 * DAY, 14 * DAY)
            reason = rng.choice(_REASONS)
            self._plan(given_up, "lead_disqualified", lead, told.occurrence, reason=reason)
        if rng.random() < OVERRULED:
            taken_over = rng.randint(told.occurred_at, contact)
            self._plan(
                taken_over, "lead_overridden", lead, told.occurrence, action="reroute",
                owner=_HEAD, approver=_HEAD, reason=rng.choice(_KNOWS),
            )  # fmt: skip

    def _plan(self, at: int, name: str, lead: str, occurrence: int, **more: str) -> None:
        self._made += 1
        properties = {"lead": lead, **more}
        heapq.heappush(self._plans, _Plan(at, self._made, name, properties, occurrence))
