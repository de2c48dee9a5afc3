"""From YAML to the model."""

from typing import Any

import pytest

from streams.definitions import loads
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    EventCondition,
    Journey,
    Measure,
    Milestone,
    MilestoneCondition,
    Not,
    Timing,
)

HOUR = 3_600_000
DAY = 24 * HOUR
ONCE = Measure("count", Comparison(">=", 1))


def when(condition: str, of: str = "account") -> Condition:
    """The condition of the one milestone that has it."""
    more = "  aha: {of: user, when: {event: Aha}}\n  own: {of: account, when: {event: Own}}\n"
    text = f"version: 1\nmilestones:\n{more}  it: {{of: {of}, when: {condition}}}\n"
    return loads(text).milestones["it"].when


def event(*names: str, measure: Measure = ONCE, **window: Any) -> EventCondition:
    return EventCondition(names, window.pop("where", None), measure, **window)


def test_an_event_alone_means_that_it_happened_once_at_any_time() -> None:
    assert when("{event: Signed Up}") == event("Signed Up")


def test_several_names_and_patterns_count_together() -> None:
    assert when('{event: [A, "B*"]}') == event("A", "B*")
    assert when('{event: "*"}') == event("*")


@pytest.mark.parametrize("kind", ["count", "users", "days", "weeks"])
def test_counting_measures_are_compared_directly(kind: Any) -> None:
    measure = Measure(kind, Comparison(">=", 3))
    assert when(f'{{event: A, {kind}: ">= 3"}}') == event("A", measure=measure)


@pytest.mark.parametrize("kind", ["distinct", "sum", "avg", "min", "max"])
def test_measures_of_values_say_which_value(kind: Any) -> None:
    measure = Measure(kind, Comparison(">", 2), "properties.plan.seats")
    condition = when(f'{{event: A, {kind}: {{of: properties.plan.seats, is: "> 2"}}}}')
    assert condition == event("A", measure=measure)


@pytest.mark.parametrize("operator", [">=", ">", "==", "!=", "<=", "<"])
@pytest.mark.parametrize("kind", ["sum", "avg", "min", "max"])
def test_measures_of_numbers_take_every_comparison(kind: Any, operator: Any) -> None:
    condition = when(f'{{event: A, {kind}: {{of: properties.x, is: "{operator} -0.5"}}}}')
    assert condition == event(
        "A", measure=Measure(kind, Comparison(operator, -0.5), "properties.x")
    )


@pytest.mark.parametrize(
    ("written", "operator", "value"),
    [
        (">=3", ">=", 3),
        ("  >=   3  ", ">=", 3),
        (">= 3.0", ">=", 3),
        (">= +3", ">=", 3),
        (">= 1e2", ">=", 100),
        ("> 0", ">", 0),
        (">= 1000000", ">=", 1_000_000),
        (">= 2.5", ">=", 3),
        ("> 2.5", ">", 2),
        (">= 0.1", ">=", 1),
        ("== 0", "==", 0),
        ("<= 2.5", "<=", 2),
        ("< 2.5", "<", 3),
        ("< 1", "<", 1),
        ("!= 0", "!=", 0),
        ("<= 1000000", "<=", 1_000_000),
    ],
)
def test_the_threshold_of_a_count_is_a_whole_number(
    written: str, operator: str, value: int
) -> None:
    condition = when(f'{{event: A, count: "{written}"}}')
    assert isinstance(condition, EventCondition)
    comparison = condition.measure.comparison
    assert (comparison.operator, comparison.value) == (operator, value)
    assert type(comparison.value) is int


@pytest.mark.parametrize("operator", [">=", ">", "==", "!=", "<=", "<"])
@pytest.mark.parametrize("kind", ["count", "users", "days", "weeks"])
def test_counts_take_every_comparison(kind: Any, operator: Any) -> None:
    condition = when(f'{{event: A, {kind}: "{operator} 2", within: 30d}}')
    measure = Measure(kind, Comparison(operator, 2))
    assert condition == event("A", measure=measure, within=30 * DAY)
    users = when(f'{{milestone: aha, users: "{operator} 2"}}')
    assert users == MilestoneCondition("aha", Comparison(operator, 2))


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("90s", 90_000),
        ("5m", 300_000),
        ("12h", 12 * HOUR),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("1mo", 30 * DAY),
        ("1y", 365 * DAY),
        ("3650d", 3650 * DAY),
    ],
)
def test_durations_have_a_unit(written: str, milliseconds: int) -> None:
    assert when(f"{{event: A, within: {written}}}") == event("A", within=milliseconds)


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("1970-01-02", DAY),
        ("1970-01-01T01:00:00", HOUR),
        ("1970-01-01T01:00:00Z", HOUR),
        ("1970-01-01T01:00:00.250+01:00", 250),
        ('"1970-01-01 00:00:01"', 1000),
        ("1767225600000", 1_767_225_600_000),
        ('"1767225600000"', 1_767_225_600_000),
        ("0001-01-01T00:00:00+14:00", -62_135_596_800_000 - 14 * HOUR),
    ],
)
def test_times_are_utc_where_they_name_no_zone(written: str, milliseconds: int) -> None:
    assert when(f"{{event: A, from: {written}}}") == event("A", start=milliseconds)


