"""What the engine remembers of an account or a user, as objects while hot.

:mod:`streams.engine.state` turns them into bytes and back.
"""

from typing import Any

BEFORE_ALL = -(2**62)
"""Earlier than any event: the clock of an entity that has seen none."""

Cell = list[int]
"""One day's count of one event: count, first time, last time, number of the commit cycle that
touched it last."""


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
        changed: whether the state differs from what was last collected.
    """

    __slots__ = (
        "activity",
        "changed",
        "clock",
        "deadline",
        "leaves",
        "offsets",
        "pending",
        "reached",
        "revision",
        "settled",
        "traits",
        "user_id",
    )

    def __init__(self, user_id: str | None) -> None:
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
        key: the record key that belongs to it.
        users: the account's users that are hot.
        recent: the event ids seen of late.
        ignored: (source, offset) of the duplicates ignored since the state was last collected. An
            account may be found ahead of its users after a crash; this tells, when their records
            come again, which of them the account had refused.
    """

    __slots__ = ("account_id", "ignored", "key", "recent", "users")

    def __init__(self, account_id: str | None, user_id: str | None, recent: "RecentIds") -> None:
        super().__init__(user_id if account_id is None else None)
        self.account_id = account_id
        self.key = (account_id if account_id is not None else user_id or "").encode()
        self.users: dict[str, Entity] = {}
        self.recent = recent
        self.ignored: list[tuple[int, int]] = []


class RecentIds:
    """Event ids seen within the last ``within`` milliseconds of the root's clock.

    They are kept in chunks of time, so that a busy account rewrites only the newest. A small chunk
    lives inside the root's own state, a large one in a record of its own.

    Attributes:
        seen: event id → the root's clock when it was seen.
        chunks: chunk number → the ids in it.
        stored: chunks that have a record of their own which is known to be durable.
        touched: chunks that changed since the state was last collected.
    """

    __slots__ = ("chunks", "seen", "stored", "touched", "within")

    SPAN = 3 * 3_600_000
    """Milliseconds in a chunk: longer ones are rewritten for longer, shorter ones are more. It is
    not a part of ``within``, so that an edit of that leaves the chunks where they are."""

    def __init__(self, within: int) -> None:
        self.within = within
        self.seen: dict[str, int] = {}
        self.chunks: dict[int, list[str]] = {}
        self.stored: set[int] = set()
        self.touched: set[int] = set()

    def repeats(self, event_id: str, now: int) -> bool:
        """Whether the id was seen within the window before ``now``."""
        seen = self.seen.get(event_id)
        return seen is not None and now - seen <= self.within

    def remember(self, event_id: str, now: int) -> None:
        """Remember that the id was seen at ``now``."""
        self.seen[event_id] = now
        chunk = now // self.SPAN
        ids = self.chunks.get(chunk)
        if ids is None:
            self.chunks[chunk] = [event_id]
        else:
            ids.append(event_id)
        self.touched.add(chunk)

    def expire(self, now: int) -> list[int]:
        """Forget the chunks that no window reaches any more; their numbers are returned."""
        oldest = (now - self.within) // self.SPAN
        expired = [chunk for chunk in self.chunks if chunk < oldest]
        for chunk in expired:
            for event_id in self.chunks.pop(chunk):
                if self.seen.get(event_id, now) // self.SPAN == chunk:
                    del self.seen[event_id]
            self.touched.discard(chunk)
        return expired
