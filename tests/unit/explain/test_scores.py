"""Conditions on scores: what they are made of, since when, until when, and how that is said."""

import json
from math import exp, log
from pathlib import Path
from typing import Any

import pytest

from schemas.encoding import time_text
from streams.explain.answer import Answer
from streams.explain.plain import beside_words
from streams.explain.scores import component_words
from tests.unit.explain.story import at, event, explained, lines, only

FIT = """
scores:
  fit:
    of: account
    title: Product fit
    components:
      action:   {points: 40, event: [Built, Imported], distinct: {of: properties.feature, full: 3}}
      recency:  {points: 20, event: "*", recency: {half_life: 5d}}
      volume:   {points: 10, event: Called, count: 4, within: 30d}
      invited:  {points: 3, event: Invited, fading: {half_life: 14d, most: 10}}
      card:     {points: 25, when: {event: Card Added}}
      churning: {points: -30, when: {inactive: 14d}}
    veto: {event: Left}
    force: {event: Demo Requested}
"""
STORY = [
    event(1, "Built", properties={"feature": "a"}),
    event(2, "Imported", properties={"feature": "b"}),
    event(3, "Called"),
    event(3, "Invited"),
    event(5, "Card Added"),
]


def live(when: str) -> str:
    return f"  m: {{of: account, live: true, when: {when}}}"


def fit(when: str, *more: dict[str, Any], until: float = 5) -> Answer:
    return explained(live(when), [*STORY, *more], until, sections=FIT)


def score_of(answer: Answer) -> Any:
    return only(answer)["why"]["score"]


def test_every_component_has_a_line_the_largest_first_and_what_could_add_most_after_them() -> None:
    answer = fit('{score: fit, is: ">= 90"}', until=10)
    assert lines(answer)[:-1] == [
        "✗ m: does not hold, and never did",
        "  ✗ Product fit is at least 90: 66.29, 23.71 more points are needed",
        "    + action: 26.67 of 40 points, Built or Imported with 2 of 3 different values of"
        " feature",
        "    + card: 25 of 25 points, while this holds",
        "      ✓ Card Added at least once: 1 or more, since 6 Jan 2026 00:00",
        "    + recency: 10 of 20 points, the newest event is 5 days old",
        "    + volume: 2.5 of 10 points, Called 1 of 4 times in the last 30 days",
        "    + invited: 2.12 of 30 points, Invited: 0.71 left, 10 at most, as each is worth half"
        " after 14 days",
        "    · churning: takes 0 of 30 points, while this holds",
    ]  # fmt: skip


def test_what_adds_nothing_is_listed_by_what_it_could_add() -> None:
    answer = explained(live('{score: fit, is: ">= 90"}'), [event(1, "Other")], 30, sections=FIT)
    shown = [one["component"] for one in score_of(answer)["components"]]
    assert shown == ["churning", "recency", "action", "invited", "card", "volume"]
    assert lines(answer)[2:-1:2] == [
        "    - churning: takes 30 of 30 points, while this holds",
        "    + recency: 0.36 of 20 points, the newest event is 29 days old",
        "    · invited: 0 of 30 points, no Invited yet",
        "      ✗ Card Added at least once: none yet, 1 is needed",
    ]


def test_the_numbers_are_in_the_object() -> None:
    answer = fit('{score: fit, is: ">= 90"}', until=10)
    why = only(answer)["why"]
    score = why["score"]
    assert (why["condition"], why["threshold"]) == ("score fit >= 90", ">= 90")
    assert why["observed"] == score["value"] == score["sum"]
    assert why["missing"] == pytest.approx(90 - score["value"])
    assert sum(one["points"] for one in score["components"]) == pytest.approx(score["value"])
    assert (score["intercept"], score["sum_needed"], score["counts"]) == (None, None, ">= 90")
    assert (score["veto"]["holds"], score["force"]["holds"]) == (False, False)
    found = {one["component"]: one for one in score["components"]}
    assert (found["action"]["observed"], found["action"]["full"]) == (2, 3)
    assert found["action"]["points"] == pytest.approx(80 / 3)
    assert (found["recency"]["signal"], found["recency"]["newest"]) == (0.5, time_text(at(5)))
    assert (found["invited"]["most"], found["invited"]["full"]) == (30, 10)
    assert [one["holds"] for one in found["card"]["parts"]] == [True]
    assert (found["churning"]["weight"], found["churning"]["points"]) == (-30, 0)


