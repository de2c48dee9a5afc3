"""The referee itself, against answers worked out on paper."""

from typing import Any

import pytest

from schemas.events import Event
from streams.definitions.model import (
    AllOf,
    Compare,
    Comparison,
    Condition,
    Definitions,
    EventCondition,
    FilterOperator,
    Measure,
    MeasureKind,
    Milestone,
    MilestoneCondition,
)
from tests.properties.oracle import Oracle, Reached
from tests.properties.oracle_filters import passes
from tests.properties.oracle_life import Entity


def event(time: int, user: str | None = "ann", name: str = "open", **properties: Any) -> Event:
    return Event(f"id-{time}-{user}", name, time, "acme", user, properties, {})


def measured(kind: MeasureKind, operator: Any, value: float, within: int | None) -> EventCondition:
    of = None if kind in ("count", "users", "days", "weeks") else "properties.size"
    return EventCondition(("open",), None, Measure(kind, Comparison(operator, value), of), within)


def first_true(condition: Condition, *history: Event) -> int | None:
    definitions = Definitions(milestones={"m": Milestone("m", "account", condition)})
    return next(iter(Oracle(definitions, history).occurrences(Entity("acme", None), "m")), None)


def test_an_event_exactly_within_old_is_out() -> None:
    assert first_true(measured("count", ">=", 2, 10), event(0), event(10)) is None
    assert first_true(measured("count", ">=", 2, 10), event(1), event(10)) == 10


def test_users_are_counted_once_and_nobody_is_not_a_user() -> None:
    history = [event(1), event(2), event(3, None), event(4, "bob")]
    assert first_true(measured("users", ">=", 2, None), *history) == 4


@pytest.mark.parametrize(("kind", "reached"), [("days", 86_400_000), ("weeks", 4 * 86_400_000)])
def test_days_and_iso_weeks_turn_at_midnight_utc(kind: MeasureKind, reached: int) -> None:
    history = [event(day * 86_400_000 + ms) for day in range(5) for ms in (0, 1)]
    assert first_true(measured(kind, ">=", 2, None), *history) == reached


def test_a_sum_turns_true_at_the_instant_at_which_an_old_event_leaves() -> None:
    history = [event(0, size=5), event(4, size=1), event(20, size=9)]
    assert first_true(measured("sum", "<=", 1, 10), *history) == 10


def test_an_expiry_after_now_has_not_happened_yet() -> None:
    history = [event(0, size=5), event(4, size=1)]
    assert first_true(measured("sum", "<=", 1, 10), *history) is None


def test_an_empty_window_compares_false() -> None:
    history = [event(0, size=5), event(40, name="share"), event(50, size="many")]
    assert first_true(measured("max", "<", 5, 10), *history) is None


def test_all_wants_every_condition_at_the_same_instant() -> None:
    condition = AllOf((measured("count", ">=", 2, 10), measured("sum", ">=", 5, 3)))
    history = [event(0, size=5), event(5, size=1), event(11, size=1), event(12, size=4)]
    assert first_true(condition, *history) == 12


def test_the_milestones_of_users_leave_the_window_of_their_account() -> None:
    user = Milestone("aha", "user", measured("count", ">=", 1, None))
    team = Milestone("team", "account", MilestoneCondition("aha", Comparison(">=", 2), within=10))
    definitions = Definitions(milestones={"team": team, "aha": user})
    history = [event(0), event(10, "bob"), event(11), event(12, "cid")]
    assert Oracle(definitions, history).answer() == {
        Reached(Entity("acme", "ann"), "aha"): 0,
        Reached(Entity("acme", "bob"), "aha"): 10,
        Reached(Entity("acme", "cid"), "aha"): 12,
        Reached(Entity("acme", None), "team"): 12,
    }


@pytest.mark.parametrize(
    ("operator", "wanted", "holds", "fails"),
    [
        ("eq", 1, [1, 1.0, "1", "1.0"], [True, "one", None, [1]]),
        ("eq", True, [True, "true"], [1, "True"]),
        ("ne", "a", ["b", "A", None], ["a"]),
        ("gt", 9, [10, "10", "1e1"], [9, "9", "ten", None, True, "inf", "1e999"]),
        ("in", ("a", 1), ["a", "1"], ["b", None]),
        ("not_in", ("a", 1), ["b", None], ["a", "1"]),
        ("contains", "Ad", ["ADMIN", "head", ["ad"]], [None, ["admin"], 5]),
        ("not_contains", "ad", [None, "x"], ["AD"]),
        ("starts_with", "a", ["ab"], ["Ab", None, 1]),
        ("matches", "b$", ["ab"], ["ba", None]),
        ("exists", False, [None], [0, ""]),
        ("before", 1_767_484_800_000, ["2026-01-03T23:59:59"], ["2026-01-04", None, "soon"]),
        ("between", (1, 2), [1, 2, "1.5"], [0.9, 2.1, None]),
    ],
)
def test_filters(operator: FilterOperator, wanted: Any, holds: list[Any], fails: list[Any]) -> None:
    condition = Compare("properties.value", operator, wanted)
    assert all(passes(event(0, value=value), condition) for value in holds)
    assert not any(passes(event(0, value=value), condition) for value in fails)
