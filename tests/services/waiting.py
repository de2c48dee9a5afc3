"""Waiting for a condition with a deadline, instead of sleeping for luck."""

import os
import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, within: float, what: str, every: float = 0.1) -> T:
    """The first true value of ``condition``.

    Raises:
        TimeoutError: ``what`` did not come true within ``within`` seconds.
    """
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within:g} s: {what}")
        time.sleep(every)
    return value


def free_port() -> int:
    """A port that nothing listens on now, and that no other worker of pytest-xdist is given.

    Between the question and the listening another worker may ask the same: each has ports of its
    own. (Pairs of ports, for Linux answers with odd ones alone.)
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while (port := _any_free_port()) // 2 % workers != own:
        pass
    return port


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(address: str) -> bool:
    """Whether something accepts connections at ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False
