"""Processes that never outlive the tests, not even tests killed with -9.

A small process of its own holds the read end of a pipe. What is started is written into the
pipe; when the pipe closes, because the tests ended in whatever way, everything still on the
list is killed.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from tests.services.forking import Forked


class Reaper:
    """Starts processes in groups of their own and kills the groups when the tests end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        atexit.register(self.close)

    def start(
        self,
        command: Sequence[object],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdout: IO[bytes],
        stderr: IO[bytes] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start ``command``; without ``stderr`` both streams go to ``stdout``."""
        process = subprocess.Popen(
            [str(part) for part in command],
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr or subprocess.STDOUT,
            start_new_session=True,
        )
        self.adopt(process.pid)
        return process

    def adopt(self, pid: int) -> None:
        """Kill this group, too, when the tests end."""
        self._tell(f"+{pid}")

    def stop(self, process: "subprocess.Popen[bytes] | Forked", *, patience: float = 10) -> int:
        """Ask with SIGTERM, insist with SIGKILL after ``patience`` seconds; the exit code."""
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                kill_group(process.pid)
        code = process.wait()
        kill_group(process.pid)
        self._tell(f"-{process.pid}")
        return code

    def close(self) -> None:
        """Kill what is left and end."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def kill_group(pid: int) -> None:
    """Kill the process group ``pid``, if any of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _main() -> None:
    alive: set[int] = set()
    for line in sys.stdin:
        (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
    for pid in alive:
        kill_group(pid)


if __name__ == "__main__":
    _main()
