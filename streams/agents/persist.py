"""Persist: what the worker published, as rows, into the sink.

ClickHouse being away stops this app and nothing else: the same rows are tried again until they
are taken, and their offsets are committed only then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential, wait_random

from schemas.dead_letters import DeadLetter
from schemas.rows import Row
from streams.errors import Rejected, Unavailable
from streams.metrics import Metrics
from streams.sinks import Sink
from streams.status import Status
from streams.threads import in_thread
from streams.transport.batches import ConsumerRecord

logger = logging.getLogger(__name__)

Decode = Callable[[ConsumerRecord, str, int], list[Row]]
"""A record, found in that topic and partition, as rows: see :mod:`streams.sinks.decode` and
:mod:`streams.sinks.events`."""

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
"""Seconds between two tries at a ClickHouse that is away."""


class Writer:
    """Writes the rows of all partitions through one sink.

    Rows that wait at the same time go together: ClickHouse likes few large inserts, and a part
    an insert and partition would have it merging all day.

    Args:
        sink: used by one thread at a time, which is never the event loop's.
        status: told what the app waits for.
        metrics: told of rows and retries.
    """

    def __init__(self, sink: Sink, status: Status, metrics: Metrics) -> None:
        self._sink = sink
        self._status = status
        self._metrics = metrics
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def store(self, rows: Sequence[Row]) -> None:
        """Return once ``rows`` are durable, however long that takes; may be cancelled."""
        if not rows:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, stored))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="sink writer")
        await stored

    async def close(self) -> None:
        """Stop trying, and let go of the sink once its thread has."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._sink.close()

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            # Who was cancelled has a successor who brings the same rows again.
            group = [(rows, stored) for rows, stored in group if not stored.done()]
            try:
                for rows, _ in group:
                    self._sink.write(rows)
                await self._flush()
            except Exception as error:  # a bug: it must stop every partition that waits
                _settle(group, error)
            else:
                _settle(group, None)

    async def _flush(self) -> None:
        """Try until the sink has taken everything."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_exponential(FIRST_WAIT, LONGEST_WAIT) + wait_random(0, FIRST_WAIT),
            before_sleep=self._before_retry,
        ):
            with attempt:
                flushed = await in_thread(self._sink.flush)
        if self._status.waiting_for is not None:
            logger.info("ClickHouse takes rows again")
            self._status.wait_for(None)
        for table, rows in flushed.items():
            self._metrics.count_rows(table, rows)

    def _before_retry(self, state: RetryCallState) -> None:
        self._status.wait_for("ClickHouse")
        self._metrics.count_retry()
        error = state.outcome.exception() if state.outcome else None
        logger.warning("%s; trying the same rows again in %.1f s", error, state.upcoming_sleep)


class Persist:
    """One partition of the topics that the sink reads.

    Args:
        partition: its number.
        writer: shared by all partitions.
        decoders: for each topic, how its records become rows.
        send: sends dead letters and returns once they are acknowledged.
    """

    def __init__(
        self,
        partition: int,
        writer: Writer,
        decoders: Mapping[str, Decode],
        send: Callable[[Sequence[DeadLetter]], Awaitable[None]],
    ) -> None:
        self._partition = partition
        self._writer = writer
        self._decoders = decoders
        self._send = send
        self._rows: list[Row] = []
        self._dead: list[DeadLetter] = []

    async def open(self, committed: Mapping[str, int | None]) -> None:
        """Nothing is kept between records, so there is nothing to bring back."""

    def apply(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        """Decode; what cannot be decoded becomes a dead letter."""
        decode = self._decoders[topic]
        for record in records:
            try:
                self._rows += decode(record, topic, self._partition)
            except Rejected as refusal:
                coordinates = f"{topic}:{self._partition}:{record.offset}"
                logger.warning("%s is a dead letter: %s", coordinates, refusal)
                self._dead.append(
                    refusal.letter(topic, self._partition, record.offset, record.key, record.value)
                )

    @property
    def next_deadline(self) -> int | None:
        """Rows wait for no time to come."""
        return None

    def pass_time(self, now: int, most: int) -> int:
        """Nothing is ever due."""
        del now, most
        return 0

    async def persist(self, positions: Mapping[str, int]) -> None:
        """Store the rows and send the dead letters.

        1. Rows to the sink. Crash before the commit: written again, and replaced by themselves.
        2. Dead letters. Crash before the commit: sent again, with the same coordinates.

        Offsets are committed by the caller after both.
        """
        del positions  # rows are absolute: they need no range to be told apart from a repeat
        await self._writer.store(self._rows)
        if self._dead:
            await self._send(self._dead)
        self._rows, self._dead = [], []

    async def close(self) -> None:
        """Forget what was not persisted: it is delivered again."""
        self._rows, self._dead = [], []


def _settle(
    group: Sequence[tuple[Sequence[Row], "asyncio.Future[None]"]], error: Exception | None
) -> None:
    for _, stored in group:
        if stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
