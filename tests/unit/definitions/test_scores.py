"""Segments and scores: YAML to the model, what names them, and between which numbers they are."""

import math

import pytest

from streams.definitions import loads
from streams.definitions.conditions import form_of, lasts, milestones_in
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Baseline,
    Compare,
    Comparison,
    Component,
    Condition,
    EventCondition,
    EventFilter,
    Fading,
    Fallback,
    Measure,
    MeasureKind,
    MilestoneCondition,
    Not,
    Recency,
    Score,
    ScoreCondition,
    Segment,
    SegmentCondition,
    Share,
    Signal,
    TraitCondition,
    WhileTrue,
)
from streams.definitions.ranges import Range, logistic, range_of

DAY = 86_400_000
A, B = (EventCondition((name,), None, Measure("count", Comparison(">=", 1))) for name in "AB")
HEAD = "version: 1\nmilestones: {it: {of: user, when: {event: A}}}\n"
FIT = "{of: account, components: {a: {points: 90, when: {event: A}}}}"


def score(fields: str, of: str = "account") -> Score:
    return loads(f"{HEAD}scores: {{fit: {{of: {of}, {fields}}}}}").scores["fit"]


def signal(component: str, of: str = "account") -> Signal:
    (found,) = score(f"components: {{c: {{points: 5, {component}}}}}", of).components
    assert (found.name, found.points) == ("c", 5)
    return found.signal


def when(condition: str, sections: str) -> Condition:
    text = f"version: 1\n{sections}\nmilestones: {{it: {{of: account, when: {condition}}}}}"
    return loads(text).milestones["it"].when


def test_a_score_has_components_in_their_order_and_all_else_is_optional() -> None:
    plain = score(
        "components: {b: {points: 1.5, when: {event: B}}, a: {points: -2, when: {event: A}}}"
    )
    components = (Component("b", 1.5, WhileTrue(B)), Component("a", -2, WhileTrue(A)))
    assert plain == Score("fit", "account", components)
    told = score(
        "title: T, description: D, intercept: -3.2, veto: {event: A}, force: {event: B}, "
        "components: {a: {points: 1, when: {event: A}}}"
    )
    one = (Component("a", 1, WhileTrue(A)),)
    assert told == Score("fit", "account", one, -3.2, A, B, "T", "D")


@pytest.mark.parametrize("kind", ["count", "users", "days", "weeks"])
def test_a_share_of_a_count_says_how_many_are_full(kind: str) -> None:
    measure = Measure(kind, Comparison(">=", 3))  # type: ignore[arg-type]
    assert signal(f"event: A, {kind}: 3") == Share(EventCondition(("A",), None, measure))


@pytest.mark.parametrize("kind", ["distinct", "sum", "avg", "min", "max"])
def test_a_share_of_a_value_names_it(kind: str) -> None:
    measure = Measure(kind, Comparison(">=", 3), "properties.x")  # type: ignore[arg-type]
    found = signal(f"event: [A, B], {kind}: {{of: properties.x, full: 3}}")
    assert found == Share(EventCondition(("A", "B"), None, measure))


def test_a_share_has_filters_and_windows_as_a_condition_has() -> None:
    measure, big = Measure("count", Comparison(">=", 3)), Compare("properties.size", "gte", 5)
    where = "where: {properties.size: {gte: 5}}"
    assert signal(f"event: A, {where}, count: 3, within: 7d") == Share(
        EventCondition(("A",), big, measure, 7 * DAY)
    )
    assert signal("event: A, count: 3, from: 1970-01-02, to: 1970-01-03") == Share(
        EventCondition(("A",), None, measure, None, DAY, 2 * DAY)
    )


def test_a_full_amount_of_numbers_may_be_a_fraction_one_of_a_count_is_whole() -> None:
    found = signal("event: A, sum: {of: properties.x, full: 0.5}")
    assert isinstance(found, Share)
    assert found.measured.measure.comparison == Comparison(">=", 0.5)
    found = signal("event: A, count: 3.0")
    assert isinstance(found, Share)
    assert type(found.measured.measure.comparison.value) is int


def test_recency_has_a_time_constant_or_a_half_life_which_is_one_times_ln_2() -> None:
    assert signal("event: A, recency: {time_constant: 7d}") == Recency(EventFilter(("A",)), 7 * DAY)
    halved = signal("event: A, recency: {half_life: 7d}")
    assert halved == Recency(EventFilter(("A",)), 7 * DAY / math.log(2))
    assert isinstance(halved, Recency)
    assert math.exp(-7 * DAY / halved.time_constant) == pytest.approx(0.5, rel=1e-15)


