"""Records as they are read from the source topics, and as they go on to another partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from schemas.dead_letters import Reason
from schemas.events import Event
from streams.errors import Rejected

ORIGIN_HEADER: Final = "milepost_origin"
"""Where a forwarded record was found: ``partition:offset:timestamp``."""

Headers = Sequence[tuple[str, bytes]]


class Record(Protocol):
    """As much of a Kafka record as is read here."""

    @property
    def key(self) -> bytes | None:
        """As the producer gave it."""

    @property
    def value(self) -> bytes | None:
        """``None`` for a tombstone."""

    @property
    def headers(self) -> Headers:
        """Names and values."""

    @property
    def timestamp(self) -> int:
        """Kafka's time of the record (in files: now), epoch milliseconds."""

    @property
    def offset(self) -> int:
        """Grows only."""


@dataclass(frozen=True, slots=True)
class Forward:
    """A record whose account lives in another partition: it goes there through repartition."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def forward(record: Record, event: Event, partition: int) -> Forward:
    """The record, found in ``partition``, on its way to its account's."""
    key = (event.account_id if event.account_id is not None else event.user_id or "").encode()
    found = b"%d:%d:%d" % (partition, record.offset, record.timestamp)
    return Forward(key, record.value, [*(record.headers or ()), (ORIGIN_HEADER, found)])


def origin(headers: Headers) -> tuple[tuple[int, int, int], Headers]:
    """Where a forwarded record was found (partition, offset, time), and the headers it had there.

    Raises:
        Rejected: they do not say.
    """
    rest = [header for header in headers if header[0] != ORIGIN_HEADER]
    for name, value in headers:
        if name == ORIGIN_HEADER:
            parts = value.split(b":")
            if len(parts) == 3 and all(part.lstrip(b"-").isdigit() for part in parts):
                source, offset, recorded_at = map(int, parts)
                return (source, offset, recorded_at), rest
    detail = f"a repartitioned record needs the header {ORIGIN_HEADER}"
    raise Rejected(Reason.MISSING_FIELD, ORIGIN_HEADER, detail)
