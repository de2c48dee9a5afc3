"""What the engine remembers of an account or a user, as objects while hot.

:mod:`streams.engine.state` turns them into bytes and back.
"""

from collections.abc import Mapping, MutableMapping
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import Any, Final

from streams.engine.recent import RecentIds

BEFORE_ALL: Final = -(2**62)
"""Earlier than any event: the clock of an entity that has seen none."""

AFTER_ALL: Final = 2**62
"""Later than any event: when an entity was first seen that was not seen yet."""

DIRECT: Final = -1
"""Source of the records that came in their own account's partition; records that were forwarded
have the number of the partition in which they were found."""

_SLACK: Final = 32

Cell = list[int]
"""One day's count of one event: count, first time, last time."""

Names = dict[str, Cell]
"""Event name → count, of one day."""

NO_NAMES: Final[Names] = {}
"""Stands for each that is empty, as most are; never changed."""

NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})
"""Stands for every mapping of an entity that is empty: most are, and there are many entities."""


NONE_PENDING: Final[list[tuple[int, int]]] = []
"""Stands for each list of milestones that may be corrected that is empty; never changed."""

Occurrence = tuple[int, int, int]
"""See :attr:`Entity.occurrences`."""


class Entity:
    """An account or a user: its clock and what its conditions remember.

    Attributes:
        key: under which its table keeps it.
        clock: newest event time seen, epoch milliseconds.
        passed: time up to which it was judged though no event came; matters where it is later than
            the clock.
        born: oldest event time seen. Before it, no condition is true.
        offset: last applied offset of the entity's own partition.
        origins: partition in which forwarded records were found → last applied offset there.
        revision: how many records changed this state; grows only.
        leaves: condition key → what that condition remembers.
        orders: condition key → what is kept in order of what it remembers, where that is much; not
            a part of the state, as it follows from the rest.
        reached: milestone key → ``occurred_at``, of the first occurrence where there may be more.
        occurrences: for milestones that may occur again, milestone key → (occurrences so far, time
            of the last one or of the last entry, exit or change, whether it was true when last
            judged); of health the last is its level then, 0 for green, 1 for yellow, 2 for red.
        settled: bit set of the milestones that can no longer change.
        pending: (``occurred_at``, place) of the milestones reached so lately that a late event may
            still prove an earlier time, as a heap; an earlier time that was proven stands beside
            the one before.
        timers: milestone key → earliest instant that must yet be judged, event or not.
        agenda: where there are many timers, (when it is due, milestone key) of each, as a heap;
            among them some that are out of date.
        deadline: the earliest time at which one of these can be judged: where an event that comes
            late may refute it, only when none can come any more. ``None`` where there are none.
        erased: where it was erased, (through when, until when that is remembered): what happened up
            to the first is not counted any more. See :mod:`streams.engine.erasing`.
        scheduled: time that is not before its first timer, as whoever keeps it hot knows; ``None``
            where it may have none.
        day: the newest UTC day with an event.
        activity: event name → how often on that day.
        untold: of these, what changed since it was last told; may be ``activity`` itself.
        earlier: UTC day → the same, for the older days that are still open.
        traits: name → (event time, value).
        changed: whether the state may differ from what was last collected.
        generation: when it was last touched, as whoever keeps it hot counts.
    """

    __slots__ = (
        "activity",
        "agenda",
        "born",
        "changed",
        "clock",
        "day",
        "deadline",
        "earlier",
        "erased",
        "generation",
        "key",
        "leaves",
        "occurrences",
        "offset",
        "orders",
        "origins",
        "passed",
        "pending",
        "reached",
        "revision",
        "scheduled",
        "settled",
        "timers",
        "traits",
        "untold",
        "user_id",
    )

    def __init__(self, key: bytes, user_id: str | None) -> None:
        self.key = key
        self.user_id = user_id
        self.revision = 0
        self.clock = BEFORE_ALL
        self.passed = BEFORE_ALL
        self.born = AFTER_ALL
        self.offset = -1
        self.origins: Mapping[int, int] = NOTHING
        self.leaves: MutableMapping[int, Any] = NOTHING  # type: ignore[assignment] # see observe
        self.orders: MutableMapping[int, Any] = NOTHING  # type: ignore[assignment] # see Presence
        self.reached: MutableMapping[int, int] = NOTHING  # type: ignore[assignment] # see reach
        self.occurrences: MutableMapping[int, Occurrence] = NOTHING  # type: ignore[assignment]
        self.settled = 0
        self.pending = NONE_PENDING
        self.timers: MutableMapping[int, int] = NOTHING  # type: ignore[assignment] # see set_timer
        self.agenda: list[tuple[int, int]] | None = None
        self.deadline: int | None = None
        self.erased: tuple[int, int] | None = None
        self.scheduled: int | None = None
        self.day = BEFORE_ALL
        self.activity: Names = NO_NAMES
        self.untold: Names = NO_NAMES
        self.earlier: Mapping[int, Names] = NOTHING
        self.traits: Mapping[str, tuple[int, Any]] = NOTHING
        self.changed = False
        self.generation = 0

    def apart(self) -> "Entity":
        """Another one that knows the same: what is worked out on it is not kept here."""
        other = Entity(self.key, self.user_id)
        other.clock = self.clock
        other.passed = self.passed
        other.born = self.born
        other.leaves = dict(self.leaves)
        other.orders = dict(self.orders)
        other.reached = self.reached
        other.occurrences = self.occurrences
        other.settled = self.settled
        other.timers = self.timers
        other.traits = self.traits
        return other

    def reach(self, key: int, at: int) -> None:
        """Note when a milestone was reached first."""
        if not self.reached:
            self.reached = {}
        self.reached[key] = at

    def keep_occurrence(self, key: int, occurrence: Occurrence) -> None:
        """Note the newest occurrence of a milestone that may occur again."""
        if not self.occurrences:
            self.occurrences = {}
        self.occurrences[key] = occurrence

    def advance(self, source: int, offset: int) -> bool:
        """Note that a record is applied, or is a duplicate; false where it was noted before."""
        if source == DIRECT:
            if offset <= self.offset:
                return False
            self.offset = offset
        else:
            if offset <= self.origins.get(source, -1):
                return False
            self.origins = {**self.origins, source: offset}
        self.revision += 1
        return True


