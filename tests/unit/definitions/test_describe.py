"""Conditions in words: what evidence and lists show."""

import pytest

from streams.definitions import describe, loads


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{event: Signed Up}", "count of Signed Up >= 1"),
        ('{event: [A, "B*"], count: "> 2", within: 36h}', "count of A or B* > 2 within 36h"),
        ('{event: "*", days: ">= 4", within: 2w}', "days of any event >= 4 within 14d"),
        ('{event: A, users: ">= 3"}', "users of A >= 3"),
        (
            '{event: A, distinct: {of: properties.f, is: ">= 3"}, '
            "from: 2026-01-01, to: 2026-02-01T12:00}",
            "distinct properties.f of A >= 3 from 2026-01-01T00:00:00Z to 2026-02-01T12:00:00Z",
        ),
        ('{event: A, avg: {of: traits.age, is: "<= 2.5"}}', "average traits.age of A <= 2.5"),
        ('{event: A, min: {of: traits.age, is: "== 2"}}', "smallest traits.age of A == 2"),
        ('{event: A, max: {of: traits.age, is: "!= 2"}}', "largest traits.age of A != 2"),
        ('{event: A, sum: {of: traits.age, is: "< 2"}}', "sum of traits.age of A < 2"),
        (
            "{event: A, where: {properties.role: {in: [admin, editor]}, "
            "properties.n: {gte: 2, lt: 9}}}",
            "count of A [properties.role in (admin, editor) and properties.n >= 2 and "
            "properties.n < 9] >= 1",
        ),
        (
            "{event: A, where: [{not: {any: [{properties.x: true}, "
            "{properties.y: {exists: false}}]}}]}",
            "count of A [not (properties.x = true or properties.y is missing)] >= 1",
        ),
        (
            "{event: A, where: {properties.at: {before: 2026-01-01}, "
            "properties.p: {between: [1, 2]}}}",
            "count of A [properties.at before 2026-01-01T00:00:00Z and "
            "properties.p between 1 and 2] >= 1",
        ),
        (
            "{event: A, where: [{any: [{properties.x: 1, properties.y: 2}, {properties.z: "
            "{exists: true}}]}, {properties.w: 3}]}",
            "count of A [((properties.x = 1 and properties.y = 2) or properties.z exists) and "
            "properties.w = 3] >= 1",
        ),
        ("{milestone: own}", "milestone own"),
        (
            '{milestone: aha, users: ">= 3", within: 30d}',
            "users with milestone aha >= 3 within 30d",
        ),
        (
            "{all: [{milestone: own}, {any: [{event: A}, {event: B}]}]}",
            "milestone own and (count of A >= 1 or count of B >= 1)",
        ),
        ("{not: {event: A}}", "not (count of A >= 1)"),
        (
            "{all: [{not: {any: [{event: A}, {milestone: own}]}}, {event: B}]}",
            "not (count of A >= 1 or milestone own) and count of B >= 1",
        ),
        ('{event: A, count: "== 0", within: 7d}', "count of A == 0 within 7d"),
        (
            "{event: Document Shared, first: true, within: 7d}",
            "first Document Shared ever within 7d",
        ),
        ('{event: "*", first: true, within: 7d}', "first event ever within 7d"),
        (
            '{event: "*", returned_after: 30d, within: 7d}',
            "any event again after 30d without, within 7d",
        ),
        ("{inactive: 14d}", "no event for 14d"),
        (
            '{inactive: 14d, event: [any A, B], where: {properties.x: "a\nb"}}',
            "no any A or B [properties.x = a b] for 14d",
        ),
        (
            "{after: {event: Signed Up}, no: {event: Invite Sent}, for: 36h}",
            "Signed Up, then no Invite Sent for 36h",
        ),
        (
            "{sequence: [{event: Signed Up}, {event: Invite Sent}]}",
            "Signed Up, then Invite Sent",
        ),
        (
            '{sequence: [{event: A, where: {properties.x: 1}}, {no: {event: "*"}}, {event: B}, '
            '{no: {event: C}, for: 5m}], within: 1d, strict: true, count: ">= 2"}',
            "A [properties.x = 1], then no event, then B, then no C for 5m, "
            "nothing else in between, within 1d, >= 2 times",
        ),
        (
            "{any: [{sequence: [{event: A}, {event: B}]}, {event: C}]}",
            "(A, then B) or count of C >= 1",
        ),
        (
            '{regularly: {event: Report Viewed, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}}',
            "count of Report Viewed >= 2 per 7d in >= 3 of the last 4",
        ),
        (
            "{latest: {event: Changed, where: {properties.x: 1}}, has: {properties.plan: pro}}",
            "latest Changed [properties.x = 1] has [properties.plan = pro]",
        ),
        (
            '{trend: {event: Report Viewed, window: 7d, is: ">= 1.5"}}',
            "count of Report Viewed within 7d >= 1.5 times that of the 7d before",
        ),
        (
            '{trend: {event: A, avg: properties.x, window: 7d, is: "< 1"}}',
            "average properties.x of A within 7d < 1 times that of the 7d before",
        ),
        ("{trait: plan, is: trial}", "trait plan = trial"),
        ("{trait: plan, in: [trial, free]}", "trait plan in (trial, free)"),
        ("{trait: the plan, exists: false}", "trait the plan is missing"),
        ("{segment: large}", "segment large"),
        ('{score: fit, is: ">= 70.5"}', "score fit >= 70.5"),
        (
            '{all: [{not: {score: fit, is: "> 70", until: "<= 60"}}, {segment: large}]}',
            "not (score fit > 70 until <= 60) and segment large",
        ),
        (
            '{event: "two\\nlines", where: {properties.x: "a\\nb"}}',
            "count of two lines [properties.x = a b] >= 1",
        ),
    ],
)
def test_a_condition_is_told_on_one_line(condition: str, words: str) -> None:
    definitions = loads(
        "version: 1\nsegments: {large: {of: account, when: {trait: employees, gte: 1000}}}\n"
        "scores: {fit: {of: account, components: {a: {points: 90, when: {event: A}}}}}\n"
        "milestones:\n  aha: {of: user, when: {event: Aha}}\n"
        f"  own: {{of: account, when: {{event: Own}}}}\n  it: {{of: account, when: {condition}}}\n"
    )
    assert describe(definitions.milestones["it"].when) == words
