import asyncio
from typing import Any

import aiohttp
import pytest

from streams.errors import Unavailable
from streams.health import HealthServer, Limits, unhealthy, unready
from streams.metrics import Metrics
from streams.status import Status

LIMITS = Limits(ready=60, stuck=300)
TOPIC = "product.events"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def working(clock: Clock) -> Status:
    """Two partitions, state recovered, nothing waiting."""
    status = Status(clock)
    status.assign([(TOPIC, 0), (TOPIC, 1)])
    status.recover()
    return status


def test_an_app_without_an_assignment_is_alive_and_not_ready(clock: Clock) -> None:
    status = Status(clock)
    assert unhealthy(status, LIMITS) == []
    assert unready(status, LIMITS) == ["no partitions assigned yet"]


def test_an_app_that_recovers_is_not_ready_and_never_restarted(clock: Clock) -> None:
    status = Status(clock)
    status.assign([(TOPIC, 0)])
    status.observe_lag(TOPIC, 0, 1_000_000)
    clock.now += 3600
    assert unhealthy(status, LIMITS) == []
    assert unready(status, LIMITS) == ["state is being recovered"]


def test_time_spent_recovering_is_not_held_against_the_first_commit(clock: Clock) -> None:
    status = Status(clock)
    status.assign([(TOPIC, 0)])
    status.observe_lag(TOPIC, 0, 1_000_000)
    clock.now += 3600
    status.recover()
    assert unready(status, LIMITS) == []


def test_an_app_that_works_is_alive_and_ready(working: Status) -> None:
    assert unhealthy(working, LIMITS) == []
    assert unready(working, LIMITS) == []


def test_a_spare_worker_without_partitions_is_ready(clock: Clock) -> None:
    status = Status(clock)
    status.assign([])
    status.recover()
    assert unready(status, LIMITS) == []


def test_an_idle_app_stays_ready_however_old_its_last_commit(working: Status, clock: Clock) -> None:
    working.observe_lag(TOPIC, 0, 5)
    working.commit(TOPIC, 0)
    working.observe_lag(TOPIC, 0, 0)
    clock.now += 86_400
    assert unready(working, LIMITS) == []
    working.observe_lag(TOPIC, 0, 1)
    assert unready(working, LIMITS) == []


def test_lag_is_no_fault_while_commits_go_on(working: Status, clock: Clock) -> None:
    for _ in range(100):
        working.observe_lag(TOPIC, 0, 1_000_000)
        clock.now += 50
        working.commit(TOPIC, 0)
    assert unready(working, LIMITS) == []


def test_records_that_wait_too_long_for_a_commit_end_readiness_then_health(
    working: Status, clock: Clock
) -> None:
    working.observe_lag(TOPIC, 0, 1)
    clock.now += 60
    assert unready(working, LIMITS) == []
    clock.now += 1
    assert unready(working, LIMITS) == [
        "behind: records have waited 61 s for a commit (limit 60 s)"
    ]
    assert unhealthy(working, LIMITS) == []
    clock.now += 240
    assert unhealthy(working, LIMITS) == [
        "stuck: records have waited 301 s for a commit (limit 300 s)"
    ]


def test_one_stuck_partition_is_seen_beside_one_that_commits(working: Status, clock: Clock) -> None:
    working.observe_lag(TOPIC, 0, 1)
    for _ in range(10):
        working.observe_lag(TOPIC, 1, 1)
        clock.now += 31
        working.commit(TOPIC, 1)
    assert unhealthy(working, LIMITS)


def test_a_partition_that_was_taken_away_holds_nothing_against_the_app(
    working: Status, clock: Clock
) -> None:
    working.observe_lag(TOPIC, 1, 1)
    clock.now += 600
    working.assign([(TOPIC, 0)])
    working.recover()
    working.observe_lag(TOPIC, 1, 7)
    assert unready(working, LIMITS) == []
    assert working.lag == 0


def test_a_sink_that_waits_for_clickhouse_is_not_ready_and_not_restarted(
    working: Status, clock: Clock
) -> None:
    working.observe_lag(TOPIC, 0, 1)
    working.wait_for("ClickHouse")
    clock.now += 3600
    assert unhealthy(working, LIMITS) == []
    assert "waiting for ClickHouse" in unready(working, LIMITS)
    working.wait_for(None)
    working.commit(TOPIC, 0)
    assert unready(working, LIMITS) == []


def test_a_rebalance_ends_readiness_until_it_is_over(working: Status) -> None:
    working.revoke()
    assert unready(working, LIMITS) == ["no partitions assigned yet"]


def test_a_crash_ends_health_with_the_first_reason(working: Status) -> None:
    working.crash("agent qualify: KeyError('x')")
    working.crash("cancelled")
    assert unhealthy(working, LIMITS) == ["crashed: agent qualify: KeyError('x')"]
    assert unready(working, LIMITS) == ["crashed: agent qualify: KeyError('x')"]


def test_probes_answer_over_http_and_metrics_are_prometheus_text(working: Status) -> None:
    async def scenario() -> None:
        metrics = Metrics(working)
        server = HealthServer(working, metrics.registry, host="127.0.0.1", limits=LIMITS)
        port = await server.start()
        try:
            assert await get(port, "healthz") == (200, expected())
            working.observe_lag(TOPIC, 1, 3)
            working.crash("boom")
            assert await get(port, "readyz") == (503, expected("crashed: boom", lag=3))
            text = await scrape(port)
        finally:
            await server.stop()
        assert "# HELP milepost_lag_records " in text
        assert 'milepost_lag_records{partition="1",topic="product.events"} 3.0' in text

    asyncio.run(scenario())


def test_a_taken_port_is_one_clear_line_with_the_remedy(working: Status) -> None:
    async def scenario() -> None:
        registry = Metrics(working).registry
        first = HealthServer(working, registry, host="127.0.0.1")
        port = await first.start()
        second = HealthServer(working, registry, host="127.0.0.1", port=port)
        try:
            with pytest.raises(Unavailable, match=rf"127\.0\.0\.1:{port}.*or 0 for a free one"):
                await second.start()
        finally:
            await first.stop()
            await second.stop()

    asyncio.run(scenario())


def test_stopping_a_server_that_never_started_is_harmless(working: Status) -> None:
    asyncio.run(HealthServer(working, Metrics(working).registry).stop())


def expected(*problems: str, lag: int = 0) -> dict[str, Any]:
    return {
        "ok": not problems,
        "problems": list(problems),
        "partitions": 2,
        "lag": lag,
        "commit_age_seconds": 0.0,
    }


async def get(port: int, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/{path}") as response,
    ):
        return response.status, await response.json()


async def scrape(port: int) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.content_type == "text/plain"
        return await response.text()
