"""The queries on a small history whose answers are counted by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import ActivityRow, FactRow, LeadRow, MilestoneRow
from streams.definitions.model import Journey
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
