"""Records out: batches are built here, and every acknowledgement is awaited."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    UnknownProducerId,
)
from aiokafka.partitioner import murmur2
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential,
    wait_random,
)

from streams.errors import MilepostError
from streams.transport.connection import Connection, passes

logger = logging.getLogger(__name__)

Headers = list[tuple[str, bytes]]

NO_HEADERS: Final[Headers] = []

_STOP = 1.0
"""Seconds for a producer to end its connections."""


class Outgoing(NamedTuple):
    """One record to send; its key decides the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = NO_HEADERS


Entry = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers of a record for a partition that is already known."""


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner has it.

    Cached: the hash is plain Python, and the same accounts come again every second.
    """
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


@dataclass(frozen=True, slots=True)
class Delivery:
    """How records are sent."""

    idempotent: bool
    """Whether the broker drops a batch that it already has; it must support that."""
    batch_bytes: int = 512 * 1024
    """Size at which a batch is closed; a larger record is a batch of its own."""
    record_bytes: int = 16 * 1024 * 1024
    """Largest record."""
    timeout: float = 60.0
    """Seconds after which a batch that is not acknowledged is given up, and sent anew."""


class Sender:
    """A producer with ``acks=all`` that returns only when everything is acknowledged.

    aiokafka's batches are built here, a few microseconds a record: its ``send`` makes a future
    for every one. Idempotence holds for them as for single records, the batch carries its
    sequence number through every retry.
    """

    def __init__(self, connection: Connection, delivery: Delivery) -> None:
        self._connection = connection
        self._delivery = delivery
        self._producer: AIOKafkaProducer | None = None
        self._renewing = asyncio.Lock()

    async def start(self) -> None:
        """Connect."""
        producer = AIOKafkaProducer(
            **self._connection.options(),
            acks="all",
            enable_idempotence=self._delivery.idempotent,
            max_batch_size=self._delivery.batch_bytes,
            max_request_size=self._delivery.record_bytes,
            request_timeout_ms=int(self._delivery.timeout * 1000),
        )
        await producer.start()
        self._producer = producer

    async def stop(self) -> None:
        """Disconnect; nothing is in flight unless a ``send`` was given up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)

    async def send(self, records: Iterable[Outgoing]) -> None:
        """Send to the partitions of the keys, and return once all are acknowledged.

        A broker that is away is waited for. Records of one partition stay in order.

        Raises:
            MilepostError: a record that no retry will get through.
        """
        by_partition: dict[tuple[str, int], list[Entry]] = {}
        counts: dict[str, int] = {}
        spread = 0
        for topic, key, value, headers in records:
            if topic not in counts:
                counts[topic] = await self.partitions(topic)
            if key is None:
                spread += 1
                partition = spread % counts[topic]
            else:
                partition = partition_of(key, counts[topic])
            by_partition.setdefault((topic, partition), []).append((key, value, headers))
        await asyncio.gather(
            *(self.append(topic, number, sent) for (topic, number), sent in by_partition.items())
        )

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int | None:
        """Send to one partition in order, and return once all are acknowledged.

        Returns:
            The offset after the last record, or ``None`` where the broker did not tell (it had
            the batch already, or there was nothing to send).

        Raises:
            MilepostError: a record that no retry will get through.
        """
        producer = self._producer

        async def renew(state: RetryCallState) -> None:
            nonlocal producer
            error = state.outcome.exception() if state.outcome else None
            logger.warning("%s:%d: not acknowledged, sending again: %s", topic, partition, error)
            producer = await self._renew(producer)

        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(_worth_repeating),
                wait=wait_exponential(multiplier=0.2, max=5) + wait_random(0, 0.2),
                before_sleep=renew,
                reraise=True,
            ):
                with attempt:
                    return await self._append(_started(producer), topic, partition, entries)
        except MessageSizeTooLargeError as error:
            largest = max(len(value or b"") for _, value, _ in entries)
            raise MilepostError(
                f"topic {topic} refuses a record of {largest} bytes: raise its max.message.bytes"
                " (milepost topics shows what it should be)"
            ) from error
        except KafkaError as error:
            raise MilepostError(f"topic {topic}: cannot be written: {error}") from error
        return None

    async def _append(
        self, producer: AIOKafkaProducer, topic: str, partition: int, entries: Sequence[Entry]
    ) -> int | None:
        acks: list[asyncio.Future[Any]] = []
        count = 0
        batch = producer.create_batch()
        try:
            for key, value, headers in entries:
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    batch.close()
                    acks.append(await producer.send_batch(batch, topic, partition=partition))
                    batch, count = producer.create_batch(), 0
                    batch.append(key=key, value=value, timestamp=None, headers=headers)
                count += 1
            if count:
                batch.close()
                acks.append(await producer.send_batch(batch, topic, partition=partition))
            answers: list[Any] = await asyncio.gather(*acks, return_exceptions=True)
        except BaseException:
            # Given up (a rebalance does not wait): what is still in flight has nobody to tell.
            for ack in acks:
                ack.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        if not answers or answers[-1] is None or answers[-1].offset < 0:
            return None
        return int(answers[-1].offset) + count

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has.

        Raises:
            MilepostError: there is no such topic.
        """
        try:
            found = await _started(self._producer).partitions_for(topic)
        except KafkaError as error:
            raise MilepostError(
                f"topic {topic}: {error}: make it with milepost topics --create"
            ) from error
        return len(found)

    async def _renew(self, failed: AIOKafkaProducer | None) -> AIOKafkaProducer | None:
        """A new producer in place of one whose sequence numbers may have a gap now."""
        async with self._renewing:
            if self._producer is failed and failed is not None:
                await self.start()
                await _stop(failed)
            return self._producer


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop it; what a broker that is away has not acknowledged was given up before."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_STOP):
            await producer.stop()


def _started(producer: AIOKafkaProducer | None) -> AIOKafkaProducer:
    if producer is None:
        raise RuntimeError("the sender is not started")
    return producer


def _worth_repeating(error: BaseException) -> bool:
    lost_track = OutOfOrderSequenceNumber | UnknownProducerId | ProducerClosed
    return isinstance(error, lost_track) or passes(error)