def test_a_score_that_fades_says_since_when_and_until_when_it_holds() -> None:
    sections = "scores: {hot: {of: account, components: {seen: {points: 80, event: Used, "
    sections += "recency: {half_life: 10d}}}}}"
    answer = explained(live('{score: hot, is: ">= 20"}'), [event(1, "Used")], 2, sections=sections)
    why = only(answer)["why"]
    assert why["since"] == time_text(at(1))
    assert why["turns_at"] in (time_text(at(21)), time_text(at(21) + 1))
    answer = explained(live('{score: hot, is: ">= 20"}'), [event(1, "Used")], 30, sections=sections)
    why = only(answer)["why"]
    assert not why["holds"]
    assert (why["since"], why["turns_at"]) in [
        (time_text(at(21)), None),
        (time_text(at(21) + 1), None),
    ]


def test_a_part_that_leaves_its_window_turns_a_score_and_all_around_it() -> None:
    condition = '{all: [{score: fit, is: ">= 30"}, {not: {score: fit, is: "< 1"}}]}'
    answer = explained(
        live(condition), [event(1, "Called", user=f"u{n}") for n in range(4)], 2,
        sections="scores: {fit: {of: account, components: {volume: {points: 30, event: Called,"
        " users: 4, within: 7d}}}}",
    )  # fmt: skip
    why = only(answer)["why"]
    assert [why["turns_at"], *(part["turns_at"] for part in why["parts"])] == [time_text(at(8))] * 3
    assert why["since"] == time_text(at(1))


def test_so_many_events_may_leave_before_a_score_turns() -> None:
    used = [event(1 + n / 1000, "Used") for n in range(400)]
    sections = "scores: {busy: {of: account, components: {volume: {points: 100, event: Used,"
    sections += " count: 400, within: 30d}}}}"
    why = only(explained(live('{score: busy, is: ">= 30"}'), used, 2, sections=sections))["why"]
    assert why["turns_at"] == used_again(used[280]["timestamp"])


def used_again(time: int) -> str:
    """When an event leaves a window of thirty days."""
    return time_text(time + 30 * 86_400_000)


def test_with_until_it_says_which_of_the_two_counts() -> None:
    when = '{score: fit, is: ">= 70", until: "< 62"}'
    before = fit(when, until=4)
    assert lines(before)[1] == (
        "  ✗ Product fit is at least 70, and from then on until it is less than 62: 49.43, 20.57"
        " more points are needed; what counts now is at least 70"
    )
    assert score_of(before)["counts"] == ">= 70"
    inside = fit(when, until=10)
    assert lines(inside)[1].startswith(
        "  ✓ Product fit is at least 70, and from then on until it is less than 62: 66.29; what"
        " counts now is less than 62, since 6 Jan 2026 00:00; until 14 Jan 2026 "
    )
    assert (score_of(inside)["counts"], only(inside)["why"]["missing"]) == ("< 62", None)
    after = only(fit(when, event(18, "Other"), until=18))["why"]
    assert (after["holds"], after["score"]["counts"]) == (True, "< 62")


def test_what_until_ended_says_until_when_it_was_true() -> None:
    when = '{score: fit, is: ">= 70", until: "< 62"}'
    why = only(fit(when, until=16))["why"]
    assert not why["holds"]
    assert why["since"] == only(fit(when, until=10))["why"]["turns_at"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Left", 0, "0, as there is a veto"),
        ("Demo Requested", 100, "100, as it is forced"),
    ],
)
def test_a_veto_and_a_force_say_so_where_they_hold(name: str, value: int, words: str) -> None:
    answer = fit('{score: fit, is: ">= 90"}', event(5, name))
    effect = "0" if name == "Left" else "at least 100"
    kind = "veto" if name == "Left" else "force"
    shown = lines(answer)
    assert shown[1].startswith(f"  {'✗✓'[value > 0]} Product fit is at least 90: {words}")
    assert shown[2:4] == [
        f"    · {kind}, the score is {effect} while this holds",
        f"      ✓ {name} at least once: 1 or more, since 6 Jan 2026 00:00",
    ]
    assert score_of(answer)["value"] == value
    assert score_of(answer)["sum"] > 0


def test_a_veto_or_force_that_does_not_hold_has_no_line() -> None:
    assert not [line for line in lines(fit('{score: fit, is: ">= 90"}')) if "while this" in line
                and ("veto" in line or "force" in line)]  # fmt: skip


