"""The batch app on a broker: delivery, commits, rebalances, stops and failures."""

import asyncio
import os
import signal
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from streams.errors import MilepostError, Unavailable
from streams.metrics import Metrics
from streams.status import Status
from streams.transport.app import BatchApp, Subscription, create_batch_app
from streams.transport.connection import Connection, supports_idempotence, wait_for_broker
from streams.transport.processor import Pace
from streams.transport.service import run
from tests.services.brokers import Broker
from tests.services.deployment import SESSION_TIMEOUT
from tests.services.topics import Message, create_topic, write
from tests.services.waiting import free_port

PARTITIONS = 4
PATIENCE = 60.0


class Member:
    """One member of the group, with everything its processors were given."""

    def __init__(self, topic: "Topic", **pace: float) -> None:
        self.topic = topic
        self.status = Status()
        self.applied: list[tuple[int, int]] = []
        self.persisted: list[tuple[int, int]] = []
        self.opened: list[tuple[int, int | None]] = []
        self.fail_at: int | None = None
        self.app: BatchApp = create_batch_app(
            Subscription(
                topic.group, [topic.name], session_timeout=SESSION_TIMEOUT, rebalance_timeout=6
            ),
            processors=lambda partition: _Processor(self, partition),
            connection=Connection(topic.broker.bootstrap),
            pace=Pace(**({"commit_interval": 0.1, "revoke_timeout": 5.0} | pace)),  # type: ignore[arg-type]
            status=self.status,
            durations=Metrics(self.status),
        )


class _Processor:
    def __init__(self, member: Member, partition: int) -> None:
        self.member = member
        self.partition = partition
        self.pending: list[tuple[int, int]] = []

    async def open(self, committed: Mapping[str, int | None]) -> None:
        self.member.opened.append((self.partition, committed[self.member.topic.name]))

    def apply(self, topic: str, records: Sequence[Any]) -> None:
        if len(self.member.applied) == self.member.fail_at:
            raise ZeroDivisionError("a bug in an evaluation")
        places = [(self.partition, record.offset) for record in records]
        self.pending += places
        self.member.applied += places

    next_deadline: int | None = None

    def pass_time(self, now: int, most: int) -> int:
        return 0

    async def persist(self, positions: Mapping[str, int]) -> None:
        await asyncio.sleep(0)
        self.member.persisted += self.pending
        self.pending = []

    async def close(self) -> None:
        self.pending = []


class Topic:
    """A topic of its own for a test, and the group that reads it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.name = f"batches-{uuid.uuid4().hex[:12]}"
        self.group = f"group-{self.name}"
        create_topic(broker, self.name, PARTITIONS)

    def write(self, count: int) -> set[tuple[int, int]]:
        messages = [Message(b"%d" % n, partition=n % PARTITIONS) for n in range(count)]
        return set(write(self.broker, self.name, messages))


@pytest.fixture
def topic(broker: Broker) -> Topic:
    return Topic(broker)


async def until(holds: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited in vain: {what}") from None


async def served(member: Member, during: Callable[[], Any]) -> None:
    """Run the member as its process would, do something, and end it with SIGTERM."""
    running = asyncio.create_task(run(member.app, deadline=20))
    doing = asyncio.create_task(during())
    await asyncio.wait({running, doing}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        os.kill(os.getpid(), signal.SIGTERM)
    await running
    await doing


def test_all_records_are_delivered_once_and_the_next_member_begins_behind_them(
    topic: Topic,
) -> None:
    places = topic.write(1_000)
    first, second = Member(topic), Member(topic)

    async def all_persisted() -> None:
        await until(lambda: len(first.persisted) >= len(places), "all records persisted")

    async def opened() -> None:
        await until(lambda: len(second.opened) == PARTITIONS, "all partitions open")

    asyncio.run(served(first, all_persisted))
    asyncio.run(served(second, opened))
    assert sorted(first.applied) == sorted(places)
    assert sorted(second.opened) == [(number, 250) for number in range(PARTITIONS)]
    assert second.applied == []


def test_sigterm_persists_and_commits_what_was_applied(topic: Topic) -> None:
    places = topic.write(400)
    first, second = Member(topic, commit_interval=3600), Member(topic)

    async def all_applied() -> None:
        await until(lambda: len(first.applied) == len(places), "all records applied")
        assert first.persisted == []

    async def opened() -> None:
        await until(lambda: len(second.opened) == PARTITIONS, "all partitions open")

    asyncio.run(served(first, all_applied))
    asyncio.run(served(second, opened))
    assert sorted(first.persisted) == sorted(places)
    assert {offset for _, offset in second.opened} == {100}


def test_a_bug_stops_the_process_before_anything_more_is_committed(topic: Topic) -> None:
    topic.write(400)
    broken, next_one = Member(topic, commit_interval=3600), Member(topic)
    broken.fail_at = 300

    async def wait() -> None:
        await until(lambda: broken.status.crashed is not None, "the crash")

    async def opened() -> None:
        await until(lambda: len(next_one.opened) == PARTITIONS, "all partitions open")

    with pytest.raises(MilepostError, match=r"ZeroDivisionError: a bug in an evaluation at .*py:"):
        asyncio.run(served(broken, wait))
    assert broken.persisted == []
    asyncio.run(served(next_one, opened))
    assert {offset for _, offset in next_one.opened} == {None}


def test_partitions_move_to_a_second_member_and_back_and_nothing_is_missing(
    topic: Topic,
) -> None:
    first, second = Member(topic), Member(topic)

    async def grow_and_shrink() -> set[tuple[int, int]]:
        places = await asyncio.to_thread(topic.write, 400)
        await until(lambda: len(first.persisted) == 400, "the first member alone")
        await second.app.start()
        await until(lambda: len(second.opened) == 2, "two partitions moved")
        places |= await asyncio.to_thread(topic.write, 400)
        await until(lambda: len(first.persisted + second.persisted) >= 800, "both")
        await second.app.group.stop(10)
        await second.app.stop()
        await until(lambda: len(first.status.partitions) == PARTITIONS, "all came back")
        places |= await asyncio.to_thread(topic.write, 400)
        await until(lambda: len(first.persisted + second.persisted) >= 1200, "alone again")
        return places

    expected: set[tuple[int, int]] = set()

    async def during() -> None:
        expected.update(await grow_and_shrink())

    asyncio.run(served(first, during))
    assert second.persisted
    assert sorted(first.persisted + second.persisted) == sorted(expected)


def test_the_status_tells_assignment_and_lag(topic: Topic) -> None:
    topic.write(400)
    member = Member(topic)

    async def caught_up() -> None:
        await until(lambda: len(member.persisted) == 400, "all persisted")
        await until(lambda: member.status.recovered and member.status.lag == 0, "no lag")
        assert len(member.status.partitions) == PARTITIONS

    asyncio.run(served(member, caught_up))
    assert not member.status.assigned


def test_a_broker_that_is_not_there_is_said_in_one_line() -> None:
    connection = Connection(f"127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match=r"no Kafka broker answered at .* within 1 s") as said:
        asyncio.run(wait_for_broker(connection, 1.0))
    assert len(str(said.value).splitlines()) == 1


def test_idempotence_is_found_out_by_asking(broker: Broker) -> None:
    asked = supports_idempotence(Connection(broker.bootstrap))
    assert asyncio.run(asked) is broker.idempotent
