"""What the engine remembers of an account or a user, as objects while hot.

:mod:`streams.engine.state` turns them into bytes and back.
"""

from typing import Any

BEFORE_ALL = -(2**62)
"""Earlier than any event: the clock of an entity that has seen none."""

Cell = list[int]
"""One day's count of one event: count, first time, last time. A fourth number is there while the
cell waits to be told to the sink."""


class Entity:
    """An account or a user: its clock and what its conditions remember.

    Attributes:
        clock: newest event time seen, epoch milliseconds.
        offsets: last applied offset of each source partition (``DIRECT`` or the origin's number).
        revision: how many records changed this state; grows only.
        leaves: condition key → what that condition remembers.
        reached: milestone key → ``occurred_at``.
        settled: bit set of the milestones that can no longer change.
        pending: milestones reached so lately that a late event may still prove an earlier time.
        deadline: earliest instant not yet judged, of the milestones that are judged only when no
            event can come late any more; ``None`` where no such instant is known.
        activity: UTC day → event name → :data:`Cell`, for days that are still open.
        traits: name → (event time, value).
        changed: whether the state may differ from what was last collected.
        key: under which its table keeps it.
    """

    __slots__ = (
        "activity",
        "changed",
        "clock",
        "deadline",
        "key",
        "leaves",
        "offsets",
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
        self.offsets: dict[int, int] = {}
        self.leaves: dict[int, Any] = {}
        self.reached: dict[int, int] = {}
        self.settled = 0
        self.pending: list[int] = []
        self.deadline: int | None = None
        self.activity: dict[int, dict[str, Cell]] = {}
        self.traits: dict[str, tuple[int, Any]] = {}
        self.changed = False


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
        self.ignored: list[tuple[int, int]] = []


class RecentIds:
    """Event ids seen within the last ``within`` milliseconds of the root's clock.

    They are kept in chunks of time, so that a busy account rewrites only the newest. A small chunk
    lives inside the root's own state, a large one in a record of its own.

    Attributes:
        chunks: chunk number → event id → when it was seen, in milliseconds from the chunk's start.
        stored: chunks that have a record of their own which is known to be durable.
        touched: chunks that changed since the state was last collected.
    """

    __slots__ = ("chunks", "stored", "touched", "within")

    SPAN = 3 * 3_600_000
    """Milliseconds in a chunk: longer ones are rewritten for longer, shorter ones are more. It is
    not a part of ``within``, so that an edit of that leaves the chunks where they are."""

    def __init__(self, within: int) -> None:
        self.within = within
        self.chunks: dict[int, dict[str, int]] = {}
        self.stored: frozenset[int] = frozenset()
        self.touched: frozenset[int] = frozenset()

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
            known = self.chunks[chunk] = {}
        known[event_id] = now - chunk * span
        if chunk not in self.touched:
            self.touched |= {chunk}
        return True

    def expire(self, now: int) -> list[int]:
        """Forget the chunks that no window reaches any more; their numbers are returned."""
        oldest = (now - self.within) // self.SPAN
        expired = [chunk for chunk in self.chunks if chunk < oldest]
        for chunk in expired:
            del self.chunks[chunk]
        if expired:
            self.touched = self.touched.difference(expired)
        return expired