LIKELY = """
scores:
  likely:
    of: account
    intercept: -3
    components:
      used: {points: 2, event: Used, count: 4}
      paid: {points: 3, when: {event: Paid}}
"""


def test_with_an_intercept_it_says_what_is_made_of_the_sum_and_what_sum_it_takes() -> None:
    answer = explained(
        live('{score: likely, is: ">= 60"}'), [event(1, "Used"), event(2, "Paid")], 2,
        sections=LIKELY,
    )  # fmt: skip
    score = score_of(answer)
    assert score["sum"] == 0.5
    assert score["value"] == pytest.approx(100 / (1 + exp(-0.5)))
    assert lines(answer)[1].startswith("  ✓ score likely is at least 60: 62.25, since ")
    assert lines(answer)[2:4] == [
        "    · -3 to begin with and 3.5 points make a sum of 0.5, which is 62.25 of 100 on a"
        " curve; 60 takes a sum of 0.41",
        "    + paid: 3 of 3 points, while this holds",
    ]
    assert score["sum_needed"] == pytest.approx(log(60 / 40))
    short = explained(live('{score: likely, is: ">= 60"}'), [event(1, "Used")], 2, sections=LIKELY)
    assert lines(short)[1].endswith("7.59, 52.41 more are needed")


def test_a_score_in_a_not_is_what_must_not_be() -> None:
    answer = fit('{all: [{event: Built}, {not: {score: fit, is: ">= 60"}}]}')
    assert lines(answer)[2:4] == [
        "  ✗ must not be: Product fit is at least 60: 76.88; so since 6 Jan 2026 00:00; true on 17"
        " Jan 2026 03:23 (in 11 days) if nothing happens",
        "    + action: 26.67 of 40 points, Built or Imported with 2 of 3 different values of"
        " feature",
    ]


def test_a_score_that_asks_for_a_milestone_shows_its_conditions() -> None:
    milestones = """
  busy: {of: account, live: true, title: Busy, when: {event: Used, within: 3d}}
  hot: {of: account, live: true, when: {score: s, is: ">= 10"}}"""
    sections = (
        "scores: {s: {of: account, components: {busy: {points: 10, when: {milestone: busy}}}}}"
    )
    answer = explained(milestones, [event(1, "Used")], 2, sections=sections)
    assert lines(answer)[-3:] == [
        "    + busy: 10 of 10 points, while this holds",
        "      ✓ Busy holds now: yes, since 2 Jan 2026 00:00; until 5 Jan 2026 00:00 (in 2 days) if"
        " nothing happens",
        "        ✓ Used at least once in the last 3 days: 1 or more, since 2 Jan 2026 00:00; until"
        " 5 Jan 2026 00:00 (in 2 days) if nothing happens",
    ]
    assert answer["milestones"][1]["why"]["turns_at"] == time_text(at(4))


@pytest.mark.parametrize(
    ("live", "turns_at"),
    [("true", time_text(at(15))), ("false", None)],  # what is told once waits for what is told late
)
def test_a_score_that_looks_at_a_milestone_that_waits_for_time(
    live: str, turns_at: str | None
) -> None:
    milestones = f"""
  lapsed: {{of: account, when: {{inactive: 14d}}}}
  lost: {{of: account, live: {live}, when: {{score: s, is: ">= 10"}}}}"""
    sections = (
        "scores: {s: {of: account, components: {l: {points: 10, when: {milestone: lapsed}}}}}"
    )
    lost = explained(milestones, [event(1, "Used")], 2, sections=sections)["milestones"][1]["why"]
    assert lost["turns_at"] == turns_at
    [inner] = lost["score"]["components"][0]["parts"]
    assert inner["turns_at"] == time_text(at(15))


def test_what_turns_after_all_dates_is_not_foretold() -> None:
    sections = "scores: {s: {of: account, components: {u: {points: 1, event: Used, "
    sections += "fading: {half_life: 3650d}}}}}"
    why = only(explained(live('{score: s, is: "> 0"}'), [event(1, "Used")], 2, sections=sections))[
        "why"
    ]
    assert (why["holds"], why["turns_at"]) == (True, None)


def test_of_an_any_the_score_that_is_nearest_comes_first() -> None:
    when = '{any: [{event: X, count: ">= 9"}, {score: fit, is: ">= 90"}]}'
    assert only(fit(when))["why"]["parts"][0]["condition"] == "score fit >= 90"


