"""Topics written, read to their end and watched, over aiokafka and without an event loop around."""

import asyncio
from asyncio import Future
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from tests.services.brokers import LARGEST_RECORD, Broker

MEBIBYTE = 1024 * 1024
SILENCE_MS = 300
"""A reader that gets nothing for so long has everything."""


@dataclass(frozen=True)
class Message:
    """What is written to a topic; with neither ``key`` nor ``partition`` it goes to partition 0."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int | None = None
    partition: int | None = None


@dataclass(frozen=True)
class Stored:
    """What was read from a topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]
    timestamp: int


def create_topic(broker: Broker, name: str, partitions: int, **config: str) -> None:
    """Create a topic that takes records of any size that the broker takes; present is well."""

    async def create() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        try:
            settings = {"max.message.bytes": str(LARGEST_RECORD), "retention.ms": "-1", **config}
            topic = NewTopic(name, partitions, 1, topic_configs=settings)
            answer = await admin.create_topics([topic])
            code, text = answer.topic_errors[0][1:3]
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise RuntimeError(f"topic {name}: {text or code}")
        finally:
            await admin.close()

    asyncio.run(create())


def write(broker: Broker, topic: str, messages: Iterable[Message]) -> list[tuple[int, int]]:
    """Write the messages in order; their coordinates (partition, offset)."""

    async def produce() -> list[tuple[int, int]]:
        producer = AIOKafkaProducer(
            bootstrap_servers=broker.bootstrap,
            enable_idempotence=broker.idempotent,
            acks="all",
            max_request_size=LARGEST_RECORD,
            max_batch_size=MEBIBYTE,
        )
        await producer.start()
        try:
            acks = [await _send(producer, topic, message) for message in messages]
            sent = [await ack for ack in acks]
        finally:
            await producer.stop()
        return [(record.partition, record.offset) for record in sent]

    return asyncio.run(produce())


async def _send(producer: AIOKafkaProducer, topic: str, message: Message) -> "Future[Any]":
    headers = list(message.headers)
    content = {"key": message.key, "value": message.value, "timestamp": message.timestamp}
    if message.key is None and message.partition is None:
        message = replace(message, partition=0)
    if message.key is None and message.value is None:
        # The producer's send refuses what other clients can write.
        batch = producer.create_batch()
        batch.append(**content, headers=headers)
        sent: Future[Any] = await producer.send_batch(batch, topic, partition=message.partition)
    else:
        content["timestamp_ms"] = content.pop("timestamp")
        sent = await producer.send(topic, **content, partition=message.partition, headers=headers)
    return sent


def read_to_end(broker: Broker, topic: str) -> list[Stored]:
    """Everything in the topic now, ordered by partition and offset."""

    async def consume() -> list[Stored]:
        async with _consuming(broker) as consumer:
            partitions = await _partitions(broker, topic)
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            records = [record async for record in _records(broker, consumer)]
        found = [_stored(record) for record in records]
        return sorted(found, key=lambda record: (record.partition, record.offset))

    return asyncio.run(consume())


def lag(broker: Broker, group: str, topic: str) -> int:
    """Records of the topic that the group has not committed."""

    async def ask() -> int:
        async with _consuming(broker, group_id=group) as consumer:
            partitions = await _partitions(broker, topic)
            committed = {tp: await consumer.committed(tp) or 0 for tp in partitions}
            ends = await _ends(broker, consumer, committed)
        return sum(end - committed[tp] for tp, end in ends.items())

    return asyncio.run(ask())


async def _ends(
    broker: Broker, consumer: AIOKafkaConsumer, committed: Mapping[TopicPartition, int]
) -> Mapping[TopicPartition, int]:
    """Partition → the offset after its last record.

    The embedded broker's own answer is short by as much as its last batch: there, what can be
    read is the answer, from the last committed record on. Whoever does not get even that one has
    met a broker that is slow, not the end.
    """
    if broker.kind == "kafka":
        found: Mapping[TopicPartition, int] = await consumer.end_offsets(list(committed))
        return found
    consumer.assign(list(committed))
    for partition, offset in committed.items():
        consumer.seek(partition, max(0, offset - 1))
    ends = dict.fromkeys(committed, 0)
    async for record in _records(broker, consumer):
        ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
    return ends


async def _records(broker: Broker, consumer: AIOKafkaConsumer) -> AsyncIterator[ConsumerRecord]:
    """From where the consumer stands to the end."""
    partitions = list(consumer.assignment())
    ends = await consumer.end_offsets(partitions)
    # See _ends: there may be more than the embedded broker says, and only silence is the end.
    more = broker.kind == "embedded"
    while more or [tp for tp in partitions if await consumer.position(tp) < ends[tp]]:
        batches = await consumer.getmany(timeout_ms=SILENCE_MS)
        more = broker.kind == "embedded" and bool(batches)
        for batch in batches.values():
            for record in batch:
                yield record


async def _partitions(broker: Broker, topic: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return [TopicPartition(topic, found["partition"]) for found in described["partitions"]]


@asynccontextmanager
async def _consuming(broker: Broker, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=LARGEST_RECORD,
        **options,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def _stored(record: Any) -> Stored:
    return Stored(
        record.partition,
        record.offset,
        record.key,
        record.value,
        dict(record.headers),
        record.timestamp,
    )
