"""What a fetch of one partition yields, and the fence that keeps old fetches out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from faust.types import TP

ConsumerRecord = Any
"""An :class:`aiokafka.structs.ConsumerRecord`, or what aiokafka makes it of: either way with
``key`` and ``value`` as the bytes that came, ``headers``, ``timestamp`` and ``offset``."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition that were taken in one fetch, in offset order."""

    tp: TP
    records: Sequence[ConsumerRecord]
    start: int | None
    """The position that the batch was taken from, ``None`` for the first one of an assignment.

    A batch that starts after the position its partition has reached means that records in
    between were dropped on their way."""
    next_offset: int
    """The position after the batch: more than the last offset plus one where the log has gaps."""
    epoch: "Epoch"
    """The fence's epoch in which the batch was taken."""


Epoch = tuple[int, int]
"""How many assignments and revocations there were, and how many seeks of the partition since."""


class Fence:
    """Tells batches taken before a seek or a rebalance from those taken after it.

    Faust delivers a batch fetched before a rebalance after it, stamped with the new generation.
    The epoch of all partitions moves with every revocation and assignment, that of one partition
    with every seek of it, and a batch of another epoch is dropped. Written by the consumer's
    thread alone, where the records are taken too, without an await in between; other threads
    only read it.
    """

    def __init__(self) -> None:
        self._rebalances = 0
        self._seeks: dict[TP, int] = {}

    def epoch(self, tp: TP) -> Epoch:
        """What a batch taken now is stamped with."""
        return self._rebalances, self._seeks.get(tp, 0)

    def rebalance(self) -> None:
        """Shut out every batch taken so far."""
        self._rebalances += 1
        self._seeks = {}

    def seek(self, tp: TP) -> None:
        """Shut out every batch of one partition taken so far."""
        self._seeks[tp] = self._seeks.get(tp, 0) + 1

    def admits(self, batch: Batch) -> bool:
        """Whether the batch was taken since the last seek, revocation or assignment."""
        return batch.epoch == self.epoch(batch.tp)
