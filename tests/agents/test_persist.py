"""The sink's agent: what it stores, what it refuses, and how it waits for ClickHouse."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from schemas.activity import ActivityUpdate
from schemas.dead_letters import DeadLetter, Reason
from schemas.encoding import as_json
from schemas.rows import ActivityRow, Row
from streams.agents.persist import Decode, Persist, Writer
from streams.errors import Unavailable
from streams.metrics import Metrics
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.decode import activity_rows, qualification_rows
from streams.sinks.memory import MemorySink
from streams.sinks.migrations import migrate
from streams.status import Status
from tests.services.reaper import Reaper
from tests.services.waiting import wait_until
from tests.services.warehouse import ClickHouse

QUALIFICATIONS, ACTIVITY = "plg.qualifications", "plg.activity"
DECODERS: dict[str, Decode] = {
    QUALIFICATIONS: lambda record, *_: qualification_rows(record.value),
    ACTIVITY: lambda record, *_: activity_rows(record.value),
}


@dataclass
class Record:
    value: bytes | None
    offset: int = 0
    key: bytes | None = b"acme"
    topic: str = ACTIVITY
    partition: int = 3


def update(event: str, count: int = 1) -> bytes:
    day = ("acme", "ann", 20_000, "", {event: [count, 1, 2]})
    return orjson.dumps(as_json(ActivityUpdate([day], [])))


def row(event: str, count: int = 1) -> ActivityRow:
    return ActivityRow("acme", "ann", 20_000, event, "", count, 1, 2)


class Counting(MemorySink):
    """Counts flushes, and fails the first ``failures`` of them."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        super().__init__()
        self.flushes = 0
        self._failures = failures
        self._error = error or Unavailable("clickhouse://ch: does not answer")

    def flush(self) -> Mapping[str, int]:
        self.flushes += 1
        if self.flushes <= self._failures:
            raise self._error
        return super().flush()

    def written(self) -> set[Row]:
        return set(self.rows.values())