@pytest.mark.parametrize(
    ("value", "other", "words"),
    [
        (56.5, 60, "56.5"),
        (69.999, 70, "69.999"),
        (69.9999999, 70, "69.9999999"),
        (70, 70, "70"),
        (1234.567, 70, "1,234.57"),
        (0.001, 0, "0.001"),
    ],
)
def test_a_number_beside_a_threshold_is_never_rounded_to_it(
    value: float, other: float, words: str
) -> None:
    assert beside_words(value, other) == words


def test_one_point_is_one_point() -> None:
    sections = "scores: {s: {of: account, components: {used: {points: 3, event: Used, count: 3}}}}"
    answer = explained(live('{score: s, is: ">= 2"}'), [event(1, "Used")], 2, sections=sections)
    assert lines(answer)[1].endswith("score s is at least 2: 1, 1 more point is needed")


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("event: Used, count: 1", "Used 1 of 1 time"),
        ("event: Used, users: 3, within: 7d", "Used by 1 of 3 users in the last 7 days"),
        ("event: '*', days: 3, within: 7d", "any event on 2 of 3 days in the last 7 days"),
        ("event: Used, weeks: 2", "Used in 1 of 2 weeks"),
        (
            "event: Used, where: {properties.n: {gte: 3}}, sum: {of: properties.n, full: 1500.5}",
            "the sum of n of Used (n is at least 3) is 7 of 1,500.5",
        ),
        ("event: Used, max: {of: properties.n, full: 5}", "the largest n of Used is 7 of 5"),
        ("event: Gone, avg: {of: properties.n, full: 5}", "the average n of Gone is 0 of 5"),
        ("event: Gone, recency: {half_life: 5d}", "no Gone yet"),
        ("event: '*', recency: {half_life: 5d}", "the newest event is a moment old"),
        (
            "event: Used, fading: {half_life: 2d}",
            "Used: 0.71 left, as each is worth half after 2 days",
        ),
    ],
)
def test_what_was_seen_of_a_signal_is_a_plain_phrase(signal: str, words: str) -> None:
    sections = f"scores: {{s: {{of: account, components: {{c: {{points: 3, {signal}}}}}}}}}"
    story = [event(1, "Used", properties={"n": 7}), event(2, "Other")]
    answer = explained(live('{score: s, is: ">= 0"}'), story, 2, sections=sections)
    [part] = score_of(answer)["components"]
    assert part["seen"] == words


def test_without_a_bound_a_component_says_what_each_is_worth() -> None:
    part = {"component": "c", "points": 7.2, "most": None, "weight": 3, "scaled": None,
            "seen": "Used: 2.4 left"}  # fmt: skip
    assert component_words(part) == "+ c: 7.2 points, 3 for each, Used: 2.4 left"


def test_of_a_model_it_says_which_one_and_what_each_feature_is_multiplied_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = {
        "format": 1, "kind": "logistic", "name": "conversion", "version": "2026-11",
        "of": "account", "intercept": -1,
        "features": {"used": {"event": "Used", "count": 4}, "paid": {"event": "Paid", "count": 1}},
        "scaling": {"used": {"mean": 0.5, "scale": 0.25}},
        "coefficients": {"used": 1.5, "paid": 2},
    }  # fmt: skip
    (tmp_path / "m.json").write_text(json.dumps(model))
    monkeypatch.chdir(tmp_path)
    sections = "scores: {likely: {of: account, model: m.json}}"
    condition = live('{score: likely, is: ">= 0"}')
    answer = explained(condition, [event(1, "Used")], 2, sections=sections)
    score = score_of(answer)
    assert score["model"] == {"name": "conversion", "version": "2026-11"}
    used, paid = score["components"]
    assert (used["points"], used["weight"], used["scaled"], used["signal"]) == (-1.5, 1.5, -1, 0.25)
    assert (paid["points"], paid["weight"], paid["scaled"], paid["signal"]) == (0, 2, None, 0)
    assert score["sum"] == -2.5
    assert lines(answer)[2:5] == [
        "    · by the model conversion 2026-11: -1 to begin with and -1.5 points make a sum of"
        " -2.5, which is 7.59 of 100 on a curve",
        "    - used: -1.5 points, 1.5 times -1, Used 1 of 4 times",
        "    · paid: 0 of 2 points, Paid 0 of 1 time",
    ]
    assert any("; score 7.59 by conversion 2026-11" in line for line in lines(answer, told=True))
