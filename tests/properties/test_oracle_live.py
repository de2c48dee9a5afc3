"""The referee on what is reached again, entered and exited, and told under disorder, on paper."""

import pytest

from streams.definitions.model import (
    AllOf,
    Condition,
    Journey,
    Milestone,
    MilestoneCondition,
    Not,
)
from tests.properties.oracle import Flip, Oracle, Reached, Stuck
from tests.properties.oracle_live import Membership, Transition, live_told
from tests.properties.written import (
    ACME,
    ANN,
    BOB,
    comparison,
    counted,
    event,
    flips,
    happened,
    meaning,
    turns,
)

ACTIVE = counted("A", within=10)


def reached(history: str, repeat: int | None, condition: Condition = ACTIVE) -> list[int]:
    definitions = meaning(Milestone("m", "account", condition, repeat=repeat))
    return Oracle(definitions, happened(history), 1_000).occurrences(ACME, "m")


def test_once_is_once() -> None:
    assert reached("A:0 A:20 A:40", None) == [0]


def test_again_is_when_it_turns_true_at_least_so_long_after_the_last_time() -> None:
    assert reached("A:0 A:20 A:40", 20) == [0, 20, 40]
    assert reached("A:0 A:20 A:40", 21) == [0, 40]
    assert reached("A:0 A:19 A:39", 20) == [0, 39]
    assert reached("A:0 A:20 A:29", 20) == [0, 20], "it does not turn true while it is"
    assert reached("A:0 A:9 A:18 A:27", 20) == [0]


def test_what_leaves_and_comes_in_at_one_instant_does_not_turn() -> None:
    assert turns(ACTIVE, "A:0 A:10") == [0, 20]
    assert turns(ACTIVE, "A:0 A:11") == [0, 10, 11, 21]


def test_time_goes_on_up_to_now() -> None:
    assert turns(ACTIVE, "A:0", until=9) == [0]
    assert turns(ACTIVE, "A:0", until=10) == [0, 10]


def test_members_are_those_for_whom_it_is_true_at_the_instant() -> None:
    definitions = meaning(Milestone("m", "user", ACTIVE, live=True))
    history = [event(0, "ann", "A"), event(5, "bob", "A")]
    oracle = Oracle(definitions, history, 40)
    at = {time: oracle.members("m", time) for time in (-1, 0, 5, 9, 10, 14, 15)}
    assert at == {
        -1: set(),
        0: {ANN},
        5: {ANN, BOB},
        9: {ANN, BOB},
        10: {BOB},
        14: {BOB},
        15: set(),
    }
    assert oracle.members("m") == set()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [({}, [0]), ({"repeat": 20}, [0]), ({"live": True}, [0, 10, 30, 40])],
)
def test_an_own_milestone_stays_reached_and_a_live_one_is_what_it_is(
    mode: dict[str, int], expected: list[int]
) -> None:
    inner = Milestone("inner", "account", ACTIVE, **mode)  # type: ignore[arg-type]
    assert turns(MilestoneCondition("inner"), "A:0 A:30", others=(inner,)) == expected
    negated = [0, *expected[1:]] if expected[0] else expected
    found = turns(Not(MilestoneCondition("inner")), "x:-5 A:0 A:30", others=(inner,))
    assert found == [-5, *negated]


TEAM = [event(0, "ann", "A"), event(5, "bob", "A"), event(30, "ann", "A")]


@pytest.mark.parametrize(
    ("mode", "compared", "within", "expected"),
    [
        ({}, ">= 2", None, [5]),
        ({}, ">= 2", 20, [5, 20]),
        ({}, "== 0", 20, [25]),
        ({}, "<= 1", 20, [0, 5, 20]),
        ({}, "== 1", None, [0, 5]),
        ({"repeat": 20}, ">= 2", 20, [5, 20]),
        ({"repeat": 20}, "== 0", 20, [25, 30, 50]),
        ({"repeat": 20}, "== 1", 25, [0, 5, 25, 55]),
        ({"live": True}, ">= 2", None, [5, 10]),
        ({"live": True}, "== 0", None, [15, 30, 40]),
        ({"live": True}, "<= 0", None, [15, 30, 40]),
        ({"live": True}, "!= 1", None, [5, 10, 15, 30, 40]),
    ],
)
def test_an_account_counts_the_users_whose_milestone_lies_in_the_window(
    mode: dict[str, int], compared: str, within: int | None, expected: list[int]
) -> None:
    inner = Milestone("inner", "user", ACTIVE, **mode)  # type: ignore[arg-type]
    condition = MilestoneCondition("inner", comparison(compared), within)
    assert turns(condition, TEAM, others=(inner,)) == expected


def test_no_users_are_counted_of_an_account_that_is_known_without_any() -> None:
    inner = Milestone("inner", "user", Not(ACTIVE), live=True)
    condition = MilestoneCondition("inner", comparison("== 0"))
    history = [event(3, None, "x"), event(8, "ann", "x"), event(9, account="bolt")]
    assert turns(condition, history, others=(inner,)) == [3, 8]


def test_milestones_lean_on_one_another_through_several_kinds() -> None:
    active = Milestone("active", "user", ACTIVE, live=True)
    pair = Milestone("pair", "account", MilestoneCondition("active", comparison(">= 2")), repeat=9)
    quiet = AllOf((MilestoneCondition("pair"), Not(counted("A", within=3))))
    assert flips(quiet, TEAM, others=(active, pair)) == [
        Flip(8, True),
        Flip(30, False),
        Flip(33, True),
    ]


def told(condition: Condition, history: str, until: int = 100) -> list[tuple[str, int, int]]:
    definitions = meaning(Milestone("m", "account", condition, live=True))
    found = live_told(definitions, happened(history), until).get(Membership(ACME, "m"), [])
    return [(one.type.removeprefix("milestone."), one.occurrence, one.at) for one in found]


