"""The referee on sequences, worked out on paper."""

import pytest

from streams.definitions.model import AllOf, Comparison, Not, SequenceCondition, Step
from tests.properties.oracle_life import Life
from tests.properties.oracle_sequences import all_matches, completions
from tests.properties.written import ANN, counted, event, happened, of, sequence, turns


def first(steps: str, history: str, within: int | None = None, *, strict: bool = False) -> int:
    """When it is true for the first time; 0: never."""
    found = turns(sequence(steps, within, strict=strict), history)
    assert len(found) < 2, "once complete, complete for ever"
    return found[0] if found else 0


def taken(
    steps: str, history: str, within: int | None = None, *, strict: bool = False
) -> list[int]:
    condition = sequence(steps, within, strict=strict, count=">= 2")
    return completions(condition, Life(ANN, happened(history)).events)


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("A B", "A:1 B:2", 2),
        ("A B", "B:1 A:2", 0),
        ("A B", "B:2 A:2", 2),
        ("A B", "A:1 x:2 B:3", 3),
        ("A A", "A:1", 0),
        ("A A", "A:1 A:1", 1),
        ("A B A", "A:2 B:2", 0),
        ("A B A", "A:2 A:2 B:2", 2),
        ("A * B", "A:1 B:2", 0),
        ("A * B", "A:1 B:2 B:3", 3),
        ("A * B", "A:1 x:1 B:1", 1),
    ],
)
def test_steps_come_in_the_order_of_time_and_one_event_fills_one(
    steps: str, history: str, expected: int
) -> None:
    assert first(steps, history) == expected


def test_the_time_runs_from_the_first_step_and_includes_its_end() -> None:
    assert first("A B C", "A:1 B:3 C:6", within=5) == 6
    assert first("A B C", "A:1 B:3 C:7", within=5) == 0
    assert first("A B C", "A:1 A:2 B:3 C:7", within=5) == 7, "the best attempt counts"
    assert first("A B", "A:1 B:2", within=0) == 0
    assert first("A B", "B:2 A:2", within=0) == 2


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("A !N B", "A:1 N:2 B:3", 0),
        ("A !N B", "A:1 N:1 B:3", 3),
        ("A !N B", "A:1 N:3 B:3", 3),
        ("A !N B", "A:1 N:2 A:2 B:3", 3),
        ("A !N !M B", "A:1 M:2 B:3", 0),
        ("A !N B C", "A:1 B:2 N:3 C:4", 4),
        ("A !N B C", "A:1 N:2 B:3 A:4 B:5 C:6", 6),
        ("A !N B C", "A:1 N:2 B:3 A:4 C:5", 0),
        ("A !A B", "A:1 A:2 B:3", 3),
        ("A !A B", "A:1 A:2 A:3 B:3", 3),
        ("A !* B", "A:1 x:2 B:3 B:4", 0),
        ("A !B B", "A:1 B:2 B:3", 2),
    ],
)
def test_an_absent_event_is_absent_strictly_between_its_neighbours(
    steps: str, history: str, expected: int
) -> None:
    assert first(steps, history) == expected


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("A !B/5", "A:1", 6),
        ("A !B/5", "A:1 B:6", 0),
        ("A !B/5", "A:1 B:7", 6),
        ("A !B/5", "B:1 A:1", 6),
        ("A !B/5", "A:1 B:2 A:3", 8),
        ("A !A/5", "A:1 A:4 A:9", 14),
        ("A B !N/5", "A:1 B:2 N:3 B:4", 9),
        ("A B !N/5", "A:1 N:4 B:4", 9),
    ],
)
def test_the_last_absence_is_complete_when_its_time_is_over(
    steps: str, history: str, expected: int
) -> None:
    assert first(steps, history) == expected


def test_the_wait_of_the_last_absence_is_not_part_of_the_window() -> None:
    assert first("A B !N/50", "A:1 B:3", within=2) == 53


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("A B", "A:1 x:2 B:3", 0),
        ("A B", "A:1 x:1 x:3 B:3", 3),
        ("A B", "A:1 A:2 B:3", 3),
        ("A B C", "A:1 B:2 B:2 C:3", 0),
        ("A B C", "A:1 B:2 C:3 C:3", 3),
        ("A B C", "A:1 A:1 B:2 C:3", 3),
        ("A !N/5", "A:1 x:2", 6),
        ("A !N B", "A:1 N:1 B:2", 2),
    ],
)
def test_strict_allows_no_other_event_strictly_between_the_first_and_the_last(
    steps: str, history: str, expected: int
) -> None:
    assert first(steps, history, strict=True) == expected


