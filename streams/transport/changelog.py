"""Tables kept in Kafka: written by the commit cycle, read back when a partition is assigned."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.errors import MilepostError
from streams.transport.batches import ConsumerRecord
from streams.transport.connection import Connection
from streams.transport.sender import NO_HEADERS, Entry, Sender
from streams.transport.stores import Store

logger = logging.getLogger(__name__)

WATERMARK = b"\xc1watermark"
"""Key of the record that says up to which offsets a partition's tables are whole: those of the
source topics, and of the changelogs before its own. Byte C1 is in no UTF-8 text: no entity has
this key."""

_RETRY = 0.5
"""Seconds between two looks at a changelog that ends too early."""


class StateError(MilepostError):
    """State and committed offsets do not belong together; going on would qualify wrongly."""


@dataclass(frozen=True, slots=True)
class Changelog:
    """A table and the compacted topic that keeps it, partition by partition."""

    table: str
    topic: str


def encode_watermark(positions: Mapping[str, int]) -> bytes:
    """Topic → next offset, as it is kept."""
    return orjson.dumps(dict(positions))


def decode_watermark(value: bytes | None) -> dict[str, int]:
    """What :func:`encode_watermark` made; empty where there is none."""
    return {} if value is None else orjson.loads(value)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Brings a partition's tables up to date with their changelogs.

    A writer that was paused and woke after its partition had gone may have appended older states
    behind newer ones, so the highest revision of a key wins, not the last; and such a key is
    written once more, or compaction would keep the older one in the end.
    """

    connection: Connection
    sender: Sender
    changelogs: Sequence[Changelog]
    """The last one carries the watermark."""
    revision_of: Callable[[bytes], int]
    """The revision of a state."""
    patience: float
    """Seconds to wait for what must be there."""

    async def recover(
        self, partition: int, store: Store, committed: Mapping[str, int | None]
    ) -> None:
        """Read what the store does not have yet, until the tables cover the committed offsets.

        Args:
            partition: its number.
            store: its tables.
            committed: source topic → the group's next offset.

        Raises:
            StateError: the changelogs end before the committed offsets, and go on doing so.
        """
        loop = asyncio.get_running_loop()
        over = loop.time() + self.patience
        reader = AIOKafkaConsumer(
            **self.connection.options(),
            enable_auto_commit=False,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_wait_ms=100,
        )
        await reader.start()
        try:
            while True:
                while not await self._read_all(reader, partition, store):
                    store.clear()
                missing = self._missing(store, committed)
                if not missing:
                    return
                if loop.time() > over:
                    raise StateError(self._explain(partition, missing))
                logger.warning("partition %d: waiting for its changelog: %s", partition, missing)
                await asyncio.sleep(_RETRY)
        finally:
            await reader.stop()

    async def _read_all(self, reader: AIOKafkaConsumer, partition: int, store: Store) -> bool:
        for changelog in self.changelogs:
            if not await self._read(reader, changelog, partition, store):
                return False
        return True

    def _missing(self, store: Store, committed: Mapping[str, int | None]) -> str:
        """What of the state is not there; empty where it is whole."""
        have = decode_watermark(store.get(self.changelogs[-1].table, WATERMARK))
        missing = [
            f"{topic} is committed up to {offset}, its state reaches {have.get(topic, 0)}"
            for topic, offset in committed.items()
            if offset is not None and have.get(topic, 0) < offset
        ]
        missing += [
            f"{log.topic} was written up to {have[log.topic]} and read up to {reached}"
            for log in self.changelogs[:-1]
            if (reached := store.next_offset(log.table)) < have.get(log.topic, 0)
        ]
        return ", ".join(missing)

    def _explain(self, partition: int, missing: str) -> str:
        topics = " and ".join(changelog.topic for changelog in self.changelogs)
        return (
            f"partition {partition}: {missing}. {topics} have lost records, or belong to another"
            " installation. Restore them, or start from nothing with another MILEPOST_APP_ID"
        )

    async def _read(
        self, reader: AIOKafkaConsumer, changelog: Changelog, partition: int, store: Store
    ) -> bool:
        """Read one changelog to its end; ``False`` where it ends before what was read already.

        Then either the answer is stale or this is another topic of the same name. Reading
        everything anew is right in both cases.
        """
        tp = TopicPartition(changelog.topic, partition)
        reader.assign([tp])
        first = (await reader.beginning_offsets([tp]))[tp]
        end = (await reader.end_offsets([tp]))[tp]
        begin = store.next_offset(changelog.table)
        if begin > end:
            logger.warning("%s:%d ends at %d, before what was read: reading anew", *tp, end)
            return False
        position = max(begin, first)
        reader.seek(tp, position)
        outdated: set[bytes] = set()
        while position < end:
            for records in (await reader.getmany(tp, timeout_ms=1_000)).values():
                self._merge(changelog.table, records, store, outdated)
            position = await reader.position(tp)
        await self._write_again(changelog, partition, store, outdated)
        return True

    def _merge(
        self, table: str, records: Sequence[ConsumerRecord], store: Store, outdated: set[bytes]
    ) -> None:
        """Keep the highest revision of each key; note the keys whose last record is not it."""
        changes: dict[bytes, bytes | None] = {}
        for record in records:
            key, value = record.key, record.value
            current = changes[key] if key in changes else store.get(table, key)
            if current is not None and value is not None and self._behind(key, value, current):
                outdated.add(key)
            else:
                changes[key] = value
                outdated.discard(key)
        store.write(table, changes.items(), records[-1].offset + 1)

    def _behind(self, key: bytes, value: bytes, current: bytes) -> bool:
        if key == WATERMARK:
            reached = decode_watermark(value)
            return any(reached.get(t, 0) < at for t, at in decode_watermark(current).items())
        return self.revision_of(value) < self.revision_of(current)

    async def _write_again(
        self, changelog: Changelog, partition: int, store: Store, keys: set[bytes]
    ) -> None:
        if not keys:
            return
        logger.warning(
            "%s:%d: %d states of a writer that had lost the partition were passed over",
            changelog.topic,
            partition,
            len(keys),
        )
        winners: list[Entry] = [(key, store.get(changelog.table, key), NO_HEADERS) for key in keys]
        next_offset = await self.sender.append(changelog.topic, partition, winners)
        store.write(changelog.table, (), next_offset)
