"""Whatever the order, the repeats, the cuts and the crashes: the engine agrees with the oracle."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.build import is_compiled
from streams.definitions.model import Definitions, Timing
from streams.engine.entities import RecentIds
from tests.properties.activity import assert_activity
from tests.properties.driver import Cluster, Cycle, FakeRecord, Outcome, World, cycles, record
from tests.properties.histories import (
    DENSE,
    WHOLE_HISTORY,
    crowd,
    histories,
    lives_of_one_account,
    seeds,
)
from tests.properties.languages import FOCUSES, definitions
from tests.properties.languages_windows import gated_counts, sliding_windows
from tests.properties.oracle import Oracle, Reached
from tests.properties.oracle_life import Entity
from tests.properties.refutable import may_be_refuted
from tests.properties.standing import (
    Case,
    Standing,
    assert_agrees,
    assert_stuck,
    cases,
    everything_said,
    newest,
    standing,
    without_repeats,
)

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

committed_cycles = st.tuples(st.integers(0, 8), st.integers(1, 4)).map(lambda of: Cycle(*of))
restarts = st.tuples(st.integers(0, 8), st.integers(0, 12)).map(
    lambda of: Cycle(of[0], ending="restart", rewind=of[1])
)
anything = cases(definitions(), histories())
anything_and_again = cases(definitions(), histories(), duplicates=True)


def run(case: Case, plan: Sequence[Cycle] = ()) -> Outcome:
    records = [record(event, offset) for offset, event in enumerate(case.arrived)]
    return World(case.meaning, records).run(plan, until=case.until)


@given(anything)
def test_any_order_within_allowed_lateness_reaches_what_the_oracle_reaches(case: Case) -> None:
    assert_agrees(case, run(case))


@pytest.mark.parametrize("focus", FOCUSES)
@given(data=st.data())
def test_each_form_in_any_order_with_repeats_and_crashes(focus: str, data: st.DataObject) -> None:
    case = data.draw(cases(FOCUSES[focus], histories(DENSE), duplicates=True))
    assert_agrees(case, run(case, data.draw(st.lists(cycles, max_size=3))), crashed=True)


@pytest.mark.parametrize("focus", FOCUSES)
@given(data=st.data())
def test_each_form_in_order_tells_every_flip_when_it_happens(
    focus: str, data: st.DataObject
) -> None:
    drawn = data.draw(cases(FOCUSES[focus], histories(DENSE)))
    distinct = {event.time: event for event in drawn.history}
    history = [distinct[time] for time in sorted(distinct)]
    case = replace(drawn, history=history, arrived=history)
    assert_agrees(case, run(case))


@given(
    cases(sliding_windows(), lives_of_one_account, duplicates=True), st.lists(cycles, max_size=2)
)
def test_sliding_windows_forget_nothing_that_late_events_still_need(
    case: Case, plan: list[Cycle]
) -> None:
    assert_agrees(case, run(case, plan), crashed=True)


@given(cases(gated_counts, lives_of_one_account))
def test_a_late_event_is_judged_at_every_later_instant_that_it_changes(case: Case) -> None:
    assert_agrees(case, run(case))


@settings(max_examples=settings.default.max_examples // 5)  # each is as long as ten of the others
@given(seeds, sliding_windows())
def test_what_many_users_and_values_make_it_forget_is_not_missed(
    seed: int, meaning: Definitions
) -> None:
    history, arrived = crowd(seed, meaning.timing.allowed_lateness)
    case = Case(meaning, history, arrived, newest(history))
    assert_agrees(case, run(case, [Cycle(50, 1, "restart")]))


@given(anything_and_again)
def test_repeated_events_change_nothing(case: Case) -> None:
    assert_agrees(case, run(case))


@given(anything, st.lists(committed_cycles, max_size=8))
def test_any_split_into_batches_and_cycles_changes_nothing(case: Case, plan: list[Cycle]) -> None:
    outcome = run(case, plan)
    assert_agrees(case, outcome)
    assert everything_said(outcome) == everything_said(run(case))


@given(anything, st.lists(restarts, max_size=8))
def test_a_restart_between_commits_changes_nothing_and_a_replay_is_skipped(
    case: Case, plan: list[Cycle]
) -> None:
    outcome = run(case, plan)
    assert_agrees(case, outcome)
    assert len(without_repeats(outcome.qualifications)) == len(outcome.qualifications)
    assert everything_said(outcome) == everything_said(run(case))


@given(anything_and_again, st.lists(cycles, max_size=8))
def test_a_crash_in_any_step_of_the_commit_loses_nothing_and_repeats_what_it_said(
    case: Case, plan: list[Cycle]
) -> None:
    outcome = run(case, plan)
    assert_agrees(case, outcome, crashed=True)
    assert_activity(case.arrived, outcome)
    assert everything_said(outcome) == everything_said(run(case))


@pytest.mark.skipif(is_compiled(), reason="what is compiled has its constants built in")
@given(anything_and_again, st.lists(cycles, max_size=8))
def test_a_crash_loses_no_event_id_of_an_account_that_keeps_them_in_chunks(
    case: Case, plan: list[Cycle]
) -> None:
    with patch.multiple(RecentIds, FEW=1, SPAN=WHOLE_HISTORY):
        outcome = run(case, plan)
    assert_agrees(case, outcome, crashed=True)
    assert_activity(case.arrived, outcome)


@given(anything_and_again, st.lists(cycles, max_size=4))
def test_daily_activity_adds_up_to_the_events_that_happened(case: Case, plan: list[Cycle]) -> None:
    assert_activity(case.arrived, run(case, plan))


@given(anything, st.integers(1, 24), st.sampled_from([0, 2, 4]))
def test_accounts_that_are_ahead_of_their_users_after_a_crash_reach_the_same(
    case: Case, taken: int, quarters: int
) -> None:
    outcome = run(case, [Cycle(taken, ending="users", quarters=quarters)])
    assert_agrees(case, outcome, crashed=True)
    assert_activity(case.arrived, outcome)


@given(anything, seeds, st.lists(st.tuples(st.integers(0, 1), cycles), max_size=8))
def test_records_under_a_wrong_key_count_where_they_belong_and_once(
    case: Case, seed: int, plan: list[tuple[int, Cycle]]
) -> None:
    """Without event ids, so that only the coordinates of the first record can tell repeats."""
    case = replace(case, meaning=_patient(case.meaning))
    chance = Random(seed)
    sources: list[list[FakeRecord]] = [[], []]
    for event in case.history:
        source = chance.choice(sources)
        source.append(record(event, len(source), with_id=False))
    outcome = Cluster(case.meaning, sources, HOMES.__getitem__).run(plan, until=case.until)
    oracle = Oracle(case.meaning, case.history, case.until)
    found = merged_otherwise(outcome.qualifications)
    assert found.reached == oracle.answer()
    for name, milestone in case.meaning.milestones.items():
        assert not milestone.live or found.members(name) == oracle.members(name)
    assert_stuck(case, found, in_order=False)
    assert_activity(case.history, outcome)


def merged_otherwise(qualifications: list[Qualification]) -> Standing:
    """What the sink keeps. After a crash, records that came by two ways may be merged otherwise:
    then another event decides, and a milestone is told again with another time on the way."""
    held: dict[Reached, Qualification] = {}
    others: list[Qualification] = []
    for one in without_repeats(qualifications):
        key = Reached(Entity(one.account_id, one.user_id), one.milestone, one.occurrence)
        if one.type not in ("milestone.reached", "milestone.corrected"):
            others.append(one)
        elif key not in held or one.occurred_at < held[key].occurred_at:
            held[key] = replace(one, type="milestone.reached")
    return standing([*held.values(), *others])


@given(histories(), seeds, definitions(), st.integers(0, WHOLE_HISTORY))
def test_events_that_come_too_late_never_prove_what_did_not_happen(
    history: list[Event], seed: int, meaning: Definitions, patience: int
) -> None:
    arrived = history.copy()
    Random(seed).shuffle(arrived)
    case = Case(meaning, history, arrived, newest(history) + patience)
    outcome = run(case)
    answer = Oracle(meaning, history, case.until).answer()
    lasting = [one for one in outcome.qualifications if _is_lasting(meaning, one.milestone)]
    for reached, at in standing(lasting).reached.items():
        assert reached in answer
        assert at >= answer[reached]
    assert_activity(arrived, outcome)


def _is_lasting(meaning: Definitions, name: str) -> bool:
    """Whether it is reached once, and nothing can refute it."""
    milestone = meaning.milestones[name]
    once = not milestone.live and milestone.repeat is None
    return once and not may_be_refuted(milestone.when, meaning.milestones)


HOMES = {b"acme": 0, b"bolt": 1, b"ann": 1, b"bob": 0}


def _patient(meaning: Definitions) -> Definitions:
    """Forwarding is a detour: any order may come of it, so any must be allowed."""
    milestones = {
        name: one if one.repeat is None else replace(one, repeat=WHOLE_HISTORY + one.repeat)
        for name, one in meaning.milestones.items()
    }
    return replace(meaning, timing=Timing(WHOLE_HISTORY, WHOLE_HISTORY), milestones=milestones)