def test_every_match_is_found_once_for_each_choice_of_events() -> None:
    events = happened("A:1 A:2 B:3 B:3")
    assert sorted(all_matches(sequence("A B"), events)) == [(0, 2), (0, 3), (1, 2), (1, 3)]
    assert sorted(all_matches(sequence("A B", within=1), events)) == [(1, 2), (1, 3)]
    assert sorted(all_matches(sequence("A B", strict=True), events)) == [(1, 2), (1, 3)]


@pytest.mark.parametrize(
    ("steps", "history", "expected"),
    [
        ("A B", "A:1 B:2 A:3 B:4", [2, 4]),
        ("A B", "A:1 B:2 B:3", [2]),
        ("A B", "A:1 A:2 B:3 B:4", [3, 4]),
        ("A A", "A:1 A:2 A:3 A:4", [2, 4]),
        ("A A", "A:1 A:1 A:1 A:1 A:1", [1, 1]),
        ("A B", "B:1 A:1 B:1 A:1", [1, 1]),
        ("A !N B", "A:1 N:2 A:3 B:4 B:5", [4]),
        ("A !B/2", "A:1 A:2 B:4 A:9", [3, 11]),
    ],
)
def test_matches_are_taken_one_after_the_other_and_share_no_event(
    steps: str, history: str, expected: list[int]
) -> None:
    assert taken(steps, history) == expected


def test_of_two_complete_at_once_the_one_that_began_first_is_taken() -> None:
    # (1, 5) is taken before (4, 5), so that 4 is left for 6: with the window of 4 the 1 would be
    # too old for it.
    assert taken("A B", "A:1 A:4 B:5 B:6", within=4) == [5, 6]
    # Greedy, not the most there could be: 3 is used up for B at 5, though 1 would have done.
    assert taken("A * B", "A:1 A:3 B:5 B:9", within=4) == [5]


def test_of_events_of_one_time_the_one_that_fits_less_is_taken_first() -> None:
    # x fits the second step alone (mask 2), A both (mask 3), A is left to begin the next.
    steps = (Step(of("A")), Step(of("A", "x")))
    condition = SequenceCondition(steps, None, False, Comparison(">=", 2))
    history = "A:1 A:2 x:2 x:3"
    assert completions(condition, Life(ANN, happened(history)).events) == [2, 3]


def test_what_is_used_up_is_still_another_event_for_strict() -> None:
    assert taken("A B", "A:1 A:2 B:3 B:4", strict=True) == [3]


def test_a_count_compares_in_every_way_with_the_matches_so_far() -> None:
    history = "x:0 A:1 B:2 A:3 B:4 A:5 B:6"
    assert turns(sequence("A B", 9, count=">= 2"), history) == [4]
    assert turns(sequence("A B", 9, count="== 0"), history) == [0, 2]
    assert turns(sequence("A B", 9, count="== 2"), history) == [4, 6]
    assert turns(sequence("A B", 9, count="<= 1"), history) == [0, 4]
    assert turns(sequence("A B", 9, count="!= 1"), history) == [0, 2, 4]
    assert turns(sequence("A !B/3", 9, count="< 1"), "A:1 B:2 A:3") == [1, 6]


def test_a_sequence_stands_inside_other_conditions() -> None:
    assert turns(Not(sequence("A B")), "x:0 A:1 B:4") == [0, 4]
    both = AllOf((sequence("A B"), counted("x", within=3)))
    assert turns(both, "x:0 A:1 B:4 x:7") == [7, 10]


def test_steps_have_filters_of_their_own_and_an_accounts_users_share_a_sequence() -> None:
    history = [event(1, "ann", "A"), event(2, "bob", "B")]
    assert turns(sequence("A B"), history) == [2]
    assert turns(sequence("A B"), history, kind="user") == []
