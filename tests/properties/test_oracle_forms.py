"""The referee on every form that looks at events, at the edges of every window, on paper."""

import pytest

from schemas.events import Event
from streams.definitions.model import (
    AfterCondition,
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    EventCondition,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    Measure,
    MeasureKind,
    Not,
    RegularlyCondition,
    ReturnedCondition,
    TraitCondition,
    TrendCondition,
)
from tests.properties.written import comparison, counted, event, happened, of, turns


@pytest.mark.parametrize(
    ("compared", "expected"),
    [
        (">= 1", [10, 25]),
        ("> 1", [15, 20]),
        ("== 0", [5, 10, 25]),
        ("== 1", [10, 15, 20, 25]),
        ("!= 1", [5, 10, 15, 20, 25]),
        ("<= 1", [5, 15, 20]),
        ("< 1", [5, 10, 25]),
        (">= 0", [5]),
        ("< 0", []),
    ],
)
def test_a_count_compares_with_what_is_in_the_window_of_a_known_entity(
    compared: str, expected: list[int]
) -> None:
    assert turns(counted("A", compared, within=10), "x:5 A:10 A:15") == expected


@pytest.mark.parametrize(
    ("kind", "compared", "expected"),
    [
        ("users", "== 0", [0, 1, 21]),
        ("users", "<= 1", [0, 5, 11]),
        ("distinct", "== 2", [5, 11]),
        ("distinct", "< 2", [0, 5, 11]),
        ("days", "== 0", [0, 1, 21]),
        ("weeks", "<= 0", [0, 1, 21]),
    ],
)
def test_everything_counted_takes_every_comparison(
    kind: MeasureKind, compared: str, expected: list[int]
) -> None:
    path = "properties.size" if kind == "distinct" else None
    condition = EventCondition(("open",), None, Measure(kind, comparison(compared), path), 10)
    history = [event(0, name="x"), event(1, size=1), event(5, "bob", size=2)]
    history += [event(11, "bob", size="2.0")]
    assert turns(condition, history) == expected


@pytest.mark.parametrize(
    ("kind", "compared", "expected"),
    [
        ("sum", "== 0", [0, 5, 15]),
        ("sum", "< 1", [0, 5, 15]),
        ("avg", "<= 5", [5, 15]),
        ("min", "< 9", [5, 15]),
        ("max", "!= 9", [5, 15]),
    ],
)
def test_a_sum_of_nothing_is_zero_and_other_numbers_of_nothing_compare_with_nothing(
    kind: MeasureKind, compared: str, expected: list[int]
) -> None:
    measure = Measure(kind, comparison(compared), "properties.size")
    condition = EventCondition(("open",), None, measure, 10)
    assert turns(condition, [event(0), event(5, size=2), event(7, size="x")]) == expected


def test_an_absolute_window_has_its_beginning_and_not_its_end() -> None:
    measure = Measure("count", comparison("== 1"))
    condition = EventCondition(("A",), None, measure, None, 10, 20)
    assert turns(condition, "A:9 A:10 A:20") == [10]
    assert turns(condition, "A:9 A:20") == []
    assert turns(condition, "A:9 A:19") == [19]


def test_not_is_false_before_the_entity_is_seen() -> None:
    assert turns(Not(counted("A")), "x:5 A:8") == [5, 8]
    assert turns(Not(Not(counted("A"))), "x:5 A:8") == [8]
    assert turns(Not(counted("A")), "A:8") == []


def test_all_any_and_not_nest() -> None:
    lately, ever = counted("A", within=5), counted("B")
    assert turns(AllOf((ever, Not(lately))), "A:0 B:3 A:20") == [5, 20, 25]
    assert turns(AnyOf((Not(ever), lately)), "A:0 B:3 A:20") == [0, 5, 20, 25]
    assert turns(Not(AnyOf((lately, ever))), "x:0 A:2 B:9") == [0, 2, 7, 9]


