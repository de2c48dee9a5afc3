"""Every query of the dashboards, asked of the migrated tables as Grafana would ask it."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import (
    ActivityRow,
    FactRow,
    LeadRow,
    MilestoneRow,
    Row,
    StuckRow,
    WatchRow,
)  # fmt: skip
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services import grafana
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000
NOW = time.time_ns() // 1_000_000
TODAY = NOW // DAY * DAY
CHOSEN = {"segment": ["(all)"], "of": ["account"], "steps": ["signed_up", "onboarded"]}
"""What somebody has chosen of each variable."""


def expanded(sql: str) -> str:
    """As asked of the last 400 days."""
    return grafana.expanded(sql, CHOSEN, NOW // 1000 - 400 * 86_400, NOW // 1000)


QUERIES = [(one.board, one.title, one.sql) for one in grafana.queries()]
IDS = [f"{board}: {title}" for board, title, _ in QUERIES]
BY_TITLE = {(board, title): sql for board, title, sql in QUERIES}


def point(kpi: str, days: int, value: float, segment: str = "", group: str = "") -> WatchRow:
    return WatchRow("kpi", {"kpi": kpi, "segment": segment, "group": group}, TODAY - days * DAY,
                    value, 10)  # fmt: skip


def reached(milestone: str, account: str, days: float) -> MilestoneRow:
    at = NOW - round(days * DAY)
    return MilestoneRow(milestone, account, "", "h", 1, f"{milestone}:{account}",
                        "milestone.reached", at, at, "e", False, "[]")  # fmt: skip


def stuck(account: str, days: float) -> StuckRow:
    at = NOW - round(days * DAY)
    return StuckRow("self_serve", "onboarded", account, "", "h", 1, f"stuck:{account}", at, at,
                    "", False, "[]")  # fmt: skip


def lead(account: str, due_in: float, **fields: Any) -> LeadRow:
    at = NOW - 3 * DAY
    row = LeadRow("pqa", account, "", "h", 1, "lead.qualified", f"q:{account}", at, at, "e", False,
                  "[]", at, rule="r", team="sales", due=NOW + round(due_in * DAY))  # fmt: skip
    return row._replace(**fields)


def closed(row: LeadRow, outcome: str) -> LeadRow:
    at = NOW - DAY
    return row._replace(type="lead.closed", id=f"c:{row.account_id}", occurred_at=at,
                        detected_at=at, outcome=outcome, contacted_at=at)  # fmt: skip


HISTORY: list[Row] = [
    point("activation_rate", 7, 30), point("activation_rate", 14, 20),
    point("activation_rate", 7 + 364, 24), point("activation_rate", 7, 99, "small"),
    point("onboarding_drop_off", 7, 40, group="1 onboarded"),
    reached("signed_up", "acme", 9), reached("onboarded", "acme", 8),
    reached("signed_up", "bolt", 9), reached("onboarded", "cove", 3),
    stuck("acme", 1), stuck("cove", 5),
    lead("acme", -1), lead("bolt", 0.1), lead("cove", 9),
    lead("done", -2), closed(lead("done", -2), "converted"),
    FactRow("signed_up", TODAY - 60 * DAY, "acme", "ann", "f1", "Joined"),
    FactRow("signed_up", TODAY - 60 * DAY, "acme", "bob", "f2", "Joined"),
    ActivityRow("acme", "ann", TODAY // DAY - 53, "Opened", "", 1, TODAY - 53 * DAY,
                TODAY - 53 * DAY),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    dsn = migrated(tmp_path_factory.mktemp("dashboards"))
    with closing(ClickHouseSink(dsn)) as sink:
        sink.write(HISTORY)
        sink.flush()
    with closing(connect(dsn)) as client:
        yield client


def answer(client: Client, board: str, title: str) -> list[dict[str, Any]]:
    return list(client.query(expanded(BY_TITLE[board, title])).named_results())


@pytest.mark.parametrize(("board", "title", "sql"), QUERIES, ids=IDS)
def test_clickhouse_answers_every_query(client: Client, board: str, title: str, sql: str) -> None:
    client.query(expanded(sql))
    columns = client.query(f"DESCRIBE (\n{expanded(sql)})").named_results()
    types = {row["name"]: row["type"] for row in columns}
    assert not [kind for kind in types.values() if kind.startswith(("Map", "Tuple", "Array"))]
    if "time" in types:
        at, name, value = types.values()
        assert (at.partition("(")[0] in {"DateTime", "DateTime64"}, name) == (True, "String")
        assert value in {"UInt64", "Float64", "Nullable(Float64)"}


def test_kpis_stand_beside_the_year_before_and_what_is_published(client: Client) -> None:
    [row] = answer(client, "executive", "KPIs")
    assert (row["KPI"], row["unit"], row["value"]) == ("Activation rate", "percent", 30)
    assert (row["the_period_before"], row["a_year_before"]) == (20, 24)
    assert row["year_on_year"] == 25
    assert row["published_smb"] == "15 / 25 / 40"


def test_a_kpi_over_time_has_the_year_before_and_the_medians_as_lines(client: Client) -> None:
    lines: dict[str, list[float]] = {}
    for row in answer(client, "executive", "Activation rate"):
        lines.setdefault(row["series"], []).append(row["value"])
    assert lines == {
        "Activation rate": [24, 20, 30], "a year before": [24],
        "published, SMB": [25, 25], "published, mid-market": [30, 30],
        "published, enterprise": [20, 20],
    }  # fmt: skip
    [group] = answer(client, "growth", "Drop-off during onboarding")
    assert (group["series"], group["value"]) == ("1 onboarded", 40)


def test_the_journey_counts_who_came_step_by_step(client: Client) -> None:
    first, second = answer(client, "growth", "Journey")
    assert (first["step"], first["came"], first["of_all"]) == ("signed_up", 2, 100)
    assert (second["step"], second["came"], second["of_all"]) == ("onboarded", 1, 50)
    assert second["median_days_since_the_step_before"] == 1


def test_who_moved_on_is_stuck_no_more(client: Client) -> None:
    assert [row["account"] for row in answer(client, "growth", "Stuck accounts")] == ["acme"]


def test_a_cohort_has_the_share_that_came_back(client: Client) -> None:
    [row] = answer(client, "growth", "Who comes back")
    assert (row["newcomers"], row["week_1"], row["week_2"], row["week_12"]) == (2, 50, 0, None)


def test_the_queue_has_who_waits_the_most_urgent_first(client: Client) -> None:
    queue = answer(client, "leads", "Queue")
    assert [row["account"] for row in queue] == ["acme", "bolt", "cove"]
    [counts] = answer(client, "leads", "Open leads")
    assert counts == {"open": 3, "overdue": 1, "due_in_four_hours": 1}


def test_what_was_due_is_in_time_or_not(client: Client) -> None:
    [row] = answer(client, "leads", "By rule")
    assert (row["team"], row["due"], row["in_time"]) == ("sales", 2, 100)
    [became] = answer(client, "leads", "What became of them")
    assert (became["outcome"], became["leads"]) == ("converted", 1)
