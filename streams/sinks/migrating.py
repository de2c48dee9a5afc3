"""One at a time: only who holds the claim changes the tables.

ClickHouse has no locks, but an insert that is confirmed is seen by every query after it. So whoever
wants to migrate writes a claim first and then looks for others'. Of two at the same time at least
one sees the other, and whoever sees another steps back and tries again after a while. A claim is
renewed while its holder lives, and is over :data:`LEASE` after it died.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import uuid4

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error
from tenacity import RetryCallState, Retrying, retry_if_result
from tenacity.wait import wait_random

from streams.errors import Unavailable

LEASE: Final = 60
"""Seconds for which a claim holds that is not renewed."""

_RENEW_EVERY: Final = LEASE / 4
_CLAIMS = """
CREATE TABLE IF NOT EXISTS milepost_migrating
(
    claim   UUID,
    who     String COMMENT 'host and process',
    until   DateTime64(3, 'UTC') COMMENT 'the claim is over then, unless it is renewed',
    renewed UInt64 COMMENT 'how often: the highest counts'
)
ENGINE = ReplacingMergeTree(renewed)
ORDER BY claim
TTL toDateTime(until) + INTERVAL 1 DAY
"""
_CLAIM = """
INSERT INTO milepost_migrating (claim, who, until, renewed)
SELECT {claim:UUID}, {who:String}, now64(3) + INTERVAL {seconds:Int32} SECOND, {renewed:UInt64}
"""
_OTHERS = """
SELECT who
FROM milepost_migrating FINAL
WHERE claim != {claim:UUID} AND until > now64(3)
ORDER BY until DESC
"""


class Claim:
    """What one run asks for, holds and renews.

    Args:
        client: of the database, for the claim alone.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._id = str(uuid4())
        self._who = f"{socket.gethostname()}, process {os.getpid()}"
        self._renewed = 0
        self._holds_until = 0.0

    def try_to_hold(self) -> str | None:
        """Claim; where another does as well, step back and return who that is."""
        self.renew()
        rows: Any = self._client.query(_OTHERS, parameters={"claim": self._id}).result_rows
        if not rows:
            return None
        self.release()
        return str(rows[0][0])

    def renew(self) -> None:
        """Hold it for another :data:`LEASE`."""
        begun = time.monotonic()
        self._write(LEASE)
        self._holds_until = begun + LEASE

    def release(self) -> None:
        """Let others have it."""
        self._write(0)

    def check(self) -> None:
        """Be sure that it still holds.

        Raises:
            Unavailable: it could not be renewed in time, and another run may hold one by now.
        """
        if time.monotonic() >= self._holds_until:
            raise Unavailable("ClickHouse did not answer for too long; run: milepost migrate")

    def keep(self, done: threading.Event) -> None:
        """Renew it from time to time until ``done``."""
        while not done.wait(_RENEW_EVERY):
            with suppress(Error, OSError):  # check() finds out, where that lasts
                self.renew()

    def _write(self, seconds: int) -> None:
        self._renewed += 1
        parameters = {
            "claim": self._id, "who": self._who, "seconds": seconds, "renewed": self._renewed,
        }  # fmt: skip
        self._client.command(_CLAIM, parameters=parameters)


@contextmanager
def only_one(client: Client, on_wait: Callable[[str], None]) -> Iterator[Claim]:
    """Hold the claim, once nobody else has one.

    Args:
        client: of the database, for the claim alone: it is used from a thread of its own.
        on_wait: told who has it, once, where somebody else does.
    """
    client.command(_CLAIMS)
    claim = Claim(client)

    def tell(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None:
            on_wait(state.outcome.result())

    is_taken = retry_if_result(lambda other: other is not None)
    Retrying(retry=is_taken, wait=wait_random(0.2, 2.0), before_sleep=tell)(claim.try_to_hold)
    done = threading.Event()
    thread = threading.Thread(target=claim.keep, args=(done,), name="claim", daemon=True)
    thread.start()
    try:
        yield claim
    finally:
        done.set()
        thread.join()
        claim.release()
