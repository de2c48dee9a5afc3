"""Faust's consumer, fetching whole batches and committing what the ledger says.

Faust's own takes messages one by one and commits what was acknowledged; here a message is all
that one fetch took from one partition, acknowledgements mean nothing, and the ledger alone is
committed. Faust keeps the thread, the group membership and the assignment.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.transport.batches import Batch, Fence
from streams.transport.connection import Connection
from streams.transport.ledger import Ledger
from streams.transport.thread import FAUST, BatchConsumerThread, RebalanceListener

_POLL = 0.5
"""Seconds that a fetch waits for records."""
_POLL_WHILE_HELD = 0.01
"""The same while a partition is held: it may be released at any moment, and a fetch that waits
does not see it."""


class BatchConsumer(driver.Consumer):
    """Delivers batches to the app, and commits the ledger."""

    logger = FAUST
    RebalanceListener = RebalanceListener
    transport: "BatchTransport"
    _thread: BatchConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.fence = Fence()
        self._held: set[TP] = set()
        self._released = asyncio.Event()
        self._committing = asyncio.Lock()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def ledger(self) -> Ledger:
        """What is committed."""
        return self.transport.ledger

    def hold(self, tps: Iterable[TP]) -> None:
        """Fetch nothing from these partitions until they are released."""
        self._held.update(tps)

    def release(self, tps: Iterable[TP]) -> None:
        """Fetch from these partitions again."""
        self._held.difference_update(tps)
        self._released.set()

    async def rewind(self, offsets: Mapping[TP, int]) -> None:
        """Go back to these offsets; everything on its way is dropped."""
        await self._thread.rewind(offsets)

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offset of each partition, ``None`` where there is none."""
        return await self._thread.committed(tps)

    async def beginning_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where each partition's log begins."""
        return await self._thread.beginning_offsets(tps)

    def known_end(self, tp: TP) -> int | None:
        """Where the log ended at the last fetch; ``None`` before it, or if not assigned now."""
        try:
            end: int | None = self.highwater(tp)
        except AssertionError:  # aiokafka: taken away in the consumer's thread a moment ago
            return None
        return end

    async def is_member(self) -> bool | None:
        """Whether this consumer still has its partitions; ``None`` where nobody can say now."""
        return await self._thread.is_member()

    async def perform_seek(self) -> None:
        """Nothing to do: aiokafka starts every assignment at the committed offsets.

        Faust seeks again because it may have dropped a batch meanwhile. Here a batch that does
        not start where its partition stands is noticed by the runner, which rewinds.
        """

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Yield each partition's batch of one fetch."""
        del timeout
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        self._released.clear()
        active = self._get_active_partitions() - self._held
        wait = _POLL_WHILE_HELD if self._held else _POLL
        for batch in await self._thread.getmany(active, wait):
            if self.flow_active and self.fence.admits(batch):
                yield batch.tp, self._message(batch)
        if not active:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._released.wait()

    def _message(self, batch: Batch) -> ConsumerMessage:
        last = batch.records[-1]
        return ConsumerMessage(
            batch.tp.topic,
            batch.tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            batch,
            None,
            0,
            0,
            batch.tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _drain_messages(self, fetcher: Any) -> None:
        """Fetch and deliver, until Faust stops the fetcher."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                async for _tp, message in self.getmany(_POLL):
                    # Delivery waits where a queue is full; a rebalance does not wait for it.
                    await self.wait_first(self.callback(message), self.suspend_flow.wait())
                await self.sleep(0)
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise

    def ack(self, message: ConsumerMessage) -> bool:
        """Faust is through with a batch. Means nothing here: the ledger knows what is safe."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def commit(
        self,
        topics: Any = None,  # noqa: ARG002 - Faust's signature
        start_new_transaction: bool = True,  # noqa: ARG002
    ) -> bool:
        """Commit what the ledger has and the broker does not; ``True`` when it took it.

        A commit that fails changes nothing and is tried again by the next one: this is called
        after every persist, and at every ``broker_commit_interval``.
        """
        async with self._committing:
            offsets = self.ledger.uncommitted()
            if not offsets or not await self._thread.commit(offsets):
                return False
            self.ledger.acknowledge(offsets)
            self.transport.on_commit(offsets)
            return True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's watchdog reads acknowledgements; the probes read the age of commits instead."""


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = BatchConsumer

    def __init__(
        self,
        *args: Any,
        connection: Connection,
        on_commit: Callable[[Mapping[TP, int]], None],
        **kwargs: Any,
    ) -> None:
        self.connection = connection
        self.on_commit = on_commit
        self.ledger = Ledger()
        super().__init__(*args, **kwargs)
