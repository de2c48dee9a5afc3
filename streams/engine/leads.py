"""Leads: opened when a condition turns true, routed, followed up in time or not, and closed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from schemas.events import Event
from schemas.qualifications import (
    Contact,
    LeadKind,
    LeadLife,
    LeadOverride,
    LeadRoute,
)
from streams.definitions.model import EventFilter, Lead
from streams.engine.entities import Entity
from streams.engine.feedback import CONTACTED, FEEDBACK, OUTCOMES, SNOOZED, Feedback, read_feedback
from streams.engine.leaves import UsersLeaf
from streams.engine.leaves.base import EventLeaf, Observation
from streams.engine.orders import Order, Refusal
from streams.engine.routing import Router
from streams.engine.sums import CompiledScore

Resume = Callable[[str, int], int]
"""The rule of a route, and until when a lead is snoozed → when its contact is due then."""


class Book:
    """What is known of the leads of one name of an entity.

    Attributes:
        life: of the newest lead; ``None`` before there was one.
        occurrence: how many there were.
        closed_at: when the newest was closed; ``None`` while it is open.
        coming: what the event at hand brings, until the lead is judged by it; never a part of what
            is kept.
    """

    __slots__ = ("closed_at", "coming", "life", "occurrence")

    def __init__(self) -> None:
        self.life: LeadLife | None = None
        self.occurrence = 0
        self.closed_at: int | None = None
        self.coming: Feedback | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a lead that is not closed."""
        return self.life is not None and self.closed_at is None

    @property
    def due(self) -> int | None:
        """By when it must be contacted; ``None`` where that is not so, or over."""
        life = self.life
        if life is None or not self.is_open or life.route is None:
            return None
        over = life.contacted_at is not None or life.breached_at is not None
        return None if over else life.route.due

    def may_open(self, at: int, again: int) -> bool:
        """Whether a new lead may be opened at ``at``."""
        if self.life is None:
            return True
        return self.closed_at is not None and at >= self.closed_at + again

    def open(self, life: LeadLife) -> None:
        """Begin with a new lead."""
        self.life = life
        self.occurrence += 1
        self.closed_at = None

    def merge(self) -> None:
        """The condition turned true again."""
        if self.life is not None:
            self.life = replace(self.life, merged=self.life.merged + 1)

    def breach(self, at: int) -> None:
        """Nobody has contacted it by ``at``."""
        if self.life is not None:
            self.life = replace(self.life, breached_at=at)

    def hear(self, feedback: Feedback, resume: Resume) -> bool:
        """Take in what came back of the open lead; whether that has closed it."""
        at, name, detail = feedback
        life = self.life
        if life is None or not self.is_open or at < life.opened_at:
            return False
        if name == SNOOZED:
            route = life.route
            if route is not None and detail is not None:
                due = max(route.due, resume(route.rule, detail))
                self.life = replace(life, route=replace(route, due=due))
            return False
        if life.contacted_at is None or at < life.contacted_at:
            life = replace(life, contacted_at=at)
        if name == CONTACTED:
            self.life = life
            return False
        self.life = replace(life, outcome=OUTCOMES[name], reason=detail)
        self.closed_at = at
        return True

    def refuses(self, order: Order) -> Refusal | None:
        """Why an override has nothing to decide; ``None`` where it has."""
        life, override = self.life, order.override
        at, is_open = override.at, self.is_open
        if override.action == "qualify":
            is_over = self.closed_at is not None and at >= self.closed_at
            return None if life is None or is_over else Refusal.IS_OPEN
        if life is None or not is_open or at < life.opened_at:
            return Refusal.NOT_OPEN
        if override.action == "close":
            return None
        if life.route is None:
            return Refusal.NOT_ROUTED
        # Of those that come in another order, the one that was decided last counts.
        is_old = life.override is not None and at < life.override.at
        return Refusal.SUPERSEDED if is_old else None

    def obey(self, order: Order) -> None:
        """Close or reroute the open lead."""
        if self.life is not None:
            self.life = order.over(self.life)
            if order.outcome is not None:
                self.closed_at = order.override.at


