"""Wires ``milepost watch``: settings, definitions, ClickHouse, Kafka, probes; and its schedule."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential, wait_random

from streams.agents.persist import FIRST_WAIT, LONGEST_WAIT
from streams.definitions import load
from streams.definitions.model import Definitions
from streams.errors import Unavailable
from streams.health import HealthServer
from streams.settings import Settings
from streams.status import Status
from streams.transport.connection import decide_idempotence, wait_for_broker
from streams.transport.sender import Delivery, Sender
from streams.transport.service import signals, tame_libraries
from streams.transport.timekeeper import wall_clock
from streams.watches.files import DECISIONS, Watch, read_watches
from streams.watches.metrics import WatchMetrics
from streams.watches.rounds import Round, Watcher
from streams.watches.stream import Stream
from streams.watches.warehouse import Warehouse

logger = logging.getLogger(__name__)

SETTLE = 30_000
"""Milliseconds from an instant of the schedule to its round: until then, what had happened by that
instant is on its way to ClickHouse."""


async def once(settings: Settings) -> tuple[Sequence[Watch], Round]:
    """Do the round of the newest instant; returns what was asked and what was found.

    Raises:
        DefinitionsError, SettingsError: what it was given cannot work.
        Unavailable: ClickHouse or Kafka is away.
        MilepostError: a topic is missing.
    """
    watches = read_watches(DECISIONS)
    async with _watcher(settings, watches, WatchMetrics(watches)) as watcher:
        return watches, await watcher.round(_instant(settings))


async def serve(settings: Settings) -> None:
    """Do a round at each instant of the schedule until SIGTERM or SIGINT.

    ClickHouse being away ends nothing: the round is tried again until it is back.

    Raises:
        DefinitionsError, SettingsError: what it was given cannot work.
        Unavailable: no broker answers, or the port of the probes is taken.
        MilepostError: a topic is missing.
    """
    watches = read_watches(DECISIONS)
    status = Status()
    # Nothing is assigned to it and nothing recovered: it is ready once it has its first answers.
    status.assign(())
    status.recover()
    status.wait_for("ClickHouse")
    metrics = WatchMetrics(watches)
    health = HealthServer(
        status, metrics.registry, host=settings.http_host, port=settings.http_port
    )
    await health.start()
    try:
        async with signals() as stop, _watcher(settings, watches, metrics) as watcher:
            await _until(stop, _rounds(watcher, settings, status), settings.shutdown_timeout)
    finally:
        await health.stop()


@asynccontextmanager
async def _watcher(
    settings: Settings, watches: Sequence[Watch], metrics: WatchMetrics
) -> AsyncIterator[Watcher]:
    definitions = load(settings.definitions)
    warehouse = Warehouse(settings.clickhouse_dsn.get_secret_value())
    try:
        async with _stream(settings, definitions) as stream:
            yield Watcher(watches, definitions, warehouse, stream, metrics)
    finally:
        warehouse.close()


@asynccontextmanager
async def _stream(settings: Settings, definitions: Definitions) -> AsyncIterator[Stream | None]:
    """Kafka, where the definitions leave something to the stream."""
    if not definitions.baselines and not any(one.fallback for one in definitions.scores.values()):
        yield None
        return
    tame_libraries()
    connection = settings.connection()
    await wait_for_broker(connection, settings.connect_timeout)
    idempotent = await decide_idempotence(connection, settings.idempotence)
    sender = Sender(connection, Delivery(idempotent, record_bytes=settings.max_message_bytes))
    await sender.start()
    try:
        for topic in (settings.events_topic, settings.qualifications_topic):
            await sender.partitions(topic)
        yield Stream(sender, definitions, settings.events_topic, settings.qualifications_topic)
    finally:
        await sender.stop()


async def _rounds(watcher: Watcher, settings: Settings, status: Status) -> None:
    """A round for each instant, for ever."""

    def before_retry(state: RetryCallState) -> None:
        status.wait_for("ClickHouse")
        error = state.outcome.exception() if state.outcome else None
        logger.warning("%s; watching goes on in %.1f s", error, state.upcoming_sleep)

    while True:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_exponential(FIRST_WAIT, LONGEST_WAIT) + wait_random(0, FIRST_WAIT),
            before_sleep=before_retry,
        ):
            with attempt:
                done = await watcher.round(_instant(settings))
        status.wait_for(None)
        found = sum(map(len, done.answers.values()))
        logger.info("%d answers to %d watches", found, len(done.answers))
        following = done.at + _interval(settings) + SETTLE
        await asyncio.sleep(max(0.0, (following - wall_clock()) / 1000))


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None], deadline: float) -> None:
    """Work until told to stop, or until the work fails."""
    working = asyncio.create_task(work, name="rounds")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        logger.info("stopping")
        # A question may take longer than whoever sent the signal waits; nothing is lost with it.
        late = threading.Timer(deadline, os._exit, (1,))
        late.daemon = True
        late.start()
        working.cancel()
        await asyncio.wait({working})
        late.cancel()
    else:
        stopped.cancel()
        await working


def _interval(settings: Settings) -> int:
    return round(settings.watch_interval * 1000)


def _instant(settings: Settings) -> int:
    """The newest instant of the schedule that has settled."""
    interval = _interval(settings)
    return (wall_clock() - SETTLE) // interval * interval
