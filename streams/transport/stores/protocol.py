"""What every store of tables does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

Changes = Iterable[tuple[bytes, bytes | None]]
"""Key and new value of entries; ``None`` deletes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a table is."""

    entries: int
    size: int
    """Bytes of keys and values; an estimate on disk."""


class Store(Protocol):
    """The tables of one partition, and how far in its changelog each one is.

    Empty values are values: only ``None`` deletes.
    """

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, ``None`` where there is none."""

    def scan(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values, in any order; the table must not be written meanwhile."""

    def keys(self, table: str, prefix: bytes) -> list[bytes]:
        """The keys that begin with these bytes, in any order."""

    def write(self, table: str, changes: Changes, next_offset: int | None) -> None:
        """Apply changes, and with them, at once, the changelog offset that follows them.

        Args:
            table: its name.
            changes: in order.
            next_offset: ``None`` leaves it as it is.
        """

    def next_offset(self, table: str) -> int:
        """The first changelog offset that the table does not contain, 0 for all of it."""

    def clear(self) -> None:
        """Forget everything: the changelog is not the one that this was read from."""

    def size(self, table: str) -> Size:
        """How large a table is."""

    def close(self) -> None:
        """Free it; on disk it stays."""
