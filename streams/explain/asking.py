"""Asking the worker that has the state: found through what it wrote to Kafka, asked over HTTP."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import aiohttp
from aiokafka.errors import KafkaError

from streams.definitions.model import Owner
from streams.errors import MilepostError, Unavailable, UsageError
from streams.explain.answer import Answer
from streams.settings import Settings
from streams.tables import changelogs
from streams.topics import partition_counts
from streams.transport.connection import admin, wait_for_broker
from streams.transport.reading import Changelog
from streams.transport.sender import partition_of
from streams.transport.whereabouts import find_owner

_PATIENCE: Final = 20.0
"""Seconds in which a partition that is on its way to another worker should have arrived."""
_ASK_AGAIN: Final = 0.5
_TIMEOUT: Final = aiohttp.ClientTimeout(total=15)
_ON_ITS_WAY: Final = frozenset(("not_owner", "recovering"))


async def ask(
    settings: Settings, owners: Iterable[Owner], milestone: str | None
) -> dict[Owner, Answer]:
    """What the workers know of those who may be meant; without those that are not known.

    Args:
        settings: where Kafka is, and which application is meant.
        owners: accounts and users.
        milestone: only this one.

    Raises:
        UsageError: there is no such milestone, or it is another kind's.
        Unavailable: Kafka, or the worker, does not answer.
    """
    connection = settings.connection()
    await wait_for_broker(connection, settings.connect_timeout)
    _, users = changelogs(settings.app_id)
    async with admin(connection) as client:
        partitions = (await partition_counts(client)).get(users.topic)
    if partitions is None:
        raise Unavailable(
            f"no worker has run as {settings.app_id} on {settings.bootstrap}: "
            "start one with milepost worker, or give event files (-d DEFS --events FILE...)"
        )
    found: dict[Owner, Answer] = {}
    refused: list[str] = []
    workers: dict[int, _Worker] = {}
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        for owner in owners:
            partition = partition_of((owner[0] or owner[1] or "").encode(), partitions)
            if partition not in workers:
                workers[partition] = _Worker(settings, session, users, partition)
            reply = await workers[partition].ask(owner, milestone)
            if "error" not in reply:
                found[owner] = reply
            elif reply["error"] == "unknown_milestone":
                raise UsageError(reply["detail"])
            elif reply["error"] == "wrong_kind":
                refused.append(reply["detail"])
    if refused and not found:
        raise UsageError(refused[0])
    return found


class _Worker:
    """Whoever has a partition now."""

    def __init__(
        self,
        settings: Settings,
        session: aiohttp.ClientSession,
        marked: Changelog,
        partition: int,
    ) -> None:
        self._settings = settings
        self._session = session
        self._marked = marked
        self._partition = partition
        self._address = ""

    async def ask(self, owner: Owner, milestone: str | None) -> dict[str, Any]:
        """Its reply; one that has just lost the partition, or gets it, is asked again."""
        over = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            reply = await self._ask_once(owner, milestone)
            if reply.get("error") not in _ON_ITS_WAY:
                return reply
            if asyncio.get_running_loop().time() > over:
                raise Unavailable(f"{reply['detail']}: try again in a moment")
            self._address = ""
            await asyncio.sleep(_ASK_AGAIN)

    async def _ask_once(self, owner: Owner, milestone: str | None) -> dict[str, Any]:
        address = self._address = self._address or await self._find()
        asked = {"account": owner[0], "user": owner[1], "milestone": milestone}
        query = {name: value for name, value in asked.items() if value is not None}
        try:
            async with self._session.get(f"http://{address}/explain", params=query) as answer:
                reply: dict[str, Any] = await answer.json()
                return reply
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else str(error)
            raise Unavailable(
                f"the worker that has partition {self._partition} does not answer at"
                f" http://{address}/explain ({reason}): does it run, and is that its address from"
                " here? (MILEPOST_HTTP_ADVERTISE)"
            ) from error

    async def _find(self) -> str:
        try:
            found = await find_owner(self._settings.connection(), self._marked, self._partition)
        except KafkaError as error:
            raise MilepostError(f"topic {self._marked.topic}: cannot be read: {error}") from error
        if found is None:
            raise Unavailable(
                f"no worker of {self._settings.app_id} has said where it answers for partition"
                f" {self._partition}: start one with milepost worker, of this version or newer"
            )
        return found
