"""Drives evaluators as workers do, with lists for Kafka and dictionaries for the table stores.

A world has one partition: a log of records, one of forwarded records, two stores that survive,
offsets committed last. A plan cuts the logs into cycles and says how each cycle ends; every way
to crash between the numbered steps of a commit is among them. A cluster has several worlds that
forward to one another what is not theirs.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

import orjson
from hypothesis import strategies as st

from schemas.activity import ActivityUpdate
from schemas.comparisons import ScoreComparison
from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions.model import Definitions
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.records import Forward
from tests.properties.histories import STEP, STEPS, SUNDAY

RECORDED_AT = SUNDAY + 2 * STEPS * STEP

Ending = Literal["commit", "restart", "outputs", "accounts", "users", "offsets"]
"""How a cycle ends: committed; committed, then a new process; or the process dies within the
step of that name (``offsets``: all is written, only the commit is missing)."""


class Cycle(NamedTuple):
    """Some records, and how their cycle ends."""

    records: int
    batches: int = 1
    ending: Ending = "commit"
    quarters: int = 0
    """How many quarters of the dying step were done, 0 to 4."""
    rewind: int = 0
    """How many committed records a new process reads again."""
    timers: int = 0
    """How many timers may fire before, by the time that it is just before the next record; with 0
    time does not pass."""


ENDINGS: list[Ending] = ["commit", "commit", "restart", "outputs", "accounts", "users", "offsets"]
cycles = st.tuples(
    st.integers(0, 12),
    st.integers(1, 3),
    st.sampled_from(ENDINGS),
    st.integers(0, 4),
    st.integers(0, 6),
).map(lambda of: Cycle(*of))


class FakeRecord(NamedTuple):
    """As much of a consumer record as the evaluator reads."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int
    offset: int


def record(event: Event, offset: int, *, with_id: bool = True) -> FakeRecord:
    """The event in the native format, keyed as a good producer keys it."""
    key = event.account_id if event.account_id is not None else event.user_id
    body = {
        "event": event.name,
        "timestamp": event.time,
        "event_id": event.event_id if with_id else None,
        "account_id": event.account_id,
        "user_id": event.user_id,
        "properties": event.properties,
        "traits": event.traits or None,
    }
    present = {name: value for name, value in body.items() if value is not None}
    assert key is not None
    return FakeRecord(key.encode(), orjson.dumps(present), (), RECORDED_AT, offset)


@dataclass
class Outcome:
    """All that ever left the worker, in order, repeats included."""

    qualifications: list[Qualification] = field(default_factory=list)
    shadows: list[Qualification] = field(default_factory=list)
    comparisons: list[ScoreComparison] = field(default_factory=list)
    updates: list[ActivityUpdate] = field(default_factory=list)


@dataclass
class Log:
    """A partition of a topic, and how far one group has read it."""

    records: list[FakeRecord]
    position: int = 0
    committed: int = 0

    def take(self, count: int) -> list[FakeRecord]:
        taken = self.records[self.position : self.position + count]
        self.position += len(taken)
        return taken

    def read_again(self, rewind: int) -> None:
        self.position = max(0, self.committed - rewind)

    @property
    def is_read(self) -> bool:
        return self.position >= len(self.records)


