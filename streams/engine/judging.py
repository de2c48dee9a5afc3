"""Which milestones an event, or the passing of time, has made true, and since when.

A milestone is judged at once, at the event that may have made it true; an event that comes late
may then prove an earlier time. Where a late event could prove that it was *not* true (an upper
bound, a ``not``), an instant is judged only when none can come late for it any more: so the order
of arrival never changes what is reached. Live milestones are always judged at once, and again
where a late event tells otherwise.
"""

from heapq import heappop
from typing import Final

from schemas.events import Event
from streams.engine.adopting import adopt
from streams.engine.agenda import set_deadline, set_timer, take_due
from streams.engine.compiler import Plan
from streams.engine.entities import AFTER_ALL, BEFORE_ALL, NONE_PENDING, Entity
from streams.engine.flagging import judge_flag
from streams.engine.following import judge_lead
from streams.engine.leaves import EventLeaf
from streams.engine.milestones import CompiledMilestone
from streams.engine.modes import JUDGES as MODES
from streams.engine.modes import Hearing, Rises, Work, preview
from streams.engine.occasion import Occasion

JUDGES: Final = {**MODES, "lead": judge_lead, "flag": judge_flag}


def observe(
    entity: Entity,
    plan: Plan,
    leaves: tuple[EventLeaf, ...],
    event: Event,
    occasion: Occasion,
    rises: Rises | None = None,
    *,
    counts: bool = True,
) -> Rises | None:
    """Let an entity's conditions see an event and judge those that it may have changed.

    Args:
        entity: the account, or the user.
        plan: the milestones of its kind.
        leaves: those of them that want events of this name.
        event: happened to it.
        occasion: takes the results.
        rises: for an account, what its user's milestones have fed.
        counts: false for an event that is excluded: nobody is known by it.

    Returns:
        The same for the account that this entity is a user of.
    """
    before, lateness, time = entity.clock, plan.lateness, event.time
    if time > before:
        entity.clock = time
    work: Work | None = None
    if time < entity.born and counts:
        if entity.born == AFTER_ALL and before > BEFORE_ALL:  # its traits may be known
            work = dict.fromkeys(range(plan.rules.first), time)
        elif plan.at_birth:
            work = dict.fromkeys(plan.at_birth, time)
        entity.born = time
    if leaves:
        if not entity.leaves:
            entity.leaves = {}
        work = _feed(work, entity, leaves, event, before, before - lateness - 1)
    if rises:
        work = _add_rises(work, entity, plan, rises)
    if plan.parameters:
        # Of whoever is new nothing is asked before this event, but what may yet come late.
        newest = before if before > BEFORE_ALL else time
        work = adopt(entity, plan, occasion, newest - lateness - 1, work)
    settled = entity.clock - lateness - 1
    fed: Rises | None = None
    if work or (entity.deadline is not None and entity.deadline <= entity.clock):
        hearing = Hearing(entity, plan, occasion, work or {}, entity.clock, settled)
        hearing.since, hearing.horizon = time, before - lateness - 1
        hearing.late = before - time > lateness
        fed = _judge(hearing)
    if entity.pending:
        _settle(entity, plan, settled)
    return fed


def pass_time(
    entity: Entity,
    plan: Plan,
    now: int,
    settled: int,
    occasion: Occasion,
    rises: Rises | None = None,
) -> Rises | None:
    """Judge what has become due without an event; otherwise like :func:`observe`."""
    work = _add_rises(None, entity, plan, rises) if rises else {}
    time = max(entity.clock, now)
    settled = max(settled, entity.clock - plan.lateness - 1)
    due = entity.deadline is not None and entity.deadline <= max(time, settled + plan.lateness + 1)
    if not work and not due:
        return None
    if plan.parameters:
        work = adopt(entity, plan, occasion, entity.clock - plan.lateness - 1, work) or work
    entity.passed = time
    fed = _judge(Hearing(entity, plan, occasion, work, time, settled))
    if entity.pending:
        _settle(entity, plan, entity.clock - plan.lateness - 1)
    return fed


