"""The tree of conditions: what stands where, since when, until when, and how it is said."""

import pytest

from schemas.encoding import time_text
from tests.unit.explain.story import DAY, at, event, explained, lines, only

INVITED = '{event: Invited, count: ">= 3", within: 14d}'
OPENED = "{event: Opened}"


def test_of_an_all_what_is_missing_comes_first() -> None:
    answer = explained(
        f"  pql: {{of: account, when: {{all: [{OPENED}, {INVITED}]}}}}",
        [event(1, "Opened"), event(2, "Invited")],
        until=3,
    )
    assert lines(answer) == [
        "✗ pql: not reached, 1 of 2 conditions is missing",
        "  ✗ Invited at least 3 times in the last 14 days: 1, 2 more are needed",
        "  ✓ Opened at least once: 1 or more, since 2 Jan 2026 00:00",
    ]
    why = only(answer)["why"]
    assert [part["holds"] for part in why["parts"]] == [False, True]
    assert why["parts"][0]["missing"] == 2


def test_of_an_any_the_nearest_comes_first() -> None:
    parts = ", ".join(f'{{event: {name}, count: ">= 4"}}' for name in ("A", "B", "C"))
    events = [event(1, "A"), *(event(1 + n / 10, "B") for n in range(3)), event(2, "C")]
    why = only(explained(f"  m: {{of: account, when: {{any: [{parts}]}}}}", events, 3))["why"]
    assert [part["observed"] for part in why["parts"]] == [3, 1, 1]
    assert not why["holds"]


def test_of_an_any_that_is_true_the_parts_that_are_come_first() -> None:
    answer = explained(
        f"  m: {{of: account, live: true, when: {{any: [{INVITED}, {OPENED}]}}}}",
        [event(1, "Opened")],
        until=3,
    )
    assert lines(answer) == [
        "✓ m: holds, since 2 Jan 2026 00:00; entered once",
        "  ✓ at least one of these, since 2 Jan 2026 00:00",
        "    ✓ Opened at least once: 1 or more, since 2 Jan 2026 00:00",
        "    ✗ Invited at least 3 times in the last 14 days: none yet, 3 are needed",
    ]


def test_a_not_says_what_must_not_be_and_which_part_of_it_is() -> None:
    answer = explained(
        f"  m: {{of: account, when: {{all: [{OPENED}, {{not: {{any: [{{event: Left}}, "
        '{event: Asked, count: ">= 2"}]}}, {not: {event: Gone}}]}}',
        [event(1, "Opened"), event(0, "Asked"), event(0.5, "Asked")],
        until=3,
    )
    assert lines(answer) == [
        "✗ m: not reached, 1 of 3 conditions is missing",
        "  ✗ must not be: at least one of these; so since 1 Jan 2026 12:00",
        "    ✗ is so: Asked at least 2 times: 2 or more, since 1 Jan 2026 12:00",
        "    ✓ is not so: Left at least once: none yet",
        "  ✓ Opened at least once: 1 or more, since 2 Jan 2026 00:00",
        "  ✓ must not be: Gone at least once: none yet, since 1 Jan 2026 00:00",
    ]


def test_what_time_turns_says_when() -> None:
    milestones = """
  silent: {of: account, live: true, when: {inactive: 14d}}
  waiting: {of: account, when: {after: {event: Asked}, no: {event: Answered}, for: 3d}}
  busy: {of: account, live: true, when: {event: Asked, within: 5d}}"""
    answer = explained(milestones, [event(1, "Asked")], until=2.5)
    assert lines(answer) == [
        "✗ silent: does not hold, and never did",
        "  ✗ no event for 14 days: there was one; true on 16 Jan 2026 00:00 (in 12 days) if "
        "nothing happens",
        "",
        "✗ waiting: not reached",
        "  ✗ Asked, and then no Answered for 3 days: not yet; true on 5 Jan 2026 00:00 (in 1 day)"
        " if nothing happens",
        "",
        "✓ busy: holds, since 2 Jan 2026 00:00; entered once",
        "  ✓ Asked at least once in the last 5 days: 1 or more, since 2 Jan 2026 00:00; until 7 Jan"
        " 2026 00:00 (in 3 days) if nothing happens",
    ]


def test_what_is_over_says_until_when_it_was_true() -> None:
    answer = explained(
        '  m: {of: account, live: true, when: {event: Asked, count: ">= 2", within: 2d}}',
        [event(1, "Asked"), event(2, "Asked"), event(9, "Other")],
        until=9,
    )
    assert lines(answer, told=True) == [
        "✗ m: does not hold, since 4 Jan 2026 00:00; entered once",
        "  ✗ Asked at least 2 times in the last 2 days: none yet, 2 are needed; it was true until "
        "4 Jan 2026 00:00",
        "  What was told:",
        "    3 Jan 2026 00:00 entered, decided by event Asked-ann-2",
        "    4 Jan 2026 00:00 exited, decided by the passing of time",
        "      ✗ count of Asked >= 2 within 2d: 1",
    ]


