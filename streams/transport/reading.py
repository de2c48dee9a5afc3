"""Changelogs, and reading a stretch of one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.transport.batches import ConsumerRecord
from streams.transport.connection import Connection


@dataclass(frozen=True, slots=True)
class Changelog:
    """A table and the compacted topic that keeps it, partition by partition."""

    table: str
    topic: str


@asynccontextmanager
async def changelog_reader(
    connection: Connection, tps: Sequence[TopicPartition]
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, for these partitions.

    Assigned once: aiokafka's fetcher misses a stop that comes while it takes in another assignment,
    and never ends then.
    """
    reader = AIOKafkaConsumer(
        **connection.options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # where the log begins later than asked for
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_wait_ms=100,
    )
    reader.assign(tps)
    reader.pause(*tps)
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def read(
    reader: AIOKafkaConsumer, tp: TopicPartition, begin: int, end: int | None
) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """The records from ``begin`` up to and without ``end``, or at least to the log's end now.

    Some brokers name an end before the real one: without an ``end`` all that comes is taken.
    """
    goal = (await reader.end_offsets([tp]))[tp] if end is None else end
    position = begin
    reader.seek(tp, position)
    reader.resume(tp)
    try:
        while position < goal:
            for records in (await reader.getmany(tp, timeout_ms=1_000)).values():
                wanted = [record for record in records if end is None or record.offset < end]
                if wanted:
                    yield wanted
            position = await reader.position(tp)
    finally:
        reader.pause(tp)
