"""Tells workers what was settled, and subscribers why."""

import asyncio
import logging
from collections.abc import Iterable, Mapping

import orjson

from schemas.encoding import fallback_headers, fallback_message
from schemas.fallbacks import FallbackSwitch
from schemas.parameters import CONTROL_ACCOUNT, FALLBACK, parameter_set
from schemas.rows import ParameterRow
from streams.definitions.model import Definitions, Fallback
from streams.transport.sender import Outgoing, Sender

logger = logging.getLogger(__name__)

_KEY = CONTROL_ACCOUNT.encode()


class Stream:
    """Sends each parameter to every partition of the events topic, in whatever order others write.

    What this process has sent it does not send again. The newest value of each it sends once, also
    where it was settled before: whoever settled it may have ended before it was sent.

    Args:
        sender: started and stopped by the caller.
        definitions: the scores that have a fallback.
        events: the events topic.
        qualifications: where subscribers are told of fallbacks.
    """

    def __init__(
        self, sender: Sender, definitions: Definitions, events: str, qualifications: str
    ) -> None:
        self._sender = sender
        self._fallbacks = _fallbacks(definitions)
        self._events = events
        self._qualifications = qualifications
        self._sent: set[tuple[str, int]] = set()

    async def send(self, rows: Iterable[ParameterRow]) -> None:
        """Return once the events of all rows are acknowledged; a broker that is away is waited for.

        Raises:
            MilepostError: no retry will get one through.
        """
        for row in rows:
            if (row.name, row.at) not in self._sent:
                await self._set(row)
                if row.name in self._fallbacks:
                    await self._announce(_switch(row, *self._fallbacks[row.name]))
                self._sent.add((row.name, row.at))

    async def _set(self, row: ParameterRow) -> None:
        event = orjson.dumps(parameter_set(row.name, row.value, row.at))
        partitions = range(await self._sender.partitions(self._events))
        await asyncio.gather(
            *(self._sender.append(self._events, number, [(_KEY, event, [])])
              for number in partitions)
        )  # fmt: skip
        logger.info("set %s to %g in %d partitions", row.name, row.value, len(partitions))

    async def _announce(self, switch: FallbackSwitch) -> None:
        value, headers = orjson.dumps(fallback_message(switch)), fallback_headers(switch)
        await self._sender.send([Outgoing(self._qualifications, _KEY, value, headers)])


def _fallbacks(definitions: Definitions) -> Mapping[str, tuple[str, Fallback]]:
    """Parameter → the score that it switches, and to what."""
    return {
        FALLBACK + name: (name, score.fallback)
        for name, score in definitions.scores.items()
        if score.fallback is not None
    }


def _switch(row: ParameterRow, score: str, fallback: Fallback) -> FallbackSwitch:
    return FallbackSwitch(
        type="score.fell_back" if row.value == 1 else "score.recovered",
        score=score,
        fallback=fallback.score.name,
        occurred_at=row.at,
        value=row.share or 0.0,
        above=fallback.above,
        judged=row.sample_size,
    )
