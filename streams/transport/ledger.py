"""Up to where each partition is safe: the only source of what is committed."""

from collections.abc import Iterable, Mapping

from faust.types import TP


class Ledger:
    """Partition → the next offset that is needed, once everything before it is safe.

    Stands in for Faust's acknowledgements, which commit past records that are still in flight.
    It advances only after a persist; a commit that fails leaves it alone and is tried again.
    """

    def __init__(self) -> None:
        self._safe: dict[TP, int] = {}
        self._committed: dict[TP, int] = {}

    def begin(self, committed: Mapping[TP, int | None]) -> None:
        """Partitions were assigned, with these committed offsets (``None``: never committed)."""
        for tp, offset in committed.items():
            self._safe.pop(tp, None)
            self._committed.pop(tp, None)
            if offset is not None:
                self._committed[tp] = offset

    def advance(self, positions: Mapping[TP, int]) -> None:
        """Everything before these offsets is safe.

        Raises:
            ValueError: an offset lies behind the one before: safe offsets never go back.
        """
        for tp, offset in positions.items():
            if offset < self._safe.get(tp, 0):
                raise ValueError(f"{tp}: the ledger cannot go back to {offset}")
            self._safe[tp] = offset

    def uncommitted(self) -> dict[TP, int]:
        """Partition → offset to commit, for those that have moved since their last commit."""
        return {tp: offset for tp, offset in self._safe.items() if offset > self.committed(tp)}

    def committed(self, tp: TP) -> int:
        """The last offset that the broker has acknowledged, 0 before the first."""
        return self._committed.get(tp, 0)

    def acknowledge(self, offsets: Mapping[TP, int]) -> None:
        """The broker has these commits."""
        self._committed.update({tp: at for tp, at in offsets.items() if tp in self._safe})

    def forget(self, tps: Iterable[TP]) -> None:
        """Partitions were revoked: what was not committed is another's to do again."""
        for tp in tps:
            self._safe.pop(tp, None)
            self._committed.pop(tp, None)