def test_the_first_event_ever_lies_in_the_window_once() -> None:
    assert turns(FirstCondition(of("A"), 10), "x:0 A:5 A:8 A:40") == [5, 15]
    large = of("open", where=Compare("properties.size", "gte", 3))
    history = [event(0, size=1), event(4, size=3), event(20, size=5)]
    assert turns(FirstCondition(large, 10), history) == [4, 14]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:0 A:30", [30, 35]),
        ("A:0 A:29", []),
        ("A:0 A:31", [31, 36]),
        ("A:0 A:0", []),
        ("A:0 A:29 A:29 A:59", [59, 64]),
        ("A:0 A:30 A:30 A:31", [30, 35]),
        ("A:0 A:30 A:60", [30, 35, 60, 65]),
        ("x:0 A:30", []),
    ],
)
def test_coming_back_needs_a_time_before_it_that_was_silent_for_long_enough(
    history: str, expected: list[int]
) -> None:
    assert turns(ReturnedCondition(of("A"), silent=30, within=5), history) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:0", [10]),
        ("x:3", [3]),
        ("A:0 A:10", [20]),
        ("A:0 A:11", [10, 11, 21]),
        ("A:0 A:9 x:15", [19]),
    ],
)
def test_inactivity_begins_exactly_the_length_after_the_last_event(
    history: str, expected: list[int]
) -> None:
    assert turns(InactiveCondition(of("A"), 10), history) == expected
    assert turns(counted("A", "== 0", within=10), history) == expected


def test_without_an_event_inactive_means_any() -> None:
    assert turns(InactiveCondition(of("*"), 10), "A:0 x:15") == [10, 15, 25]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:0", [5]),
        ("A:0 B:5", []),
        ("A:0 B:6", [5]),
        ("B:0 A:0", [5]),
        ("A:0 B:1 A:2", [7]),
        ("A:0 B:1 A:2 B:7", []),
        ("A:0 A:3 B:4", []),
        ("A:0 A:3 B:6", [5]),
    ],
)
def test_what_did_not_follow_in_time_is_known_when_the_time_is_over(
    history: str, expected: list[int]
) -> None:
    assert turns(AfterCondition(of("A"), of("B"), 5), history) == expected


def test_an_event_may_be_missed_after_one_of_its_own_kind() -> None:
    assert turns(AfterCondition(of("A"), of("A"), 5), "A:0 A:5 A:9") == [14]


def _regular(times: str, periods: str, history: str) -> list[int]:
    condition = RegularlyCondition(of("A"), 10, comparison(times), comparison(periods), 3)
    return turns(condition, history)


def test_periods_slide_and_an_event_at_the_edge_is_in_the_later_one_alone() -> None:
    # At 20 the periods are (10, 20], (0, 10], (-10, 0].
    assert _regular(">= 1", ">= 3", "A:0 A:10 A:20") == [20, 30]
    assert _regular(">= 1", ">= 3", "A:0 A:9 A:20") == [20, 29]
    assert _regular(">= 1", ">= 3", "A:0 A:10 A:31") == []
    assert _regular(">= 1", ">= 2", "A:0 A:25") == [25, 30]


def test_periods_compare_how_many_events_they_have_and_how_many_they_are() -> None:
    assert _regular(">= 2", ">= 1", "A:0 A:5") == [5, 10, 15, 20, 25, 30]
    assert _regular("== 0", "== 3", "A:0") == [30]
    assert _regular("== 0", "<= 2", "A:0") == [0, 30]
    assert _regular(">= 1", "== 0", "x:0 A:4") == [0, 4, 34]


def test_the_latest_event_decides_and_of_several_at_one_time_any() -> None:
    condition = LatestCondition(of("open"), Compare("properties.size", "gte", 3))
    history = [event(0, size=3), event(5, size=1), event(9, name="x", size=4)]
    assert turns(condition, history) == [0, 5]
    both = [*history, event(20, size=2), event(20, size=7)]
    assert turns(condition, both) == [0, 5, 20]
    assert turns(LatestCondition(of("open"), Compare("properties.size", "ne", 3)), []) == []


def _trend(kind: MeasureKind, compared: str, *history: Event) -> list[int]:
    path = "properties.size" if kind in ("distinct", "sum", "avg", "min", "max") else None
    condition = TrendCondition(of("open"), kind, path, 10, comparison(compared))
    return turns(condition, list(history))


