"""The queries on a small history whose answers are counted by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import ActivityRow, FactRow, LeadRow, MilestoneRow
from streams.definitions.model import Journey
from streams.funnels.breakdown import Known
from streams.queries import StepCount, Summary, journey_counts, summary
from streams.queries.funnels import journey_report
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

STEPS = ["signed_up", "onboarded", "pql"]


def reached(milestone: str, account_id: str, user_id: str, at: int) -> MilestoneRow:
    return MilestoneRow(
        milestone, account_id, user_id, "h", 1, f"{milestone}:{account_id}:{user_id}",
        "milestone.reached", at, at + 1, "e", False, '[{"observed":3}]',
    )  # fmt: skip


HISTORY = [
    reached("signed_up", "in-order", "", 0),
    reached("onboarded", "in-order", "", 5),
    reached("pql", "in-order", "", 105),
    reached("signed_up", "all-at-once", "", 50),
    reached("onboarded", "all-at-once", "", 50),
    reached("pql", "all-at-once", "", 50),
    reached("signed_up", "pql-too-early", "", 10),
    reached("onboarded", "pql-too-early", "", 30),
    reached("pql", "pql-too-early", "", 29),
    reached("onboarded", "no-sign-up", "", 1),
    reached("signed_up", "of-a-user", "ann", 7),
    reached("signed_up", "of-a-user", "ann", 7)._replace(occurrence=2, occurred_at=900),
]
ACTIVITY = [
    ActivityRow("in-order", "ann", 20_000, "Opened", "", 3, 0, 9),
    ActivityRow("in-order", "bob", 20_000, "Opened", "", 2, 0, 9),
    ActivityRow("in-order", "", 20_001, "Renewed", "", 1, 0, 0),
    ActivityRow("", "eve", 20_001, "Opened", "", 4, 0, 9),
]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Client]:
    dsn = migrated(tmp_path)
    client = connect(dsn)
    yield client
    client.close()


@pytest.fixture
def client(empty: Client, tmp_path: Path) -> Client:
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    for _ in range(2):
        sink.write([*HISTORY, *ACTIVITY, FactRow("signed_up", 0, "in-order", "ann", "e", "Joined")])
        sink.flush()
    sink.close()
    return empty


def lead(account_id: str, kind: str, occurrence: int = 1) -> LeadRow:
    told = f"{kind}:{account_id}:{occurrence}"
    return LeadRow(
        "pqa", account_id, "", "h", occurrence, kind, told, 0, 1, "e", False, "[]", opened_at=0
    )


def test_the_summary_counts_each_time_that_somebody_was_a_lead_once(
    client: Client, tmp_path: Path
) -> None:
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    sink.write(
        [
            lead("acme", "lead.qualified"), lead("acme", "lead.closed"),
            lead("acme", "lead.qualified", 2), lead("bolt", "lead.qualified"),
        ]
    )  # fmt: skip
    sink.flush()
    sink.close()
    assert summary(client).leads == {"pqa": 3}


def test_a_step_counts_those_that_reached_it_after_all_before_it(client: Client) -> None:
    assert journey_counts(client, STEPS, of="account") == [
        StepCount("signed_up", 3, 3, 1.0, None, None),
        StepCount("onboarded", 3, 4, 1.0, 1.0, 5),
        StepCount("pql", 2, 3, 2 / 3, 2 / 3, 100),
    ]


@pytest.mark.parametrize(("within", "count"), [(105, 2), (104, 1)])
def test_the_time_of_a_journey_runs_from_its_first_step_and_includes_the_bound(
    client: Client, within: int, count: int
) -> None:
    assert journey_counts(client, STEPS, of="account", within=within)[2].count == count


def test_a_journey_of_users_counts_first_occurrences_of_users_only(client: Client) -> None:
    assert journey_counts(client, STEPS[:2], of="user") == [
        StepCount("signed_up", 1, 1, 1.0, None, None),
        StepCount("onboarded", 0, 0, 0.0, 0.0, None),
    ]


def test_a_journey_that_nobody_began_counts_none_without_shares(client: Client) -> None:
    names = ["'; DROP TABLE milestone_rows --", "\0{steps:Array(String)}"]
    assert journey_counts(client, names, of="account") == [
        StepCount(names[0], 0, 0, None, None, None),
        StepCount(names[1], 0, 0, None, None, None),
    ]


def test_the_summary_counts_what_was_written_twice_once(client: Client) -> None:
    assert summary(client) == Summary(
        events=10,
        accounts=1,
        users=3,
        milestones={"signed_up": 5, "onboarded": 4, "pql": 3},
        leads={},
        excluded={},
        facts={"signed_up": 1},
    )


def test_an_empty_database_sums_up_to_nothing(empty: Client) -> None:
    assert summary(empty) == Summary(
        events=0, accounts=0, users=0, milestones={}, leads={}, excluded={}, facts={}
    )


@pytest.mark.parametrize("within", [None, 105, 104])
def test_the_report_of_a_journey_has_the_counts_of_its_query(
    client: Client, within: int | None
) -> None:
    names = [*STEPS, "'; DROP TABLE milestone_rows --"]
    journey = Journey("j", "account", tuple(names), within)
    report = journey_report(client, journey)
    assert [(step.name, step.count, step.of_previous) for step in report.steps] == [
        (one.step, one.count, one.of_previous)
        for one in journey_counts(client, names, of="account", within=within)
    ]


def test_of_what_was_corrected_the_earlier_time_counts_before_it_is_merged(
    empty: Client, tmp_path: Path
) -> None:
    told = [reached("signed_up", "acme", "", 100), reached("onboarded", "acme", "", 900),
            reached("onboarded", "acme", "", 300)]  # fmt: skip
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    empty.command("SYSTEM STOP MERGES occurrence_rows")
    for row in told:
        sink.write([row])
        sink.flush()
    sink.close()
    assert journey_counts(empty, STEPS[:2], of="account")[1].median_wait == 200
    journey = Journey("j", "account", tuple(STEPS[:2]), None)
    assert journey_report(empty, journey).steps[1].median_ms == 200
    assert [one.count for one in journey_report(empty, journey, start=100).steps] == [1, 1]
    assert [one.count for one in journey_report(empty, journey, start=101).steps] == [0, 0]
    assert [one.count for one in journey_report(empty, journey, end=300).steps] == [1, 0]


WEEK = 7 * 86_400_000
MONDAY = 4 * 86_400_000
"""The first one of 1970, its 5th of January."""


@pytest.fixture
def grouped(empty: Client, tmp_path: Path) -> Client:
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    sink.write(
        [
            reached("signed_up", "acme", "", MONDAY)._replace(segment="large"),
            reached("onboarded", "acme", "", MONDAY + 1_000)._replace(segment="large"),
            reached("signed_up", "bolt", "", MONDAY + WEEK - 1)._replace(segment="small"),
            reached("signed_up", "cove", "", MONDAY + WEEK)._replace(segment="small"),
            reached("onboarded", "cove", "", MONDAY + 5 * WEEK)._replace(segment="small"),
            reached("signed_up", "dune", "", MONDAY - 1),
            FactRow("signed_up", MONDAY - 1, "acme", "ann", "f1", "Joined"),
            FactRow("signed_up", MONDAY + WEEK, "cove", "bob", "f2", "Joined"),
            FactRow("signed_up", MONDAY + 3 * WEEK, "cove", "cid", "f3", "Joined"),
            ActivityRow("cove", "bob", 60, "Opened", "", 1, MONDAY, MONDAY + 9 * WEEK),
        ]
    )
    sink.flush()
    sink.close()
    return empty


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("week", {"1969-12-29": [1, 0], "1970-01-05": [2, 1], "1970-01-12": [1, 1]}),
        ("day", {"1970-01-04": [1, 0], "1970-01-05": [1, 1], "1970-01-11": [1, 0],
                 "1970-01-12": [1, 1]}),
        ("month", {"1970-01-01": [4, 2]}),
        ("segment", {"small": [2, 1], None: [1, 0], "large": [1, 1]}),
        ("sign-up week", {"1969-12-29": [1, 1], "1970-01-12": [1, 1], None: [2, 0]}),
    ],
)  # fmt: skip
def test_a_journey_is_broken_down_as_a_funnel_is(
    grouped: Client, by: Known, expected: dict[str | None, list[int]]
) -> None:
    report = journey_report(grouped, Journey("j", "account", tuple(STEPS[:2]), None), by)
    assert report.groups is not None
    found = {label: [one.count for one in steps] for label, steps in report.groups.items()}
    assert list(found.items()) == list(expected.items())
    assert [one.count for one in report.steps] == [4, 2]


def test_a_journey_has_the_waits_and_who_came_by_when(grouped: Client) -> None:
    report = journey_report(grouped, Journey("j", "account", tuple(STEPS), None))
    first, second, third = report.steps
    assert (first.by_day, first.median_ms) == ({}, None)
    half = (1_000 + 4 * WEEK) / 2
    assert (second.median_ms, second.p75_ms) == (half, half + (4 * WEEK - 1_000) / 4)
    assert {days: (one.count, one.of) for days, one in second.by_day.items()} == {
        1: (1, 4), 3: (1, 4), 7: (1, 4), 14: (1, 4), 30: (2, 4),
    }  # fmt: skip
    assert (third.count, third.of_previous, third.median_ms) == (0, 0.0, None)
    assert {(one.count, one.of) for one in third.by_day.values()} == {(0, 4)}
