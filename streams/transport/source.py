"""What a partition at work needs of the consumer."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from faust.types import TP

from streams.transport.ledger import Ledger


class Source(Protocol):
    """The consumer, as a partition sees it."""

    ledger: Ledger

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offsets."""

    async def beginning_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where the logs begin."""

    async def rewind(self, offsets: Mapping[TP, int]) -> None:
        """Fetch from these offsets again."""

    def known_end(self, tp: TP) -> int | None:
        """Where the log ended at the last fetch."""

    def hold(self, tps: Iterable[TP]) -> None:
        """Fetch nothing from these partitions."""

    def release(self, tps: Iterable[TP]) -> None:
        """Fetch from them again."""

    async def is_member(self) -> bool | None:
        """Whether the partitions are still ours; ``None`` where nobody can say now."""

    async def commit(self) -> bool:
        """Commit the ledger."""
