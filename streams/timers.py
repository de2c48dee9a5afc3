"""Timers: which entities must be looked at, though no event comes, and when."""

from heapq import heappop, heappush
from typing import Final, NamedTuple

_EPOCH: Final = 2**63
"""Added to times, so that their bytes are in the order of the times before 1970, too."""
_TIME: Final = 8
_NAME: Final = _TIME + 4
"""Where the names begin: behind the time and the length of the group's."""
_FEW: Final = 1 << 16
"""Timers up to which it is no use to look for those that are stale."""


class Timer(NamedTuple):
    """Something to look at."""

    due: int
    """Epoch milliseconds."""
    group: bytes
    member: bytes


class Timers:
    """A heap of timers, as small as it can be: each is one string of bytes.

    A timer is a hint. Whoever takes one asks what it was set for whether, and when, it is due now:
    a deadline that is moved back leaves its timer where it is, and is found out then. So there must
    be a timer no later than each deadline, and one that is earlier, or is there twice, does no
    harm. Only deadlines that come closer need new ones.
    """

    def __init__(self) -> None:
        self._heap: list[bytes] = []
        self._many = _FEW

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_due(self) -> int | None:
        """When the first one is due; ``None`` without any."""
        return _due(self._heap[0]) if self._heap else None

    def push(self, due: int, group: bytes, member: bytes) -> None:
        """Set a timer.

        Args:
            due: epoch milliseconds.
            group: what belongs together: what of it is due at one time is taken in one slice.
            member: which of the group.
        """
        heappush(self._heap, _stamp(due) + len(group).to_bytes(4, "big") + group + member)
        if len(self._heap) > self._many:
            self._drop_stale()

    def pop_due(self, now: int, most: int) -> tuple[int, list[Timer]]:
        """Take out a slice of what is due, the earliest first.

        Args:
            now: epoch milliseconds; what is due at it is due.
            most: timers in the slice; more only where one group has more at one time.

        Returns:
            The time up to which everything is taken out (``now``, or less where more is due than
            goes into the slice; what else is due at that very time is of other groups), and the
            slice, none of it twice.
        """
        heap = self._heap
        limit = _stamp(now + 1)
        taken: list[Timer] = []
        last = whole = b""
        while heap and heap[0] < limit:
            if len(taken) >= most and not heap[0].startswith(whole):
                return taken[-1].due, taken
            entry = heappop(heap)
            if entry != last:
                last = entry
                group_end = _NAME + int.from_bytes(entry[_TIME:_NAME], "big")
                whole = entry[:group_end]
                taken.append(Timer(_due(entry), entry[_NAME:group_end], entry[group_end:]))
        return now, taken

    def _drop_stale(self) -> None:
        """Keep only the earliest of each member: the others do nothing that it does not do."""
        self._heap.sort()
        known: set[bytes] = set()
        kept: list[bytes] = []
        for entry in self._heap:
            name = entry[_TIME:]
            if name not in known:
                known.add(name)
                kept.append(entry)
        self._heap = kept  # sorted, and so a heap
        self._many = max(_FEW, 2 * len(kept))


def _stamp(due: int) -> bytes:
    return (due + _EPOCH).to_bytes(_TIME, "big")


def _due(entry: bytes) -> int:
    return int.from_bytes(entry[:_TIME], "big") - _EPOCH
