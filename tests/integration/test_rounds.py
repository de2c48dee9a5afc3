"""One round of watches: one that ClickHouse refuses stops no other, and one that is away all."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.rows import Row
from streams.definitions import loads
from streams.errors import Unavailable
from streams.watches import Watch, read_watches
from streams.watches.files import DECISIONS, Found
from streams.watches.metrics import WatchMetrics
from streams.watches.rounds import Watcher
from streams.watches.warehouse import Warehouse
from tests.integration.decisions import UNTIL, closed, lead, write
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DEFINITIONS = loads("version: 1\nleads: {pqa: {of: account, when: {event: A}}}\n")
PRECISION = {watch.name: watch for watch in read_watches(DECISIONS)}["lead_precision"]
SELECT = "SELECT 'a' AS lead,"
REFUSED = replace(PRECISION, name="refused", sql="SELECT lead FROM no_such_table")
ENDLESS = replace(PRECISION, name="endless", sql=f"{SELECT} 1 / 0 AS value, 1 AS sample_size")
RIGHT: list[Row] = [lead("acme", 5), closed(lead("acme", 5), "converted", 3)]


def watcher(warehouse: Warehouse, *watches: Watch) -> tuple[Watcher, WatchMetrics]:
    metrics = WatchMetrics(watches)
    return Watcher(watches, DEFINITIONS, warehouse, None, metrics), metrics


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    migrated(tmp_path)
    warehouse = Warehouse(f"chdb://{tmp_path}")
    yield warehouse
    warehouse.close()


def test_a_watch_that_is_refused_is_counted_and_the_others_are_answered(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write(tmp_path, RIGHT)
    watching, metrics = watcher(warehouse, REFUSED, PRECISION)
    done = asyncio.run(watching.round(UNTIL))
    assert done.answers == {"lead_precision": [Found("lead_precision", {"lead": "pqa"}, 1.0, 1)]}
    assert (done.failures, done.parameters) == (["refused"], [])
    count = metrics.registry.get_sample_value
    assert count("milepost_watch_failures_total", {"watch": "refused"}) == 1
    assert count("milepost_lead_precision", {"lead": "pqa"}) == 1


def test_what_is_found_again_for_an_instant_replaces_what_was(warehouse: Warehouse) -> None:
    now = time.time_ns() // 1_000_000
    for at, value in ((now - 1, 0.25), (now, 0.5), (now, 0.75)):
        sql = f"{SELECT} {value} AS value, 3 AS sample_size"
        watching, _ = watcher(warehouse, replace(PRECISION, name="made_up", sql=sql))
        asyncio.run(watching.round(at))
    newest = warehouse.ask("SELECT labels, value, sample_size FROM watches", {})
    assert newest == [{"labels": {"lead": "a"}, "value": 0.75, "sample_size": 3}]
    assert warehouse.ask("SELECT count() AS kept FROM watch_rows FINAL", {}) == [{"kept": 2}]


def test_a_number_that_is_none_is_no_answer(warehouse: Warehouse) -> None:
    watching, _ = watcher(warehouse, ENDLESS)
    assert asyncio.run(watching.round(UNTIL)).answers == {"endless": []}


def test_a_clickhouse_that_is_away_is_no_round() -> None:
    watching, _ = watcher(Warehouse("clickhouse://127.0.0.1:1/none"), PRECISION)
    with pytest.raises(Unavailable, match="does not answer"):
        asyncio.run(watching.round(UNTIL))
