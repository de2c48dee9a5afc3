"""Erasure: what the states have of an account or a user goes, and subscribers are told.

How an erasure stays one, whatever is read again: see :mod:`streams.engine.erasing`.
"""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Final

import orjson

from schemas.events import Event
from schemas.qualifications import Deletion, Qualification
from streams.engine import Engine, Entity, Occasion, Outcome, Root
from streams.engine.erasing import erase, forget_user, is_empty, newest_known, remember_no_more
from streams.engine.state import erased_until
from streams.state_cache import StateCache, TableKey, root_and_user

REMEMBERED: Final = 7 * 86_400_000
"""Milliseconds for which it is remembered at least that somebody was erased: for as long a record
that was forwarded may be read again."""


class Erasures:
    """Those of one partition.

    Args:
        engine: the definitions, compiled.
        states: of the partition.
    """

    def __init__(self, engine: Engine, states: StateCache) -> None:
        self._engine = engine
        self._states = states
        self._remembered = max(REMEMBERED, engine.dedupe_within)
        self._over: list[tuple[int, TableKey]] = []
        """Until when which state must say that it was erased, as a heap."""

    def restore(self, states: Iterable[tuple[TableKey, bytes]]) -> None:
        """Learn of those in a table: key and state of each entry."""
        for key, data in states:
            until = None if root_and_user(key) is None else erased_until(data)
            if until is not None:
                heappush(self._over, (until, key))

    @property
    def next_over(self) -> int | None:
        """When the first need not be remembered any more, epoch milliseconds."""
        return self._over[0][0] if self._over else None

    def apply(self, root: Root, event: Event, occasion: Occasion) -> Outcome:
        """Erase the account, or the user, whom the event names.

        Read again, it erases what was known before it and nothing of later, and tells it again: the
        repeats of what was told before come before it.
        """
        if not root.changed:
            self._states.change(root, root)
        record = (occasion.source, occasion.offset)
        again = not root.advance(*record)
        if again and record in root.ignored:
            return Outcome.ALREADY_APPLIED
        now = max(event.time, root.clock)
        if self._engine.dedupe_within and not again and not root.recent.admit(event.event_id, now):
            root.ignored += (record,)
            return Outcome.DUPLICATE
        if event.account_id is not None and event.user_id is not None:
            erased: Entity = self._erase_user(root, event, occasion)
        else:
            erased = self._erase_root(root, event, occasion, again=again)
        if erased.erased is not None:
            through, _ = erased.erased
            occasion.staged.forget(event.account_id, event.user_id)
            occasion.staged.qualifications.append(_deletion(event, through, occasion.recorded_at))
        return Outcome.ALREADY_APPLIED if again else Outcome.DELETION

    def pass_over(self, root: Root, user: Entity | None, occasion: Occasion) -> Outcome:
        """Note a record that is of a time through which the account, or the user, was erased."""
        is_new = root.advance(occasion.source, occasion.offset)
        if user is not None:
            user.advance(occasion.source, occasion.offset)
        return Outcome.ERASED if is_new else Outcome.ALREADY_APPLIED

    def _erase_root(self, root: Root, event: Event, occasion: Occasion, *, again: bool) -> Root:
        states = self._states
        if not again:
            if root.account_id is not None:
                states.forget_users(root)
            self._erase(root, event, occasion)
        elif root.account_id is not None and root.erased is not None:
            states.forget_users(root, root.erased[0])
        return root

    def _erase_user(self, root: Root, event: Event, occasion: Occasion) -> Entity:
        states, user_id = self._states, event.user_id or ""
        user = root.users.get(user_id) or states.user(root, user_id)
        if not user.changed:
            states.change(user, root)
        if user.advance(occasion.source, occasion.offset):
            self._erase(user, event, occasion)
            through = event.time if user.erased is None else user.erased[0]
            forget_user(root, user, self._engine.accounts, event.event_id, through)
        return user

    def _erase(self, entity: Entity, event: Event, occasion: Occasion) -> None:
        through = max(event.time, newest_known(entity))
        if entity.erased is not None:
            through = max(through, entity.erased[0])
        until = occasion.recorded_at + self._remembered
        erase(entity, through, until)
        heappush(self._over, (until, entity.key))

    def pass_time(self, now: int) -> int:
        """Let go of what need not be remembered any more; returns of how many."""
        done = 0
        while self._over and self._over[0][0] <= now:
            _, key = heappop(self._over)
            done += self._let_go(key, now)
        return done

    def _let_go(self, key: TableKey, now: int) -> bool:
        states, name = self._states, root_and_user(key)
        if name is None:
            return False
        root = states.root_of(name[0])
        user = None
        if name[1]:
            user = root.users.get(name[1]) or states.user(root, name[1])
        entity: Entity = user or root
        if entity.erased is None or entity.erased[1] > now:
            return False
        remember_no_more(entity)
        if not is_empty(entity):
            states.change(entity, root)
        elif user is not None:
            states.forget_user(root, user)
        if is_empty(root):
            states.forget_root(root)
        return True


def _deletion(event: Event, through: int, recorded_at: int) -> Qualification:
    name = ("entity.deleted", event.account_id, event.user_id, event.event_id)
    asked_by = event.properties.get("asked_by")
    return Qualification(
        id=blake2b(orjson.dumps(name), digest_size=16).hexdigest(),
        type="entity.deleted",
        milestone="",
        account_id=event.account_id,
        user_id=event.user_id,
        occurrence=1,
        occurred_at=event.time,
        detected_at=recorded_at,
        definition_hash="",
        decided_by=event.event_id,
        late=False,
        journey=None,
        evidence=(),
        deletion=Deletion(through, None if asked_by is None else str(asked_by)),
    )
