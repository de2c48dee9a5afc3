"""Milepost's processes, forked from one that has imported everything, which makes starts short.

They are processes like any other: of a session of their own, killed by signals, told by their exit
code. What they share is the seed of Python's hashes; where that matters, or on Apache Kafka, where
things are proven, they are started as users start them.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any

CHECKOUT = Path(__file__).parents[2]
IMPORTED = ("streams.cli.main", "streams.app", "streams.sink", "streams.watch")
POLLED_EVERY = 0.02
"""Seconds."""


class ForkServer:
    """The process that the others are forked from; it ends when this one does."""

    def __init__(self) -> None:
        self._channel, other = socket.socketpair()
        self._lock = Lock()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(other.fileno())],
                cwd=CHECKOUT,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        streams: tuple[int, int, int],
    ) -> "Forked":
        """Run ``python -m module`` with these arguments.

        Args:
            module: its name.
            arguments: of the command line.
            env: the whole environment.
            cwd: where it runs.
            streams: file descriptors of its standard input, output and error.
        """
        asked = {"module": module, "arguments": arguments, "env": dict(env), "cwd": str(cwd)}
        return Forked(self, self._ask(asked, streams))

    def poll(self, pid: int) -> int | None:
        """The exit code of what was started; ``None`` while it runs."""
        code: int | None = self._ask({"pid": pid}, ())
        return code

    def _ask(self, asked: Mapping[str, Any], fds: Sequence[int]) -> Any:
        line = json.dumps(asked).encode() + b"\n"
        with self._lock:
            socket.send_fds(self._channel, [line[:1]], fds)
            self._channel.sendall(line[1:])
            return json.loads(_line(self._channel))

    def close(self) -> None:
        """End it; what it has started is not touched."""
        self._channel.close()
        self._process.wait()


class Forked:
    """A process, as :class:`subprocess.Popen` has it."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.poll(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(POLLED_EVERY)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _server() -> ForkServer:
    server = ForkServer()
    atexit.register(server.close)
    return server


def fork(
    module: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    stdout: IO[bytes],
    stderr: IO[bytes],
    stdin: IO[bytes] | None = None,
    cwd: Path = CHECKOUT,
) -> Forked:
    """Start ``python -m module`` with these arguments and this environment."""
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        streams = (stdin or nothing).fileno(), stdout.fileno(), stderr.fileno()
        return _server().start(module, arguments, env=env, cwd=cwd, streams=streams)


def finished(
    module: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    cwd: Path = CHECKOUT,
    within: float = 120,
) -> "subprocess.CompletedProcess[bytes]":
    """Run ``python -m module`` to its end.

    Raises:
        subprocess.TimeoutExpired: it had not ended by then, and was killed.
    """
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        whole = os.environ if env is None else env
        process = fork(module, arguments, env=whole, stdin=given, stdout=out, stderr=err, cwd=cwd)
        try:
            code = process.wait(within)
        finally:
            process.kill()
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, out.read(), err.read())


def _line(channel: socket.socket) -> bytes:
    got = bytearray()
    while not got.endswith(b"\n"):
        some = channel.recv(1 << 16)
        if not some:
            raise EOFError
        got += some
    return bytes(got)


def _serve(channel: socket.socket) -> None:
    while True:
        first, fds, _, _ = socket.recv_fds(channel, 1, 3)
        if not first:
            return
        asked = json.loads(first + _line(channel))
        if "pid" in asked:
            pid, status = os.waitpid(asked["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if not answer:
                channel.close()
                _become(asked, fds)
                return
        for fd in fds:
            os.close(fd)
        channel.sendall(json.dumps(answer).encode() + b"\n")


def _become(asked: Mapping[str, Any], fds: Sequence[int]) -> None:
    os.setsid()
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = [asked["module"], *asked["arguments"]]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


def _main(descriptor: int) -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # or a collection in a child would copy all of it
    _serve(socket.socket(fileno=descriptor))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
