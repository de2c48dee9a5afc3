"""Whatever the order, the repeats, the cuts and the crashes: the engine agrees with the oracle."""

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from schemas.activity import DailyActivity
from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions.model import Definitions
from tests.properties.driver import Cycle, Outcome, World, cycles, record
from tests.properties.histories import arrivals, histories
from tests.properties.languages import definitions
from tests.properties.oracle import DAY, Entity, Oracle, Reached, unique_events

Case = tuple[Definitions, list[Event], list[Event]]


@st.composite
def cases(draw: st.DrawFn, *, duplicates: bool = False) -> Case:
    """Definitions, a history in order, and the same history as it arrives."""
    meaning = draw(definitions())
    history = draw(histories())
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
    return World(meaning, records).run(plan)


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
        assert not one.late
        held[key] = one.occurred_at
    return held


def assert_agrees(case: Case, outcome: Outcome) -> None:
    meaning, history, arrived = case
    note("\n".join(f"{one.time} {one}" for one in arrived))
    assert standing(outcome.qualifications) == Oracle(meaning, history).answer()


@given(cases())
def test_any_order_within_allowed_lateness_reaches_what_the_oracle_reaches(case: Case) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived))


@given(cases(duplicates=True))
def test_repeated_events_change_nothing(case: Case) -> None:
    meaning, _, arrived = case
    assert_agrees(case, run(meaning, arrived))


@given(cases(), st.lists(st.builds(Cycle, st.integers(0, 8), st.integers(1, 4)), max_size=8))
def test_any_split_into_batches_and_cycles_changes_nothing(case: Case, plan: list[Cycle]) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, plan)
    assert_agrees(case, outcome)
    assert outcome.qualifications == run(meaning, arrived).qualifications


@given(
    cases(),
    st.lists(
        st.builds(
            Cycle,
            st.integers(0, 8),
            ending=st.just("restart"),
            rewind=st.integers(0, 12),
        ),
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


@given(cases(duplicates=True), st.lists(cycles, max_size=4))
def test_daily_activity_adds_up_to_the_events_that_happened(case: Case, plan: list[Cycle]) -> None:
    meaning, _, arrived = case
    assert_activity(arrived, run(meaning, arrived, plan))


@pytest.mark.parametrize("quarters", [0, 2, 4])
@given(cases(), st.integers(1, 24))
def test_accounts_that_are_ahead_of_their_users_after_a_crash_reach_the_same(
    quarters: int, case: Case, taken: int
) -> None:
    meaning, _, arrived = case
    outcome = run(meaning, arrived, [Cycle(taken, ending="users", quarters=quarters)])
    assert_agrees(case, outcome)
    assert_activity(arrived, outcome)


ActivityKey = tuple[str | None, str | None, int, str]


def assert_activity(arrived: list[Event], outcome: Outcome) -> None:
    """As the sink keeps it: of each part the row with the highest count; a day is their sum."""
    rows: dict[tuple[str | None, str | None, int, str, str], DailyActivity] = {}
    for update in outcome.updates:
        for row in update.activity:
            key = (update.account_id, row.user_id, row.day, row.event, row.part)
            if key not in rows or rows[key].count <= row.count:
                rows[key] = row
    parts: dict[ActivityKey, list[DailyActivity]] = defaultdict(list)
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
