"""How far a partition's tables reach, and which of its owners wrote a record.

Owners are numbered: each one's epoch is higher than that of the one before. It stands in a header
of every changelog record, deletions too, and in the watermark. Another header of the watermark's
record says where its owner answers over HTTP.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

WATERMARK = b"\xc1watermark"
"""Key of the watermark in a changelog. Byte C1 is in no UTF-8 text: no entity has this key."""

_HEADER = "epoch"
_ADDRESS = "http"
_EPOCH = ""
"""Stands beside the names of topics, none of which is empty."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to which offsets a partition's tables are whole."""

    epoch: int = 0
    """Of the owner who wrote it; 0 before there were any."""
    positions: Mapping[str, int] = field(default_factory=dict)
    """Topic → next offset: the source topics, and the changelogs written before this one."""

    def is_behind(self, other: "Watermark") -> bool:
        """Whether the other one is newer: by its owner first."""
        if self.epoch != other.epoch:
            return self.epoch < other.epoch
        return any(self.positions.get(topic, 0) < at for topic, at in other.positions.items())


def encode_watermark(watermark: Watermark) -> bytes:
    """A watermark as it is kept."""
    return orjson.dumps({_EPOCH: watermark.epoch, **watermark.positions})


def decode_watermark(value: bytes | None) -> Watermark:
    """What :func:`encode_watermark` made; the beginning where there is none."""
    positions: dict[str, int] = {} if value is None else orjson.loads(value)
    return Watermark(positions.pop(_EPOCH, 0), positions)


def epoch_headers(epoch: int) -> list[tuple[str, bytes]]:
    """The headers of an owner's changelog records."""
    return [(_HEADER, b"%d" % epoch)]


def epoch_of(headers: Iterable[tuple[str, bytes]]) -> int:
    """The epoch of who wrote a changelog record; 0 where it does not say."""
    return next((int(value) for name, value in headers if name == _HEADER), 0)


def address_header(address: str) -> list[tuple[str, bytes]]:
    """The header that says where the owner answers, ``host:port``; none where it does not."""
    return [(_ADDRESS, address.encode())] if address else []


def address_of(headers: Iterable[tuple[str, bytes]]) -> bytes:
    """Where the owner answers who wrote a watermark; empty where it does not say."""
    return next((value for name, value in headers if name == _ADDRESS), b"")
