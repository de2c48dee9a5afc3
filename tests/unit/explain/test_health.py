"""Health explained: at which level it is, since when, and what would make it another."""

from typing import Any

from schemas.encoding import time_text
from schemas.qualifications import HealthChange
from streams.explain.answer import Answer
from streams.explain.history import add_history, as_told, from_history
from streams.explain.page import page
from streams.queries import Occurrence
from tests.contract.validating import crossed, errors
from tests.unit.explain.story import ACME, at, event, explained, lines

HEALTH = """
health:
  usage:
    of: account
    title: How active they are
    red: {inactive: 14d}
    yellow: {any: [{inactive: 7d}, {event: Declined, within: 2d}]}
  mood: {of: user, yellow: {event: Sighed}}
"""
ONCE = "  seen: {of: account, when: {event: Opened}}"


def shown(*events: dict[str, Any], until: float) -> list[str]:
    answer = explained(ONCE, events, until, sections=HEALTH)
    found = lines(answer)
    return found[found.index("", 1) + 1 :]


def test_what_is_green_is_shown_what_would_turn_it() -> None:
    assert shown(event(0, "Opened"), until=3) == [
        "✓ How active they are (usage): green",
        "  It is red while:",
        "    ✗ no event for 14 days: there was one; true on 15 Jan 2026 00:00 (in 11 days)"
        " if nothing happens",
        "  It is yellow while not red and:",
        "    ✗ at least one of these: none yet, the nearest first; true on 8 Jan 2026 00:00"
        " (in 4 days) if nothing happens",
        "      ✗ no event for 7 days: there was one; true on 8 Jan 2026 00:00 (in 4 days)"
        " if nothing happens",
        "      ✗ Declined at least once in the last 2 days: none yet, 1 is needed",
    ]


def test_what_is_red_is_shown_since_when() -> None:
    found = shown(event(0, "Opened"), until=20)
    assert found[:3] == [
        "✗ How active they are (usage): red since 15 Jan 2026 00:00; it changed 2 times",
        "  It is red while:",
        "    ✓ no event for 14 days: there was none, since 15 Jan 2026 00:00",
    ]


def test_the_answer_has_levels_conditions_and_what_was_told() -> None:
    answer = explained(ONCE, [event(0, "Opened")], 8, sections=HEALTH)
    [usage] = answer["health"]
    assert (usage["health"], usage["level"], usage["changes"]) == ("usage", "yellow", 1)
    assert usage["since"] == time_text(at(7))
    assert {level: why["holds"] for level, why in usage["why"].items()} == {
        "red": False, "yellow": True
    }  # fmt: skip
    [told] = usage["told"]
    assert told["health"] == {"level": "yellow", "before": "green", "milestone": "seen"}
    found = list(page(answer, told=True))
    assert "    8 Jan 2026 00:00 health: green → yellow, decided by the passing of time" in found


def test_users_have_their_own() -> None:
    answer = explained(ONCE, [event(0, "Sighed")], 1, ("acme", "ann"), sections=HEALTH)
    assert [(one["health"], one["level"]) for one in answer["health"]] == [("mood", "yellow")]
    assert answer["milestones"] == []
    assert list(page(answer, told=False))[1:3] == [
        "",
        "· mood: yellow since 1 Jan 2026 00:00; it changed once",
    ]


def kept(day: float, number: int, level: str, before: str) -> Occurrence:
    evidence = [{"condition": "no event for 7d", "observed": 0, "at_least": False,
                 "threshold": "7d", "window_start": None, "window_end": time_text(at(day)),
                 "holds": True, "history_since": None}]  # fmt: skip
    return Occurrence(
        "usage", "health.changed", None, number, at(day), at(day), "h", f"i{number}", None, False,
        evidence, None, [], None, health=HealthChange(level, before, "seen"),  # type: ignore[arg-type]
    )  # fmt: skip


KEPT = [kept(7, 1, "yellow", "green"), kept(14, 2, "red", "yellow")]


def test_what_clickhouse_has_is_as_it_was_published_and_an_answer_of_its_own() -> None:
    told = [as_told(row, ACME) for row in KEPT]
    for one in told:
        assert not errors("health.changed", crossed(one))
    for name in (None, "usage"):
        found = from_history(ACME, told, at(20), name)
        assert found["milestones"] == []
        assert list(page(found, told=True))[2:] == [
            "✗ usage: red since 15 Jan 2026 00:00; it changed 2 times",
            "  What was told:",
            "    8 Jan 2026 00:00 health: green → yellow, decided by the passing of time",
            "    15 Jan 2026 00:00 health: yellow → red, decided by the passing of time",
            "      ✓ no event for 7d: 0",
        ]


def test_what_was_told_before_is_put_with_it_also_where_a_worker_knows_of_none() -> None:
    told = [as_told(row, ACME) for row in KEPT]
    answer = explained(ONCE, [event(0, "Opened")], 20, sections=HEALTH)
    answer["health"][0]["told"] = []
    add_history(answer, told)
    assert [one["id"] for one in answer["health"][0]["told"]] == ["i1", "i2"]
    older: Answer = {name: value for name, value in answer.items() if name != "health"}
    add_history(older, told)
    assert not any("usage" in line for line in page(older, told=True))
