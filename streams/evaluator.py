"""From records to results, for one partition: decode, find the states, let the engine move them.

Everything between a batch of records and what a commit cycle has to send, without Kafka: the
worker, replay and tests drive the same :class:`Evaluator`.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.activity import ActivityUpdate
from schemas.dead_letters import DeadLetter
from schemas.events import ENTITY_DELETED, Event
from schemas.parameters import CONTROL_ACCOUNT
from streams.counts import Counts
from streams.decoding import decode
from streams.decoding.parameters import never_forwarded
from streams.engine import DIRECT, Engine, Entity, Occasion, Outcome, Root, Staged
from streams.engine.entities import AFTER_ALL
from streams.engine.leaves.parameters import Parameter
from streams.engine.manifest import Edit, Since
from streams.erasures import Erasures
from streams.errors import Rejected
from streams.parameters import Parameters
from streams.records import Forward, Record, forward, origin
from streams.schedule import Due, Schedule
from streams.state_cache import StateCache, TableKey

_STRANGERS_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class CycleResults(Staged):
    """What a commit cycle has to send."""

    dead_letters: list[DeadLetter] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit cycle has to write: activity, then account states, then the rest.

    The order matters: after a crash an account may be found ahead of its users, never behind.
    """

    updates: list[ActivityUpdate]
    accounts: list[tuple[TableKey, bytes | None]]
    users: list[tuple[TableKey, bytes | None]]
    """Users, and the large chunks of an account's recent ids; ``None`` deletes."""


def _always(_key: bytes) -> bool:
    return True


def _nobody(_prefix: TableKey) -> Iterable[TableKey]:
    return ()


