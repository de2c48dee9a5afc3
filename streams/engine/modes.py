"""What becomes of a milestone that turns: once, again and again, or live; and of health."""

from heapq import heappush
from typing import Final

from schemas.qualifications import Flag, HealthChange, LeadLife, QualificationType
from streams.engine.compiler import Plan
from streams.engine.entities import BEFORE_ALL, Entity, Root
from streams.engine.health import GREEN
from streams.engine.leaves import Flips, UsersNowLeaf, UsersReachedLeaf
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
        places: of it, the first one first.
        fed: what the account is to be told.
    """

    __slots__ = (
        "entity", "fed", "horizon", "late", "occasion", "places", "plan", "settled", "since",
        "time", "work",
    )  # fmt: skip

    def __init__(
        self, entity: Entity, plan: Plan, occasion: Occasion, work: Work, time: int, settled: int
    ) -> None:
        self.entity = entity
        self.plan = plan
        self.occasion = occasion
        self.work = work
        self.places: list[int] = []
        self.time = time
        self.settled = settled
        self.since = time + 1
        self.horizon = entity.clock - plan.lateness - 1
        self.late = False
        self.fed: Rises = {}

    def tell(
        self,
        milestone: CompiledMilestone,
        kind: QualificationType,
        occurrence: int,
        at: int,
        lead: LeadLife | None = None,
        health: HealthChange | None = None,
        flag: Flag | None = None,
        *,
        by_time: bool = False,
    ) -> None:
        """Say that a milestone turned at an instant; of a lead or a health, what became of it.

        ``by_time`` says that it is the passing of time that decided, whatever came then.

        Where the passing of time decided, it is detected when it was due and not when somebody
        looked at a clock: told again after a crash, it is the same to the last byte.
        """
        # That it is due is for time to decide, also where an event comes at that very instant.
        by_event = at >= self.since and kind != "lead.sla_breached" and not by_time
        detected_at = self.occasion.recorded_at if by_event else self._due(milestone, at)
        tell(
            milestone, self.entity, kind, occurrence, at, self.occasion, detected_at,
            self.plan.segment_of(self.entity, at), lead, health, flag,
            by_event=by_event, late=self.late,
        )  # fmt: skip

    def _due(self, milestone: CompiledMilestone, at: int) -> int:
        """When an instant can be told of."""
        names_held = milestone.mode != "live" and not milestone.may_be_held and milestone.waits_for
        waits = names_held or milestone.is_held(self.entity)
        return at + self.plan.lateness + 1 if waits else at

    def pass_on(self, milestone: CompiledMilestone, at: int) -> None:
        """Let the entity's own milestones know that this one was reached."""
        for dependent in milestone.dependents:
            if dependent not in self.work:
                heappush(self.places, dependent)
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
    entity.reach(milestone.key, at)
    if not entity.pending:
        entity.pending = []
    heappush(entity.pending, (at, milestone.place))
    if known is None:
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
                entity.reach(milestone.key, at)
                hearing.pass_on(milestone, at)
            hearing.tell(milestone, "milestone.reached", count, at)
            _feed_account(hearing, milestone, at, None)
        inside = holds
    entity.keep_occurrence(milestone.key, (count, last, inside))


def preview(hearing: Hearing, milestone: CompiledMilestone, low: int) -> None:
    """Let an account's live milestones know what is found by now, and yet to be told.

    ``low`` is the earliest instant at which something may be otherwise than it was.
    """
    root, entity = hearing.account(), hearing.entity
    if root is None or milestone.so_far is None:
        return
    for score in milestone.so_far.scores:
        score.revise(entity, low, hearing.time, hearing.horizon)
    first = milestone.so_far.first(entity, hearing.time)
    for leaf in milestone.impatient:
        changed = leaf.preview(root, entity.user_id or "", first)
        if changed is not None:
            hearing.feed(leaf.key, changed)


def _judge_live(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Entered and exited. What was told stays told; from then on it is what is known now."""
    entity = hearing.entity
    count, since, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    flips = flips_of(milestone, entity, max(low, hearing.horizon), max(high, since), since)
    _feed_account_live(hearing, milestone, flips)
    for at, holds in flips:
        if at < since or holds == inside:
            continue
        since, inside = at, holds
        if holds:
            count += 1
            if count == 1:
                entity.reach(milestone.key, at)
                hearing.pass_on(milestone, at)
        hearing.tell(milestone, "milestone.entered" if holds else "milestone.exited", count, at)
    entity.keep_occurrence(milestone.key, (count, since, inside))


def _judge_health(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """From level to level. As of a live milestone what was told stays told."""
    entity, health = hearing.entity, hearing.plan.health[milestone.place]
    count, since, level = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, GREEN))
    low, high = max(low, hearing.horizon), max(high, since)
    instants = milestone.instants(entity, low, high)
    if since > low:  # it may be found now that it was another then
        instants = sorted({*instants, since})
    for at in instants:
        found = health.level(entity, at)
        if at < since or found == level:
            continue
        count += 1
        change = health.change(entity, level, found, at)
        since, level = at, found
        hearing.tell(milestone, "health.changed", count, at, health=change)
    if count:  # most entities never are anything but green
        entity.keep_occurrence(milestone.key, (count, since, level))


JUDGES: Final = {
    "once": _judge_once,
    "repeat": _judge_repeated,
    "live": _judge_live,
    "health": _judge_health,
}


def flips_of(
    milestone: CompiledMilestone, entity: Entity, low: int, high: int, since: int
) -> Flips:
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
