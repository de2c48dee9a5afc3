"""The demo's own ends of Kafka: it sends events, and watches what the groups make of them."""

import asyncio
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.demo.board import Board
from streams.demo.traffic import Arrival
from streams.settings import Settings
from streams.topics import repartition_topic

_LINGER_MS = 20
_READ_MS = 50


class Feeder:
    """Sends arrivals, and counts them on the board."""

    def __init__(self, bootstrap: str, board: Board) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", linger_ms=_LINGER_MS
        )
        self._board = board
        self._topic = _default("events_topic")
        self._failure: BaseException | None = None

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is buffered, and disconnect."""
        await self._producer.stop()

    async def send(self, arrival: Arrival) -> None:
        """Hand a record to the producer; waits where its buffer is full."""
        future = await self._producer.send(
            self._topic,
            key=arrival.key,
            value=arrival.value,
            headers=list(arrival.headers),
            timestamp_ms=arrival.at,
        )
        future.add_done_callback(self._done)
        self._board.count_sent(arrival)

    async def flush(self) -> None:
        """Wait until the broker has everything.

        Raises:
            KafkaError: a record could not be sent.
        """
        await self._producer.flush()
        if self._failure:
            raise self._failure

    def _done(self, future: "asyncio.Future[object]") -> None:
        if not future.cancelled() and (error := future.exception()):
            self._failure = error


class Watcher:
    """Reads the output topics into the board, and asks how far the groups have come."""

    def __init__(self, bootstrap: str, board: Board) -> None:
        self._board = board
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._events: list[TopicPartition] = []
        self._take: Mapping[str, Callable[[ConsumerRecord], None]] = {
            _default("qualifications_topic"): self._qualification,
            _default("dead_letters_topic"): self._dead_letter,
            # Read for their ends alone: what the sink and the worker have to reach.
            _default("activity_topic"): _ignore,
            _default("shadow_topic"): _ignore,
            repartition_topic(_default("app_id")): _ignore,
        }

    async def start(self) -> None:
        """Connect, and begin at the beginning."""
        await asyncio.gather(self._consumer.start(), self._admin.start())
        events = _default("events_topic")
        topics = await self._admin.describe_topics([events, *self._take])
        partitions = {
            topic["topic"]: [
                TopicPartition(topic["topic"], partition["partition"])
                for partition in topic["partitions"]
            ]
            for topic in topics
        }
        self._events = partitions.pop(events)
        self._consumer.assign([one for some in partitions.values() for one in some])

    async def stop(self) -> None:
        """Disconnect."""
        await asyncio.gather(self._consumer.stop(), self._admin.close())

    async def read(self) -> int:
        """Take what is there, for at most a moment; returns the number of records."""
        batches = await self._consumer.getmany(timeout_ms=_READ_MS)
        for partition, records in batches.items():
            take = self._take[partition.topic]
            for record in records:
                take(record)
        return sum(len(records) for records in batches.values())

    async def processed(self) -> int:
        """Records of the events topic that the worker has committed."""
        committed = await self._committed(_default("app_id"), self._events)
        return sum(committed.values())

    async def at_the_end(self) -> bool:
        """Whether everything that there is has been read here."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        for partition, end in ends.items():
            if await self._consumer.position(partition) < end:
                return False
        return True

    async def worker_has_everything(self) -> bool:
        """Whether the worker has committed all that was read here and forwarded to it by itself."""
        return await self._reached(_default("app_id"), {repartition_topic(_default("app_id"))})

    async def sink_has_everything(self) -> bool:
        """Whether the sink has committed every event, and all that was read here for it."""
        events = await self._committed(_default("sink_app_id"), self._events)
        if sum(events.values()) < self._board.sent:
            return False
        names = ("qualifications_topic", "activity_topic", "shadow_topic")
        kept = {_default(name) for name in names}
        return await self._reached(_default("sink_app_id"), kept)

    async def _reached(self, group: str, topics: set[str]) -> bool:
        read = [one for one in self._consumer.assignment() if one.topic in topics]
        committed = await self._committed(group, read)
        for partition in read:
            if committed[partition] < await self._consumer.position(partition):
                return False
        return True

    def _qualification(self, record: ConsumerRecord) -> None:
        self._board.count_qualification(record.value)

    def _dead_letter(self, record: ConsumerRecord) -> None:
        self._board.count_dead_letter(dict(record.headers))

    async def _committed(
        self, group: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Next offset of each partition; 0 where the group has committed none."""
        # The embedded broker hangs up on those who ask for all partitions without naming them.
        found = await self._admin.list_consumer_group_offsets(group, partitions=partitions)
        return {one: max(found[one].offset, 0) for one in partitions}


def _ignore(_record: ConsumerRecord) -> None:
    pass


def _default(setting: str) -> str:
    """A name as the worker and sink of the demo know it: they run on the defaults."""
    name: str = Settings.model_fields[setting].default
    return name
