"""When which state must be looked at though no event comes: timers kept in step with states."""

from collections.abc import Iterable
from typing import NamedTuple

from streams.engine import Entity, Root
from streams.engine.state import deadline_of
from streams.state_cache import StateCache, TableKey, root_and_user
from streams.timers import Timers


class Due(NamedTuple):
    """What has come of an account (or a user without one)."""

    root: Root
    users: list[Entity]
    """Those of its users whose deadline has come."""
    entities: int
    """How many deadlines have come, its own included."""


class Schedule:
    """The timers of one partition's states.

    For every state there is a timer that is not later than its deadline: from the tables at the
    beginning, later as states change. Most deadlines move back all the time (the next event starts
    the wait anew): that costs nothing, as a timer that goes off too early is set again then.

    Args:
        states: what the timers are of.
        behind_records: milliseconds that time stays behind the newest record; ``None``: it passes
            to whatever moment :meth:`pop_due` is given.
    """

    def __init__(self, states: StateCache, behind_records: int | None = None) -> None:
        self._states = states
        self._behind_records = behind_records
        self._newest = 0
        self._timers = Timers()

    def __len__(self) -> int:
        return len(self._timers)

    @property
    def next_due(self) -> int | None:
        """When the first timer goes off, epoch milliseconds; ``None``: not for now."""
        due = self._timers.next_due
        return None if due is None or due > self._reachable(due) else due

    def record(self, at: int) -> None:
        """There is a record of this time, epoch milliseconds."""
        self._newest = max(self._newest, at)

    def _reachable(self, now: int) -> int:
        """The time that it may be where the clock says ``now``."""
        behind = self._behind_records
        return now if behind is None else min(now, self._newest - behind)

    def restore(self, states: Iterable[tuple[TableKey, bytes]]) -> None:
        """Take in states as they are in a table; what is none of an entity is passed over."""
        for key, data in states:
            name = root_and_user(key)
            if name is None:
                continue
            deadline = deadline_of(data, self._states.plan_of(key))
            if deadline is not None:
                self._timers.push(deadline, name[0], name[1].encode())

    def update(self) -> None:
        """Take in what changed since the last commit."""
        for entity, root in self._states.changed():
            self.set(entity, root)

    def set(self, entity: Entity, root: Root) -> None:
        """See to it that there is a timer for an entity's deadline."""
        deadline, scheduled = entity.deadline, entity.scheduled
        if deadline is not None and (scheduled is None or deadline < scheduled):
            user_id = "" if entity is root else entity.user_id or ""
            self._timers.push(deadline, root.key, user_id.encode())
            entity.scheduled = deadline

    def pop_due(self, now: int, most: int) -> tuple[int, list[Due]]:
        """Take out what is due.

        Args:
            now: epoch milliseconds.
            most: timers that are looked at, see :meth:`streams.timers.Timers.pop_due`.

        Returns:
            The time up to which all that is due is taken out, and what is due then.
        """
        through, taken = self._timers.pop_due(self._reachable(now), most)
        found: dict[TableKey, dict[str, tuple[int, str, Entity]]] = {}
        for _, key, name in taken:
            user_id = name.decode()
            entity = self._due(key, user_id, through)
            if entity is not None and entity.deadline is not None:
                found.setdefault(key, {})[user_id] = entity.deadline, user_id, entity
        # By deadline and not by timer: which timers went off too early depends on the commits.
        ordered = sorted((min(group.values())[0], key) for key, group in found.items())
        return through, [
            Due(
                self._states.root_of(key),
                [entity for _, user_id, entity in sorted(found[key].values()) if user_id],
                len(found[key]),
            )
            for _, key in ordered
        ]

    def _due(self, key: TableKey, user_id: str, now: int) -> Entity | None:
        """What a timer was set for, where that is due; otherwise it is set again if need be."""
        states = self._states
        entity = states.hot(key, user_id)
        deadline = states.deadline_at_rest(key, user_id) if entity is None else entity.deadline
        if entity is None and deadline is not None and deadline <= now:
            root = states.root_of(key)
            entity = states.user(root, user_id) if user_id else root
            deadline = entity.deadline  # other definitions wrote another one
        if deadline is None or deadline <= now:
            if entity is not None:
                entity.scheduled = None
            return None if deadline is None else entity
        self._timers.push(deadline, key, user_id.encode())
        if entity is not None:
            entity.scheduled = deadline
        return None
