"""The writer of a partition's changelogs, as long as nobody else is."""

import logging
from collections.abc import Sequence

from aiokafka import TopicPartition

from streams.transport.connection import Connection
from streams.transport.processor import LostError
from streams.transport.reading import Changelog, changelog_reader, read
from streams.transport.sender import Entry, Sender
from streams.transport.stores import Store
from streams.transport.watermark import WATERMARK, address_header, epoch_headers, epoch_of

logger = logging.getLogger(__name__)

States = Sequence[tuple[bytes, bytes | None]]
"""Table key and state of each entity that has changed; ``None`` deletes it."""


class Owner:
    """Writes states, and notices by the offsets when another process has written in between.

    What a process with a lower epoch wrote is void: it had been paused, and woke after its
    partition had gone. Its keys are written once more, or compaction would keep what is void. A
    higher epoch says that this process is the one that had been paused.

    Args:
        partition: its number.
        store: its tables, read up to the ends of their changelogs.
        sender: sends the states.
        connection: to look at what others wrote.
        epoch: what :meth:`streams.transport.changelog.Recovery.recover` claimed.
        address: where this process answers over HTTP, ``host:port``; empty where it does not.
    """

    def __init__(
        self,
        partition: int,
        store: Store,
        sender: Sender,
        connection: Connection,
        epoch: int,
        address: str = "",
    ) -> None:
        self.epoch = epoch
        self._partition = partition
        self._store = store
        self._sender = sender
        self._connection = connection
        self._headers = epoch_headers(epoch)
        self._watermark_headers = [*self._headers, *address_header(address)]

    async def keep(self, changelog: Changelog, states: States) -> None:
        """Into the changelog first, then the table: the table is never ahead of it.

        Raises:
            LostError: a later owner has claimed the partition.
        """
        if not states:
            return
        entries: list[Entry] = [
            (key, state, self._watermark_headers if key == WATERMARK else self._headers)
            for key, state in states
        ]
        next_offset = await self._sender.append(changelog.topic, self._partition, entries)
        begin = self._store.next_offset(changelog.table)
        void: set[bytes] = set()
        if next_offset is None or next_offset - len(entries) > begin:
            void = await self._void(changelog, begin, next_offset)
        self._store.write(changelog.table, states, next_offset)
        await self.write_again(changelog, void)

    async def write_again(self, changelog: Changelog, keys: set[bytes]) -> None:
        """Write what the table has for these keys behind what another process wrote.

        Raises:
            LostError: a later owner has claimed the partition.
        """
        if keys:
            logger.warning(
                "%s:%d: %d states of a writer that had lost the partition are void",
                changelog.topic,
                self._partition,
                len(keys),
            )
        get, table = self._store.get, changelog.table
        await self.keep(changelog, [(key, get(table, key)) for key in keys])

    async def _void(self, changelog: Changelog, begin: int, end: int | None) -> set[bytes]:
        """The keys that a process with a lower epoch has written."""
        tp = TopicPartition(changelog.topic, self._partition)
        keys: set[bytes] = set()
        async with changelog_reader(self._connection, [tp]) as reader:
            async for records in read(reader, tp, begin, end):
                for record in records:
                    epoch = epoch_of(record.headers)
                    if epoch > self.epoch:
                        # The tables hold what is void now: the next time, all is read anew.
                        self._store.clear()
                        raise LostError(f"{tp.topic}:{tp.partition} has another owner")
                    if epoch < self.epoch and record.key != WATERMARK:
                        keys.add(record.key)
        return keys
