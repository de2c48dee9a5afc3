"""The forms of a condition that ask when, in which order and how often: YAML to the model."""

import pytest

from streams.definitions import loads
from streams.definitions.model import (
    AfterCondition,
    Compare,
    Comparison,
    Condition,
    EventFilter,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    RegularlyCondition,
    ReturnedCondition,
    SequenceCondition,
    Step,
    TraitCondition,
    TrendCondition,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

A, B, C = (EventFilter((name,)) for name in "ABC")
ANY = EventFilter(("*",))
BIG = Compare("properties.size", "gte", 5)
WHERE = "where: {properties.size: {gte: 5}}"


def when(condition: str, of: str = "account") -> Condition:
    text = f"version: 1\nmilestones: {{it: {{of: {of}, when: {condition}}}}}"
    return loads(text).milestones["it"].when


def test_the_first_event_ever_is_looked_for_in_a_window() -> None:
    assert when("{event: A, first: true, within: 7d}") == FirstCondition(A, 7 * DAY)
    assert when(f'{{first: true, within: 7d, event: [A, "B*"], {WHERE}}}') == FirstCondition(
        EventFilter(("A", "B*"), BIG), 7 * DAY
    )


def test_who_returns_was_silent_before_and_is_back_in_a_window() -> None:
    assert when('{event: "*", returned_after: 30d, within: 7d}') == ReturnedCondition(
        ANY, 30 * DAY, 7 * DAY
    )
    assert when(f"{{event: A, {WHERE}, returned_after: 30d, within: 7d}}") == ReturnedCondition(
        EventFilter(("A",), BIG), 30 * DAY, 7 * DAY
    )


def test_inactive_means_any_event_or_those_that_it_names() -> None:
    assert when("{inactive: 14d}") == InactiveCondition(ANY, 14 * DAY)
    assert when(f"{{inactive: 14d, event: A, {WHERE}}}") == InactiveCondition(
        EventFilter(("A",), BIG), 14 * DAY
    )


def test_after_says_what_happened_and_what_did_not_follow() -> None:
    assert when(f"{{after: {{event: A, {WHERE}}}, no: {{event: [B, C]}}, for: 5m}}") == (
        AfterCondition(EventFilter(("A",), BIG), EventFilter(("B", "C")), 5 * MINUTE)
    )


def test_a_sequence_is_events_in_their_order() -> None:
    assert when("{sequence: [{event: A}, {event: B}]}") == SequenceCondition((Step(A), Step(B)))
    assert when(
        f"{{sequence: [{{event: A, {WHERE}}}, {{event: B}}], within: 1d, strict: true, "
        'count: "< 2"}'
    ) == SequenceCondition((Step(EventFilter(("A",), BIG)), Step(B)), DAY, True, Comparison("<", 2))


def test_between_the_steps_of_a_sequence_events_may_be_forbidden_and_for_a_time_at_its_end() -> (
    None
):
    assert when(
        "{sequence: [{event: A}, {no: {event: B}}, {no: {event: C}}, {event: A}, "
        "{no: {event: B}, for: 5m}]}"
    ) == SequenceCondition(
        (
            Step(A),
            Step(B, absent=True),
            Step(C, absent=True),
            Step(A),
            Step(B, absent=True, lasting=5 * MINUTE),
        )
    )


def test_a_sequence_has_up_to_fifty_steps() -> None:
    steps = "{event: A}, " * 50
    condition = when(f"{{sequence: [{steps}]}}")
    assert isinstance(condition, SequenceCondition)
    assert len(condition.steps) == 50


@pytest.mark.parametrize("count", [">= 1", "> 0", "!= 0"])
def test_a_sequence_that_happened_at_all_needs_no_window(count: str) -> None:
    when(f'{{sequence: [{{event: A}}, {{event: B}}], count: "{count}"}}')


def test_regularly_asks_for_events_in_so_many_of_the_last_periods() -> None:
    assert when(
        '{regularly: {event: A, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}}'
    ) == RegularlyCondition(A, 7 * DAY, Comparison(">=", 2), Comparison(">=", 3), 4)
    assert when(
        f'{{regularly: {{event: A, {WHERE}, every: 1d, in: "== 0", of_last: 366}}}}'
    ) == RegularlyCondition(
        EventFilter(("A",), BIG), DAY, Comparison(">=", 1), Comparison("==", 0), 366
    )


def test_latest_asks_what_the_newest_event_says() -> None:
    assert when("{latest: {event: A}, has: {properties.size: {gte: 5}}}") == LatestCondition(A, BIG)
    assert when(f"{{latest: {{event: A, {WHERE}}}, has: {{event: A}}}}") == LatestCondition(
        EventFilter(("A",), BIG), Compare("event", "eq", "A")
    )


@pytest.mark.parametrize("kind", ["count", "users", "days", "weeks"])
def test_a_trend_compares_a_count_with_that_of_the_window_before(kind: str) -> None:
    assert when(f'{{trend: {{event: A, {kind}: true, window: 7d, is: ">= 1.5"}}}}') == (
        TrendCondition(A, kind, None, 7 * DAY, Comparison(">=", 1.5))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("kind", ["distinct", "sum", "avg", "min", "max"])
def test_a_trend_of_a_value_names_it(kind: str) -> None:
    assert when(
        f'{{trend: {{event: A, {WHERE}, {kind}: properties.x, window: 7d, is: "< 0.5"}}}}'
    ) == TrendCondition(
        EventFilter(("A",), BIG),
        kind,  # type: ignore[arg-type]
        "properties.x",
        7 * DAY,
        Comparison("<", 0.5),
    )


def test_a_trend_counts_where_nothing_else_is_said() -> None:
    condition = when('{trend: {event: A, window: 7d, is: "> 1"}}', of="user")
    assert condition == TrendCondition(A, "count", None, 7 * DAY, Comparison(">", 1))


@pytest.mark.parametrize(
    ("written", "operator", "value"),
    [
        ("is: trial", "eq", "trial"),
        ("eq: trial", "eq", "trial"),
        ("is: true", "eq", True),
        ("in: [trial, free]", "in", ("trial", "free")),
        ("gte: 50", "gte", 50),
        ("exists: false", "exists", False),
        ("matches: ^pro", "matches", "^pro"),
        ("after: 1970-01-02", "after", DAY),
        ("between: [1, 9]", "between", (1, 9)),
    ],
)
def test_a_trait_passes_a_filter(written: str, operator: str, value: object) -> None:
    condition = when(f"{{trait: the plan, {written}}}")
    has = Compare("traits.the plan", operator, value)  # type: ignore[arg-type]
    assert condition == TraitCondition("the plan", has)
