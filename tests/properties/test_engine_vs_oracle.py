"""Whatever the order, the repeats, the cuts and the crashes: the engine agrees with the oracle."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from schemas.activity import DailyActivity, DayCount
from schemas.events import Event
from schemas.qualifications import Qualification
from streams.build import is_compiled
from streams.definitions.model import Definitions, Timing
from streams.engine.entities import RecentIds
from tests.properties.driver import Cluster, Cycle, FakeRecord, Outcome, World, cycles, record
from tests.properties.histories import STEP, STEPS, arrivals, crowd, histories, lives_of_one_account
from tests.properties.languages import (
    definitions,
    gated_counts,
    may_be_held,
    sliding_windows,
)
from tests.properties.oracle import Oracle, Reached
from tests.properties.oracle_life import Entity, unique_events
from tests.properties.oracle_measures import DAY

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

WHOLE_HISTORY = (STEPS + 1) * STEP

committed_cycles = st.tuples(st.integers(0, 8), st.integers(1, 4)).map(lambda of: Cycle(*of))
restarts = st.tuples(st.integers(0, 8), st.integers(0, 12)).map(
    lambda of: Cycle(of[0], ending="restart", rewind=of[1])
)

Case = tuple[Definitions, list[Event], list[Event]]

ANY_MEANING, ANY_HISTORY = definitions(), histories()


@st.composite
def cases(
    draw: st.DrawFn,
    meanings: st.SearchStrategy[Definitions] = ANY_MEANING,
    lives: st.SearchStrategy[list[Event]] = ANY_HISTORY,
    *,
    duplicates: bool = False,
) -> Case:
    """Definitions, a history in order, and the same history as it arrives."""
    meaning = draw(meanings)
    history = draw(lives)
    arrived = draw(
        arrivals(
            history,
            allowed_lateness=meaning.timing.allowed_lateness,
            dedupe_within=meaning.timing.dedupe_within if duplicates else 0,
        )
    )
    return meaning, history, arrived


def run(meaning: Definitions, arrived: list[Event], plan: Sequence[Cycle] = ()) -> Outcome:
    records = [record(event, offset) for offset, event in enumerate(arrived)]
    newest = max((event.time for event in arrived), default=0)
    return World(meaning, records).run(plan, until=newest)


def without_repeats(qualifications: list[Qualification]) -> list[Qualification]:
    """What a subscriber keeps: the first of each id. A repeat must say the same."""
    first: dict[str, Qualification] = {}
    for one in qualifications:
        assert first.setdefault(one.id, one) == one, "two payloads under one id"
    return list(first.values())


def standing(qualifications: list[Qualification]) -> dict[Reached, int]:
    """What holds after the last output; a correction must follow, and must be earlier."""
    held: dict[Reached, int] = {}
    for one in without_repeats(qualifications):
        key = Reached(Entity(one.account_id, one.user_id), one.milestone)
        if key in held:
            assert one.type == "milestone.corrected"
            assert one.occurred_at < held[key]
        else:
            assert one.type == "milestone.reached"
        assert one.occurrence == 1
        held[key] = one.occurred_at
    return held


def assert_agrees(case: Case, outcome: Outcome) -> None:
    meaning, history, arrived = case
    note("\n".join(f"{one.time} {one}" for one in arrived))
    assert not any(one.late for one in outcome.qualifications)
    assert standing(outcome.qualifications) == Oracle(meaning, history).answer()


@given(cases())
def test_any_order_within_allowed_lateness_reaches_what_the_oracle_reaches(case: Case) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived))


@given(
    cases(sliding_windows(), lives_of_one_account, duplicates=True), st.lists(cycles, max_size=2)
)
def test_sliding_windows_forget_nothing_that_late_events_still_need(
    case: Case, plan: list[Cycle]
) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived, plan))


@given(cases(gated_counts, lives_of_one_account))
def test_a_late_event_is_judged_at_every_later_instant_that_it_changes(case: Case) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived))


@given(sliding_windows(), st.integers(0, 2**32))
def test_what_many_users_and_values_make_it_forget_is_not_missed(
    meaning: Definitions, seed: int
) -> None:
    history, arrived = crowd(seed, meaning.timing.allowed_lateness)
    assert_agrees((meaning, history, arrived), run(meaning, arrived, [Cycle(50, 1, "restart")]))


@given(cases(duplicates=True))
def test_repeated_events_change_nothing(case: Case) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived))


@given(cases(), st.lists(committed_cycles, max_size=8))
def test_any_split_into_batches_and_cycles_changes_nothing(case: Case, plan: list[Cycle]) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, plan)
    assert_agrees(case, outcome)
    assert outcome.qualifications == run(meaning, arrived).qualifications


@given(
    cases(),
    st.lists(
        restarts,
        max_size=8,
    ),
)
def test_a_restart_between_commits_changes_nothing_and_a_replay_is_skipped(
    case: Case, plan: list[Cycle]
) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, plan)
    assert_agrees(case, outcome)
    assert outcome.qualifications == run(meaning, arrived).qualifications


@given(cases(duplicates=True), st.lists(cycles, max_size=8))
def test_a_crash_in_any_step_of_the_commit_loses_nothing_and_repeats_word_for_word(
    case: Case, plan: list[Cycle]
) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, plan)
    assert_agrees(case, outcome)
    assert_activity(arrived, outcome)
    straight = run(meaning, arrived).qualifications
    assert sorted(without_repeats(outcome.qualifications), key=str) == sorted(straight, key=str)


@pytest.mark.skipif(is_compiled(), reason="what is compiled has its constants built in")
@given(cases(duplicates=True), st.lists(cycles, max_size=8))
def test_a_crash_loses_no_event_id_of_an_account_that_keeps_them_in_chunks(
    case: Case, plan: list[Cycle]
) -> None:
    meaning, _, arrived = case
    with patch.multiple(RecentIds, FEW=1, SPAN=WHOLE_HISTORY):
        outcome = run(meaning, arrived, plan)
    assert_agrees(case, outcome)
    assert_activity(arrived, outcome)


@given(cases(duplicates=True), st.lists(cycles, max_size=4))
def test_daily_activity_adds_up_to_the_events_that_happened(case: Case, plan: list[Cycle]) -> None:
    meaning, _, arrived = case
    assert_activity(arrived, run(meaning, arrived, plan))


@given(cases(), st.integers(1, 24), st.sampled_from([0, 2, 4]))
def test_accounts_that_are_ahead_of_their_users_after_a_crash_reach_the_same(
    case: Case, taken: int, quarters: int
) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, [Cycle(taken, ending="users", quarters=quarters)])
    assert_agrees(case, outcome)
    assert_activity(arrived, outcome)


@given(
    st.tuples(definitions(), histories()).map(lambda of: (_patient(of[0]), of[1], of[1])),
    st.data(),
    st.lists(st.tuples(st.integers(0, 1), cycles), max_size=8),
)
def test_records_under_a_wrong_key_count_where_they_belong_and_once(
    case: Case, data: st.DataObject, plan: list[tuple[int, Cycle]]
) -> None:
    """Without event ids, so that only the coordinates of the first record can tell repeats."""
    meaning, history, _ = case
    sources: list[list[FakeRecord]] = [[], []]
    for event in history:
        source = data.draw(st.sampled_from(sources))
        source.append(record(event, len(source), with_id=False))
    newest = max((event.time for event in history), default=0)
    outcome = Cluster(meaning, sources, HOMES.__getitem__).run(plan, until=newest)
    assert earliest(outcome.qualifications) == Oracle(meaning, history).answer()
    assert_activity(history, outcome)


def earliest(qualifications: list[Qualification]) -> dict[Reached, int]:
    """What the sink keeps. After a crash, records that came by two ways may be merged otherwise:
    then another event decides, and a milestone is told again with another time on the way."""
    held: dict[Reached, int] = {}
    for one in without_repeats(qualifications):
        key = Reached(Entity(one.account_id, one.user_id), one.milestone)
        held[key] = min(one.occurred_at, held.get(key, one.occurred_at))
    return held


@given(
    definitions(),
    histories().flatmap(lambda history: st.tuples(st.just(history), st.permutations(history))),
)
def test_events_that_come_too_late_never_prove_what_did_not_happen(
    meaning: Definitions, histories: tuple[list[Event], list[Event]]
) -> None:
    history, arrived = histories
    milestones = list(meaning.milestones.values())
    outcome = run(meaning, arrived)
    answer = Oracle(meaning, history).answer()
    for reached, at in standing(outcome.qualifications).items():
        if not may_be_held(meaning.milestones[reached.milestone].when, milestones):
            assert reached in answer
            assert at >= answer[reached]
    assert_activity(arrived, outcome)


HOMES = {b"acme": 0, b"bolt": 1, b"ann": 1, b"bob": 0}


def _patient(meaning: Definitions) -> Definitions:
    """Forwarding is a detour: any order may come of it, so any must be allowed."""
    return replace(meaning, timing=Timing(WHOLE_HISTORY, WHOLE_HISTORY))


ActivityKey = tuple[str | None, str | None, int, str]


def assert_activity(arrived: list[Event], outcome: Outcome) -> None:
    """As the sink keeps it: of each part the row with the highest count; a day is their sum."""
    rows: dict[tuple[str | None, str | None, int, str, str], DayCount] = {}
    for update in outcome.updates:
        for row in map(DailyActivity._make, update.activity):
            for event, told in row.events.items():
                count = DayCount(*told)
                key = (row.account_id, row.user_id, row.day, event, row.part)
                if key not in rows or rows[key].count <= count.count:
                    rows[key] = count
    parts: dict[ActivityKey, list[DayCount]] = defaultdict(list)
    for key, row in rows.items():
        parts[key[:4]].append(row)
    found = {
        key: (
            sum(row.count for row in days),
            min(row.first_at for row in days),
            max(row.last_at for row in days),
        )
        for key, days in parts.items()
    }
    assert found == true_activity(arrived)


def true_activity(history: list[Event]) -> dict[ActivityKey, tuple[int, int, int]]:
    times: dict[ActivityKey, list[int]] = defaultdict(list)
    for event in unique_events(history):
        key = (event.account_id, event.user_id, event.time // DAY, event.name)
        times[key].append(event.time)
    return {key: (len(found), min(found), max(found)) for key, found in times.items()}
