"""Health: whatever the order, the cuts, the crashes and the time that passes, the levels agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import HealthChange, Qualification
from streams.definitions.model import (
    Comparison,
    Definitions,
    EntityKind,
    EventCondition,
    Health,
    Journey,
    Measure,
    Milestone,
)
from tests.properties.driver import Cycle, FakeRecord, World, cycles
from tests.properties.driver import record as as_record
from tests.properties.histories import DENSE, STEP, Disorder, arrivals, disorders, histories
from tests.properties.languages import FOCUSES
from tests.properties.languages_leads import crashing_plans, in_order, quiet_plans
from tests.properties.oracle import Oracle
from tests.properties.oracle_health import Followed, Turn, health_told, turns, with_twins
from tests.properties.oracle_life import Entity
from tests.properties.oracle_live import counts_users, waits_for_users
from tests.properties.standing import Case, cases, newest

pytestmark = pytest.mark.timeout(3_600)

KINDS: list[EntityKind] = ["account", "user"]
STEPS = ("shared", "thrice")


def _simple(name: str, of: EntityKind, count: int) -> Milestone:
    measure = Measure("count", Comparison(">=", count))
    return Milestone(f"{name}_{of}", of, EventCondition(("share", "invite"), None, measure))


@st.composite
def meanings(draw: st.DrawFn) -> Definitions:
    """Conditions of every form as those of levels, beside milestones, and with a journey or not."""
    base = draw(st.sampled_from(sorted(FOCUSES)).flatmap(FOCUSES.__getitem__))
    untimely = waits_for_users(base)
    simple = [_simple(name, of, 2 * place + 1) for of in KINDS for place, name in enumerate(STEPS)]
    journeys = {of: Journey(of, of, tuple(f"{name}_{of}" for name in STEPS)) for of in KINDS}
    found: dict[str, Health] = {}
    for of in KINDS:
        own = [
            one.when
            for one in base.milestones.values()
            if one.of == of and one.name not in untimely
        ]
        if not own:
            continue
        levels = st.none() | st.sampled_from(own)
        red, yellow = draw(st.tuples(levels, levels).filter(any))
        journey = draw(st.sampled_from([None, of]))
        found[f"health_{of}"] = Health(f"health_{of}", of, red, yellow, journey)
    return replace(
        base,
        milestones={**base.milestones, **{one.name: one for one in simple}},
        journeys={**base.journeys, **journeys},
        health=found,
    )


@dataclass(frozen=True)
class Timed:
    """Definitions, a history in order, its records as they come, and the time in the end."""

    meaning: Definitions
    history: list[Event]
    records: list[FakeRecord]
    until: int


@st.composite
def timed(draw: st.DrawFn) -> Timed:
    """A record is written when its event happens; events come again, too."""
    history, meaning = in_order(draw(histories(DENSE))), draw(meanings())
    disorder = draw(disorders)
    arrived = arrivals(
        history,
        Disorder(disorder.seed, 0, disorder.again),
        allowed_lateness=meaning.timing.allowed_lateness,
        dedupe_within=meaning.timing.dedupe_within,
    )
    records: list[FakeRecord] = []
    now = 0
    for offset, event in enumerate(arrived):
        now = max(now, event.time)
        records.append(as_record(event, offset)._replace(timestamp=now))
    patience = draw(st.sampled_from([0, 1, STEP, 5 * STEP, 30 * STEP]))
    return Timed(meaning, history, records, newest(history) + patience)


def changes(outputs: Iterable[Qualification]) -> dict[Followed, list[Qualification]]:
    """Those of each health without repeats; each goes on from the one before."""
    found: dict[Followed, list[Qualification]] = {}
    ids: set[str] = set()
    for one in outputs:
        if one.type == "health.changed" and one.id not in ids:
            ids.add(one.id)
            followed = Followed(Entity(one.account_id, one.user_id), one.milestone)
            found.setdefault(followed, []).append(one)
    for told in found.values():
        assert [one.occurrence for one in told] == list(range(1, len(told) + 1))
        levels = ["green", *(_change(one).level for one in told)]
        assert [_change(one).before for one in told] == levels[:-1]
        assert all(a != b for a, b in pairwise(levels))
    return found


def _change(one: Qualification) -> HealthChange:
    assert one.health is not None
    return one.health


def as_turns(told: Sequence[Qualification]) -> list[Turn]:
    return [Turn(one.occurred_at, _change(one).level) for one in told]


def assert_in_order(case: Timed, outputs: Sequence[Qualification]) -> None:
    """Every change is told that happens, with how far its entity had come by then."""
    note("\n".join(str(event) for event in case.history))
    oracle = Oracle(with_twins(case.meaning), case.history, case.until)
    found = changes(outputs)
    expected = {
        Followed(entity, health.name): way
        for health in case.meaning.health.values()
        for entity in oracle.entities(health.of)
        if (way := turns(oracle, entity, health))
    }
    assert {followed: as_turns(told) for followed, told in found.items()} == expected
    for followed, told in found.items():
        health = case.meaning.health[followed.health]
        simple = [f"{name}_{health.of}" for name in STEPS]
        for one in told:
            by_then = {
                name: times[0]
                for name in case.meaning.milestones
                if case.meaning.milestones[name].of == health.of
                and (times := oracle.occurrences(followed.entity, name))
                and times[0] <= one.occurred_at
            }
            furthest = [name for name in simple if name in by_then]
            named = _change(one).milestone
            if health.journey is not None or not by_then:
                assert named == (furthest[-1] if furthest else None)
            elif furthest:  # others may be told only when no event can come late for them
                assert named is not None
                assert by_then[named] >= by_then[furthest[-1]]


@given(timed(), quiet_plans)
def test_in_order_with_repeats_and_restarts_every_change_is_told_once(
    case: Timed, plan: list[Cycle]
) -> None:
    outputs = World(case.meaning, case.records).run(plan, until=case.until).qualifications
    assert len({one.id for one in outputs}) == len(outputs)
    assert_in_order(case, outputs)


@given(timed(), crashing_plans)
def test_what_is_told_again_after_a_crash_is_the_same(case: Timed, plan: list[Cycle]) -> None:
    outputs = World(case.meaning, case.records).run(plan, until=case.until).qualifications
    first: dict[str, Qualification] = {}
    for one in outputs:
        if one.type == "health.changed":
            assert first.setdefault(one.id, one) == one, "one id for two things"
    assert_in_order(case, outputs)


@given(
    cases(meanings(), histories(DENSE), duplicates=True),
    st.lists(cycles, max_size=3),
)
def test_in_any_order_what_was_told_stays_told_and_the_level_now_is_that_of_all(
    case: Case, plan: list[Cycle]
) -> None:
    note("\n".join(str(event) for event in case.arrived))
    records = [as_record(event, offset) for offset, event in enumerate(case.arrived)]
    outputs = World(case.meaning, records).run(plan, until=case.until).qualifications
    found = {followed: as_turns(told) for followed, told in changes(outputs).items()}
    doubled = with_twins(case.meaning)
    if not counts_users(doubled):  # while an account is ahead of its users the way may be another
        assert found == health_told(case.meaning, case.arrived, case.until)
    oracle = Oracle(doubled, case.history, case.until)
    for health in case.meaning.health.values():
        for entity in oracle.entities(health.of):
            true = turns(oracle, entity, health)
            told = found.get(Followed(entity, health.name), [])
            assert (true or [Turn(0, "green")])[-1].level == (told or [Turn(0, "green")])[-1].level