class Rig:
    """A writer, its partitions, and the dead letters that they sent."""

    def __init__(self, sink: Counting | ClickHouseSink) -> None:
        self.status = Status()
        self.metrics = Metrics(self.status)
        self.writer = Writer(sink, self.status, self.metrics)
        self.dead: list[DeadLetter] = []

    def partition(self) -> Persist:
        return Persist(3, self.writer, DECODERS, self._send)

    async def _send(self, letters: Sequence[DeadLetter]) -> None:
        self.dead += letters

    def metric(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.agents.persist.FIRST_WAIT", 0.01)
    monkeypatch.setattr("streams.agents.persist.LONGEST_WAIT", 0.1)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(bounded())


async def until(condition: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_until, condition, within=30, what="as awaited", every=0.005)


def test_rows_are_in_the_sink_when_persist_returns_and_not_before() -> None:
    sink = Counting()
    rig = Rig(sink)

    async def scenario() -> None:
        partition = rig.partition()
        partition.apply(ACTIVITY, [Record(update("Opened")), Record(update("Shared"))])
        assert sink.written() == set()
        await partition.persist({ACTIVITY: 2})
        assert sink.written() == {row("Opened"), row("Shared")}

    run(scenario)
    assert rig.metric("milepost_sink_rows_total", table="activity_rows") == 2


def test_what_cannot_be_decoded_is_a_dead_letter_and_stops_nothing() -> None:
    sink = Counting()
    rig = Rig(sink)

    async def scenario() -> None:
        partition = rig.partition()
        records = [Record(b"\xff{", offset=7), Record(update("Opened"), offset=8), Record(None, 9)]
        partition.apply(ACTIVITY, records)
        await partition.persist({ACTIVITY: 10})
        await partition.persist({ACTIVITY: 10})

    run(scenario)
    assert sink.written() == {row("Opened")}
    assert [(d.topic, d.partition, d.offset, d.reason, d.key, d.original) for d in rig.dead] == [
        (ACTIVITY, 3, 7, Reason.NOT_JSON, b"acme", b"\xff{"),
        (ACTIVITY, 3, 9, Reason.EMPTY, b"acme", None),
    ]


def test_while_the_store_is_away_persist_waits_and_says_for_what() -> None:
    sink = Counting(failures=4)
    rig = Rig(sink)

    async def scenario() -> None:
        partition = rig.partition()
        partition.apply(ACTIVITY, [Record(update("Opened"))])
        persisting = asyncio.create_task(partition.persist({ACTIVITY: 1}))
        await until(lambda: rig.status.waiting_for == "ClickHouse")
        assert not persisting.done()
        await persisting
        assert rig.status.waiting_for is None

    run(scenario)
    assert sink.written() == {row("Opened")}
    assert rig.metric("milepost_sink_retries_total") == 4


def test_partitions_that_persist_at_the_same_time_share_a_flush() -> None:
    sink = Counting()
    rig = Rig(sink)

    async def scenario() -> None:
        partitions = [rig.partition() for _ in range(8)]
        for number, partition in enumerate(partitions):
            partition.apply(ACTIVITY, [Record(update(f"E{number}"))])
        await asyncio.gather(*(partition.persist({}) for partition in partitions))

    run(scenario)
    assert sink.written() == {row(f"E{number}") for number in range(8)}
    assert sink.flushes == 1


def test_a_partition_revoked_while_the_store_is_away_leaves_the_others_alone() -> None:
    sink = Counting(failures=5)
    rig = Rig(sink)

    async def scenario() -> None:
        stays, goes = rig.partition(), rig.partition()
        goes.apply(ACTIVITY, [Record(update("Opened", count=1))])
        leaving = asyncio.create_task(goes.persist({}))
        await until(lambda: sink.flushes)
        stays.apply(ACTIVITY, [Record(update("Shared"))])
        staying = asyncio.create_task(stays.persist({}))
        leaving.cancel()
        await asyncio.wait({leaving})
        await goes.close()
        again = rig.partition()
        again.apply(ACTIVITY, [Record(update("Opened", count=1)), Record(update("Opened", 2))])
        await asyncio.gather(staying, again.persist({}))

    run(scenario)
    assert sink.written() == {row("Shared"), row("Opened", count=2)}


def test_a_failure_that_is_not_the_stores_absence_reaches_every_partition() -> None:
    rig = Rig(Counting(failures=1, error=ZeroDivisionError("a bug")))

    async def scenario() -> None:
        partitions = [rig.partition(), rig.partition()]
        for partition in partitions:
            partition.apply(ACTIVITY, [Record(update("Opened"))])
        results = await asyncio.gather(*(p.persist({}) for p in partitions), return_exceptions=True)
        assert [type(result) for result in results] == [ZeroDivisionError, ZeroDivisionError]

    run(scenario)


def test_closing_while_the_store_is_away_ends_at_once() -> None:
    rig = Rig(Counting(failures=10**9))

    async def scenario() -> None:
        partition = rig.partition()
        partition.apply(ACTIVITY, [Record(update("Opened"))])
        persisting = asyncio.create_task(partition.persist({}))
        await until(lambda: rig.status.waiting_for)
        persisting.cancel()
        await rig.writer.close()

    run(scenario)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouse]:
    reaper = Reaper()
    server = ClickHouse(reaper, tmp_path)
    yield server
    server.kill()
    reaper.close()


@pytest.mark.embedded
def test_rows_catch_up_when_a_clickhouse_that_was_killed_comes_back(server: ClickHouse) -> None:
    server.start()
    list(migrate(server.dsn))
    rig = Rig(ClickHouseSink(server.dsn))

    async def scenario() -> None:
        partition = rig.partition()
        partition.apply(ACTIVITY, [Record(update("Before"))])
        await partition.persist({})
        server.kill()
        partition.apply(ACTIVITY, [Record(update("During", n)) for n in range(500)])
        persisting = asyncio.create_task(partition.persist({}))
        await until(lambda: rig.status.waiting_for)
        await asyncio.to_thread(server.start)
        await persisting
        await rig.writer.close()

    run(scenario)
    client = connect(server.dsn)
    found = client.query("SELECT event, events FROM activity_daily_by_user ORDER BY event")
    assert list(found.result_rows) == [("Before", 1), ("During", 499)]
    client.close()
