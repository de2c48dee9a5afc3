"""What becomes of a rule that flags: judged like a live milestone, and followed from then on."""

from typing import Final

from schemas.qualifications import Flag
from streams.engine.entities import BEFORE_ALL
from streams.engine.milestones import CompiledMilestone
from streams.engine.modes import Hearing, flips_of

_NEVER: Final = (0, BEFORE_ALL, False)


def judge_flag(hearing: Hearing, milestone: CompiledMilestone, low: int, high: int) -> None:
    """Flag and clear, in the order of time. What was told stays told, as of a live milestone."""
    entity, rule = hearing.entity, hearing.plan.rules.flags[milestone.place]
    count, since, inside = entity.occurrences.get(milestone.key, _NEVER)
    low, high = max(low, hearing.horizon), max(high, since)
    for at, holds in flips_of(milestone, entity, low, high, since):
        if at < since or holds == inside:
            continue
        _clear(hearing, milestone, count, at)
        since, inside = at, holds
        if not holds:
            rule.leaf.release(entity, at)
        elif rule.leaf.flag(entity, at):
            count += 1
            told = Flag(milestone.name, rule.fake, None)
            hearing.tell(milestone, "entity.flagged", count, at, flag=told)
    _clear(hearing, milestone, count, hearing.time)
    if count:  # most are never flagged
        entity.keep_occurrence(milestone.key, (count, since, inside))


def _clear(hearing: Hearing, milestone: CompiledMilestone, count: int, upto: int) -> None:
    rule = hearing.plan.rules.flags[milestone.place]
    at = rule.leaf.clear(hearing.entity, upto)
    if at is not None:
        told = Flag(milestone.name, rule.fake, None)
        hearing.tell(milestone, "entity.cleared", count, at, flag=told, by_time=rule.lasts)
