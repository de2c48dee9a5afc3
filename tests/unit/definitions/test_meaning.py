"""Canonical form and fingerprints: they change exactly when the meaning does."""

import pytest

from streams.definitions import canonical, fingerprint, fingerprints, loads
from streams.definitions.model import Definitions


def of(condition: str, kind: str = "account") -> Definitions:
    more = "  aha: {of: user, when: {event: Aha}}\n  own: {of: account, when: {event: Own}}\n"
    return loads(f"version: 1\nmilestones:\n{more}  it: {{of: {kind}, when: {condition}}}\n")


def meaning(condition: str) -> str:
    return canonical(of(condition).milestones["it"].when)


SEQUENCE = "{{sequence: [{{event: A}}{}, {{event: B}}]{}}}"

SAME = [
    ("{event: A}", '{event: A, count: ">= 1"}'),
    ("{event: A}", '{event: A, count: "> 0"}'),
    ('{event: A, days: "> 2"}', '{event: A, days: ">= 3.0"}'),
    ("{event: [A, B]}", "{event: [B, A, A]}"),
    ('{event: [A, "A*", Ab]}', '{event: "A*"}'),
    ('{event: [A, "*", "B*"]}', '{event: "*"}'),
    ("{event: A, within: 7d}", "{event: A, within: 1w}"),
    ("{event: A, from: 2026-01-01}", "{event: A, from: 2026-01-01T01:00:00+01:00}"),
    (
        '{event: A, sum: {of: properties.x, is: ">= 3"}}',
        '{event: A, sum: {is: ">=3.0", of: properties.x}}',
    ),
    ("{all: [{event: A}, {event: B}]}", "{all: [{event: B}, {event: A}, {event: B}]}"),
    (
        "{all: [{event: A}, {all: [{event: B}, {event: C}]}]}",
        "{all: [{event: C}, {event: B}, {event: A}]}",
    ),
    ("{any: [{event: A}]}", "{event: A}"),
    ("{any: [{all: [{event: A}]}, {event: A}]}", "{event: A}"),
    ('{milestone: aha, users: "> 1"}', '{milestone: aha, users: ">= 2"}'),
    ("{event: A, where: {properties.x: 1}}", "{event: A, where: {properties.x: {eq: 1.0}}}"),
    ("{event: A, where: {properties.x: 1}}", "{event: A, where: [{properties.x: {in: [1, 1]}}]}"),
    (
        "{event: A, where: {properties.x: {ne: a}}}",
        "{event: A, where: {properties.x: {not_in: [a]}}}",
    ),
    (
        "{event: A, where: {properties.x: {in: [a, b]}}}",
        "{event: A, where: {properties.x: {in: [b, a]}}}",
    ),
    (
        "{event: A, where: {properties.x: 1, properties.y: 2}}",
        "{event: A, where: [{properties.y: 2}, {properties.x: 1}]}",
    ),
    ("{event: A, where: {not: {not: {properties.x: 1}}}}", "{event: A, where: {properties.x: 1}}"),
    (
        "{event: A, where: {any: [{properties.x: 1}, {properties.x: 1}]}}",
        "{event: A, where: {properties.x: 1}}",
    ),
    ('{event: A, count: "< 3"}', '{event: A, count: "<= 2"}'),
    ('{event: A, count: "<= 0"}', '{event: A, count: "== 0"}'),
    ('{event: A, count: "< 1"}', '{event: A, count: "== 0"}'),
    ('{event: A, users: "!= 0"}', "{event: A, users: '>= 1'}"),
    ('{milestone: aha, users: "< 1"}', '{milestone: aha, users: "== 0"}'),
    ("{not: {not: {event: A}}}", "{event: A}"),
    ("{not: {not: {not: {event: A}}}}", "{not: {event: A}}"),
    ("{not: {all: [{event: A}]}}", "{not: {event: A}}"),
    ("{inactive: 14d}", '{event: "*", count: "== 0", within: 2w}'),
    (
        "{inactive: 14d, event: [A, B], where: {properties.x: 1}}",
        '{event: [B, A], where: {properties.x: {eq: 1.0}}, count: "<= 0", within: 14d}',
    ),
    (
        "{event: [B, A], first: true, within: 1w}",
        "{within: 7d, first: true, event: [A, B, A]}",
    ),
    (
        '{event: ["*", A], returned_after: 1mo, within: 7d}',
        '{event: "*", returned_after: 30d, within: 7d}',
    ),
    (
        "{sequence: [{event: A}, {event: B}]}",
        '{sequence: [{event: A}, {event: B}], strict: false, count: "> 0"}',
    ),
    (
        "{sequence: [{event: [B, A], where: {properties.x: 1}}, {event: B}]}",
        "{sequence: [{event: [A, B], where: [{properties.x: {in: [1.0]}}]}, {event: [B, B]}]}",
    ),
    (
        SEQUENCE.format(", {no: {event: C}}, {no: {event: D}}", ""),
        SEQUENCE.format(", {no: {event: D}}, {no: {event: C}}, {no: {event: D}}", ""),
    ),
    (
        "{after: {event: A}, no: {event: B}, for: 5m}",
        "{sequence: [{event: A}, {no: {event: B}, for: 300s}], within: 1d, strict: true}",
    ),
    (
        '{regularly: {event: A, every: 1w, in: "> 2", of_last: 4}}',
        '{regularly: {event: [A], every: 7d, times: "!= 0", in: ">= 3", of_last: 4}}',
    ),
    (
        "{latest: {event: A}, has: {properties.x: 1, properties.y: 2}}",
        "{latest: {event: A}, has: [{properties.y: 2}, {properties.x: {eq: 1}}]}",
    ),
    (
        '{trend: {event: A, window: 7d, is: ">= 2"}}',
        '{trend: {event: A, count: true, window: 1w, is: ">= 2.0"}}',
    ),
    ("{trait: plan, is: trial}", "{trait: plan, in: [trial, trial]}"),
    ("{trait: plan, is: trial}", "{trait: plan, eq: trial}"),
]