class LeadLeaf(EventLeaf):
    """Whether a lead is open. State: a :class:`Book`."""

    packs = True
    may_rise = False

    def __init__(self, key: int, lead: Lead) -> None:
        super().__init__(key, f"lead {lead.name}", EventFilter(FEEDBACK))
        self._name = lead.name
        self._names: Final = (lead.name, lead.shadow_of or lead.name)
        """What comes back of the lead that it is compared with is heard as well."""
        self.kind: Final = lead.kind

    def book(self, entity: Entity) -> Book:
        """What is known of the entity's leads; :meth:`close_book` is to follow."""
        found: Book | None = entity.leaves.get(self.key)
        if found is None:
            if not entity.leaves:
                entity.leaves = {}
            found = entity.leaves[self.key] = Book()
        return found

    def close_book(self, entity: Entity) -> None:
        """Keep no empty book: most entities never become a lead."""
        if self.book(entity).life is None:
            del entity.leaves[self.key]

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:  # noqa: ARG002
        """See :meth:`EventLeaf.add`."""
        if event.properties.get("lead", self._name) not in self._names:
            return False
        feedback = read_feedback(
            event, is_own=event.properties.get("lead", self._name) == self._name
        )
        if feedback is None:
            return False
        # Also where there never was a lead: time may have opened one that is yet to be judged.
        self.book(entity).coming = feedback
        return True

    def forget_user(self, entity: Entity, user_id: str, nobody: str) -> bool:  # noqa: ARG002
        """See :meth:`Leaf.forget_user`: the user is no contact any more."""
        book: Book | None = entity.leaves.get(self.key)
        if book is not None and book.life is not None:
            left = tuple([one for one in book.life.contacts if one.user_id != user_id])
            book.life = replace(book.life, contacts=left)
        return False

    def holds(self, entity: Entity, at: int) -> bool:  # noqa: ARG002 - it is what it is now
        """See :meth:`Leaf.holds`."""
        book: Book | None = entity.leaves.get(self.key)
        return book is not None and book.is_open

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "open", None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:  # noqa: ARG002
        """See :meth:`Leaf.instants`: a lead is followed from one instant to the next."""
        return ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`: when it is due."""
        book: Book | None = entity.leaves.get(self.key)
        due = None if book is None else book.due
        return due if due is not None and due > after else None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True

    def dump(self, state: Book) -> Any:
        """See :meth:`Leaf.dump`."""
        return [state.occurrence, state.closed_at, _dump_life(state.life)]

    def load(self, data: Any) -> Book:
        """See :meth:`Leaf.load`."""
        book = Book()
        book.occurrence, book.closed_at, life = data
        book.life = _load_life(life, self.kind)
        return book


class CompiledLead(NamedTuple):
    """A lead ready to be followed."""

    leaf: LeadLeaf
    """Hears what comes back of it."""
    again: int
    """How long after it was closed it may be opened again, milliseconds."""
    router: Router | None
    users: UsersLeaf | None
    """Those whom it may be worth while to talk to."""
    score: CompiledScore | None
    """What they are ranked by."""
    most: int
    """How many of them are told."""

    def resume(self, rule: str, until: int) -> int:
        """When the contact of a lead that is snoozed until then is due, by the rule it went by."""
        return until if self.router is None else self.router.resume(rule, until)


def _dump_life(life: LeadLife | None) -> Any:
    """The kind is not kept: it is that of the definitions."""
    if life is None:
        return None
    route, override = life.route, life.override
    data = [
        life.opened_at,
        [[one.user_id, one.score] for one in life.contacts],
        None if route is None else [route.rule, route.team, route.owner, route.earliest, route.due],
        life.contacted_at, life.breached_at, life.merged, life.outcome, life.reason,
    ]  # fmt: skip
    if override is not None:
        data.append([override.action, override.approver, override.reason, override.at])
    return data


def _load_life(data: Any, kind: LeadKind) -> LeadLife | None:
    if data is None:
        return None
    opened_at, contacts, route, contacted_at, breached_at, merged, outcome, reason, *rest = data
    return LeadLife(
        opened_at,
        tuple([Contact(user_id, score) for user_id, score in contacts]),
        None if route is None else LeadRoute(*route),
        contacted_at,
        breached_at,
        merged,
        outcome,
        reason,
        kind,
        LeadOverride(*rest[0]) if rest else None,
    )
