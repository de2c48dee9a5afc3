"""KPIs as ``milepost watch`` asks them: once an hour, of all and of each segment, and kept."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streams.definitions import loads
from streams.errors import Unavailable
from streams.watches.kpis import Kpis
from streams.watches.metrics import WatchMetrics
from streams.watches.warehouse import Warehouse
from tests.services.persisted import persist
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

HOUR = 3_600_000
DEFINITIONS = loads(
    """
version: 1
milestones: {aha: {of: user, when: {event: Shared}}}
segments:
  small: {of: account, when: {event: Opened}}
  large: {of: account, when: {event: "*"}}
leads: {seen: {of: account, when: {event: "*"}}}
roles:
  signed_up: {event: Joined}
  activated: {milestone: aha}
"""
)
JOINED = {
    # Monday 5 January: one of two is activated in time. Monday 12 January: one of four, of
    # which two are small. Monday 19 January is not final yet on the 28th.
    ("2026-01-05", "acme", "ann"): "2026-01-06",
    ("2026-01-05", "acme", "bob"): None,
    ("2026-01-12", "acme", "cid"): "2026-01-13",
    ("2026-01-12", "acme", "dan"): None,
    ("2026-01-12", "cove", "eve"): None,
    ("2026-01-12", "cove", "fay"): "2026-01-20",
    ("2026-01-19", "cove", "gus"): "2026-01-19",
}


def milliseconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


NOW = milliseconds("2026-01-28")


def events() -> Iterator[dict[str, Any]]:
    found = [("2026-01-04", "Opened", "acme", None)]
    for (day, account, user), activated in JOINED.items():
        found.append((day, "Joined", account, user))
        if activated is not None:
            found.append((activated, "Shared", account, user))
    for number, (day, event, account, user) in enumerate(found):
        at = milliseconds(day) + number
        yield {"event": event, "timestamp": at, "event_id": f"e{number}", "account_id": account,
               **({"user_id": user} if user else {})}  # fmt: skip


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    return migrated(tmp_path)


@pytest.fixture
def warehouse(dsn: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(dsn)
    yield warehouse
    warehouse.close()


def shown(metrics: WatchMetrics, name: str) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["kpi"], sample.labels["segment"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_the_newest_complete_period_counts_beside_the_one_before(
    dsn: str, warehouse: Warehouse
) -> None:
    persist(dsn, DEFINITIONS, events(), NOW)
    metrics = WatchMetrics([])
    kpis = Kpis(DEFINITIONS, warehouse, metrics)
    asyncio.run(kpis.answer(NOW))
    values = shown(metrics, "milepost_kpi")
    rates = {segment: value for (kpi, segment), value in values.items() if kpi == "activation_rate"}
    assert rates == {"": 25.0, "small": 50.0, "large": 0.0}
    changes = shown(metrics, "milepost_kpi_change")
    assert changes["activation_rate", ""] == -0.5
    assert changes["activation_rate", "small"] == 0.0
    assert ("activation_rate", "large") not in changes, "there was nobody the week before"
    assert shown(metrics, "milepost_kpi_denominator")["activation_rate", ""] == 4
    assert not [kpi for kpi, _ in values if kpi in {"arpu", "nps"}]

    kept = warehouse.ask(
        "SELECT toString(toDate(at)) AS end, value, sample_size FROM watch_rows FINAL WHERE watch ="
        " 'kpi' AND labels['kpi'] = 'activation_rate' AND labels['segment'] = '' ORDER BY at",
        {},
    )
    assert kept == [
        {"end": "2026-01-12", "value": 50.0, "sample_size": 2},
        {"end": "2026-01-19", "value": 25.0, "sample_size": 4},
    ]


def test_they_are_asked_once_an_hour(dsn: str, warehouse: Warehouse) -> None:
    metrics = WatchMetrics([])
    kpis = Kpis(DEFINITIONS, warehouse, metrics)
    asyncio.run(kpis.answer(NOW))
    assert ("activation_rate", "") not in shown(metrics, "milepost_kpi")
    persist(dsn, DEFINITIONS, events(), NOW)
    asyncio.run(kpis.answer(NOW + HOUR - 1))
    assert ("activation_rate", "") not in shown(metrics, "milepost_kpi")
    asyncio.run(kpis.answer(NOW + HOUR))
    assert shown(metrics, "milepost_kpi")["activation_rate", ""] == 25.0


def test_a_question_that_is_refused_is_counted_and_the_others_are_answered(
    dsn: str, warehouse: Warehouse
) -> None:
    persist(dsn, DEFINITIONS, events(), NOW)
    warehouse.reach().command("DROP VIEW active_days")  # sessions and the like are asked of it
    metrics = WatchMetrics([])
    age = metrics.registry.get_sample_value(
        "milepost_watch_answered_timestamp_seconds", {"watch": "kpi"}
    )
    asyncio.run(Kpis(DEFINITIONS, warehouse, metrics).answer(NOW))
    assert shown(metrics, "milepost_kpi")["activation_rate", ""] == 25.0
    count = metrics.registry.get_sample_value
    assert count("milepost_watch_failures_total", {"watch": "kpi"})
    assert count("milepost_watch_answered_timestamp_seconds", {"watch": "kpi"}) == age


def test_a_clickhouse_that_is_away_is_told() -> None:
    kpis = Kpis(DEFINITIONS, Warehouse("clickhouse://127.0.0.1:1/none"), WatchMetrics([]))
    with pytest.raises(Unavailable, match="does not answer"):
        asyncio.run(kpis.answer(NOW))