class Root(Entity):
    """The entity that owns a partition key: an account, or a user without one.

    Attributes:
        account_id: ``None`` for a user without an account.
        users: the account's users that are hot.
        waiting: user → its deadline, for those users who have one, where the passing of time may
            change what the account knows of them.
        recent: the event ids seen of late.
        ignored: (source, offset) of the duplicates ignored since the last commit. An account may
            be found ahead of its users after a crash; this tells, when their records come again,
            which of them the account had refused.
    """

    __slots__ = ("_queue", "account_id", "ignored", "recent", "users", "waiting")

    def __init__(
        self, key: bytes, account_id: str | None, user_id: str | None, dedupe_within: int
    ) -> None:
        super().__init__(key, user_id if account_id is None else None)
        self.account_id = account_id
        self.users: dict[str, Entity] = {}
        self.recent = RecentIds(dedupe_within)
        self.ignored: tuple[tuple[int, int], ...] = ()
        self.waiting: MutableMapping[str, int] = NOTHING  # type: ignore[assignment] # see await_user
        self._queue: list[tuple[int, str]] | None = None

    def await_user(self, user: Entity) -> None:
        """Note the deadline of a user of this account."""
        user_id = user.user_id or ""
        known = self.waiting.get(user_id)
        if known == user.deadline:
            return
        if user.deadline is None:
            del self.waiting[user_id]
            return
        if not self.waiting:
            self.waiting = {}
        self.waiting[user_id] = user.deadline
        if self._queue is not None:
            heappush(self._queue, (user.deadline, user_id))
            if len(self._queue) > 2 * len(self.waiting) + _SLACK:
                self._queue = None  # most of it is out of date

    def await_nobody(self) -> None:
        """Await no user any more."""
        self.waiting = NOTHING  # type: ignore[assignment] # see await_user
        self._queue = None

    def pop_due(self, now: int) -> list[str]:
        """The users whose deadlines have come, earliest first; each is then to be awaited anew."""
        if self._queue is None:
            self._queue = [(at, user_id) for user_id, at in self.waiting.items()]
            heapify(self._queue)
        due: list[str] = []
        while self._queue and self._queue[0][0] <= now:
            at, user_id = heappop(self._queue)
            if self.waiting.get(user_id) == at:
                del self.waiting[user_id]
                due.append(user_id)
        return due