def test_a_trend_divides_a_window_by_the_one_before_it() -> None:
    history = [event(0), event(1), event(11), event(12), event(13)]
    # At 13: 3 in (3, 13], 2 in (-7, 3]. At 20: 3 in (10, 20], 1 in (0, 10]. At 21: 2 in (11, 21],
    # 1 in (1, 11]. At 22: 1 in (12, 22], 2 in (2, 12]. At 23: none, 3 before.
    assert _trend("count", "== 1.5", *history) == [13, 20]
    assert _trend("count", ">= 2", *history) == [20, 22]
    assert _trend("count", "< 0.5", *history) == [23, 33]


def test_a_window_without_predecessor_is_no_trend() -> None:
    assert _trend("count", ">= 0", event(0)) == [10, 20]
    assert _trend("users", ">= 0", event(0, None)) == []
    assert _trend("distinct", ">= 0", event(0)) == []
    assert _trend("sum", ">= 0", event(0, size="many")) == []
    assert _trend("sum", "<= 0", event(0, size=-1), event(10, size=5)) == [20, 30]
    assert _trend("sum", "<= 0", event(0, size=2)) == [10, 20]
    assert _trend("min", "<= 0", event(0, size=2)) == []
    assert _trend("avg", "== 2", event(0, size=2), event(12, size=4)) == [12, 20]


def test_a_trend_is_the_double_nearest_to_the_quotient() -> None:
    history = [event(0, size=3), event(10, size=1)]
    assert turns(
        TrendCondition(of("open"), "sum", "properties.size", 10, Comparison("==", 1 / 3)), history
    ) == [10, 20]
    tenths = [event(0, size=0.1), event(10, size=0.3)]
    assert (
        turns(TrendCondition(of("open"), "sum", "properties.size", 10, Comparison(">=", 3)), tenths)
        == []
    ), "0.3 is a little less than three times 0.1, and so is the quotient, 2.9999…"


def _trait(operator: str, value: object) -> TraitCondition:
    operators = {"eq": "eq", "ne": "ne", "gte": "gte", "exists": "exists", "in": "in"}
    return TraitCondition("plan", Compare("traits.plan", operators[operator], value))  # type: ignore[arg-type]


def test_a_trait_is_what_the_newest_event_says_and_null_takes_it_away() -> None:
    history = [
        event(0, name="x"),
        event(3, name="group", traits={"plan": "trial"}),
        event(5, name="group", traits={"seats": 4}),
        event(8, name="group", traits={"plan": "paid"}),
        event(9, name="group", traits={"plan": None}),
    ]
    assert turns(_trait("eq", "trial"), history) == [3, 8]
    assert turns(_trait("in", ("trial", "paid")), history) == [3, 9]
    assert turns(_trait("ne", "paid"), history) == [0, 8, 9]
    assert turns(_trait("exists", False), history) == [0, 3, 9]
    assert turns(_trait("gte", 1), history) == []


def test_group_events_speak_of_the_account_and_others_of_the_user() -> None:
    history = [
        event(1, name="identify", traits={"plan": "hers"}),
        event(2, name="group", traits={"plan": "theirs"}),
        event(3, "bob", name="identify", traits={"plan": "his"}),
    ]
    assert turns(_trait("eq", "hers"), history, kind="user") == [1]
    assert turns(_trait("eq", "theirs"), history, kind="account") == [2]
    assert turns(_trait("exists", True), history, kind="account") == [2]


def test_of_two_traits_at_one_time_the_greater_text_counts() -> None:
    said: list[object] = [9, "10", None]
    history = [event(1, name="group", traits={"plan": value}) for value in said]
    assert turns(_trait("eq", 9), history) == [1]
    assert turns(_trait("eq", 9), history[::-1]) == [1]


def test_nothing_is_true_of_what_was_never_seen() -> None:
    elsewhere = [event(0, account="bolt")]
    assert turns(Not(counted("A")), elsewhere) == []
    assert turns(InactiveCondition(of("*"), 1), elsewhere) == []
    assert turns(_trait("exists", False), happened("x:7")) == [7]