def test_a_fixed_window_may_have_one_end_or_two() -> None:
    assert when("{event: A, to: 1970-01-02}") == event("A", end=DAY)
    assert when("{event: A, from: 1970-01-02, to: 1970-01-03}") == event(
        "A", start=DAY, end=2 * DAY
    )


def test_an_account_counts_the_users_who_reached_their_milestone() -> None:
    assert when('{milestone: aha, users: ">= 2", within: 30d}') == MilestoneCondition(
        "aha", Comparison(">=", 2), 30 * DAY
    )


def test_a_milestone_is_named_before_or_after_it_is_defined() -> None:
    assert when("{milestone: own}") == MilestoneCondition("own")
    loads(
        "version: 1\nmilestones: {a: {of: user, when: {milestone: b}}, "
        "b: {of: user, when: {event: B}}}"
    )


def test_all_and_any_nest() -> None:
    condition = when("{all: [{event: A}, {any: [{event: B}, {all: [{event: C}]}]}]}")
    assert condition == AllOf((event("A"), AnyOf((event("B"), AllOf((event("C"),))))))


def test_not_turns_any_condition_around() -> None:
    assert when("{not: {event: A}}") == Not(event("A"))
    assert when("{all: [{not: {not: {milestone: own}}}]}") == AllOf(
        (Not(Not(MilestoneCondition("own"))),)
    )


def test_fifty_levels_are_read() -> None:
    text = "{event: A}"
    for _ in range(49):
        text = f"{{all: [{text}]}}"
    condition = when(text)
    for _ in range(49):
        assert isinstance(condition, AllOf)
        (condition,) = condition.conditions
    assert condition == event("A")


def test_milestones_keep_title_description_and_order() -> None:
    definitions = loads(
        "version: 1\nmilestones:\n"
        "  b: {of: user, title: Second, description: Why, when: {event: B}}\n"
        "  a: {of: account, when: {event: A}}\n"
    )
    assert list(definitions.milestones.values()) == [
        Milestone("b", "user", event("B"), "Second", "Why"),
        Milestone("a", "account", event("A")),
    ]


def test_a_journey_is_milestones_in_order() -> None:
    definitions = loads(
        "version: 1\n"
        "milestones: {a: {of: user, when: {event: A}}, b: {of: user, when: {event: B}}}\n"
        "journeys: {way: {of: user, steps: [b, a], within: 90d}, short: {of: user, steps: [a]}}\n"
    )
    assert dict(definitions.journeys) == {
        "way": Journey("way", "user", ("b", "a"), 90 * DAY),
        "short": Journey("short", "user", ("a",)),
    }


def test_a_milestone_is_reached_once_or_again_or_entered_and_left() -> None:
    definitions = loads(
        "version: 1\nmilestones:\n"
        "  once: {of: user, live: false, when: {event: A, within: 7d}}\n"
        "  again: {of: user, repeat: 1h, when: {event: A, within: 7d}}\n"
        "  now: {of: user, live: true, when: {event: A, within: 7d}}\n"
    )
    found = {name: (each.live, each.repeat) for name, each in definitions.milestones.items()}
    assert found == {"once": (False, None), "again": (False, HOUR), "now": (True, None)}


def test_an_account_may_count_the_users_who_are_in_a_live_milestone() -> None:
    definitions = loads(
        "version: 1\nmilestones:\n"
        "  active: {of: user, live: true, when: {event: A, within: 7d}}\n"
        '  calm: {of: account, live: true, when: {milestone: active, users: "== 0"}}\n'
    )
    assert definitions.milestones["calm"].when == MilestoneCondition("active", Comparison("==", 0))


def test_a_journey_says_after_which_steps_one_may_be_stuck_and_how_long_they_take() -> None:
    definitions = loads(
        "version: 1\n"
        "milestones: {a: {of: user, when: {event: A}}, b: {of: user, when: {event: B}}, "
        "c: {of: user, when: {event: C}}}\n"
        "journeys: {way: {of: user, steps: [a, b, c], stuck: {b: 7d, a: 1h}}}\n"
    )
    assert definitions.journeys["way"].stuck == {"b": 7 * DAY, "a": HOUR}


def test_settings_have_defaults_and_may_be_nothing() -> None:
    assert loads("version: 1").timing == Timing(HOUR, DAY)
    assert loads("{version: 1, settings: {dedupe_within: 0s}}").timing == Timing(HOUR, 0)
    assert loads("{version: 1, settings: {allowed_lateness: 2h}}").timing == Timing(2 * HOUR, DAY)


def test_yes_no_and_on_are_text_as_yaml_1_2_says() -> None:
    assert when("{event: [yes, no, on, off]}") == event("yes", "no", "on", "off")
    assert when("{event: [yes, no]}") == event("yes", "no")
    condition = loads("%YAML 1.1\n---\nversion: 1\nmilestones: {a: {of: user, when: {event: no}}}")
    assert condition.milestones["a"].when == event("no")
