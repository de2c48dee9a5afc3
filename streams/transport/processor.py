"""What an app does with the records of one partition, and how often it makes them durable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from streams.errors import MilepostError

if TYPE_CHECKING:
    # Settings need what is here; Faust, which batches need, takes a third of a second to import.
    from streams.transport.batches import ConsumerRecord


class LostError(MilepostError):
    """Another process has the partition; nothing more of it may be written or committed."""


class Processor(Protocol):
    """One assigned partition number, over all topics of the app.

    Made at assignment, closed at revocation, never used by two tasks at once; the package's
    docstring has the whole contract.
    """

    async def open(self, committed: Mapping[str, int | None]) -> None:
        """Bring back what is needed before the first record.

        Args:
            committed: for each topic assigned here, the group's next offset; ``None`` where
                nothing was ever committed.

        Raises:
            LostError: another process has the partition; this one forgets it.
            MilepostError: it cannot be brought back; the process stops with that text.
        """

    def apply(self, topic: str, records: "Sequence[ConsumerRecord]") -> None:
        """Work on a slice of records, in offset order; never one of them twice in a lifetime."""

    @property
    def next_deadline(self) -> int | None:
        """When :meth:`pass_time` has something to do, epoch milliseconds; ``None``: not for now."""

    def pass_time(self, now: int, most: int) -> int:
        """Work on what is due though no record comes; what is due first comes first.

        Args:
            now: the time, epoch milliseconds; all that was in the log by then was applied.
            most: things to look at; the rest is due at the next call.

        Returns:
            How many things were worked on, and have to be persisted.
        """

    async def persist(self, positions: Mapping[str, int]) -> None:
        """Make durable all that came of the records applied, and the time passed, so far.

        Args:
            positions: topic → the offset after the last applied record.

        Raises:
            LostError: another process has the partition; this one forgets it.
        """

    async def close(self) -> None:
        """Free what was opened; what was not persisted is lost on purpose."""


class Processors(Protocol):
    """Makes the processor of each partition that is assigned."""

    def __call__(self, partition: int) -> Processor:
        """Make one; its ``open`` is awaited before anything else."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much gathers before it is made durable."""

    commit_interval: float = 1.0
    """Seconds after the first record that was not persisted."""
    commit_records: int = 50_000
    """Records of one partition."""
    slice_records: int = 1_000
    """Records applied in one go; in between the event loop serves heartbeats and other partitions.
    """
    inbox_batches: int = 1
    """Fetched batches that wait in front of one partition before its fetching is held."""
    revoke_timeout: float = 10.0
    """Seconds in which a revoked partition may still persist and commit."""
