"""Health as ClickHouse shows it: the level now, and from when to when it was which."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from schemas.encoding import as_json
from schemas.rows import HealthRow, Row
from streams.queries import occurrences
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.decode import qualification_rows
from tests.services.warehouse import migrated
from tests.unit.engine.test_health_levels import JOURNEY, Clinic
from tests.unit.engine.worker import DAY, START

pytestmark = pytest.mark.embedded

NOW = """
SELECT health, account_id, level,
    intDiv(toUnixTimestamp64Milli(since) - {start:Int64}, 86400000), milestone
FROM health_now ORDER BY ALL
"""
SPANS = """
SELECT account_id, occurrence, before, level, milestone,
    intDiv(toUnixTimestamp64Milli(began_at) - {start:Int64}, 86400000),
    intDiv(toUnixTimestamp64Milli(ended_at) - {start:Int64}, 86400000)
FROM health_spans WHERE health = 'usage' ORDER BY account_id, definition_hash, occurrence
"""
RED = """
SELECT milestone, count() AS accounts
FROM health_now
WHERE health = 'usage' AND level = 'red' AND user_id = ''
GROUP BY milestone
ORDER BY milestone
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    migrated(tmp_path)
    client = connect(f"chdb://{tmp_path}")
    yield client
    client.close()


def persist(folder: Path, *rows: Row) -> None:
    """Twice, and cut and mixed otherwise the second time."""
    sink = ClickHouseSink(f"chdb://{folder}")
    again = list(rows)
    Random(1).shuffle(again)
    for each in (list(rows), again[:1], again):
        sink.write(each)
        sink.flush()
    sink.close()


def row(account_id: str, occurrence: int, day: float, level: str, before: str,
        milestone: str = "", definition_hash: str = "h") -> HealthRow:  # fmt: skip
    at = START + round(day * DAY)
    return HealthRow(
        "usage", account_id, "", definition_hash, occurrence, f"{account_id}{occurrence}", at, at,
        "", False, "[]", level, before, milestone,
    )  # fmt: skip


def asked(client: Client, sql: str) -> list[tuple[object, ...]]:
    return [tuple(one) for one in client.query(sql, parameters={"start": START}).result_rows]


def test_what_the_engine_tells_is_what_the_views_say(client: Client, tmp_path: Path) -> None:
    clinic = Clinic(more=JOURNEY)
    for day, name in ((0, "One"), (8, "Two"), (40, "Three")):
        clinic.send(day, name)
    clinic.wait(48)
    told = [orjson.dumps(as_json(one)) for one in clinic.told]
    persist(tmp_path, *(row for one in told for row in qualification_rows(one)))
    assert asked(client, SPANS) == [
        ("acme", 1, "green", "yellow", "first", 7, 8),
        ("acme", 2, "yellow", "green", "second", 8, 15),
        ("acme", 3, "green", "yellow", "second", 15, 22),
        ("acme", 4, "yellow", "red", "second", 22, 40),
        ("acme", 5, "red", "green", "third", 40, 47),
        ("acme", 6, "green", "yellow", "third", 47, None),
    ]
    assert asked(client, NOW) == [("usage", "acme", "yellow", 47, "third")]
    kept = occurrences(client, "acme", None, milestone="usage")
    assert [one.health for one in kept] == [one.health for one in clinic.told]
    assert [one.evidence for one in kept] == [as_json(one)["evidence"] for one in clinic.told]
    assert occurrences(client, "acme", None, until=START + 7 * DAY)[-1].id == clinic.told[0].id


def test_the_newest_change_counts_and_that_of_the_definition_that_told_last(
    client: Client, tmp_path: Path
) -> None:
    persist(
        tmp_path,
        row("acme", 1, 1, "red", "green", "onboarded"),
        row("acme", 2, 1, "green", "red", "onboarded"),  # refuted where it began
        row("bolt", 1, 2, "red", "green", "onboarded"),
        row("cove", 1, 3, "red", "green"),
        row("dune", 1, 3, "red", "green", "onboarded", definition_hash="before"),
    )
    assert asked(client, NOW) == [
        ("usage", "acme", "green", 1, "onboarded"),
        ("usage", "bolt", "red", 2, "onboarded"),
        ("usage", "cove", "red", 3, ""),
    ]
    assert asked(client, RED) == [("", 1), ("onboarded", 1)]
    assert asked(client, SPANS)[0] == ("acme", 1, "green", "red", "onboarded", 1, 1)
    assert len(asked(client, SPANS)) == 5
