"""One partition at work: its inbox, its processor, its place in the ledger."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Protocol

from faust.types import TP

from streams.transport.batches import Batch, ConsumerRecord
from streams.transport.processor import LostError, Pace, Processor
from streams.transport.source import Source
from streams.transport.timekeeper import Timekeeper, wall_clock

logger = logging.getLogger(__name__)

_ASK_AGAIN = 0.2
"""Seconds between two questions to a broker that does not answer."""
_WHILE_BEHIND = 3
"""Commit intervals that pass between two persists as long as more records wait than were applied
since the last: they are late anyway, and a state that several of them change is written once."""

_PHASES = 8
"""Partitions that are opened together persist one after the other, not all at once: while one waits
for acknowledgements others have records to apply."""


class Observer(Protocol):
    """Who hears how a runner gets on; times in seconds."""

    def opened(self, runner: "PartitionRunner") -> None:
        """State is back, records are applied from now on."""

    def observe_batch(self, seconds: float) -> None:
        """A batch was applied."""

    def observe_commit(self, seconds: float) -> None:
        """A commit cycle ended well."""

    def observe_timers(self, late: float) -> None:
        """Timers fired, the first of them so late."""

    def failed(self, error: BaseException) -> None:
        """The processor raised: nothing may be committed any more."""


class PartitionRunner:
    """Applies one partition number's batches in order, slice by slice, and has them persisted.

    In between its timers fire, a slice of them at a time, and what comes of them is persisted too.
    Its task is the only one to touch the processor, so a persist and an apply of the same
    partition never overlap, while other partitions go on.
    """

    def __init__(
        self,
        tps: frozenset[TP],
        processor: Processor,
        source: Source,
        pace: Pace,
        observer: Observer,
        clock: Callable[[], float] = perf_counter,
        now: Callable[[], int] = wall_clock,
    ) -> None:
        self.tps = tps
        self.processor = processor
        self.is_open = False
        self._source = source
        self._pace = pace
        self._observer = observer
        self._clock = clock
        self._time = Timekeeper(processor, source, now, clock, observer.observe_timers)
        self._inbox: deque[Batch] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._positions: dict[TP, int] = {}
        self._unpersisted = 0
        self._first_applied = 0.0
        self._share = (min(tp.partition for tp in tps) % _PHASES + 1) / _PHASES
        """Of a cycle, how much passes before the next persist: all of it after the first one."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: fetching is held until the processor is open."""
        self._source.hold(self.tps)
        self._task = asyncio.create_task(self._run(), name=f"partition {sorted(self.tps)}")
        self._task.add_done_callback(self._ended)

    def offer(self, batch: Batch) -> None:
        """A batch arrived; where too many wait, the partition's fetching is held."""
        self._inbox.append(batch)
        self._wake.set()
        if len(self._inbox) >= self._pace.inbox_batches:
            self._source.hold(self.tps)

    async def stop(self, timeout: float) -> None:  # noqa: ASYNC109 - a bound for several steps
        """Persist what was applied, commit, close; batches that still wait are dropped.

        Args:
            timeout: seconds; after them persisting is given up, and what was not committed is
                delivered again to whoever gets the partition.
        """
        self._stopping = True
        self._inbox.clear()
        self._wake.set()
        if self._task is not None:
            if not self.is_open:
                self._task.cancel()
            _, late = await asyncio.wait({self._task}, timeout=timeout)
            if late:
                logger.warning(
                    "%s: not persisted within %.0f s, its last records will be worked on again",
                    _names(self.tps),
                    timeout,
                )
                self._task.cancel()
                await asyncio.wait({self._task})
        await self._close()

    async def abandon(self) -> None:
        """End at once, persisting nothing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._close()

    async def _close(self) -> None:
        self._source.release(self.tps)
        await self.processor.close()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._observer.failed(error)

    async def _run(self) -> None:
        try:
            await self._work()
        except LostError:
            self._drop()

    async def _work(self) -> None:
        await self._open()
        while not self._stopping:
            await self._wait()
            if self._inbox:
                await self._apply(self._inbox.popleft())
            self._gathered(self._time.fire(self._positions))
            if self._due():
                await self._persist()
        if self._unpersisted:
            await self._persist()

    async def _open(self) -> None:
        committed = await self._source.committed(self.tps)
        self._source.ledger.begin(committed)
        await self.processor.open({tp.topic: offset for tp, offset in committed.items()})
        self._positions = {tp: at for tp, at in committed.items() if at is not None}
        fresh = committed.keys() - self._positions.keys()
        if fresh:
            self._positions |= await self._source.beginning_offsets(fresh)
        self.is_open = True
        self._observer.opened(self)
        self._source.release(self.tps)

    async def _wait(self) -> None:
        """Until there is a batch, a persist or a timer is due, or the end."""
        if self._inbox or self._stopping:
            return
        self._wake.clear()
        left = self._time.left()
        if self._unpersisted:
            persist = max(0.0, self._first_applied + self._cycle() - self._clock())
            left = persist if left is None else min(left, persist)
        try:
            async with asyncio.timeout(left):
                await self._wake.wait()
        except TimeoutError:
            return

    def _due(self) -> bool:
        if not self._unpersisted:
            return False
        if self._unpersisted >= self._pace.commit_records:
            return True
        return self._clock() - self._first_applied >= self._cycle()

    def _cycle(self) -> float:
        """Seconds from the first record that was not persisted to the next persist."""
        waiting = 0
        for tp, position in self._positions.items():
            end = self._source.known_end(tp)
            if end is not None:
                waiting += end - position
        behind = waiting > self._unpersisted
        return self._pace.commit_interval * (_WHILE_BEHIND if behind else 1) * self._share

    async def _apply(self, batch: Batch) -> None:
        if len(self._inbox) < self._pace.inbox_batches:
            self._source.release(self.tps)
        position = self._positions[batch.tp]
        if batch.start is not None and batch.start > position:
            # Records in between were dropped with a batch of another epoch: fetch them again.
            self._inbox = deque(other for other in self._inbox if other.tp != batch.tp)
            await self._source.rewind({batch.tp: position})
            return
        records = batch.records
        if records[0].offset < position:
            records = [record for record in records if record.offset >= position]
        begun = self._clock()
        for first in range(0, len(records), self._pace.slice_records):
            if self._unpersisted >= self._pace.commit_records:
                await self._persist()
            if self._stopping:
                return
            self._apply_slice(batch.tp, records[first : first + self._pace.slice_records])
            await asyncio.sleep(0)  # heartbeats, probes and other partitions
        self._positions[batch.tp] = max(batch.next_offset, self._positions[batch.tp])
        self._observer.observe_batch(self._clock() - begun)

    def _apply_slice(self, tp: TP, records: Sequence[ConsumerRecord]) -> None:
        self._gathered(len(records))
        self.processor.apply(tp.topic, records)
        self._positions[tp] = records[-1].offset + 1

    def _gathered(self, count: int) -> None:
        """So much more has to be persisted."""
        if not self._unpersisted:
            self._first_applied = self._clock()
        self._unpersisted += count

    async def _persist(self) -> None:
        begun = self._clock()
        if not await self._still_ours():
            raise LostError(f"{_names(self.tps)}: not in the group any more")
        positions = dict(self._positions)
        await self.processor.persist({tp.topic: offset for tp, offset in positions.items()})
        self._unpersisted = 0
        self._share = 1.0
        self._source.ledger.advance(positions)
        await self._source.commit()
        self._observer.observe_commit(self._clock() - begun)

    def _drop(self) -> None:
        """Apply and commit nothing more; the group will deal the partition out anew."""
        logger.warning(
            "%s: another worker has it now, dropping what was not persisted", _names(self.tps)
        )
        self._stopping = True
        self._inbox.clear()

    async def _still_ours(self) -> bool:
        """Ask before anything is sent.

        A process that was stopped or starved for longer than the session wakes in the middle of
        its work, while another one has taken its partitions. What it would send now is older than
        what the other has written.
        """
        while True:
            answer = await self._source.is_member()
            if answer is not None:
                return answer
            await asyncio.sleep(_ASK_AGAIN)


def _names(tps: Iterable[TP]) -> str:
    return ", ".join(f"{tp.topic}:{tp.partition}" for tp in sorted(tps))
