"""What the engine remembers of an account or a user, as objects while hot.

:mod:`streams.engine.state` turns them into bytes and back.
"""

from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, Final

BEFORE_ALL = -(2**62)
"""Earlier than any event: the clock of an entity that has seen none."""

DIRECT: Final = -1
"""Source of the records that came in their own account's partition; records that were forwarded
have the number of the partition in which they were found."""

Cell = list[int]
"""One day's count of one event: count, first time, last time. A fourth number is there while the
cell waits to be told to the sink."""

Names = dict[str, Cell]
"""Event name → count, of one day."""

NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})
"""Stands for every mapping of an entity that is empty: most are, and there are many entities."""


class Entity:
    """An account or a user: its clock and what its conditions remember.

    Attributes:
        key: under which its table keeps it.
        clock: newest event time seen, epoch milliseconds.
        offset: last applied offset of the entity's own partition.
        origins: partition in which forwarded records were found → last applied offset there.
        revision: how many records changed this state; grows only.
        leaves: condition key → what that condition remembers.
        reached: milestone key → ``occurred_at``.
        settled: bit set of the milestones that can no longer change.
        pending: places of the milestones reached so lately that a late event may still prove an
            earlier time.
        deadline: earliest instant not yet judged, of the milestones that are judged only when no
            event can come late any more; ``None`` where no such instant is known.
        day: the newest UTC day with an event.
        activity: event name → how often on that day.
        earlier: UTC day → the same, for the older days that are still open.
        traits: name → (event time, value).
        changed: whether the state may differ from what was last collected.
    """

    __slots__ = (
        "activity",
        "changed",
        "clock",
        "day",
        "deadline",
        "earlier",
        "key",
        "leaves",
        "offset",
        "origins",
        "pending",
        "reached",
        "revision",
        "settled",
        "traits",
        "user_id",
    )

    def __init__(self, key: bytes, user_id: str | None) -> None:
        self.key = key
        self.user_id = user_id
        self.revision = 0
        self.clock = BEFORE_ALL
        self.offset = -1
        self.origins: Mapping[int, int] = NOTHING
        self.leaves: MutableMapping[int, Any] = NOTHING  # type: ignore[assignment] # see observe
        self.reached: Mapping[int, int] = NOTHING
        self.settled = 0
        self.pending: tuple[int, ...] = ()
        self.deadline: int | None = None
        self.day = BEFORE_ALL
        self.activity: Names = {}
        self.earlier: Mapping[int, Names] = NOTHING
        self.traits: Mapping[str, tuple[int, Any]] = NOTHING
        self.changed = False

    def is_past(self, source: int, offset: int) -> bool:
        """Whether a record was applied already."""
        return offset <= (self.offset if source == DIRECT else self.origins.get(source, -1))

    def move_past(self, source: int, offset: int) -> None:
        """Note that a record was applied, whether it counted or was a duplicate."""
        if source == DIRECT:
            self.offset = offset
        else:
            self.origins = {**self.origins, source: offset}
        self.revision += 1


class Root(Entity):
    """The entity that owns a partition key: an account, or a user without one.

    Attributes:
        account_id: ``None`` for a user without an account.
        users: the account's users that are hot.
        recent: the event ids seen of late.
        ignored: (source, offset) of the duplicates ignored since the last commit. An account may
            be found ahead of its users after a crash; this tells, when their records come again,
            which of them the account had refused.
    """

    __slots__ = ("account_id", "ignored", "recent", "users")

    def __init__(
        self, key: bytes, account_id: str | None, user_id: str | None, dedupe_within: int
    ) -> None:
        super().__init__(key, user_id if account_id is None else None)
        self.account_id = account_id
        self.users: dict[str, Entity] = {}
        self.recent = RecentIds(dedupe_within)
        self.ignored: tuple[tuple[int, int], ...] = ()


class RecentIds:
    """Event ids seen within the last ``within`` milliseconds of the root's clock.

    They are kept in chunks of time, so that a busy account rewrites only the newest. A small chunk
    lives inside the root's own state, a large one in a record of its own.

    Attributes:
        chunks: chunk number → event id → when it was seen, in milliseconds from the chunk's start.
        stored: chunks that have a record of their own which is known to be durable.
        touched: chunks that changed since the state was last collected.
        gone: chunks whose records are needed no more.
    """

    __slots__ = ("chunks", "gone", "stored", "touched", "within")

    SPAN = 3 * 3_600_000
    """Milliseconds in a chunk: longer ones are rewritten for longer, shorter ones are more. It is
    not a part of ``within``, so that an edit of that leaves the chunks where they are."""

    def __init__(self, within: int) -> None:
        self.within = within
        self.chunks: dict[int, dict[str, int]] = {}
        self.stored: frozenset[int] = frozenset()
        self.touched: frozenset[int] = frozenset()
        self.gone: frozenset[int] = frozenset()

    def admit(self, event_id: str, now: int) -> bool:
        """Remember an id; false where it was seen within the window before ``now``."""
        span = self.SPAN
        for chunk, ids in self.chunks.items():
            seen = ids.get(event_id)
            if seen is not None and now - (chunk * span + seen) <= self.within:
                return False
        chunk = now // span
        known = self.chunks.get(chunk)
        if known is None:
            self._expire(now)
            known = self.chunks[chunk] = {}
        known[event_id] = now - chunk * span
        if chunk not in self.touched:
            self.touched |= {chunk}
        return True

    def _expire(self, now: int) -> None:
        """Forget the chunks that no window reaches any more."""
        oldest = (now - self.within) // self.SPAN
        expired = [chunk for chunk in self.chunks if chunk < oldest]
        for chunk in expired:
            del self.chunks[chunk]
        if expired:
            self.touched = self.touched.difference(expired)
            gone = self.stored.intersection(expired)
            self.gone |= gone
            self.stored -= gone
