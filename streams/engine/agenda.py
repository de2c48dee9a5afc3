"""When which milestone of an entity is to be judged though no event comes.

An entity's timers are a few more often than many. Many, as of a thousand milestones that wait for
as many events, are kept in a heap beside them: an event that concerns one of them costs no more.
"""

from heapq import heapify, heappop, heappush
from typing import Final

from streams.engine.compiler import Plan
from streams.engine.entities import NOTHING, Entity
from streams.engine.milestones import CompiledMilestone

_FEW: Final = 16


def set_timer(
    entity: Entity, plan: Plan, milestone: CompiledMilestone, instant: int | None
) -> None:
    """Note from which instant on a milestone must be judged; ``None``: it need not.

    :func:`set_deadline` is to follow.
    """
    key = milestone.key
    if instant is None:
        if key in entity.timers:
            del entity.timers[key]
            entity.timers = entity.timers or NOTHING  # type: ignore[assignment]
        return
    if not entity.timers:
        entity.timers = {}
    entity.timers[key] = instant
    if entity.agenda is not None:
        heappush(entity.agenda, (_due_at(plan, key, instant), key))


def take_due(entity: Entity, plan: Plan, time: int, settled: int) -> list[CompiledMilestone]:
    """The milestones that are due; each is to be judged, and its timer set anew.

    Args:
        entity: whose they are.
        plan: the milestones of its kind.
        time: what is told at once is due up to then.
        settled: what late events may refute is due up to then.
    """
    until = max(time, settled + plan.lateness + 1)
    if entity.deadline is None or entity.deadline > until:
        return []
    agenda = entity.agenda
    keys = list(entity.timers)
    if agenda is not None:
        keys = []
        while agenda and agenda[0][0] <= until:
            keys.append(heappop(agenda)[1])
    due: list[CompiledMilestone] = []
    for key in dict.fromkeys(keys):
        milestone = plan.milestones[plan.place_of[key]]
        instant = entity.timers.get(key)
        if instant is None:
            continue
        if instant <= (settled if milestone.may_be_held else time):
            due.append(milestone)
        elif agenda is not None:
            heappush(agenda, (_due_at(plan, key, instant), key))
    return due


def set_deadline(entity: Entity, plan: Plan) -> None:
    """Work out when something is to be judged next though no event comes."""
    timers = entity.timers
    if len(timers) <= _FEW:
        entity.agenda = None
        dues = [_due_at(plan, key, instant) for key, instant in timers.items()]
        entity.deadline = min(dues, default=None)
        return
    agenda = entity.agenda
    if agenda is None or len(agenda) > 2 * len(timers):
        agenda = [(_due_at(plan, key, instant), key) for key, instant in timers.items()]
        heapify(agenda)
        entity.agenda = agenda
    while True:
        due, key = agenda[0]
        instant = timers.get(key)
        if instant is not None and _due_at(plan, key, instant) == due:
            break
        heappop(agenda)
    entity.deadline = due


def _due_at(plan: Plan, key: int, instant: int) -> int:
    """When an instant can be judged."""
    milestone = plan.milestones[plan.place_of[key]]
    return instant + plan.lateness + 1 if milestone.may_be_held else instant
