"""Tables kept in Kafka, read back when a partition is assigned."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.errors import MilepostError
from streams.transport.batches import ConsumerRecord
from streams.transport.connection import Connection
from streams.transport.owner import Owner
from streams.transport.reading import Changelog, changelog_reader, read
from streams.transport.sender import Sender
from streams.transport.stores import Store
from streams.transport.watermark import (
    WATERMARK,
    Watermark,
    address_header,
    decode_watermark,
    encode_watermark,
    epoch_headers,
    epoch_of,
)

logger = logging.getLogger(__name__)

_RETRY = 0.5
"""Seconds between two looks at a changelog that ends too early."""

Void = dict[str, set[bytes]]
"""Table → keys whose last record in the changelog does not count."""


class StateError(MilepostError):
    """State and committed offsets do not belong together; going on would qualify wrongly."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Brings a partition's tables up to date with their changelogs, and claims the partition.

    A writer that was paused and woke after its partition had gone may still append states, of
    a history that is no longer the partition's. Therefore each owner begins with a claim in every
    changelog: a watermark with an epoch of its own. What stands behind a claim with a lower epoch
    is void, whole cycles of it, so nothing of one history is mixed with another. What stands
    before the claim counts; it is read up to there. A key with a void record is written once
    more, or compaction would keep that in the end.
    """

    connection: Connection
    sender: Sender
    changelogs: Sequence[Changelog]
    """In the order in which a cycle writes them. The last one carries the watermark."""
    revision_of: Callable[[bytes], int]
    """The revision of a state: of two by one owner, the higher is the newer."""
    patience: float
    """Seconds to wait for what must be there."""
    address: str = ""
    """Where this process answers over HTTP, ``host:port``: stands with its claims."""

    async def recover(
        self, partition: int, store: Store, committed: Mapping[str, int | None]
    ) -> int:
        """Read what the store does not have yet, until the tables cover the committed offsets.

        Args:
            partition: its number.
            store: its tables.
            committed: source topic → the group's next offset.

        Returns:
            The epoch of the new owner; every record that it writes carries it.

        Raises:
            StateError: the changelogs end before the committed offsets, and go on doing so.
            LostError: a later owner has claimed the partition meanwhile.
        """
        void: Void = {changelog.table: set() for changelog in self.changelogs}
        tps = [TopicPartition(changelog.topic, partition) for changelog in self.changelogs]
        async with changelog_reader(self.connection, tps) as reader:
            await self._read_whole(reader, partition, store, committed, void)
            epoch = await self._claim(reader, partition, store, void)
        owner = Owner(partition, store, self.sender, self.connection, epoch, self.address)
        for changelog in self.changelogs:
            await owner.write_again(changelog, void[changelog.table])
        return epoch

    async def _read_whole(
        self,
        reader: AIOKafkaConsumer,
        partition: int,
        store: Store,
        committed: Mapping[str, int | None],
        void: Void,
    ) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + self.patience
        while True:
            while not await self._read_all(reader, partition, store, void):
                store.clear()
                for keys in void.values():
                    keys.clear()
            missing = self._missing(store, committed)
            if not missing:
                return
            if loop.time() > over:
                raise StateError(self._explain(partition, missing))
            logger.warning("partition %d: waiting for its changelog: %s", partition, missing)
            await asyncio.sleep(_RETRY)

    async def _read_all(
        self, reader: AIOKafkaConsumer, partition: int, store: Store, void: Void
    ) -> bool:
        """Read all to their ends; ``False`` where one ends before what was read already.

        Then either the answer is stale or this is another topic of the same name. Reading
        everything anew is right in both cases.
        """
        for changelog in self.changelogs:
            tp = TopicPartition(changelog.topic, partition)
            end = (await reader.end_offsets([tp]))[tp]
            if store.next_offset(changelog.table) > end:
                logger.warning("%s:%d ends at %d, before what was read: reading anew", *tp, end)
                return False
            await self._read(reader, changelog, partition, store, void)
        return True

    async def _claim(
        self, reader: AIOKafkaConsumer, partition: int, store: Store, void: Void
    ) -> int:
        """Begin a new epoch in every changelog.

        Backwards: a cycle writes accounts before their users, so where its users come before the
        claim its accounts do too. They may be ahead of their users, never behind.
        """
        *others, marked = self.changelogs
        while True:
            epoch = 1 + max(_mark(store, changelog).epoch for changelog in self.changelogs)
            if await self._claim_one(reader, marked, partition, store, void, epoch):
                break
        for changelog in reversed(others):
            await self._claim_one(reader, changelog, partition, store, void, epoch)
        return epoch

    async def _claim_one(
        self,
        reader: AIOKafkaConsumer,
        changelog: Changelog,
        partition: int,
        store: Store,
        void: Void,
        epoch: int,
    ) -> bool:
        """Write the claim and read up to it; ``False`` where another one got in before."""
        claim = encode_watermark(Watermark(epoch, _mark(store, changelog).positions))
        entry = (WATERMARK, claim, [*epoch_headers(epoch), *address_header(self.address)])
        next_offset = await self.sender.append(changelog.topic, partition, [entry])
        until = None if next_offset is None else next_offset - 1
        await self._read(reader, changelog, partition, store, void, until)
        found = _mark(store, changelog)
        if found.epoch >= epoch:
            return False
        claimed = encode_watermark(Watermark(epoch, found.positions))
        store.write(changelog.table, [(WATERMARK, claimed)], next_offset)
        return True

    def _missing(self, store: Store, committed: Mapping[str, int | None]) -> str:
        """What of the state is not there; empty where it is whole."""
        have = _mark(store, self.changelogs[-1]).positions
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
        self,
        reader: AIOKafkaConsumer,
        changelog: Changelog,
        partition: int,
        store: Store,
        void: Void,
        end: int | None = None,
    ) -> None:
        tp = TopicPartition(changelog.topic, partition)
        table = changelog.table
        epoch = _mark(store, changelog).epoch
        async for records in read(reader, tp, store.next_offset(table), end):
            epoch = self._merge(table, records, store, void[table], epoch)

    def _merge(
        self,
        table: str,
        records: Sequence[ConsumerRecord],
        store: Store,
        void: set[bytes],
        epoch: int,
    ) -> int:
        """Keep the newest state of each key; note the keys whose last record is not it.

        Args:
            table: its name.
            records: of its changelog, in order.
            store: where to keep it.
            void: the keys noted.
            epoch: the highest one in the changelog so far.

        Returns:
            The highest epoch after these records.
        """
        changes: dict[bytes, bytes | None] = {}
        for record in records:
            key, value = record.key, record.value
            current = changes[key] if key in changes else store.get(table, key)
            writer = epoch_of(record.headers)
            if writer < epoch or self._is_behind(key, value, current):
                void.add(key)
                continue
            epoch = writer
            changes[key] = value
            void.discard(key)
        store.write(table, changes.items(), records[-1].offset + 1)
        void.discard(WATERMARK)  # the claim stands behind it
        return epoch

    def _is_behind(self, key: bytes, value: bytes | None, current: bytes | None) -> bool:
        if value is None or current is None:
            return False
        if key == WATERMARK:
            return decode_watermark(value).is_behind(decode_watermark(current))
        return self.revision_of(value) < self.revision_of(current)


def _mark(store: Store, changelog: Changelog) -> Watermark:
    return decode_watermark(store.get(changelog.table, WATERMARK))
