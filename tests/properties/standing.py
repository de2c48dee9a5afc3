"""What outputs leave behind at a subscriber, and what the referee says that they must."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions.model import Definitions
from tests.properties.driver import Outcome
from tests.properties.histories import STEP, WHOLE_HISTORY, arrivals, disorders
from tests.properties.oracle import Oracle, Reached, Stuck
from tests.properties.oracle_life import Entity, unique_events
from tests.properties.oracle_live import (
    Membership,
    Transition,
    counts_users,
    live_told,
    waits_for_users,
)


@dataclass(frozen=True)
class Case:
    """Definitions, a history, the same as it arrives, and the time in the end."""

    meaning: Definitions
    history: list[Event]
    arrived: list[Event]
    until: int


@st.composite
def cases(
    draw: st.DrawFn,
    meanings: st.SearchStrategy[Definitions],
    lives: st.SearchStrategy[list[Event]],
    *,
    duplicates: bool = False,
) -> Case:
    """In any order that the allowed lateness bears, then often some time in which nothing comes."""
    history, disorder = draw(lives), draw(disorders)
    patience = draw(st.sampled_from([0, 0, 1, STEP, 5 * STEP, WHOLE_HISTORY]))
    meaning = draw(meanings)
    arrived = arrivals(
        history,
        disorder,
        allowed_lateness=meaning.timing.allowed_lateness,
        dedupe_within=meaning.timing.dedupe_within if duplicates else 0,
    )
    return Case(meaning, history, arrived, newest(history) + patience)


def newest(history: Iterable[Event]) -> int:
    return max((event.time for event in history), default=0)


@dataclass
class Standing:
    """What holds after the last output."""

    reached: dict[Reached, int] = field(default_factory=dict)
    told: dict[Membership, list[Transition]] = field(default_factory=dict)
    stuck: dict[Stuck, int] = field(default_factory=dict)

    def members(self, milestone: str) -> set[Entity]:
        """Who has entered a live milestone, and not left it."""
        return {
            of.entity
            for of, transitions in self.told.items()
            if of.milestone == milestone and transitions[-1].type == "milestone.entered"
        }


def standing(qualifications: Iterable[Qualification]) -> Standing:
    """What a subscriber has; a correction must follow what it corrects, and be earlier."""
    found = Standing()
    for one in without_repeats(qualifications):
        entity = Entity(one.account_id, one.user_id)
        reached = Reached(entity, one.milestone, one.occurrence)
        match one.type:
            case "milestone.reached":
                assert reached not in found.reached
                found.reached[reached] = one.occurred_at
            case "milestone.corrected":
                assert one.occurred_at < found.reached[reached]
                found.reached[reached] = one.occurred_at
            case "milestone.entered" | "milestone.exited":
                transition = Transition(one.type, one.occurrence, one.occurred_at)
                found.told.setdefault(Membership(entity, one.milestone), []).append(transition)
            case "journey.stuck":
                assert one.journey is not None
                stuck = Stuck(entity, one.journey, one.milestone)
                assert stuck not in found.stuck
                found.stuck[stuck] = one.occurred_at
    return found


def without_repeats(qualifications: Iterable[Qualification]) -> list[Qualification]:
    """What a subscriber keeps: the first of each id. A repeat must mean the same."""
    first: dict[str, Qualification] = {}
    for one in qualifications:
        assert said(first.setdefault(one.id, one)) == said(one), "one id for two things"
    return list(first.values())


def said(one: Qualification) -> Any:
    """All but how it came to be known, which after a crash may be otherwise."""
    return replace(one, detected_at=0, decided_by=None)


def everything_said(outcome: Outcome) -> list[str]:
    """All outputs without repeats; between entities the order is free."""
    return sorted(str(said(one)) for one in without_repeats(outcome.qualifications))


def assert_agrees(case: Case, outcome: Outcome, *, crashed: bool = False) -> None:
    """What was told is what the referee says: all of it, and in the order of its rule.

    While an account is ahead of its users after a crash, time does not pass for these with it:
    the way is then another where it counts them, but not where it leads to. Neither is it compared
    for those who count users by a milestone that repeats: these learn of it when it is told.
    """
    note("\n".join(f"{one.time} {one}" for one in case.arrived))
    assert not any(one.late for one in outcome.qualifications)
    found = standing(outcome.qualifications)
    oracle = Oracle(case.meaning, case.history, case.until)
    assert found.reached == oracle.answer()
    if not (crashed and counts_users(case.meaning)):
        waiting = waits_for_users(case.meaning)
        told = live_told(case.meaning, case.arrived, case.until)
        assert {of: way for of, way in found.told.items() if of.milestone not in waiting} == {
            of: way for of, way in told.items() if of.milestone not in waiting
        }
    for milestone in case.meaning.milestones.values():
        if milestone.live:
            assert found.members(milestone.name) == oracle.members(milestone.name)
    times = [event.time for event in unique_events(case.arrived)]
    assert_stuck(case, found, in_order=times == sorted(set(times)))


def assert_stuck(case: Case, found: Standing, *, in_order: bool) -> None:
    """Where events came late, what a live step was first told is not what it truly was: then
    only journeys of other steps are compared."""
    comparable = {
        journey.name
        for journey in case.meaning.journeys.values()
        if in_order or not any(case.meaning.milestones[step].live for step in journey.steps)
    }
    expected = Oracle(case.meaning, case.history, case.until).stuck()
    assert {stuck: at for stuck, at in found.stuck.items() if stuck.journey in comparable} == {
        stuck: at for stuck, at in expected.items() if stuck.journey in comparable
    }
