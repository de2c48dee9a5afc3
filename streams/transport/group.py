"""The partitions that are assigned now, each with its runner."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Protocol

from faust.types import TP

from streams.status import Status
from streams.transport.batches import Batch
from streams.transport.processor import Pace, Processors
from streams.transport.runner import PartitionRunner
from streams.transport.source import Source

logger = logging.getLogger(__name__)


class Durations(Protocol):
    """Where times go, in seconds; :class:`streams.metrics.Metrics` is one."""

    def observe_batch(self, seconds: float) -> None:
        """A batch was applied."""

    def observe_commit(self, seconds: float) -> None:
        """A commit cycle ended well."""

    def observe_timers(self, late: float) -> None:
        """Timers fired, the first of them so late."""


class Group:
    """Assignment makes runners, revocation and stop end them; a failure ends the process.

    Args:
        processors: makes the processor of a partition number.
        pace: how much gathers.
        status: told of assignment, recovery and failure.
        durations: told how long things took.
    """

    def __init__(
        self, processors: Processors, pace: Pace, status: Status, durations: Durations
    ) -> None:
        self._processors = processors
        self._pace = pace
        self._status = status
        self._durations = durations
        self._runners: dict[int, PartitionRunner] = {}
        self._source: Callable[[], Source] | None = None
        self._tell_assigned: Callable[[Iterable[int]], None] | None = None
        self._stopped = False
        self._failure: asyncio.Future[BaseException] | None = None
        self.observe_batch = durations.observe_batch
        self.observe_commit = durations.observe_commit
        self.observe_timers = durations.observe_timers

    def attach(self, source: Callable[[], Source]) -> None:
        """Say where the consumer is found; it is made only when the app starts."""
        self._source = source

    def when_assigned(self, tell: Callable[[Iterable[int]], None]) -> None:
        """Have ``tell`` called with the partition numbers of each assignment, before any opens."""
        self._tell_assigned = tell

    @property
    def working(self) -> bool:
        """Whether any partition is assigned."""
        return bool(self._runners)

    @property
    def failure(self) -> "asyncio.Future[BaseException]":
        """Done, with the reason, when the process has to stop before any further commit."""
        if self._failure is None:
            self._failure = asyncio.get_running_loop().create_future()
        return self._failure

    def failed(self, error: BaseException) -> None:
        """Something broke that must not be committed over; the first reason stays.

        May be called from any thread: Faust's consumer has its own.
        """
        with suppress(RuntimeError):  # the loop is closed: it is over anyway
            self.failure.get_loop().call_soon_threadsafe(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self._status.crash(str(error) or type(error).__name__)
            self.failure.set_result(error)

    async def on_assigned(self, assigned: Iterable[TP]) -> None:
        """The group dealt out partitions: one runner for each partition number."""
        if self._stopped or self._source is None:
            return
        source = self._source()
        by_number: dict[int, set[TP]] = {}
        for tp in assigned:
            by_number.setdefault(tp.partition, set()).add(tp)
        self._status.assign((tp.topic, tp.partition) for tps in by_number.values() for tp in tps)
        if self._tell_assigned is not None:
            self._tell_assigned(by_number)
        for number, tps in sorted(by_number.items()):
            processor = self._processors(number)
            runner = PartitionRunner(frozenset(tps), processor, source, self._pace, self)
            self._runners[number] = runner
            runner.start()
        logger.info("assigned partitions: %s", sorted(by_number) or "none")
        self._tell_if_recovered()

    async def on_revoked(self, _revoked: Iterable[TP]) -> None:
        """The group takes all partitions back: persist, commit and forget, within bounds."""
        await self._end_runners(self._pace.revoke_timeout)

    async def stop(self, timeout: float) -> None:  # noqa: ASYNC109 - a bound for several steps
        """Persist, commit and forget for good, within ``timeout`` seconds."""
        self._stopped = True
        await self._end_runners(timeout)

    async def abandon(self) -> None:
        """End at once and commit nothing: what was not persisted will be worked on again."""
        self._stopped = True
        runners, self._runners = self._runners, {}
        await asyncio.gather(*(runner.abandon() for runner in runners.values()))

    def committed(self, offsets: Mapping[TP, int]) -> None:
        """The broker has acknowledged a commit."""
        for tp in offsets:
            self._status.commit(tp.topic, tp.partition)

    def observe_lag(self) -> None:
        """Tell the status how far each partition is behind its log's end, as last fetched."""
        if self._source is None:
            return
        source = self._source()
        for runner in self._runners.values():
            for tp in runner.tps:
                end = source.known_end(tp)
                if end is not None:
                    lag = max(0, end - source.ledger.committed(tp))
                    self._status.observe_lag(tp.topic, tp.partition, lag)

    async def _end_runners(self, timeout: float) -> None:  # noqa: ASYNC109
        runners, self._runners = self._runners, {}
        await asyncio.gather(*(runner.stop(timeout) for runner in runners.values()))
        self._status.revoke()
        if runners and self._source is not None:
            for runner in runners.values():
                self._source().ledger.forget(runner.tps)

    def deliver(self, batch: Batch) -> None:
        """Hand a fetched batch to its runner; without one it belongs to an assignment gone by."""
        runner = self._runners.get(batch.tp.partition)
        if runner is not None and batch.tp in runner.tps:
            runner.offer(batch)

    def opened(self, _runner: PartitionRunner) -> None:
        """A partition's state is back."""
        self._tell_if_recovered()

    def _tell_if_recovered(self) -> None:
        if all(runner.is_open for runner in self._runners.values()):
            self._status.recover()
            if self._runners:
                logger.info("all %d partitions are recovered: working", len(self._runners))
