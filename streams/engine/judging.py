"""Which milestones an event, or the passing of time, has made true, and since when.

A milestone is judged at once, at the event that may have made it true; an event that comes late
may then prove an earlier time. Where a late event could prove that it was *not* true (a mean, an
upper bound), an instant is judged only when none can come late for it any more: so the order of
arrival never changes what is reached.
"""

from hashlib import blake2b
from typing import Any

import orjson

from schemas.events import Event
from schemas.qualifications import Evidence, Qualification
from streams.engine.compiler import CompiledMilestone, Plan
from streams.engine.entities import Entity, Root
from streams.engine.leaves import EventLeaf
from streams.engine.occasion import Occasion

Rises = dict[int, int]
"""Key of an account's leaf → the earliest time at which a user's milestone fed it."""

Work = dict[int, int]
"""Place of a milestone → the earliest instant at which it may have turned true."""


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
    before, lateness = entity.clock, plan.lateness
    if event.time > before:
        entity.clock = event.time
    settled = entity.clock - lateness - 1
    work: Work | None = None
    if leaves:
        if not entity.leaves:
            entity.leaves = {}
        work = _feed(entity, leaves, event, before, before - lateness)
    if rises:
        work = _add_rises(work, entity, plan, rises)
    fed: Rises | None = None
    if work or (entity.deadline is not None and entity.deadline <= entity.clock):
        too_late = before - event.time > lateness
        fed = _judge(entity, plan, work or {}, settled, occasion, too_late=too_late)
    if entity.pending:
        _settle(entity, plan, settled)
    return fed


def pass_time(
    entity: Entity, plan: Plan, until: int, occasion: Occasion, rises: Rises | None = None
) -> Rises:
    """Judge what was held back, as no event comes any more; otherwise like :func:`observe`."""
    work = _add_rises(None, entity, plan, rises or {})
    return _judge(entity, plan, work, until, occasion, too_late=False)


def _feed(
    entity: Entity, leaves: tuple[EventLeaf, ...], event: Event, before: int, horizon: int
) -> Work | None:
    """Show the event to the leaves that want it."""
    work: Work | None = None
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
                if key not in reached or time < before:
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


def _judge(
    entity: Entity, plan: Plan, work: Work, settled: int, occasion: Occasion, *, too_late: bool
) -> Rises:
    """Judge milestones in order; each that is reached may give work to later ones."""
    fed: Rises = {}
    now = max(entity.clock, settled)
    deadline = None if entity.deadline is None else entity.deadline - plan.lateness - 1
    if deadline is not None and deadline <= settled:
        for place in plan.may_be_held:
            work[place] = min(deadline, work.get(place, deadline))
    while work:
        place = min(work)
        low = work.pop(place)
        milestone = plan.milestones[place]
        known = entity.reached.get(milestone.key)
        high = now if known is None else known - 1
        if milestone.may_be_held and milestone.is_held(entity):
            high = min(settled, high) if known is not None else settled
            low = min(low, deadline) if deadline is not None else low
        found = milestone.first_true(entity, low, high) if low <= high else None
        if found is None:
            continue
        entity.reached = {**entity.reached, milestone.key: found}
        if known is None:
            entity.pending += (place,)
        _tell(milestone, entity, found, occasion, corrected=known is not None, late=too_late)
        for dependent in milestone.dependents:
            work[dependent] = min(found, work.get(dependent, found))
        if entity.user_id is not None and occasion.root is not entity:
            _feed_account(occasion.root, milestone, entity.user_id, found, plan.lateness, fed)
    entity.deadline = _next_deadline(entity, plan, settled)
    return fed


def _feed_account(
    root: Root, milestone: CompiledMilestone, user_id: str, found: int, lateness: int, fed: Rises
) -> None:
    if not root.leaves:
        root.leaves = {}
    for leaf in milestone.watchers:
        if leaf.milestones & ~root.settled:
            leaf.add(root, user_id, found, root.clock - lateness)
            fed[leaf.key] = min(found, fed.get(leaf.key, found))


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
            if not leaf.milestones & ~entity.settled:
                entity.leaves.pop(leaf.key, None)


def _next_deadline(entity: Entity, plan: Plan, settled: int) -> int | None:
    waiting = [
        milestone.next_instant(entity, settled)
        for milestone in (plan.milestones[place] for place in plan.may_be_held)
        if milestone.key not in entity.reached and milestone.is_held(entity)
    ]
    instant = min((at for at in waiting if at is not None), default=None)
    return None if instant is None else instant + plan.lateness + 1


def _tell(
    milestone: CompiledMilestone,
    entity: Entity,
    occurred: int,
    occasion: Occasion,
    *,
    corrected: bool,
    late: bool,
) -> None:
    evidence = tuple(
        Evidence(
            condition=leaf.text,
            observed=seen.observed,
            at_least=seen.at_least,
            threshold=seen.threshold,
            window_start=seen.window_start,
            window_end=occurred,
            holds=seen.holds,
        )
        for leaf, seen in ((leaf, leaf.observe(entity, occurred)) for leaf in milestone.leaves)
    )
    payload: dict[str, Any] = {
        "id": "",
        "type": "milestone.corrected" if corrected else "milestone.reached",
        "milestone": milestone.name,
        "account_id": occasion.root.account_id,
        "user_id": entity.user_id,
        "occurrence": 1,
        "occurred_at": occurred,
        "detected_at": occasion.recorded_at,
        "definition_hash": milestone.definition_hash,
        "decided_by": occasion.decided_by,
        "late": late,
        "evidence": evidence,
    }
    payload["id"] = _id(payload)
    occasion.staged.qualifications.append(Qualification(**payload))


def _id(payload: dict[str, Any]) -> str:
    """The same for the same input, and never the same for two that differ in anything.

    Records of one account that come by two ways (its own partition and repartition) may be
    merged otherwise after a crash; another event may then be the one that decides.
    """
    return blake2b(orjson.dumps(payload), digest_size=16).hexdigest()