def test_in_order_every_flip_is_told() -> None:
    assert told(ACTIVE, "A:0 A:30") == [
        ("entered", 1, 0),
        ("exited", 1, 10),
        ("entered", 2, 30),
        ("exited", 2, 40),
    ]


def test_a_late_event_changes_what_comes_after_the_last_transition_alone() -> None:
    # The exit at 10 was told when the clock showed 12; that A came at 8 says that it was none:
    # from the exit on it is inside.
    assert told(ACTIVE, "A:0 x:12 A:8") == [
        ("entered", 1, 0),
        ("exited", 1, 10),
        ("entered", 2, 10),
        ("exited", 2, 18),
    ]
    # Before the clock is there nothing was told.
    assert told(ACTIVE, "A:0 x:9 A:8") == [("entered", 1, 0), ("exited", 1, 18)]


def test_a_late_event_that_refutes_ends_what_it_refutes_where_that_began() -> None:
    none = Not(counted("B", within=10))
    assert told(none, "x:5 B:3") == [("entered", 1, 5), ("exited", 1, 5), ("entered", 2, 13)]
    assert told(none, "x:5 x:7 B:6") == [("entered", 1, 5), ("exited", 1, 6), ("entered", 2, 16)]


def test_a_late_event_in_the_middle_is_told_with_all_that_follows() -> None:
    assert told(counted("A", within=3), "x:0 x:20 A:5 A:12", until=25) == [
        ("entered", 1, 5),
        ("exited", 1, 8),
        ("entered", 2, 12),
        ("exited", 2, 15),
    ]
    assert told(counted("A", within=3), "x:0 x:20 A:12 A:5", until=25) == [
        ("entered", 1, 12),
        ("exited", 1, 15),
    ], "what would have come before the last transition is not told any more"


def test_time_passes_with_the_account_for_users_that_it_counts() -> None:
    definitions = meaning(
        Milestone("mine", "user", ACTIVE, live=True),
        Milestone("ours", "account", MilestoneCondition("mine", comparison(">= 1")), live=True),
    )
    arrivals = [event(0, "ann", "A"), event(12, "bob", "x"), event(8, "ann", "A")]
    told_of = live_told(definitions, arrivals, 20)
    assert told_of[Membership(ANN, "mine")] == [
        Transition("milestone.entered", 1, 0),
        Transition("milestone.exited", 1, 10),
        Transition("milestone.entered", 2, 10),
        Transition("milestone.exited", 2, 18),
    ]
    assert told_of[Membership(ACME, "ours")] == [
        Transition("milestone.entered", 1, 0),
        Transition("milestone.exited", 1, 10),
        Transition("milestone.entered", 2, 10),
        Transition("milestone.exited", 2, 18),
    ]


def test_a_users_clock_is_its_own_where_no_account_counts_it() -> None:
    definitions = meaning(Milestone("mine", "user", ACTIVE, live=True))
    arrivals = [event(0, "ann", "A"), event(12, "bob", "x"), event(8, "ann", "A")]
    assert live_told(definitions, arrivals, 20)[Membership(ANN, "mine")] == [
        Transition("milestone.entered", 1, 0),
        Transition("milestone.exited", 1, 18),
    ]


def test_an_event_that_comes_twice_is_one() -> None:
    history = happened("A:0 x:12 A:8")
    definitions = meaning(Milestone("m", "account", ACTIVE, live=True))
    assert live_told(definitions, [*history, *history], 50) == live_told(definitions, history, 50)


STEPS = ("one", "two", "three")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:0", {"one": 7}),
        ("A:0 B:7", {"two": 12}),
        ("A:0 B:8", {"one": 7, "two": 13}),
        ("A:0 C:7", {}),
        ("B:0 A:3", {"two": 5}),
        ("B:0 C:2 A:3", {}),
        ("B:0 C:9 A:3", {"two": 5}),
        ("A:0 B:3 C:8", {}),
        ("A:0 B:3 C:9", {"two": 8}),
        ("x:0", {}),
        ("A:94", {}),
    ],
)
def test_who_has_not_gone_on_when_the_time_is_over_is_stuck(
    history: str, expected: dict[str, int]
) -> None:
    steps = [
        Milestone(name, "account", counted(letter))
        for name, letter in zip(STEPS, "ABC", strict=True)
    ]
    journey = Journey("j", "account", STEPS, stuck={"one": 7, "two": 5})
    found = Oracle(meaning(*steps, journeys=(journey,)), happened(history), 100).stuck()
    assert found == {Stuck(ACME, "j", step): at for step, at in expected.items()}


def test_a_live_or_repeated_step_counts_from_the_first_time() -> None:
    steps = (
        Milestone("one", "account", ACTIVE, live=True),
        Milestone("two", "account", counted("B"), repeat=1),
    )
    journey = Journey("j", "account", ("one", "two"), stuck={"one": 25})
    definitions = meaning(*steps, journeys=(journey,))
    assert Oracle(definitions, happened("A:0 A:20 B:30"), 100).stuck() == {
        Stuck(ACME, "j", "one"): 25
    }
    assert Oracle(definitions, happened("A:0 A:20 B:25"), 100).stuck() == {}


def test_answers_number_the_occurrences_and_leave_out_what_is_live() -> None:
    definitions = meaning(
        Milestone("again", "account", ACTIVE, repeat=5),
        Milestone("live", "account", ACTIVE, live=True),
    )
    assert Oracle(definitions, happened("A:0 A:30"), 100).answer() == {
        Reached(ACME, "again", 1): 0,
        Reached(ACME, "again", 2): 30,
    }
