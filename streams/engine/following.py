"""What becomes of a lead: judged like a live milestone, and followed from then on."""

from collections.abc import Mapping
from heapq import nsmallest
from typing import Any, Final

from schemas.qualifications import Contact, LeadLife, LeadOverride, LeadRoute, QualificationType
from streams.engine.entities import BEFORE_ALL, Root
from streams.engine.leads import Book, CompiledLead
from streams.engine.milestones import CompiledMilestone
from streams.engine.modes import Hearing, flips_of
from streams.engine.orders import Order
from streams.engine.routing import Candidate

_MOST_RANKED: Final = 200
"""Users, those who reached their milestone last, whose scores are looked at: each is loaded."""


def judge_lead(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Open, route, follow up and close, in the order of time.

    Of one instant, first the condition turns, then what comes back is heard, then it is due. What
    was told stays told, as of a live milestone; what comes back late counts when it was.
    """
    entity, lead = hearing.entity, hearing.plan.leads[milestone.place]
    book = lead.leaf.book(entity)
    _, since, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    low, high = max(low, hearing.horizon), max(high, since)
    for at, holds in flips_of(milestone, entity, low, high, since):
        _follow(hearing, milestone, lead, book, at - 1)
        if at < since or holds == inside:
            continue
        since, inside = at, holds
        if not holds:
            continue
        if book.is_open:
            book.merge()
        elif book.may_open(at, lead.again):
            _open(hearing, milestone, lead, book, at, None)
    _follow(hearing, milestone, lead, book, hearing.time)
    lead.leaf.close_book(entity)
    entity.keep_occurrence(milestone.key, (book.occurrence, since, inside))


def _follow(
    hearing: Hearing, milestone: CompiledMilestone, lead: CompiledLead, book: Book, upto: int
) -> None:
    """Take in what came back, and when it was due, in the order of time up to an instant."""
    while True:
        due, coming = book.due, book.coming
        if coming is not None and coming.at <= upto and (due is None or coming.at <= due):
            book.coming = None
            if isinstance(coming.detail, Order):
                _obey(hearing, milestone, lead, book, coming.detail)
            elif book.hear(coming, lead.resume):
                hearing.tell(milestone, "lead.closed", book.occurrence, coming.at, book.life)
        elif due is not None and due <= upto:
            book.breach(due)
            hearing.tell(milestone, "lead.sla_breached", book.occurrence, due, book.life)
        else:
            return


def _obey(
    hearing: Hearing, milestone: CompiledMilestone, lead: CompiledLead, book: Book, order: Order
) -> None:
    """Do what somebody decided; where there is nothing to decide, that is counted."""
    refusal, at = book.refuses(order), order.override.at
    if refusal is not None:
        hearing.occasion.staged.refuse(refusal)
        return
    if order.override.action == "qualify":
        _open(hearing, milestone, lead, book, at, order.override)
        return
    book.obey(order)
    told: QualificationType = "lead.routed" if order.outcome is None else "lead.closed"
    hearing.tell(milestone, told, book.occurrence, at, book.life)


def _open(
    hearing: Hearing,
    milestone: CompiledMilestone,
    lead: CompiledLead,
    book: Book,
    at: int,
    override: LeadOverride | None,
) -> None:
    """Begin with a new lead, with its route and whom to talk to."""
    life = LeadLife(
        opened_at=at,
        contacts=_contacts(hearing, lead, at),
        route=_route(hearing, milestone, lead, at),
        kind=lead.leaf.kind,
        override=override,
    )
    book.open(life)
    hearing.tell(milestone, "lead.qualified", book.occurrence, at, life)
    if life.route is not None:
        hearing.tell(milestone, "lead.routed", book.occurrence, at, life)


def _route(
    hearing: Hearing, milestone: CompiledMilestone, lead: CompiledLead, at: int
) -> LeadRoute | None:
    if lead.router is None:
        return None
    entity = hearing.entity
    score = milestone.scores[0].score.value(entity, at) if milestone.scores else None
    traits = {name: value for name, (_, value) in _traits(hearing, at).items()}
    segment = hearing.plan.segment_of(entity, at)
    return lead.router.route(Candidate(entity.key, at, score, segment, traits))


def _traits(hearing: Hearing, at: int) -> Mapping[str, tuple[int, Any]]:
    """The entity's traits, with those of the event at hand where that is not later than ``at``."""
    entity, before = hearing.entity, hearing.occasion.traits_before
    if at < hearing.since and before is not None and before[0] is entity:
        return before[1]
    return entity.traits


def _contacts(hearing: Hearing, lead: CompiledLead, at: int) -> tuple[Contact, ...]:
    root = hearing.entity
    if lead.users is None or not isinstance(root, Root):
        return ()
    newest = nsmallest(
        lead.most if lead.score is None else _MOST_RANKED,
        lead.users.who(root, at),
        key=lambda one: (-one[0], one[1]),
    )
    if lead.score is None:
        return tuple([Contact(user_id, None) for _, user_id in newest])
    scored = []
    for _, user_id in newest:
        user = hearing.occasion.find_user(root, user_id)
        scored.append(Contact(user_id, lead.score.value(user, at)))
    scored.sort(key=lambda one: -(one.score or 0.0))  # of equal ones the newest stays first
    return tuple(scored[: lead.most])