def arm(entity: Entity, plan: Plan) -> None:
    """Look at all that is timed from the entity's clock on, as definitions have changed."""
    if not entity.leaves:
        entity.leaves = {}
    for leaf in plan.leaves.values():
        if leaf.key not in entity.leaves:
            leaf.seed(entity)
    timers = dict(entity.timers)
    for place in plan.timed:
        milestone = plan.milestones[place]
        if milestone.is_open(entity):
            timers.setdefault(milestone.key, entity.clock)
    entity.timers, entity.agenda = timers, None
    set_deadline(entity, plan)


def _feed(
    work: Work | None,
    entity: Entity,
    leaves: tuple[EventLeaf, ...],
    event: Event,
    before: int,
    horizon: int,
) -> Work | None:
    """Show the event to the leaves that want it."""
    time = event.time
    settled, reached = entity.settled, entity.reached
    judged = entity.passed > time
    for leaf in leaves:
        if not leaf.milestones & ~settled:
            continue
        accepts = leaf.accepts
        if accepts is not None and not accepts(event):
            continue
        if leaf.add(entity, event, horizon) or judged:
            for place, key in leaf.places:
                # What is reached can only be proven earlier, which takes an earlier event.
                if key not in reached or time < before or judged or leaf.both:
                    if work is None:
                        work = {}
                    work[place] = time
    return work


def _add_rises(work: Work | None, entity: Entity, plan: Plan, rises: Rises) -> Work:
    work = {} if work is None else work
    for key, occurred in rises.items():
        for place, _ in plan.leaves[key].places:
            if not entity.settled >> place & 1:
                work[place] = min(occurred, work.get(place, occurred))
    return work


def _judge(hearing: Hearing) -> Rises:
    """Judge what there is to judge, and what is due."""
    entity, plan, work = hearing.entity, hearing.plan, hearing.work
    for milestone in take_due(entity, plan, hearing.time, hearing.settled):
        instant = entity.timers[milestone.key]
        work[milestone.place] = min(instant, work.get(milestone.place, instant))
    return judge(hearing)


def judge(hearing: Hearing) -> Rises:
    """Judge what there is to judge, in order; each that turns may give work to later ones."""
    entity, plan, work = hearing.entity, hearing.plan, hearing.work
    foretellers: dict[CompiledMilestone, int] = {}
    hearing.places = sorted(work)  # and so a heap
    while hearing.places:
        place = heappop(hearing.places)
        low = work.pop(place)
        milestone = plan.milestones[place]
        following: int | None = None
        if not entity.settled & milestone.bit:
            low = min(low, entity.timers.get(milestone.key, low))
            high = hearing.settled if milestone.is_held(entity) else hearing.time
            following = low
            if low <= high:
                for score in milestone.scores:
                    score.revise(entity, low, high, hearing.horizon)
                JUDGES[milestone.mode](hearing, milestone, low, high)
                following = None
                if milestone.is_open(entity):
                    following = milestone.next_instant(entity, high)
        set_timer(entity, plan, milestone, following)
        for foreteller in milestone.foretellers:
            foretellers[foreteller] = min(low, foretellers.get(foreteller, low))
    for foreteller, low in foretellers.items():
        preview(hearing, foreteller, low)
    set_deadline(entity, plan)
    return hearing.fed


def _settle(entity: Entity, plan: Plan, settled: int) -> None:
    """Let go of what milestones needed whose time no event can change any more."""
    over: list[int] = []
    pending = entity.pending
    while pending and pending[0][0] <= settled + 1:
        _, place = heappop(pending)
        over.append(place)
        entity.settled |= plan.milestones[place].bit
    if not pending:
        entity.pending = NONE_PENDING
    for place in over:
        for leaf in plan.milestones[place].leaves:
            if leaf.key in entity.leaves and not leaf.milestones & ~entity.settled:
                del entity.leaves[leaf.key]
                if leaf.key in entity.orders:
                    del entity.orders[leaf.key]
