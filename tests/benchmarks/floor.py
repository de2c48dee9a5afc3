"""The floor: aiokafka and orjson on the topic and nothing else, in one process.

``python -m tests.benchmarks.floor BOOTSTRAP TOPIC`` prints events a second as JSON.
"""

import asyncio
import sys
import time

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def measure(bootstrap: str, topic: str) -> dict[str, float]:
    """Read the topic from its beginning to its end once."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    (described,) = await admin.describe_topics([topic])
    await admin.close()
    partitions = [TopicPartition(topic, found["partition"]) for found in described["partitions"]]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        total = sum((await consumer.end_offsets(partitions)).values())
        return {"events": total, "events_per_second": round(await _read(consumer, total))}
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, total: int) -> float:
    loads = orjson.loads
    read = 0
    start = time.perf_counter()
    while read < total:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                loads(record.value)
            read += len(records)
    return total / (time.perf_counter() - start)


if __name__ == "__main__":
    print(orjson.dumps(asyncio.run(measure(*sys.argv[1:3]))).decode())  # noqa: T201
