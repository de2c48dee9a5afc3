"""Headers of KPIs, their periods, and what is said of their points."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from streams.definitions import loads
from streams.definitions.roles import ROLES
from streams.queries.kpis import (
    Period,
    Point,
    Standing,
    catalogue,
    cover,
    label,
    most_recent,
    newest,
    remedy,
    standing,
)
from streams.queries.kpis.catalogue import read

DAY = 86_400_000
JANUARY = 20_454 * DAY
"""2026-01-01, a Thursday."""

HEADER = """/*
name: made_up
title: Made up
definition: Nothing.
formula: nothing / nothing
unit: percent
better: lower
kind: leading
grain: week
needs: {roles: [nps]}
source: nobody
*/
SELECT 1
"""
GIVEN = loads(
    """
version: 1
milestones: {aha: {of: user, when: {event: A}}}
roles:
  subscription: {event: Paid, plan: properties.plan}
  activated: {milestone: aha}
"""
).roles


def written(folder: Path, text: str = HEADER) -> Path:
    path = folder / "made_up.sql"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("/*\n", "", "begins with its header"),
        ("*/\n", "", "begins with its header"),
        ("name: made_up", "name: other", "is named other in its header"),
        ("unit: percent", "unit: furlongs", "unit"),
        ("source: nobody", "sauce: nobody", "sauce"),
        ("[nps]", "[npz]", "there is no role npz"),
        ("[nps]", "[nps.plan]", "there is no role nps.plan"),
        ("source:", "benchmarks: {smb: [1, 2]}\nsource:", "are not 25th, 50th and 75th"),
        ("source:", "benchmarks: {smb: [1, 2, 3]}\nsource:", "are not 25th, 50th and 75th"),
    ],
)
def test_a_header_that_is_wrong_is_refused(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert read(written(tmp_path)).header.title == "Made up"
    with pytest.raises(ValueError, match=complaint):
        read(written(tmp_path, HEADER.replace(old, new)))


@pytest.mark.parametrize("name", catalogue())
def test_a_kpi_needs_every_role_that_its_query_asks_about(name: str) -> None:
    kpi = catalogue()[name]
    asked = {
        role
        for role in ROLES
        if re.search(rf"\{{{role}_(facts|milestones|leads|of|trait):", kpi.sql)
    }
    assert asked <= set(kpi.header.needs.names())


def test_what_the_definitions_lack_is_named_with_what_to_write() -> None:
    missing = {name: catalogue()[name].missing(GIVEN) for name in ("arpu", "time_to_value", "nps")}
    assert missing == {"arpu": ["subscription.amount"], "time_to_value": ["signed_up"],
                       "nps": ["nps"]}  # fmt: skip
    assert [remedy(need, GIVEN) for need in ("subscription.amount", "signed_up", "nps")] == [
        "role `subscription` lacks `amount`: add `amount: properties.amount`",
        "role `signed_up` (a user signs up): add `signed_up: {event: NAME}`",
        "role `nps` (0 to 10: would recommend it): add "
        "`nps: {event: NAME, score: properties.score}`",
    ]
    assert remedy("pql", GIVEN) == "role `pql` (product-qualified): add `pql: {lead: NAME}`"
    assert remedy("signed_up.channel", GIVEN).endswith(
        "add `signed_up: {event: NAME, channel: properties.channel}`"
    )


@pytest.mark.parametrize(
    ("grain", "labels"),
    [
        ("week", ["2026-W01", "2026-W02", "2026-W03"]),
        ("month", ["2026-01"]),
        ("quarter", ["2026-Q1"]),
    ],
)
def test_periods_are_whole_and_follow_each_other(grain: Any, labels: list[str]) -> None:
    periods = cover(JANUARY, JANUARY + 12 * DAY, grain)
    assert [label(period, grain) for period in periods] == labels
    assert periods[0].start <= JANUARY
    assert periods[-1].end > JANUARY + 12 * DAY - 1
    assert all(one.end == two.start for one, two in pairwise(periods))


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_years_of_periods_have_no_gap_and_none_twice(grain: Any) -> None:
    periods = cover(JANUARY, JANUARY + 3_000 * DAY, grain)
    assert all(one.end == two.start for one, two in pairwise(periods))
    assert len({label(period, grain) for period in periods}) == len(periods)
    assert most_recent(JANUARY + 3_000 * DAY, grain, 5) == periods[-5:]


def test_the_end_of_what_is_asked_for_is_not_part_of_it() -> None:
    assert cover(JANUARY, JANUARY + 31 * DAY, "month") == (Period(JANUARY, JANUARY + 31 * DAY),)


def points(*values: float | None, over: int) -> list[Point]:
    return [
        Point(Period(place, place + 1), "", place < over, value, None, None, {})
        for place, value in enumerate(values)
    ]


def test_the_newest_point_is_complete_where_there_is_one_with_a_value() -> None:
    def told(*values: float | None, over: int) -> tuple[int, float | None] | None:
        found = newest(points(*values, over=over))
        return found and (found.point.period.start, found.change)

    assert told(1, 3, 7, over=2) == (1, 2)
    assert told(1, None, 7, over=2) == (0, None)
    assert told(None, None, 7, over=2) == (2, None)
    assert told(None, None, over=2) is None


@pytest.mark.parametrize(
    ("name", "size", "value", "expected"),
    [
        ("activation_rate", "smb", 14.9, (None, 25)),
        ("activation_rate", "smb", 15, (25, 50)),
        ("activation_rate", "smb", 39.9, (50, 75)),
        ("activation_rate", "smb", 40, (75, None)),
        ("gross_churn", "smb", 8.1, (None, 25)),
        ("gross_churn", "smb", 4, (50, 75)),
        ("gross_churn", "enterprise", 1.5, (75, None)),
        ("net_churn", "smb", -5, (50, None)),
        ("net_churn", "smb", 2, (None, 50)),
    ],
)
def test_less_is_better_where_the_header_says_so(
    name: str, size: Any, value: float, expected: tuple[int | None, int | None]
) -> None:
    header = catalogue()[name].header
    assert standing(header, header.benchmarks[size], value) == Standing(*expected)
