"""Which milestones an event, or the passing of time, has made true, and since when.

A milestone is judged at once, at the event that may have made it true; an event that comes late
may then prove an earlier time. Where a late event could prove that it was *not* true (an upper
bound, a ``not``), an instant is judged only when none can come late for it any more: so the order
of arrival never changes what is reached. Live milestones are always judged at once, and again
where a late event tells otherwise.
"""

from typing import Final

from schemas.events import Event
from schemas.qualifications import QualificationType
from streams.engine.compiler import Plan
from streams.engine.entities import AFTER_ALL, BEFORE_ALL, NOTHING, Entity, Root
from streams.engine.leaves import EventLeaf, Flips, UsersNowLeaf, UsersReachedLeaf
from streams.engine.milestones import CompiledMilestone
from streams.engine.occasion import Occasion
from streams.engine.telling import tell

Rises = dict[int, int]
"""Key of an account's leaf → the earliest instant that a user's milestone changed for it."""

Work = dict[int, int]
"""Place of a milestone → the earliest instant at which it may have turned."""


class Hearing:
    """An entity whose milestones are judged, and the time at which they are.

    Attributes:
        time: events up to then may have come.
        settled: the last instant for which no event can come late.
        since: event time of the event at hand: what turned before was for time to decide.
        horizon: how far back state remembers all.
        late: whether that event came later than is allowed.
        work: what is yet to be judged.
        fed: what the account is to be told.
    """

    __slots__ = (
        "entity", "fed", "horizon", "late", "occasion", "plan", "settled", "since", "time", "work",
    )  # fmt: skip

    def __init__(
        self, entity: Entity, plan: Plan, occasion: Occasion, work: Work, time: int, settled: int
    ) -> None:
        self.entity = entity
        self.plan = plan
        self.occasion = occasion
        self.work = work
        self.time = time
        self.settled = settled
        self.since = time + 1
        self.horizon = entity.clock - plan.lateness - 1
        self.late = False
        self.fed: Rises = {}

    def tell(
        self, milestone: CompiledMilestone, kind: QualificationType, occurrence: int, at: int
    ) -> None:
        """Say that a milestone turned at an instant."""
        by_event = at >= self.since
        tell(milestone, self.entity, kind, occurrence, at, self.occasion, by_event, self.late)

    def pass_on(self, milestone: CompiledMilestone, at: int) -> None:
        """Let the entity's own milestones know that this one was reached."""
        for dependent in milestone.dependents:
            self.work[dependent] = min(at, self.work.get(dependent, at))

    def account(self) -> Root | None:
        """The account that the entity is a user of."""
        root = self.occasion.root
        if root is self.entity:
            return None
        if not root.leaves:
            root.leaves = {}
        return root

    def feed(self, key: int, at: int) -> None:
        """Note from when on an account's leaf is to be asked again."""
        self.fed[key] = min(at, self.fed.get(key, at))


def observe(
    entity: Entity,
    plan: Plan,
    leaves: tuple[EventLeaf, ...],
    event: Event,
    occasion: Occasion,
    rises: Rises | None = None,
) -> Rises | None:
    """Let an entity's conditions see an event and judge those that it may have changed.

    Args:
        entity: the account, or the user.
        plan: the milestones of its kind.
        leaves: those of them that want events of this name.
        event: happened to it.
        occasion: takes the results.
        rises: for an account, what its user's milestones have fed.

    Returns:
        The same for the account that this entity is a user of.
    """
    before, lateness, time = entity.clock, plan.lateness, event.time
    if time > before:
        entity.clock = time
    work: Work | None = None
    if time < entity.born:
        entity.born = time
        if plan.at_birth:
            work = dict.fromkeys(plan.at_birth, time)
    if leaves:
        if not entity.leaves:
            entity.leaves = {}
        work = _feed(work, entity, leaves, event, before, before - lateness - 1)
    if rises:
        work = _add_rises(work, entity, plan, rises)
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
    entity.timers = timers
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
    for leaf in leaves:
        if not leaf.milestones & ~settled:
            continue
        accepts = leaf.accepts
        if accepts is not None and not accepts(event):
            continue
        if leaf.add(entity, event, horizon):
            for place, key in leaf.places:
                # What is reached can only be proven earlier, which takes an earlier event.
                if key not in reached or time < before or leaf.both:
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
    """Judge milestones in order; each that turns may give work to later ones."""
    entity, plan, work = hearing.entity, hearing.plan, hearing.work
    timers = entity.timers = dict(entity.timers)
    for key, instant in timers.items():
        milestone = plan.milestones[plan.place_of[key]]
        if instant <= (hearing.settled if milestone.may_be_held else hearing.time):
            work[milestone.place] = min(instant, work.get(milestone.place, instant))
    while work:
        place = min(work)
        low = work.pop(place)
        milestone = plan.milestones[place]
        if entity.settled & milestone.bit:
            continue
        low = min(low, timers.get(milestone.key, low))
        high = hearing.settled if milestone.is_held(entity) else hearing.time
        following: int | None = low
        if low <= high:
            _JUDGES[milestone.mode](hearing, milestone, low, high)
            following = None
            if milestone.is_open(entity):
                following = milestone.next_instant(entity, high)
        if following is not None:
            timers[milestone.key] = following
        else:
            timers.pop(milestone.key, None)
        if milestone.impatient:
            _preview(hearing, milestone)
    if not timers:
        entity.timers = NOTHING
    set_deadline(entity, plan)
    return hearing.fed


