"""The demo's child processes: started, watched, and ended with it, however it ends."""

import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.errors import Unavailable

_PR_SET_PDEATHSIG = 1
_PATIENCE = 20.0
"""Seconds that a child has to end by itself."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process and the file that holds what it says."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


class Family:
    """The children of this process.

    Each is in a session of its own, so that a Ctrl-C in the terminal reaches the demo alone, which
    then ends them in order. On Linux the kernel kills them when the demo is killed.

    Args:
        folder: where the children's logs go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[Child] = []

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start a process; its output goes to ``NAME.log``."""
        log = self._folder / f"{name}.log"
        with log.open("ab") as stream:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                preexec_fn=_die_with_parent if _LIBC else None,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self) -> None:
        """Raise ``Unavailable`` where a child has ended that nobody told to."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise Unavailable(
                    f"the demo's {child.name} ended with code {code}: see {child.log}"
                )

    def stop(self, child: Child) -> None:
        """End a child and wait for it: asked first, killed if it does not listen."""
        self._children.remove(child)
        child.process.terminate()
        try:
            child.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()

    def close(self) -> None:
        """End every child, the youngest first."""
        while self._children:
            self.stop(self._children[-1])


def free_port() -> int:
    """A port on this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def answers(address: str) -> bool:
    """Whether something listens at ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


# Loaded before any fork: between fork and exec nothing may allocate.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