def test_fading_has_a_half_life_and_perhaps_a_bound() -> None:
    assert signal("event: A, fading: {half_life: 14d}") == Fading(EventFilter(("A",)), 14 * DAY)
    assert signal('event: "*", fading: {half_life: 14d, most: 2.5}', "user") == Fading(
        EventFilter(("*",)), 14 * DAY, 2.5
    )


SEGMENTS = """segments:
  large: {of: account, when: {trait: employees, gte: 1000}}
  admins: {of: user, when: {trait: role, is: admin}}
  paying: {of: account, when: {event: A}}
  rest: {of: account, when: {any: [{segment: paying}, {event: B}]}}"""
LARGE = TraitCondition("employees", Compare("traits.employees", "gte", 1000))
IN_PAYING = SegmentCondition("paying", AllOf((Not(LARGE), A)))
REST = AnyOf((IN_PAYING, B))


def test_segments_keep_their_order_and_name_those_above_them() -> None:
    segments = loads(HEAD + SEGMENTS).segments
    assert list(segments) == ["large", "admins", "paying", "rest"]
    assert segments["rest"] == Segment("rest", "account", REST)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("large", AllOf((LARGE,))),
        ("paying", AllOf((Not(LARGE), A))),
        ("rest", AllOf((Not(LARGE), Not(A), REST))),
    ],
)
def test_who_is_in_a_segment_is_in_none_of_its_kind_before_it(
    name: str, condition: Condition
) -> None:
    assert when(f"{{segment: {name}}}", SEGMENTS) == SegmentCondition(name, condition)


def test_a_condition_has_the_whole_score_in_it() -> None:
    fit = Score("fit", "account", (Component("a", 90, WhileTrue(A)),))
    found = when('{score: fit, is: ">= 70"}', f"scores: {{fit: {FIT}}}")
    assert found == ScoreCondition(fit, Comparison(">=", 70))
    found = when('{score: fit, is: "< 70.5", until: "> 71"}', f"scores: {{fit: {FIT}}}")
    assert found == ScoreCondition(fit, Comparison("<", 70.5), Comparison(">", 71))


@pytest.mark.parametrize(
    ("is_", "until"),
    [
        (">= 70", "< 70"), (">= 70", "<= 69.9"), ("> 70", "<= 70"), ("> 70", "< 70"),
        ("<= 70", "> 70"), ("<= 70", ">= 70.1"), ("< 70", ">= 70"), ("< 70", "> 70"),
    ],
)  # fmt: skip
def test_until_may_begin_where_is_ends(is_: str, until: str) -> None:
    when(f'{{score: fit, is: "{is_}", until: "{until}"}}', f"scores: {{fit: {FIT}}}")


def test_a_score_names_segments_milestones_and_the_scores_above_it_whatever_their_place() -> None:
    definitions = loads(
        "version: 1\n"
        "milestones: {own: {of: account, when: {event: A}}, aha: {of: user, when: {event: A}}, "
        'pql: {of: account, when: {score: sum, is: ">= 3"}}}\n'
        "scores:\n"
        f"  fit: {FIT}\n"
        "  sum:\n"
        "    of: account\n"
        "    veto: {not: {milestone: own}}\n"
        '    force: {milestone: aha, users: ">= 3"}\n'
        "    components:\n"
        "      rest: {points: 2, when: {segment: rest}}\n"
        '      fit: {points: 2, when: {score: fit, is: ">= 70"}}\n'
        "      shared: {points: 2, event: B, count: 3}\n"
        "      recent: {points: 2, event: B, recency: {half_life: 7d}}\n" + SEGMENTS
    )
    condition = definitions.milestones["pql"].when
    assert milestones_in(condition) == {"own", "aha"}
    assert [type(each).__name__ for each in form_of(condition).inside(condition)] == [
        "SegmentCondition", "ScoreCondition", "EventCondition", "Not", "MilestoneCondition",
    ]  # fmt: skip


def test_whether_a_score_lasts_is_hard_to_say_a_segment_lasts_as_its_condition_does() -> None:
    assert not lasts(when('{score: fit, is: ">= 70"}', f"scores: {{fit: {FIT}}}"))
    segments = (
        "segments: {one: {of: account, when: {event: A}}, two: {of: account, when: {event: B}}}"
    )
    assert lasts(when("{segment: one}", segments))
    assert not lasts(when("{segment: two}", segments))


def test_a_condition_may_name_a_milestone_of_its_users_through_a_score() -> None:
    (component,) = score(
        'components: {c: {points: 5, when: {milestone: it, users: ">= 3"}}}'
    ).components
    expected = MilestoneCondition("it", Comparison(">=", 3))
    assert component.signal == WhileTrue(expected)