def set_deadline(entity: Entity, plan: Plan) -> None:
    """Work out when something is to be judged next though no event comes."""
    found: int | None = None
    for key, instant in entity.timers.items():
        if plan.milestones[plan.place_of[key]].may_be_held:
            instant += plan.lateness + 1
        if found is None or instant < found:
            found = instant
    entity.deadline = found


def _judge_once(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Reached at the first instant at which it is true; a late event may prove an earlier one."""
    entity = hearing.entity
    known = entity.reached.get(milestone.key)
    if known is not None:
        high = min(high, known - 1)
        if low > high:
            return
    for at in milestone.instants(entity, low, high):
        if milestone.holds(entity, at):
            break
    else:
        return
    entity.reached = {**entity.reached, milestone.key: at}
    if known is None:
        entity.pending += (milestone.place,)
        hearing.tell(
            milestone, "journey.stuck" if milestone.journey else "milestone.reached", 1, at
        )
    else:
        hearing.tell(milestone, "milestone.corrected", 1, at)
    hearing.pass_on(milestone, at)
    _feed_account(hearing, milestone, at, known)


def _judge_repeated(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Reached each time that it turns true long enough after the last time."""
    entity, repeat = hearing.entity, milestone.repeat
    assert repeat is not None  # noqa: S101 - for the type checker
    count, last, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    for at in milestone.instants(entity, low, high):
        holds = milestone.holds(entity, at)
        if holds and not inside and (not count or at >= last + repeat):
            count, last = count + 1, at
            if count == 1:
                entity.reached = {**entity.reached, milestone.key: at}
                hearing.pass_on(milestone, at)
            hearing.tell(milestone, "milestone.reached", count, at)
            _feed_account(hearing, milestone, at, None)
        inside = holds
    entity.occurrences = {**entity.occurrences, milestone.key: (count, last, inside)}


def _preview(hearing: Hearing, milestone: CompiledMilestone) -> None:
    """Let an account's live milestones know what is found by now, and yet to be told."""
    root, entity = hearing.account(), hearing.entity
    low = entity.timers.get(milestone.key)
    if root is None or low is None:
        return
    count, last, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    times: list[int] = []
    for at in milestone.instants(entity, low, hearing.time) if low <= hearing.time else ():
        holds = milestone.holds(entity, at)
        if holds and not inside and (not count or at >= last + (milestone.repeat or AFTER_ALL)):
            count, last = count + 1, at
            times.append(at)
        inside = holds
    for leaf in milestone.impatient:
        horizon = root.clock - hearing.plan.lateness - 1
        changed = leaf.preview(root, entity.user_id or "", low, times, horizon)
        if changed is not None:
            hearing.feed(leaf.key, changed)


def _judge_live(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Entered and exited. What was told stays told; from then on it is what is known now."""
    entity = hearing.entity
    count, since, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    flips = _flips(milestone, entity, max(low, hearing.horizon), max(high, since), since)
    _feed_account_live(hearing, milestone, flips)
    for at, holds in flips:
        if at < since or holds == inside:
            continue
        since, inside = at, holds
        if holds:
            count += 1
            if count == 1:
                entity.reached = {**entity.reached, milestone.key: at}
                hearing.pass_on(milestone, at)
        hearing.tell(milestone, "milestone.entered" if holds else "milestone.exited", count, at)
    entity.occurrences = {**entity.occurrences, milestone.key: (count, since, inside)}


_JUDGES: Final = {"once": _judge_once, "repeat": _judge_repeated, "live": _judge_live}


def _flips(milestone: CompiledMilestone, entity: Entity, low: int, high: int, since: int) -> Flips:
    """What it is at ``low``, what it is at ``since`` where that is later, and each turn."""
    instants = milestone.instants(entity, low, high)
    if since > low and since not in instants:
        instants = sorted((*instants, since))
    flips: Flips = []
    for at in instants:
        holds = milestone.holds(entity, at)
        if not flips or holds != flips[-1][1] or at == since:
            flips.append((at, holds))
    return flips


def _feed_account(
    hearing: Hearing, milestone: CompiledMilestone, at: int, known: int | None
) -> None:
    """Tell the account that its user has reached it (and not when ``known``)."""
    root = hearing.account() if milestone.watchers else None
    if root is None:
        return
    for leaf in milestone.watchers:
        if isinstance(leaf, UsersReachedLeaf) and leaf.milestones & ~root.settled:
            horizon = root.clock - hearing.plan.lateness - 1
            leaf.add(root, hearing.entity.user_id or "", at, known, horizon)
            hearing.feed(leaf.key, at if known is None else min(at, known))


def _feed_account_live(hearing: Hearing, milestone: CompiledMilestone, flips: Flips) -> None:
    root = hearing.account() if milestone.watchers else None
    if root is None:
        return
    for leaf in milestone.watchers:
        if isinstance(leaf, UsersNowLeaf) and leaf.milestones & ~root.settled:
            horizon = root.clock - hearing.plan.lateness - 1
            changed = leaf.feed(root, hearing.entity.user_id or "", flips, horizon)
            if changed is not None:
                hearing.feed(leaf.key, changed)


def _settle(entity: Entity, plan: Plan, settled: int) -> None:
    """Let go of what milestones needed whose time no event can change any more."""
    over = [p for p in entity.pending if entity.reached[plan.milestones[p].key] <= settled + 1]
    if not over:
        return
    entity.pending = tuple(place for place in entity.pending if place not in over)
    for place in over:
        entity.settled |= plan.milestones[place].bit
    for place in over:
        for leaf in plan.milestones[place].leaves:
            if leaf.key in entity.leaves and not leaf.milestones & ~entity.settled:
                del entity.leaves[leaf.key]
