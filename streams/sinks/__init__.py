"""Where results are persisted.

A sink takes rows and makes them durable. It decides nothing: which row wins over which is the
store's own rule (see ``deploy/clickhouse``), and rows are absolute, so a caller that does not
know whether rows arrived writes them again.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from schemas.rows import Row


class Sink(Protocol):
    """One protocol for every store. Not thread safe: one caller at a time."""

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows; nothing is durable yet. Never blocks on the store."""

    def flush(self) -> Mapping[str, int]:
        """Make durable all that was taken, and tell how many rows of each table that were.

        Raises:
            Unavailable: the store does not take them now. They stay taken: flush again.
        """

    def close(self) -> None:
        """Let go of the store. Rows not flushed are forgotten."""


__all__ = ["Row", "Sink"]
