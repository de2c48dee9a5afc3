"""One run of the demo: start the system, play the story, wait for its end, compare both ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiokafka.errors import KafkaError

from streams import queries
from streams.definitions import load
from streams.definitions.model import Definitions
from streams.demo.board import Board
from streams.demo.kafka import Feeder, Watcher
from streams.demo.summary import Stored, Summary
from streams.demo.system import System
from streams.demo.traffic import arrivals
from streams.demo.units import DAY
from streams.errors import Unavailable
from streams.facts import Facts
from streams.queries.kpis import latest
from streams.sinks.clickhouse import connect

STORY_DAYS = 56
"""Days of event time that the story covers; it ends now, as events may not come from later."""
_PLAYING_TIME = 60.0
"""Seconds that the story takes where nobody says otherwise."""
_POLL = 0.5
"""Seconds between two questions for what the groups have committed."""
_BEHIND = 3.0
"""Seconds that a record may take to the worker, also one that it forwards to itself; in the story
these are days, and nothing that is due in them may come before it."""
_STALLED = 120.0
"""Seconds without progress after which the demo stops waiting; its checks tell the rest."""
_QUIET = 1.0
"""Seconds without a record after which nothing more is expected."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose."""

    seed: int
    accounts: int
    seconds: float | None
    """When to end by itself, counted from the first event; ``None``: when told to."""
    speed: float | None
    """Days of event time a second; ``None``: the whole story in the time there is."""

    @property
    def playing_time(self) -> float:
        """Seconds that the story takes, whether it ends before or not."""
        return STORY_DAYS / self.speed if self.speed else self.seconds or _PLAYING_TIME

    @property
    def pace(self) -> float:
        """Milliseconds of event time a second."""
        return STORY_DAYS * DAY / self.playing_time


class Demo:
    """One run.

    Args:
        options: what the user chose.
        definitions: the file that the worker runs.
        folder: for logs and ClickHouse.
        tell: called often with what is going on, to draw it.
        linger: whether to wait for ``stop`` when the story is over and no time was set.
    """

    def __init__(
        self,
        options: Options,
        definitions: Path,
        folder: Path,
        tell: Callable[[Board, str], None],
        *,
        linger: bool,
    ) -> None:
        self._options = options
        self._linger = linger and options.seconds is None
        behind = options.pace * _BEHIND
        self._definitions = load(definitions)
        self._board = Board(behind=round(behind), known=Facts(self._definitions.roles))
        self._tell = partial(tell, self._board)
        self._system = System(folder, definitions, behind / 1000)
        self._stop = asyncio.Event()
        self._polled = 0.0
        self.playing = False
        """Whether there is a story that ``stop`` can end."""

    def stop(self) -> None:
        """Send nothing more, and come to an end in good order."""
        self._stop.set()

    async def run(self) -> Summary:
        """Everything from start to end.

        Raises:
            UsageError: the ``embedded`` extra is missing.
            Unavailable: a process did not start or did not stay; the text names its log.
        """
        try:
            await self._system.start(self._tell)
            seconds = await self._play()
            stored = await asyncio.to_thread(_stored, self._system.dsn, self._definitions)
        except KafkaError as error:
            raise Unavailable(f"the demo's broker does not answer: {error!r}") from error
        finally:
            self._system.close()
        return Summary(self._board, stored, seconds)

    async def _play(self) -> float:
        async with AsyncExitStack() as stack:
            feeder = Feeder(self._system.bootstrap, self._board)
            watcher = Watcher(self._system.bootstrap, self._board)
            for end in (feeder, watcher):
                await end.start()
                stack.push_async_callback(end.stop)
            seconds = await self._feed(feeder, watcher)
            await feeder.flush()
            await self._drain(watcher)
        return seconds

    async def _feed(self, feeder: Feeder, watcher: Watcher) -> float:
        """Send the story at its pace; returns how many seconds that took."""
        end = time.time_ns() // 1_000_000
        start = end - STORY_DAYS * DAY
        pace = self._options.pace
        begin: float | None = None
        drawn = 0.0
        options = self._options
        story = arrivals(
            self._definitions, seed=options.seed, accounts=options.accounts, start=start, end=end
        )
        for arrival in story:
            if begin is None:
                # The first goes alone: until the worker has it, there is nothing to look at.
                await feeder.send(arrival)
                await self._until_working(watcher)
                begin = time.monotonic()
                self.playing = True
                continue
            while not self._over(begin) and (
                arrival.at > start + (time.monotonic() - begin) * pace
                or time.monotonic() - drawn > _POLL
            ):
                await self._look(watcher, "Ctrl-C ends it")
                drawn = time.monotonic()
            if self._over(begin):
                break
            await feeder.send(arrival)
        while self._linger and not self._stop.is_set():
            await self._look(watcher, "the story has reached today; Ctrl-C for the summary")
        return time.monotonic() - (begin or time.monotonic())

    def _over(self, begin: float) -> bool:
        seconds = self._options.seconds
        out_of_time = seconds is not None and time.monotonic() - begin > seconds
        return out_of_time or self._stop.is_set()

    async def _until_working(self, watcher: Watcher) -> None:
        deadline = time.monotonic() + _STALLED
        while not self._board.processed:
            await self._look(watcher, "the worker joins its group")
            if time.monotonic() > deadline:
                raise Unavailable(f"the demo's worker did not begin within {_STALLED:.0f} seconds")

    async def _drain(self, watcher: Watcher) -> None:
        """Wait for the worker, end it, wait for the sink, end that."""
        board = self._board
        since, before = time.monotonic(), -1
        while board.processed < board.sent and time.monotonic() - since < _STALLED:
            if board.processed != before:
                since, before = time.monotonic(), board.processed
            await self._look(watcher, "the worker finishes what was sent")
        await self._settle(watcher, watcher.worker_has_everything, "the worker finishes")
        await self._system.stop_worker()
        await self._settle(watcher, watcher.sink_has_everything, "the sink writes what came last")
        await self._system.stop_sink()

    async def _settle(
        self, watcher: Watcher, has_everything: Callable[[], Awaitable[bool]], phase: str
    ) -> None:
        """Wait until nothing more comes out, and a group has everything that goes to it."""
        begin = came = time.monotonic()
        while time.monotonic() - begin < _STALLED:
            self._system.check()
            self._tell(phase)
            if await watcher.read():
                came = time.monotonic()
            # The embedded broker's word for where a topic ends may be old: it has to stay quiet.
            elif (
                time.monotonic() - came > _QUIET
                and await watcher.at_the_end()
                and await has_everything()
            ):
                return

    async def _look(self, watcher: Watcher, phase: str) -> None:
        """Take what the worker published, and draw. Lasts a moment, which paces the callers."""
        self._system.check()
        await watcher.read()
        if time.monotonic() - self._polled > _POLL:
            self._board.count_processed(await watcher.processed(), time.monotonic())
            self._polled = time.monotonic()
        self._tell(phase)


def _stored(dsn: str, definitions: Definitions) -> Stored:
    client = connect(dsn)
    try:
        totals = queries.summary(client)
        journeys = {
            journey.name: queries.journey_counts(
                client, journey.steps, of=journey.of, within=journey.within
            )
            for journey in definitions.journeys.values()
        }
        return Stored(
            totals.milestones,
            totals.events,
            totals.leads,
            journeys,
            totals.excluded,
            totals.facts,
            latest(client, definitions, time.time_ns() // 1_000_000),
        )
    finally:
        client.close()