DIFFERENT = [
    ("{event: A}", "{event: a}"),
    ("{event: A}", '{event: "A*"}'),
    ('{event: A, count: ">= 2"}', '{event: A, count: ">= 3"}'),
    ('{event: A, count: ">= 2"}', '{event: A, days: ">= 2"}'),
    ("{event: A, within: 7d}", "{event: A, within: 8d}"),
    ("{event: A, from: 2026-01-01}", "{event: A, to: 2026-01-01}"),
    ("{event: A}", "{event: A, where: {properties.x: 1}}"),
    ("{event: A, where: {properties.x: true}}", "{event: A, where: {properties.x: 1}}"),
    (
        "{event: A, where: {properties.x: {between: [1, 2]}}}",
        "{event: A, where: {properties.x: {in: [1, 2]}}}",
    ),
    ("{all: [{event: A}, {event: B}]}", "{any: [{event: A}, {event: B}]}"),
    (
        "{all: [{event: A}, {any: [{event: B}, {event: C}]}]}",
        "{all: [{event: A}, {event: B}, {event: C}]}",
    ),
    ("{milestone: own}", '{milestone: aha, users: ">= 1"}'),
    (
        '{event: A, sum: {of: properties.x, is: "> 2"}}',
        '{event: A, sum: {of: properties.x, is: ">= 3"}}',
    ),
    (
        '{event: A, sum: {of: properties.x, is: "> 2"}}',
        '{event: A, avg: {of: properties.x, is: "> 2"}}',
    ),
    ('{event: A, count: "<= 2"}', '{event: A, count: ">= 2"}'),
    ('{event: A, count: "== 2"}', '{event: A, count: "!= 2"}'),
    ('{event: A, count: "== 2"}', '{event: A, count: "<= 2"}'),
    ("{not: {event: A}}", "{event: A}"),
    ("{not: {event: A}}", "{not: {event: B}}"),
    ("{not: {all: [{event: A}, {event: B}]}}", "{all: [{not: {event: A}}, {not: {event: B}}]}"),
    ("{inactive: 14d}", "{inactive: 15d}"),
    ("{inactive: 14d}", "{inactive: 14d, event: A}"),
    ("{event: A, first: true, within: 7d}", "{event: A, within: 7d}"),
    ("{event: A, first: true, within: 7d}", "{event: A, first: true, within: 8d}"),
    (
        "{event: A, returned_after: 7d, within: 8d}",
        "{event: A, returned_after: 8d, within: 7d}",
    ),
    (SEQUENCE.format("", ""), SEQUENCE.format("", ", strict: true")),
    (SEQUENCE.format("", ""), SEQUENCE.format("", ", within: 1d")),
    (SEQUENCE.format("", ", within: 1d"), SEQUENCE.format("", ", within: 2d")),
    (
        SEQUENCE.format("", ", within: 1d"),
        SEQUENCE.format("", ', within: 1d, count: ">= 2"'),
    ),
    (SEQUENCE.format("", ""), SEQUENCE.format(", {no: {event: C}}", "")),
    (SEQUENCE.format("", ""), SEQUENCE.format(", {event: C}", "")),
    (
        SEQUENCE.format(", {event: C}, {no: {event: D}}", ""),
        SEQUENCE.format(", {no: {event: D}}, {event: C}", ""),
    ),
    (
        "{sequence: [{event: A}, {event: B}]}",
        "{sequence: [{event: B}, {event: A}]}",
    ),
    (
        "{after: {event: A}, no: {event: B}, for: 5m}",
        "{after: {event: B}, no: {event: A}, for: 5m}",
    ),
    (
        "{after: {event: A}, no: {event: B}, for: 5m}",
        "{after: {event: A}, no: {event: B}, for: 6m}",
    ),
    *(
        (
            '{regularly: {event: A, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}}',
            f"{{regularly: {{event: A, {other}}}}}",
        )
        for other in (
            'every: 8d, times: ">= 2", in: ">= 3", of_last: 4',
            'every: 7d, times: ">= 3", in: ">= 3", of_last: 4',
            'every: 7d, times: ">= 2", in: ">= 2", of_last: 4',
            'every: 7d, times: ">= 2", in: ">= 3", of_last: 5',
        )
    ),
    (
        "{latest: {event: A}, has: {properties.x: 1}}",
        "{latest: {event: A, where: {properties.x: 1}}, has: {event: A}}",
    ),
    *(
        (
            '{trend: {event: A, sum: properties.x, window: 7d, is: ">= 2"}}',
            f"{{trend: {{event: A, {other}}}}}",
        )
        for other in (
            'avg: properties.x, window: 7d, is: ">= 2"',
            'sum: properties.y, window: 7d, is: ">= 2"',
            'sum: properties.x, window: 8d, is: ">= 2"',
            'sum: properties.x, window: 7d, is: "> 2"',
        )
    ),
    ("{trait: plan, is: trial}", "{trait: plan, ne: trial}"),
    ("{trait: plan, is: trial}", "{trait: plan, is: free}"),
    ("{trait: plan, is: trial}", "{trait: stage, is: trial}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_means_the_same_has_one_canonical_form_and_fingerprint(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)
    assert fingerprints(of(one)) == fingerprints(of(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_means_something_else_has_another(one: str, other: str) -> None:
    assert meaning(one) != meaning(other)
    assert fingerprints(of(one))["it"] != fingerprints(of(other))["it"]


def test_a_canonical_form_is_one_line_of_ascii() -> None:
    form = meaning('{event: "Bestätigt\\nnach \\u2028", where: {properties.x: "é"}}')
    assert form.isascii()
    assert form.isprintable()


def test_a_fingerprint_is_sixteen_hexadecimal_digits_and_never_changes() -> None:
    """A release that changes these restarts everybody's state: never by accident."""
    definitions = loads(
        "version: 1\nmilestones:\n"
        "  onboarded: {of: account, when: {event: Data Source Connected}}\n"
        '  aha: {of: user, when: {event: Document Shared, count: ">= 3", within: 7d}}\n'
        '  team_aha: {of: account, when: {milestone: aha, users: ">= 3", within: 30d}}\n'
        "  pql: {of: account, when: {all: [{milestone: onboarded}, {any: [{milestone: team_aha}, "
        "{event: Invite Sent, where: {properties.role: {in: [admin, editor]}}}]}]}}\n"
    )
    assert fingerprints(definitions) == {
        "onboarded": "38e4e9f1195f983d",
        "aha": "7e90ecc7d053f5ea",
        "team_aha": "767e58b021892125",
        "pql": "468b74fb056695e6",
    }


def test_milestones_that_are_live_or_repeat_have_another_fingerprint_than_once() -> None:
    definitions = loads(
        "version: 1\nmilestones:\n"
        "  once: {of: account, when: {event: Data Source Connected, within: 7d}}\n"
        "  written: {of: account, live: false, when: {event: Data Source Connected, within: 7d}}\n"
        "  live: {of: account, live: true, when: {event: Data Source Connected, within: 7d}}\n"
        "  again: {of: account, repeat: 7d, when: {event: Data Source Connected, within: 7d}}\n"
        "  later: {of: account, repeat: 8d, when: {event: Data Source Connected, within: 7d}}\n"
    )
    found = fingerprints(definitions)
    assert found["once"] == found["written"]
    assert len(set(found.values())) == 4


def test_what_names_a_live_milestone_means_something_else_than_what_names_one_reached_once() -> (
    None
):
    def last(field: str) -> str:
        text = (
            f"version: 1\nmilestones: {{it: {{of: user, {field} when: {{event: A, within: 7d}}}}, "
            "last: {of: user, when: {milestone: it}}}"
        )
        return fingerprints(loads(text))["last"]

    assert len({last(""), last("live: true,"), last("repeat: 7d,")}) == 3


def test_one_fingerprint_is_what_all_of_them_say() -> None:
    definitions = of("{all: [{milestone: own}, {milestone: aha, users: '>= 2'}]}")
    for name, expected in fingerprints(definitions).items():
        assert fingerprint(definitions.milestones[name], definitions) == expected


def test_whose_milestone_it_is_belongs_to_the_meaning() -> None:
    assert fingerprints(of("{event: A}", "user"))["it"] != fingerprints(of("{event: A}"))["it"]


def test_the_meaning_of_a_milestone_that_is_named_belongs_to_the_meaning() -> None:
    def after(first: str, name: str = "first") -> str:
        text = (
            f"version: 1\nmilestones: {{{name}: {{of: user, when: {first}}}, "
            f"middle: {{of: user, when: {{milestone: {name}}}}}, "
            "last: {of: user, when: {milestone: middle}}}"
        )
        return fingerprints(loads(text))["last"]

    assert after("{event: A}") != after("{event: B}")
    assert after("{event: A}") == after("{event: A}", name="renamed")


def test_name_title_description_and_settings_are_not_part_of_the_meaning() -> None:
    plain = loads("version: 1\nmilestones: {a: {of: user, when: {event: A}}}")
    told = loads(
        "version: 1\nsettings: {allowed_lateness: 2d}\n"
        "milestones: {b: {of: user, title: T, description: D, when: {event: A}}}"
    )
    assert [*fingerprints(plain).values()] == [*fingerprints(told).values()]


def test_a_chain_of_thousands_of_milestones_has_fingerprints() -> None:
    names = range(3_000)
    chain = "".join(f"  m{i}: {{of: user, when: {{milestone: m{i + 1}}}}}\n" for i in names)
    definitions = loads(
        f"version: 1\nmilestones:\n{chain}  m{len(names)}: {{of: user, when: {{event: A}}}}\n"
    )
    assert len(set(fingerprints(definitions).values())) == len(names) + 1
    assert len(fingerprint(definitions.milestones["m0"], definitions)) == 16


SCORE = (
    "components: {a: {points: 60, when: {event: A}}, b: {points: 40, event: B, count: 3}, "
    "c: {points: 20, event: C, recency: {half_life: 7d}}, "
    "d: {points: 5, event: D, fading: {half_life: 7d, most: 3}}}"
)


def scored(fields: str, name: str = "fit", milestone: str = "{event: Own}", **more: str) -> str:
    """The fingerprint of a milestone that names a score with these fields."""
    bounds = more.get("bounds", 'is: ">= 70"')
    text = (
        f"version: 1\nscores: {{{name}: {{of: account, {fields}}}}}\n"
        f"milestones:\n  own: {{of: account, when: {milestone}}}\n"
        f"  it: {{of: account, when: {{score: {name}, {bounds}}}}}\n"
    )
    return fingerprints(loads(text))["it"]


@pytest.mark.parametrize(
    "other",
    [
        f"title: T, description: D, {SCORE}",
        "components: {d: {points: 5.0, event: D, fading: {most: 3.0, half_life: 1w}}, "
        "c: {points: 20, event: [C, C], recency: {half_life: 7d}}, "
        "b: {points: 40, event: B, count: 3.0}, "
        'a: {points: 60, when: {all: [{event: A, count: "> 0"}]}}}',
    ],
)
def test_a_score_means_the_same_whatever_its_title_and_the_order_of_its_components(
    other: str,
) -> None:
    assert scored(SCORE) == scored(other)


@pytest.mark.parametrize(
    "other",
    [
        SCORE.replace("{a:", "{z:"),
        SCORE.replace("60", "61"),
        SCORE.replace("when: {event: A}", "event: A, count: 1"),
        SCORE.replace("event: A", "event: Z"),
        SCORE.replace("count: 3", "count: 4"),
        SCORE.replace("count: 3", "days: 3"),
        SCORE.replace("count: 3", "count: 3, within: 7d"),
        SCORE.replace("recency: {half_life", "recency: {time_constant"),
        SCORE.replace("recency: {half_life: 7d}", "recency: {half_life: 8d}"),
        SCORE.replace(", most: 3", ""),
        SCORE.replace("fading: {half_life: 7d", "fading: {half_life: 8d"),
        f"intercept: 0, {SCORE}",
        f"veto: {{event: A}}, {SCORE}",
        f"force: {{event: A}}, {SCORE}",
    ],
)
def test_a_score_means_something_else_where_its_value_or_what_is_told_of_it_may(other: str) -> None:
    assert scored(SCORE) != scored(other)


def test_the_name_of_a_score_is_told_and_its_bounds_are_its_meaning() -> None:
    different = [
        scored(SCORE),
        scored(SCORE, name="renamed"),
        scored(SCORE, bounds='is: "> 70"'),
        scored(SCORE, bounds='is: ">= 71"'),
        scored(SCORE, bounds='is: ">= 70", until: "< 60"'),
        scored(SCORE, bounds='is: ">= 70", until: "<= 60"'),
    ]
    assert len(set(different)) == len(different)
    assert scored(SCORE) == scored(SCORE, bounds='is: ">= 70.0", until: "< 70"')


def test_a_score_means_something_else_as_soon_as_a_milestone_does_that_it_names() -> None:
    fields = "components: {a: {points: 90, when: {milestone: own}}}"
    assert scored(fields) == scored(fields, milestone='{event: Own, count: "> 0"}')
    assert scored(fields) != scored(fields, milestone="{event: Other}")


def segmented(segments: str, name: str = "it") -> str:
    text = f"version: 1\nsegments: {{{segments}}}\nmilestones:\n"
    text += f"  it: {{of: account, when: {{segment: {name}}}}}\n"
    return canonical(loads(text).milestones["it"].when)


def test_a_segment_means_its_condition_and_none_of_those_of_its_kind_before_it() -> None:
    it, other = (f"{{of: account, when: {{event: {name}}}}}" for name in "AB")
    users = "{of: user, when: {event: B}}"
    alone = segmented(f"it: {it}")
    assert alone == meaning("{event: A}")
    assert alone == segmented(f"first: {it}, it: {other}", "first")
    assert alone == segmented(f"first: {users}, it: {it}, last: {other}")
    assert segmented(f"first: {other}, it: {it}") == meaning(
        "{all: [{event: A}, {not: {event: B}}]}"
    )


def test_the_fingerprint_of_what_names_a_score_never_changes_by_accident() -> None:
    definitions = loads(
        "version: 1\n"
        "segments:\n"
        "  enterprise: {of: account, when: {trait: employees, gte: 1000}}\n"
        "  paying: {of: account, when: {trait: plan, in: [team, business]}}\n"
        "scores:\n"
        "  fit:\n"
        "    of: account\n"
        "    components:\n"
        "      action: {points: 40, event: A, distinct: {of: properties.feature, full: 3}}\n"
        '      recency: {points: 20, event: "*", recency: {half_life: 7d}}\n'
        "      invited: {points: 3, event: B, fading: {half_life: 14d, most: 10}}\n"
        "      card: {points: 25, when: {event: C}}\n"
        "    veto: {trait: internal, is: true}\n"
        "    force: {event: D}\n"
        "milestones:\n"
        '  pql: {of: account, live: true, when: {score: fit, is: ">= 70", until: "< 60"}}\n'
        "  big: {of: account, when: {segment: paying}}\n"
    )
    assert fingerprints(definitions) == {
        "pql": "b0c605e7201efe30",
        "big": "83711771310f554d",
    }


USUAL = "of: account, event: A, count: true, within: 30d, start: 20"


def usual(
    baseline: str = USUAL, fallback: str = "score: rules, above: 0.2", name: str = "u"
) -> str:
    """The fingerprint of a milestone on a score with a baseline and a fallback."""
    text = f"""
        version: 1
        baselines: {{{name}: {{{baseline}}}}}
        scores:
          rules: {{of: account, components: {{a: {{points: 90, event: A, count: 3}}}}}}
          other: {{of: account, components: {{a: {{points: 80, event: A, count: 3}}}}}}
          fit: {{of: account, components: {{a: {{points: 90, event: A, count: {{baseline: {name}}},
                within: 7d}}}}, fallback: {{{fallback}}}}}
        milestones: {{it: {{of: account, when: {{score: fit, is: ">= 70"}}}}}}
        """
    return fingerprints(loads(text))["it"]


def test_what_a_baseline_is_of_is_meant_and_not_how_often_it_is_computed() -> None:
    assert usual(f"{USUAL}, every: 2d, statistic: mean") == usual()
    for other in (
        USUAL.replace("20", "21"),
        USUAL.replace("event: A", "event: B"),
        USUAL.replace("count:", "days:"),
        USUAL.replace("30d", "60d"),
        f"{USUAL}, statistic: median",
    ):
        assert usual(other) != usual()
    assert usual(name="v") != usual()


def test_which_score_stands_in_is_meant_and_not_when() -> None:
    assert usual(fallback="score: rules, above: 0.5, least: 3") == usual()
    assert usual(fallback="score: other, above: 0.2") != usual()
