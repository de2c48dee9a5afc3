"""Runs a batch app until a signal or a failure, and ends it within a deadline."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from streams.errors import MilepostError
from streams.transport.app import BatchApp

logger = logging.getLogger(__name__)

_COLLECT_EVERY = 60.0
"""Seconds between two searches for reference cycles. Records and states hold none and are many;
only libraries make some, a few a request. Python by itself would look through all of it whenever
enough was made, which took a tenth of the processor's time."""
_CLEANUP = 1.0
"""Seconds for closing what is left after the deadline."""
_ECHO = 0.5
"""Seconds in which a second signal is an echo of the first: what sends one to a process often sends
it to its whole group as well."""
_OBSERVE_EVERY = 1.0
"""Seconds between two looks at the lag."""

_USUAL = ("aiokafka.consumer.group_coordinator", "mode.timers")
"""Loggers that warn of what is no trouble here: every rebalance, every late timer of Faust."""
_REPETITIVE = (
    "aiokafka",
    "aiokafka.conn",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.producer.sender",
)
"""Loggers that tell dozens of times a second that a broker is away."""
_REPEAT_AFTER = 30.0
"""Seconds before they may say the same again."""


class Throttle(logging.Filter):
    """Lets each message of a logger through once in a while.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this was not said lately, whatever the arguments were."""
        now = self._clock()
        last = self._said.get(str(record.msg))
        if last is not None and now - last < _REPEAT_AFTER:
            return False
        self._said[str(record.msg)] = now
        return True


def tame_libraries() -> None:
    """Keep those that talk to brokers from saying the same all the time."""
    for name in _USUAL:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in _REPETITIVE:
        logger_ = logging.getLogger(name)
        if not any(isinstance(known, Throttle) for known in logger_.filters):
            logger_.addFilter(Throttle())


class StoppedError(MilepostError):
    """The process stopped itself before anything wrong could be committed."""


async def run(app: BatchApp, *, deadline: float) -> None:
    """Work until SIGTERM or SIGINT: then persist, commit and leave the group.

    Args:
        app: made by :func:`streams.transport.app.create_batch_app`.
        deadline: seconds in which a stop must be over. A second signal ends at once; either way
            nothing is lost, what was not committed is worked on again.

    Raises:
        MilepostError: the app failed; nothing was committed from then on.
    """
    tame_libraries()
    with _no_automatic_collections():
        await _run_until_signal(app, deadline)


async def _run_until_signal(app: BatchApp, deadline: float) -> None:
    async with signals() as stop:
        failure = app.group.failure
        starting = asyncio.create_task(app.start(), name="start")
        watching = asyncio.create_task(_watch(app), name="watch")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            waiting: set[asyncio.Future[Any]] = {stopped, failure, starting}
            while not stopped.done() and not failure.done():
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                waiting.discard(starting)
                if starting.done() and (error := starting.exception()) is not None:
                    app.group.failed(error)
        finally:
            watching.cancel()
            stopped.cancel()
        await _end(app, starting, deadline)
    if failure.done():
        raise _in_one_line(failure.result()) from failure.result()


async def _end(app: BatchApp, starting: "asyncio.Task[None]", deadline: float) -> None:
    """Stop the app; what does not stop in time is left behind, it has nothing left to commit."""
    loop = asyncio.get_running_loop()
    over = loop.time() + deadline
    if app.group.failure.done():
        await app.group.abandon()
    else:
        logger.info("stopping: persisting and committing what was worked on")
        # A little is kept back for leaving the group, or others wait for the session to run out.
        await app.group.stop(deadline * 0.7)
    starting.cancel()
    stopping = asyncio.create_task(app.stop(), name="app.stop")
    _, late = await asyncio.wait({stopping}, timeout=max(1.0, over - loop.time() - _CLEANUP))
    if late:
        logger.warning("the group was not left in time: it will notice after the session timeout")
        _leave_soon()
    elif (error := stopping.exception()) is not None:
        logger.warning("while stopping: %s", error)


def _leave_soon() -> None:
    """End the process though a thread of a library still waits for a broker.

    Nothing is left to be lost, and whoever sent the signal counts the seconds.
    """
    timer = threading.Timer(_CLEANUP, os._exit, (1,))
    timer.daemon = True
    timer.start()


async def _watch(app: BatchApp) -> None:
    collected = time.monotonic()
    while True:
        await asyncio.sleep(_OBSERVE_EVERY)
        if app.group.working:
            app.group.observe_lag()
        if time.monotonic() - collected >= _COLLECT_EVERY:
            gc.collect()
            collected = time.monotonic()


@contextmanager
def _no_automatic_collections() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what the program is made of stays for good: no search needs to look at it
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@asynccontextmanager
async def signals() -> AsyncIterator[asyncio.Event]:
    """An event that is set by the first SIGTERM or SIGINT; the second ends the process."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    first = 0.0

    def on_signal(number: int) -> None:
        nonlocal first
        if not stop.is_set():
            first = loop.time()
        elif loop.time() - first > _ECHO:
            sys.stderr.write("stopped at once\n")
            sys.stderr.flush()
            os._exit(128 + number)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _in_one_line(error: BaseException) -> MilepostError:
    if isinstance(error, MilepostError):
        return error
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
    logger.debug("the error in full", exc_info=error)
    text = " ".join(str(error).split())
    return StoppedError(
        f"stopped before committing anything more: {type(error).__name__}: {text}{place}"
    )
