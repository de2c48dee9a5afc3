"""The same events once, twice, and over again from a topic with more partitions: the same answers.

``KPI_SEED`` chooses another history.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from streams.definitions import loads
from streams.definitions.model import EventFilter
from streams.funnels.retention import Return
from streams.queries.funnels import funnel_report, journey_report, retention_report
from streams.queries.kpis import Asked, answer, catalogue, cover
from streams.queries.raw_events import kept
from streams.queries.roles import role_parameters
from streams.sinks.clickhouse import connect
from tests.properties.kpi_histories import NOW, START
from tests.properties.usage_histories import DEFINITIONS, usage
from tests.services.persisted import persist
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

LOADED = loads(
    DEFINITIONS
    + """
journeys:
  trial: {of: user, steps: [made, ready]}
funnels:
  sharing: {of: user, within: 30d, steps: [{event: Joined}, {event: Made}, {event: Shared}]}
"""
)


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    seed = int(os.environ.get("KPI_SEED", "20260112"))
    print(f"KPI_SEED={seed}")  # noqa: T201 - to run it again
    return [act.sent(number) for number, act in enumerate(usage(Random(seed), customers=30))]


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    return migrated(tmp_path)


@pytest.fixture
def client(dsn: str) -> Iterator[Client]:
    with closing(connect(dsn)) as client:
        client.command("SYSTEM STOP TTL MERGES")  # this history is old
        yield client


def answers(client: Client) -> dict[str, Any]:
    """Whatever can be asked: KPIs, funnels, and every view."""
    periods = cover(START, NOW, "month")
    asked = Asked(periods, "month", NOW)
    parameters = role_parameters(LOADED)
    found: dict[str, Any] = {
        name: answer(client, kpi, parameters, asked) for name, kpi in catalogue().items()
    }
    there = kept(client)
    assert there is not None
    found["funnel"] = funnel_report(client, LOADED.funnels["sharing"], there)
    found["journey"] = journey_report(client, LOADED.journeys["trial"])
    asked_back = Return("user", EventFilter(("Joined",)), EventFilter(("*",)))
    found["retention"] = retention_report(client, asked_back, there)
    views: Any = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'"
    ).result_rows
    for [view] in views:
        found[view] = client.query(f"SELECT * FROM {view} ORDER BY ALL").result_rows
    return found


def test_events_that_are_written_again_from_more_partitions_change_no_answer(
    dsn: str, client: Client, events: list[dict[str, Any]]
) -> None:
    persist(dsn, LOADED, events, NOW)
    once = answers(client)
    assert sum(bool(points) for points in once.values()) > 60, "the history says too little"
    for partitions in (1, 5):
        persist(dsn, LOADED, events, NOW, partitions=partitions)
        again = answers(client)
        assert [name for name in once if again[name] != once[name]] == [], partitions


def test_events_of_more_partitions_give_the_same_answers_as_those_of_one(
    dsn: str, client: Client, events: list[dict[str, Any]]
) -> None:
    persist(dsn, LOADED, events, NOW)
    of_one = answers(client)
    tables: Any = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_rows'"
    ).result_rows
    for [table] in tables:
        client.command(f"TRUNCATE TABLE {table}")
    persist(dsn, LOADED, events, NOW, partitions=3)
    of_three = answers(client)
    assert [name for name in of_one if of_three[name] != of_one[name]] == []