TWO = "{up: {points: 60, when: {event: A}}, down: {points: -5, when: {event: B}}}"


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        (f"components: {TWO}", -5, 60),
        (f"components: {TWO}, force: {{event: A}}", -5, 100),
        ("components: {a: {points: 0.1, when: {event: A}}, b: {points: 0.2, event: A, days: 3}, "
         "c: {points: 0.3, event: A, recency: {half_life: 1d}}}", 0, 0.6),
        ("components: {a: {points: 2, event: A, fading: {half_life: 1d, most: 30}}}", 0, 60),
        ("components: {a: {points: 2, event: A, fading: {half_life: 1d}}}", 0, math.inf),
        ("intercept: 0, components: {a: {points: 1, event: A, days: 3}}", 50, logistic(1)),
        ("intercept: 0, veto: {event: A}, components: {a: {points: 1, event: A, days: 3}}",
         0, logistic(1)),
        ("intercept: 0, components: {a: {points: 2, event: A, fading: {half_life: 1d}}}", 50, 100),
    ],
)  # fmt: skip
def test_a_score_is_never_outside_its_range(fields: str, low: float, high: float) -> None:
    assert range_of(score(fields)) == Range(low, high)


@pytest.mark.parametrize(
    ("z", "value"),
    [(0, 50), (-1e15, 0), (1e15, 100), (-math.inf, 0), (math.inf, 100), (math.log(3), 75)],
)
def test_the_logistic_function_takes_every_number(z: float, value: float) -> None:
    assert logistic(z) == pytest.approx(value)


USAGE = "baselines: {usage: {of: account, event: [A, B*], count: true, within: 30d, start: 20}}\n"


def against(component: str, baselines: str = USAGE) -> Signal:
    components = f"{{c: {{points: 5, {component}}}}}"
    text = f"{HEAD}{baselines}scores: {{fit: {{of: account, components: {components}}}}}"
    (found,) = loads(text).scores["fit"].components
    return found.signal


def test_a_baseline_says_what_is_measured_and_the_rest_is_usual() -> None:
    text = f"{HEAD}{USAGE}"
    assert loads(text).baselines == {
        "usage": Baseline("usage", "account", ("A", "B*"), "count", 30 * DAY, 20, "mean", DAY)
    }
    every = text.replace("count: true", "days: true, statistic: p90, every: 12h")
    found = loads(every).baselines["usage"]
    assert (found.kind, found.statistic, found.every) == ("days", "p90", DAY // 2)


@pytest.mark.parametrize(
    ("component", "kind", "path"),
    [
        ("event: A, count: {baseline: usage}, within: 7d", "count", None),
        ("event: A, days: {baseline: usage}, within: 7d", "days", None),
        (
            "event: A, sum: {of: properties.x, full: {baseline: usage}}, within: 7d",
            "sum",
            "properties.x",
        ),
        (
            "event: A, distinct: {of: properties.x, full: {baseline: usage}}, within: 7d",
            "distinct",
            "properties.x",
        ),
    ],
)
def test_a_baseline_stands_in_place_of_the_full_amount_of_every_measure(
    component: str, kind: MeasureKind, path: str | None
) -> None:
    found = against(component)
    assert isinstance(found, Share)
    assert found.baseline == loads(f"{HEAD}{USAGE}").baselines["usage"]
    measure = Measure(kind, Comparison(">=", 20), path)
    assert found.measured == EventCondition(("A",), None, measure, 7 * DAY)


def test_a_fallback_is_a_score_above_and_its_numbers_are_in_range() -> None:
    scores = (
        f"scores: {{rules: {FIT}, fit: {{of: account, components: {{a: {{points: 5, when: "
        "{event: A}}}, fallback: {score: rules, above: 0.2}}}"
    )
    found = loads(f"{HEAD}{scores}").scores
    assert found["fit"].fallback == Fallback(found["rules"], 0.2, 20)
    assert range_of(found["fit"]) == Range(0, 90)
    found = loads(f"{HEAD}{scores}".replace("0.2", "1, least: 5")).scores
    assert found["fit"].fallback == Fallback(found["rules"], 1, 5)


def test_what_a_fallback_looks_at_the_score_does() -> None:
    found = loads(
        """
        version: 1
        scores:
          rules: {of: account, components: {a: {points: 90, when: {milestone: other}}}}
          fit: {of: account, components: {a: {points: 5, when: {event: A}}},
                fallback: {score: rules, above: 0.2}}
        milestones:
          other: {of: account, when: {event: B}}
          it: {of: account, when: {score: fit, is: ">= 70"}}
        """
    )
    assert milestones_in(found.milestones["it"].when) == {"other"}
