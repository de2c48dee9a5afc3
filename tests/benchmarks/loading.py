"""The reference load onto a topic, in producer batches: loading must not take the evening."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from tests.benchmarks.load import Record, partition_of
from tests.services.brokers import Broker

BATCH_BYTES = 512 * 1024


def load_topic(broker: Broker, topic: str, partitions: int, records: Iterable[Record]) -> int:
    """Write the records, each into the partition of its key; how many there were."""
    return asyncio.run(_load(broker, topic, partitions, records))


async def _load(broker: Broker, topic: str, partitions: int, records: Iterable[Record]) -> int:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap,
        enable_idempotence=broker.idempotent,
        acks="all",
        max_batch_size=BATCH_BYTES,
    )
    await producer.start()
    open_batches = [producer.create_batch() for _ in range(partitions)]
    written, acks = 0, []
    try:
        for key, value, timestamp in records:
            partition = partition_of(key, partitions)
            batch = open_batches[partition]
            if batch.append(key=key, value=value, timestamp=timestamp) is None:
                acks.append(await producer.send_batch(batch, topic, partition=partition))
                batch = open_batches[partition] = producer.create_batch()
                batch.append(key=key, value=value, timestamp=timestamp)
            written += 1
        for partition, batch in enumerate(open_batches):
            if batch.record_count():
                acks.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*acks)
    finally:
        await producer.stop()
    return written
