"""The event ids that an account, or a user without one, has seen of late."""

from collections.abc import Collection, Mapping
from itertools import takewhile
from typing import Final


class RecentIds:
    """Event ids seen within the last ``within`` milliseconds of the root's clock.

    Few are kept in the root's own state. Many are kept in chunks by time, each with a record of
    its own, so that a busy account rewrites only the newest.

    Attributes:
        seen: event id → the root's clock when it was seen, oldest first.
        stored: chunks whose record is known to be durable.
        touched: chunks that got ids since the last commit; not told as long as none is stored.
        gone: chunks whose record is needed no more.
    """

    __slots__ = ("_chunk", "gone", "seen", "stored", "touched", "within")

    SPAN: Final = 3 * 3_600_000
    """Milliseconds in a chunk: longer ones are rewritten for longer, shorter ones are more. It is
    not a part of ``within``, so that an edit of that leaves the chunks where they are."""

    FEW: Final = 256
    """Ids up to which there are no chunks."""

    def __init__(self, within: int) -> None:
        self.within = within
        self.seen: dict[str, int] = {}
        self.stored: frozenset[int] = frozenset()
        self.touched: frozenset[int] = frozenset()
        self.gone: frozenset[int] = frozenset()
        self._chunk: int | None = None

    def admit(self, event_id: str, now: int) -> bool:
        """Remember an id; false where it was seen within the window before ``now``."""
        seen = self.seen
        size = len(seen)
        before = seen.setdefault(event_id, now)  # one look for both questions: nearly all are new
        if len(seen) == size:
            if now - before <= self.within:
                return False
            del seen[event_id]  # so that it comes to stand last
            seen[event_id] = now
        if self.stored:
            chunk = now // self.SPAN
            if chunk != self._chunk:
                self._chunk = chunk
                self.touched |= {chunk}
        return True

    def expire(self, now: int) -> None:
        """Forget the ids that no window reaches any more."""
        oldest = now - self.within
        seen = self.seen
        expired: list[str] = []
        for event_id, at in seen.items():
            if at >= oldest:
                break
            expired.append(event_id)
        for event_id in expired:
            del seen[event_id]
        if self.stored:
            gone = {chunk for chunk in self.stored if (chunk + 1) * self.SPAN <= oldest}
            self.gone |= gone
            self.stored -= gone

    def chunks(self) -> dict[int, dict[str, int]]:
        """The touched chunks, where there are so many ids that chunks have their own records."""
        if not self.stored:
            if len(self.seen) <= self.FEW:
                return {}
            self.touched = frozenset(at // self.SPAN for at in self.seen.values())
        found: dict[int, dict[str, int]] = {chunk: {} for chunk in sorted(self.touched)}
        oldest = min(found, default=0) * self.SPAN
        for event_id in takewhile(lambda one: self.seen[one] >= oldest, reversed(self.seen)):
            at = self.seen[event_id]
            found.setdefault(at // self.SPAN, {})[event_id] = at
        return found

    def inline(self, chunks: Mapping[int, Mapping[str, int]]) -> Mapping[str, int]:
        """What must stand in the root's own state: what no durable record has."""
        if not chunks and not self.stored:
            return self.seen
        return {
            event_id: at
            for chunk, ids in chunks.items()
            if chunk not in self.stored
            for event_id, at in ids.items()
        }

    def committed(self, chunks: Collection[int]) -> None:
        """What was collected is safe, the records of ``chunks`` among it."""
        if chunks:
            self.stored = self.stored.union(chunks)
        self.touched = self.gone = frozenset()
        self._chunk = None