class Evaluator:
    """Evaluates the records of one partition. Not thread safe.

    Args:
        engine: the definitions, compiled.
        topic: of the records, for the ids of events without one and for dead letters.
        partition: likewise.
        load_account: state bytes by table key, as the last commit left them.
        load_user: the same for the users' table.
        owns: whether this partition is the one for a record key; a record whose account belongs
            elsewhere is forwarded. What counts is the account, not the key that the record has.
        cache_entries: states kept as objects between commits.
        epoch: of whoever owns the partition now; each owner's is higher than the last one's.
        started_at: the time now, epoch milliseconds: since then have milestones seen events that
            the states were not kept for before; ``None`` where there are no states.
        records_tell_time: whether a record's time says when it was detected. In files it does
            not (that would be the time of the reading, another each time): there it is the newest
            event time of the account.
        behind_records: see :class:`streams.schedule.Schedule`.
        find_users: the keys of the users' table that begin with these bytes; where nothing is
            let go of until the end, as by default, it need not find any.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        topic: str,
        partition: int,
        load_account: Callable[[TableKey], bytes | None],
        load_user: Callable[[TableKey], bytes | None],
        owns: Callable[[bytes], bool] = _always,
        cache_entries: int = 512,
        epoch: int = 0,
        started_at: int | None = None,
        records_tell_time: bool = True,
        behind_records: int | None = None,
        find_users: Callable[[TableKey], Iterable[TableKey]] = _nobody,
    ) -> None:
        self._engine = engine
        self._records_tell_time = records_tell_time
        self._topic = topic
        self._partition = partition
        self._owns = owns
        self._strangers: set[str] = set()
        self._reached: defaultdict[int, int] = defaultdict(lambda: -1)
        """Source → offset of the last record seen."""
        self.counts = Counts()
        self._states = StateCache(engine, load_account, load_user, cache_entries, epoch, find_users)
        self._erasures = Erasures(engine, self._states)
        self._parameters = Parameters(engine, load_account, epoch)
        self._schedule = Schedule(self._states, behind_records)
        self._is_scheduled = True
        """Whether no record was applied since the schedule took in what had changed."""
        self.staged = CycleResults()
        self.edits: list[Edit] = []
        """What was changed in the definitions since the states were written."""
        since = self._states.take_over(started_at, self.edits) if started_at is not None else {}
        known = self._parameters.known
        self._occasion = Occasion(self.staged, self._states.user_to_change, since, known)

    def apply(self, records: Sequence[Record]) -> None:
        """Evaluate records of the source topic, in the order of their offsets."""
        counts, topic, partition = self.counts, self._topic, self._partition
        self._is_scheduled = False
        counts.read += len(records)
        if records:
            self._reached[DIRECT] = records[-1].offset
            self._schedule.record(records[-1].timestamp)
        for record in records:
            offset, timestamp = record.offset, record.timestamp
            try:
                event = decode(record.value, record.headers, timestamp, topic, partition, offset)
            except Rejected as refusal:
                self._bury(record, refusal, partition, offset)
                continue
            root = self._root(event)
            if root is not None:
                self._evaluate(root, event, DIRECT, offset, timestamp)
            elif event.account_id == CONTROL_ACCOUNT:
                self._set_parameter(record, event)
            else:
                counts.forwarded += 1
                self.staged.forwards.append(forward(record, event, partition))

    def apply_forwarded(self, records: Sequence[Record]) -> None:
        """Evaluate records of the repartition topic; each says where it was found first."""
        self.counts.read += len(records)
        self._is_scheduled = False
        for record in records:
            try:
                (source, offset, recorded_at), headers = origin(record.headers)
                event = decode(record.value, headers, recorded_at, self._topic, source, offset)
                if event.account_id == CONTROL_ACCOUNT:
                    raise never_forwarded()
            except Rejected as refusal:
                self._bury(record, refusal, self._partition, record.offset)
                continue
            self._reached[source] = offset
            self._evaluate(self._states.root(event), event, source, offset, recorded_at)

    def schedule(self, states: Iterable[tuple[TableKey, bytes]]) -> None:
        """Learn of the deadlines in a table, at the beginning: key and state of each entry."""
        entries = list(states)
        self._schedule.restore(entries)
        self._erasures.restore(entries)
        self.counts.timers_pending = len(self._schedule)

    @property
    def next_deadline(self) -> int | None:
        """When :meth:`pass_time` is worth a call, epoch milliseconds; ``None``: not for now.

        Deadlines that records brought since the last commit are not in it.
        """
        due, over = self._schedule.next_due, self._erasures.next_over
        return due if over is None or (due is not None and due < over) else over

    def pass_time(self, now: int, most: int) -> int:
        """Judge what is due though no event comes; what is due first comes first.

        Args:
            now: the time, epoch milliseconds.
            most: entities that are looked at; what is left is due at the next call.

        Returns:
            How many were due and are judged.
        """
        self._update_schedule()
        let_go = self._erasures.pass_time(now)
        through, due = self._schedule.pop_due(now, most)
        return let_go + self._judge(due, through, through - self._engine.lateness - 1)

    def finish(self, until: int) -> None:
        """No event comes any more: judge all that there is to judge as of ``until``."""
        self._update_schedule()
        # What waits for late events waits that much longer than to its own time.
        _, due = self._schedule.pop_due(until + self._engine.lateness + 1, sys.maxsize)
        self._judge(due, until, until)

    def _update_schedule(self) -> None:
        if not self._is_scheduled:
            self._schedule.update()
            self._is_scheduled = True

    def _judge(self, due: Iterable[Due], now: int, settled: int) -> int:
        judged = 0
        occasion, told = self._occasion, len(self.staged.qualifications)
        occasion.decided_by = None
        occasion.source, occasion.offset = DIRECT, AFTER_ALL
        occasion.recorded_at = now
        for root, users, entities in due:
            for entity in (*users, root):
                if not entity.changed:
                    self._states.change(entity, root)
                entity.revision += 1
            occasion.root = root
            self._engine.pass_time(root, users, occasion, settled=settled)
            for entity in (*users, root):
                self._schedule.set(entity, root)
            judged += entities
        self.counts.timers_fired += judged
        self.counts.add_qualifications(self.staged.qualifications[told:])
        return judged

    def hot(self, account_id: str | None, user_id: str | None) -> Entity | None:
        """The state of an account, or of a user, where it is hot."""
        if account_id is None:
            return self._states.loners.get(user_id or "")
        root = self._states.accounts.get(account_id)
        return root if root is None or user_id is None else root.users.get(user_id)

    def state_of(self, account_id: str | None, user_id: str | None) -> bytes | None:
        """The state of an account or a user as it stands now; ``None`` for one not known.

        Records that are not committed yet are in it. Looking at it changes nothing.
        """
        return self._states.state_of(account_id, user_id)

    @property
    def history_since(self) -> Since:
        """Since when what was added to the definitions later has seen events."""
        return self._occasion.history_since

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What the partition was told of the parameters that definitions look at."""
        return self._occasion.parameters

    def collect(self) -> Changes:
        """Everything that changed since the last commit, for :attr:`staged` to be complete."""
        self._update_schedule()
        self.counts.add_shadows(self.staged.shadows)  # not by the record: most have none
        updates = self.staged.updates()
        accounts, users = self._states.collect()
        return Changes(updates, self._parameters.collect() + accounts, users)

    def committed(self) -> None:
        """All that was collected is safe: forget what was staged, and states gone cold."""
        self.counts.add_refused(self.staged.refused)
        self.staged = self._occasion.staged = CycleResults()
        self._states.committed(self._reached)
        self._parameters.committed()
        states = self._states
        self.counts.settle(states.hits, states.misses, len(states), len(self._schedule))

    def _root(self, event: Event) -> Root | None:
        """The state that the event is for; ``None`` where it is for nobody in this partition."""
        states = self._states
        account_id = event.account_id
        name: str
        if account_id is not None:
            root, name = states.accounts.get(account_id), account_id
        else:
            name = event.user_id or ""
            root = states.loners.get(name)
        if root is not None:
            states.hits += 1
            return root
        if account_id == CONTROL_ACCOUNT or name in self._strangers:
            return None
        if not self._owns(name.encode()):
            if len(self._strangers) >= _STRANGERS_REMEMBERED:
                self._strangers.clear()
            self._strangers.add(name)
            return None
        return states.root(event)

    def _evaluate(
        self, root: Root, event: Event, source: int, offset: int, recorded_at: int
    ) -> None:
        states, counts, qualifications = self._states, self.counts, self.staged.qualifications
        deletes = event.name == ENTITY_DELETED
        is_gone = root.erased is not None and event.time <= root.erased[0]
        user = None
        if event.account_id is not None and event.user_id is not None and not (deletes or is_gone):
            user = root.users.get(event.user_id)
            if user is None:
                user = states.user(root, event.user_id)
            else:
                states.hits += 1
            is_gone = user.erased is not None and event.time <= user.erased[0]
            if not user.changed:
                states.change(user, root)
        if not root.changed:
            states.change(root, root)
        behind = root.clock - event.time
        told = len(qualifications)
        occasion = self._occasion
        occasion.root = root
        occasion.source = source
        occasion.offset = offset
        if not self._records_tell_time:
            recorded_at = max(root.clock, event.time)
        occasion.recorded_at = recorded_at
        occasion.decided_by = event.event_id
        if deletes:
            outcome = self._erasures.apply(root, event, occasion)
        elif is_gone:
            outcome = self._erasures.pass_over(root, user, occasion)
        else:
            outcome = self._engine.apply(root, user, event, occasion)
        if outcome is Outcome.ACCEPTED:
            counts.accepted += 1
        else:
            counts.add_outcome(outcome, behind)
        if occasion.excluded_by is not None and not (deletes or is_gone):
            rule = occasion.excluded_by
            counts.excluded[rule] = counts.excluded.get(rule, 0) + 1
        if len(qualifications) > told:
            self.counts.add_qualifications(qualifications[told:])

    def _set_parameter(self, record: Record, event: Event) -> None:
        try:
            self._parameters.set(event, record.offset)
            self.counts.parameters += 1
        except Rejected as refusal:
            self._bury(record, refusal, self._partition, record.offset)

    def _bury(self, record: Record, refusal: Rejected, partition: int, offset: int) -> None:
        reason = refusal.reason
        self.counts.dead[reason] = self.counts.dead.get(reason, 0) + 1
        letter = refusal.letter(self._topic, partition, offset, record.key, record.value)
        self.staged.dead_letters.append(letter)
