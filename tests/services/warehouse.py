"""ClickHouse to test against: chDB behind HTTP, in a process that can be killed and come back."""

import atexit
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from streams.sinks.clickhouse import connect
from streams.sinks.migrations import migrate
from tests.services.reaper import Reaper, kill_group
from tests.services.waiting import answers, free_port, wait_until

PROGRAM = Path(__file__).with_name("clickhouse_http.py")


class ClickHouse:
    """One server, its data in ``folder``; its port stays the same over restarts."""

    def __init__(self, reaper: Reaper, folder: Path) -> None:
        self._reaper = reaper
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.dsn = f"clickhouse://127.0.0.1:{self._port}/milepost?compress=false"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self._folder / "clickhouse.log").open("ab") as log:
            command = [sys.executable, "-P", PROGRAM, self._folder / "data", str(self._port)]
            process = self._process = self._reaper.start(command, stdout=log)

        def ready() -> bool:
            assert process.poll() is None, f"ClickHouse ended, see {self._folder}"
            return answers(f"127.0.0.1:{self._port}")

        wait_until(ready, within=60, what="ClickHouse answers")

    def kill_after(self, seconds: float) -> None:
        """Kill it while the caller goes on."""
        assert self._process is not None
        threading.Timer(seconds, kill_group, [self._process.pid]).start()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()
            self._process = None


@contextmanager
def own_database(dsn: str) -> Iterator[str]:
    """The DSN of a database on the same server that nothing has created yet."""
    name = f"milepost_test_{uuid.uuid4().hex}"
    own = urlsplit(dsn)._replace(path=f"/{name}").geturl()
    try:
        yield own
    finally:
        client = connect(dsn, database="default")
        client.command(f"DROP DATABASE IF EXISTS {name}")
        client.close()


def migrated(folder: Path) -> str:
    """The DSN of an embedded ClickHouse in the folder that has every table and no rows.

    It is a copy of one that this process has made once: that takes a tenth of the time.
    """
    shutil.copytree(_template(), folder, symlinks=True, dirs_exist_ok=True)
    return f"chdb://{folder}"


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="milepost-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    list(migrate(f"chdb://{folder}"))
    return folder
