"""Conditions in the words of who sells."""

import pytest

from streams.definitions import loads
from streams.engine.leaves.base import Observation
from streams.explain.plain import about_words, date_words, length_words
from streams.explain.seen import missing
from streams.explain.words import requirement

DAY = 86_400_000


def definition(condition: str, of: str = "account") -> str:
    return f"""
version: 1
segments: {{small: {{of: {of}, when: {{trait: seats, lt: 50}}}}}}
scores:
  fit: {{of: {of}, title: Product fit, components: {{used: {{points: 90, when: {{event: Used}}}}}}}}
  spent: {{of: {of}, components: {{paid: {{points: 90, when: {{event: Paid}}}}}}}}
milestones:
  aha: {{of: user, title: Aha moment, when: {{event: Shared}}}}
  busy: {{of: user, live: true, when: {{event: Used, within: 1d}}}}
  paid: {{of: account, when: {{event: Paid}}}}
  asked: {{of: {of}, when: {condition}}}
"""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{event: Used}", "Used at least once"),
        ('{event: Used, count: ">= 2", within: 7d}', "Used at least 2 times in the last 7 days"),
        ('{event: Used, count: "== 1", within: 90m}', "Used exactly 1 time in the last 90 minutes"),
        ('{event: Used, count: "== 0", within: 1d}', "no Used in the last day"),
        ('{event: "*", count: "<= 3"}', "any event at most 3 times"),
        ('{event: [Used, "Doc*"], users: "> 2"}', "Used or any Doc… by more than 2 users"),
        ('{event: Used, days: ">= 3", within: 1w}', "Used on at least 3 days in the last 7 days"),
        ('{event: Used, weeks: "!= 2"}', "Used in any number but 2 weeks"),
        (
            '{event: Used, distinct: {of: properties.feature, is: ">= 3"}}',
            "Used with at least 3 different values of feature",
        ),
        (
            '{event: Paid, sum: {of: properties.amount, is: ">= 1500.5"}, from: 2026-01-01,'
            " to: 2026-02-01}",
            "the sum of amount of Paid at least 1,500.5 from 1 Jan 2026 00:00 on before 1 Feb 2026"
            " 00:00",
        ),
        ('{event: Paid, avg: {of: properties.a, is: "< 2"}}', "the average a of Paid less than 2"),
        ('{event: Paid, max: {of: properties.a, is: "> 2"}}', "the largest a of Paid more than 2"),
        (
            "{event: Invited, where: {properties.role: {in: [admin, editor, owner]}}}",
            "Invited (role is admin, editor or owner) at least once",
        ),
        (
            "{event: Invited, where: {properties.seats: {gte: 5},"
            " any: [{properties.new: true}, {properties.by: {exists: false}}]}}",
            "Invited (seats is at least 5 and (new is yes or by is missing)) at least once",
        ),
        (
            "{event: Paid, where: {not: {properties.at: {before: 2026-01-01}}}}",
            "Paid (not (at is before 1 Jan 2026 00:00)) at least once",
        ),
        ("{milestone: paid}", "paid was reached"),
        (
            '{milestone: aha, users: ">= 2", within: 30d}',
            "at least 2 users who reached Aha moment in the last 30 days",
        ),
        ('{milestone: busy, users: "== 0"}', "no user for whom busy holds now"),
        ("{event: Used, first: true, within: 7d}", "the first Used ever, in the last 7 days"),
        (
            "{event: Used, returned_after: 30d, within: 7d}",
            "Used again after 30 days or more without, in the last 7 days",
        ),
        ("{inactive: 14d}", "no event for 14 days"),
        ("{inactive: 14d, event: Used}", "no Used for 14 days"),
        (
            "{after: {event: Asked}, no: {event: Answered}, for: 3d}",
            "Asked, and then no Answered for 3 days",
        ),
        (
            "{sequence: [{event: A}, {no: {event: X}}, {event: B}], within: 7d}",
            "A, then no X, then B, within 7 days",
        ),
        (
            '{sequence: [{event: A}, {event: B}], strict: true, within: 1h, count: ">= 3"}',
            "A, then B, with nothing else in between, within 1 hour, at least 3 times",
        ),
        (
            '{regularly: {event: Used, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}}',
            "Used at least 2 times in 7 days, in at least 3 of the last 4 such periods",
        ),
        (
            "{latest: {event: Paid}, has: {properties.plan: pro}}",
            "the latest Paid says: plan is pro",
        ),
        (
            '{trend: {event: Used, users: true, window: 7d, is: "<= 0.5"}}',
            "the number of users of Used in the last 7 days, at most 0.5 times that of the 7 days"
            " before",
        ),
        ("{trait: plan, is: trial}", "plan is trial"),
        ("{trait: seats, gte: 50}", "seats is at least 50"),
        ("{segment: small}", "segment is small"),
        ('{score: fit, is: "> 70.5"}', "Product fit is more than 70.5"),
        (
            '{score: spent, is: ">= 70", until: "< 60"}',
            "score spent is at least 70, and from then on until it is less than 60",
        ),
    ],
)
def test_a_requirement_is_a_plain_sentence(condition: str, words: str) -> None:
    loaded = loads(definition(condition))
    titles = {name: one.title or name for name, one in loaded.milestones.items()}
    live = frozenset(name for name, one in loaded.milestones.items() if one.live)
    assert requirement(loaded.milestones["asked"].when, titles, live) == words


def seen(observed: float, *, holds: bool = False) -> Observation:
    return Observation(observed, False, "", None, holds)


@pytest.mark.parametrize(
    ("condition", "observed", "short"),
    [
        ('{event: Used, count: ">= 5"}', 2, 3),
        ('{event: Used, count: "> 5"}', 2, 4),
        ('{event: Used, count: "== 5"}', 2, 3),
        ('{event: Used, count: "== 5"}', 6, None),
        ('{event: Used, count: "<= 5"}', 6, None),
        ('{event: Used, count: "!= 2"}', 2, None),
        ('{event: Paid, sum: {of: properties.a, is: ">= 500"}}', 120.5, 379.5),
        ('{event: Paid, sum: {of: properties.a, is: "<= 5"}}', 9, None),
        ('{event: Paid, avg: {of: properties.a, is: ">= 5"}}', 1, None),
        ('{milestone: aha, users: ">= 3"}', 1, 2),
        ('{score: fit, is: ">= 70"}', 56.5, 13.5),
        ('{score: fit, is: "> 70"}', 70, None),
        ('{score: fit, is: "<= 70"}', 90, None),
        ('{regularly: {event: Used, every: 7d, in: ">= 3", of_last: 4}}', 1, 2),
        ("{inactive: 7d}", 1, None),
    ],
)
def test_how_much_is_missing_where_more_helps(
    condition: str, observed: float, short: float | None
) -> None:
    asked = loads(definition(condition)).milestones["asked"].when
    assert missing(asked, seen(observed)) == short
    assert missing(asked, seen(observed, holds=True)) is None


def test_dates_and_lengths() -> None:
    assert date_words(1_767_604_200_000) == "5 Jan 2026 09:10"
    assert date_words(10**18) == str(10**18)
    assert [length_words(n) for n in (1_500, 60_000, DAY, 14 * DAY)] == [
        "1.5 seconds", "1 minute", "1 day", "14 days",
    ]  # fmt: skip
    assert [about_words(n) for n in (3, 61_000, 3 * DAY - 1)] == ["a moment", "1 minute", "2 days"]