class World:
    """One partition, its stores, and the worker that owns it at the moment."""

    def __init__(
        self,
        definitions: Definitions,
        records: Iterable[FakeRecord],
        *,
        partition: int = 0,
        owns: Callable[[bytes], bool] = lambda _: True,
        send: Callable[[Forward], None] | None = None,
    ) -> None:
        self._engine = Engine(definitions)
        self._partition = partition
        self._owns = owns
        self._send = send
        self._accounts: dict[bytes, bytes] = {}
        self._users: dict[bytes, bytes] = {}
        self.source = Log(list(records))
        self.forwarded = Log([])
        self.outcome = Outcome()
        self.evaluator = self._start()

    def run(self, plan: Iterable[Cycle] = (), *, until: int | None = None) -> Outcome:
        """Goes through the plan's cycles, then reads and commits what is left.

        With ``until``, no event comes any more, and it is that time now.
        """
        for cycle in plan:
            self.cycle(cycle)
        while not (self.source.is_read and self.forwarded.is_read):
            self.cycle(Cycle(len(self.source.records) + len(self.forwarded.records)))
        if until is not None:
            self.evaluator.finish(until)
            self.cycle(Cycle(0))
        return self.outcome

    def cycle(self, cycle: Cycle) -> None:
        """Reads some records of each log, then ends the cycle as it says."""
        if cycle.timers and not self.source.is_read:
            now = self.source.records[self.source.position].timestamp - 1
            self.evaluator.pass_time(now, cycle.timers)
        for batch in _batches(self.source.take(cycle.records), cycle.batches):
            self.evaluator.apply(batch)
        for batch in _batches(self.forwarded.take(cycle.records), cycle.batches):
            self.evaluator.apply_forwarded(batch)
        if self._commit(cycle):
            for log in (self.source, self.forwarded):
                log.committed = log.position
            if cycle.ending == "commit":
                self.evaluator.committed()
                return
        for log in (self.source, self.forwarded):
            log.read_again(cycle.rewind)
        self.evaluator = self._start()

    def _start(self) -> Evaluator:
        evaluator = Evaluator(
            self._engine,
            topic="product.events",
            partition=self._partition,
            load_account=self._accounts.get,
            load_user=self._users.get,
            owns=self._owns,
            cache_entries=2,
            find_users=lambda prefix: [key for key in self._users if key.startswith(prefix)],
        )
        for table in (self._accounts, self._users):
            evaluator.schedule(table.items())
        return evaluator

    def _tell(self, update: ActivityUpdate) -> None:
        # As the rows are now: the counts in them go on counting.
        self.outcome.updates.append(deepcopy(update))

    def _commit(self, cycle: Cycle) -> bool:
        """The numbered steps; ``False`` where the process died before the last was done."""
        changes = self.evaluator.collect()
        staged, out = self.evaluator.staged, self.outcome
        steps: dict[str, list[Callable[[], None]]] = {
            "outputs": [
                *(partial(out.qualifications.append, one) for one in staged.qualifications),
                *(partial(out.shadows.append, one) for one in staged.shadows),
                *(partial(out.comparisons.append, one) for one in staged.comparisons),
                *(partial(self._tell, update) for update in changes.updates),
                *(partial(self._forward, forward) for forward in staged.forwards),
            ],
            "accounts": [partial(_write, self._accounts, *item) for item in changes.accounts],
            "users": [partial(_write, self._users, *item) for item in changes.users],
        }
        for name, writes in steps.items():
            dying = cycle.ending == name
            for write in writes[: len(writes) * cycle.quarters // 4] if dying else writes:
                write()
            if dying:
                return False
        return cycle.ending != "offsets"

    def _forward(self, forward: Forward) -> None:
        assert self._send is not None, "forwarded what it owns"
        self._send(forward)


class Cluster:
    """Partitions that forward to one another; ``home`` says whose a key is."""

    def __init__(
        self,
        definitions: Definitions,
        sources: Sequence[list[FakeRecord]],
        home: Callable[[bytes], int],
    ) -> None:
        self._home = home
        self.worlds = [
            World(
                definitions,
                records,
                partition=partition,
                owns=lambda key, mine=partition: home(key) == mine,  # type: ignore[misc]
                send=self._deliver,
            )
            for partition, records in enumerate(sources)
        ]

    def run(self, plan: Iterable[tuple[int, Cycle]], *, until: int) -> Outcome:
        """Goes through the plan, then reads everything; outcomes in the order of partitions."""
        for partition, cycle in plan:
            self.worlds[partition].cycle(cycle)
        for _ in range(2):  # what the first round forwards, the second reads
            for world in self.worlds:
                world.run()
        whole = Outcome()
        for world in self.worlds:
            outcome = world.run(until=until)
            whole.qualifications += outcome.qualifications
            whole.updates += outcome.updates
        return whole

    def _deliver(self, forward: Forward) -> None:
        records = self.worlds[self._home(forward.key)].forwarded.records
        records.append(
            FakeRecord(forward.key, forward.value, forward.headers, RECORDED_AT, len(records))
        )


def _batches(records: list[FakeRecord], count: int) -> Iterable[list[FakeRecord]]:
    size = max(1, -(-len(records) // count))
    return (records[start : start + size] for start in range(0, len(records), size))


def _write(store: dict[bytes, bytes], key: bytes, state: bytes | None) -> None:
    if state is None:
        store.pop(key, None)
    else:
        store[key] = state