def test_a_milestone_that_waits_for_another_that_waits_for_time() -> None:
    milestones = f"""
  lapsed: {{of: account, when: {{inactive: 14d}}}}
  lost: {{of: account, when: {{all: [{{milestone: lapsed}}, {OPENED}]}}}}"""
    answer = explained(milestones, [event(1, "Opened")], until=2)
    lost = answer["milestones"][1]["why"]
    assert lost["parts"][0]["turns_at"] == time_text(at(15))
    assert lost["turns_at"] is None, "what comes of several that wait is not foretold"


@pytest.mark.parametrize(
    "milestones",
    [
        "  one: {of: user, live: true, when: {event: Used, within: 3d}}",
        "  lapsed: {of: user, when: {inactive: 2d}}\n  one: {of: user, when: {milestone: lapsed}}",
    ],
)
def test_what_users_come_to_by_themselves_is_not_foretold_for_their_account(
    milestones: str,
) -> None:
    team = "  team: {of: account, live: true, when: {any: [{inactive: 9d}, {milestone: one, users: "
    answer = explained(f'{milestones}\n{team}">= 1"}}]}}}}', [event(1, "Used")], until=2)
    assert only(answer)["why"]["turns_at"] is None


def test_a_live_milestone_inside_another_shows_its_own_conditions() -> None:
    milestones = f"""
  busy: {{of: account, live: true, title: Busy, when: {{event: Used, within: 3d}}}}
  m: {{of: account, when: {{all: [{{milestone: busy}}, {OPENED}]}}}}"""
    answer = explained(milestones, [event(1, "Opened")], until=2)
    assert lines(answer)[-4:] == [
        "✗ m: not reached, 1 of 2 conditions is missing",
        "  ✗ Busy holds now: no",
        "    ✗ Used at least once in the last 3 days: none yet, 1 is needed",
        "  ✓ Opened at least once: 1 or more, since 2 Jan 2026 00:00",
    ]


def test_what_was_reached_is_shown_as_it_was_then_however_long_ago() -> None:
    answer = explained(
        '  m: {of: account, title: Keen, when: {event: Asked, count: ">= 2", within: 2d}}',
        [event(1, "Asked"), event(2, "Asked"), event(300, "Other")],
        until=300,
    )
    assert lines(answer) == ["✓ Keen (m): reached on 3 Jan 2026 00:00"]
    assert lines(answer, told=True) == [
        "✓ Keen (m): reached on 3 Jan 2026 00:00",
        "  It took:",
        "  ✓ Asked at least 2 times in the last 2 days: 2 or more, since 3 Jan 2026 00:00",
        "  What was told:",
        "    3 Jan 2026 00:00 reached, decided by event Asked-ann-2",
    ]


def test_a_repeated_milestone_says_how_often_and_from_when_again() -> None:
    answer = explained(
        "  m: {of: account, repeat: 7d, when: {event: Asked, within: 1d}}",
        [event(day, "Asked") for day in (1, 9, 20)],
        until=21.5,
    )
    assert lines(answer)[0] == (
        "✓ m: reached 3 times, the last on 21 Jan 2026 00:00; not again before 28 Jan 2026 00:00"
    )
    assert only(answer)["occurrences"] == 3


def test_traits_say_what_they_are() -> None:
    milestones = "  m: {of: user, when: {all: [{trait: plan, is: pro}, {trait: seats, gte: 5}]}}"
    events = [event(1, "identify", traits={"plan": "free"})]
    assert lines(explained(milestones, events, 2, ("acme", "ann")))[1:] == [
        "  ✗ plan is pro: it is free",
        "  ✗ seats is at least 5: it is not known",
    ]


def test_nothing_is_known_before_the_first_event_nor_beyond_the_time_asked_for() -> None:
    answer = explained(
        f"  m: {{of: account, when: {OPENED}}}", [event(1, "A"), event(5, "Opened")], 2
    )
    assert not only(answer)["holds"]
    assert answer["last_seen"] == time_text(at(1))
    assert only(answer)["told"] == []


@pytest.mark.parametrize("days", [0.5, 3])
def test_the_answer_is_at_the_time_asked_for(days: float) -> None:
    answer = explained(f"  m: {{of: account, when: {INVITED}}}", [event(0, "Invited")], until=days)
    assert answer["at"] == time_text(at(days))
    [start] = {part["window_start"] for part in [only(answer)["why"]]}
    assert start == time_text(at(days) - 14 * DAY)
