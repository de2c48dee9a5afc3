"""Drives the evaluator as a worker does, with dictionaries for Kafka and for the table stores.

A world has one partition: records with offsets, two stores that survive, an offset committed
last. A plan cuts the records into cycles and says how each cycle ends; every way to crash
between the numbered steps of a commit is among them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

import orjson
from hypothesis import strategies as st
from streams.evaluator import Evaluator

from schemas.activity import ActivityUpdate
from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions.model import Definitions
from streams.engine import Engine
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


cycles = st.builds(
    Cycle,
    st.integers(0, 12),
    st.integers(1, 3),
    st.sampled_from(["commit", "commit", "restart", "outputs", "accounts", "users", "offsets"]),
    st.integers(0, 4),
    st.integers(0, 6),
)


class FakeRecord(NamedTuple):
    """As much of a consumer record as the evaluator reads."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int
    offset: int


def record(event: Event, offset: int) -> FakeRecord:
    """The event in the native format, keyed as a good producer keys it."""
    key = event.account_id if event.account_id is not None else event.user_id
    body = {
        "event": event.name,
        "timestamp": event.time,
        "event_id": event.event_id,
        "account_id": event.account_id,
        "user_id": event.user_id,
        "properties": event.properties,
    }
    present = {name: value for name, value in body.items() if value is not None}
    assert key is not None
    return FakeRecord(key.encode(), orjson.dumps(present), (), RECORDED_AT, offset)


@dataclass
class Outcome:
    """All that ever left the worker, in order, repeats included."""

    qualifications: list[Qualification] = field(default_factory=list)
    updates: list[ActivityUpdate] = field(default_factory=list)


class World:
    """One partition, its stores, and the worker that owns it at the moment."""

    def __init__(self, definitions: Definitions, records: Iterable[FakeRecord]) -> None:
        self._engine = Engine(definitions)
        self._records = list(records)
        self._accounts: dict[bytes, bytes] = {}
        self._users: dict[bytes, bytes] = {}
        self._committed = 0
        self._next = 0
        self.outcome = Outcome()
        self.evaluator = self._start()

    def run(self, plan: Iterable[Cycle] = ()) -> Outcome:
        """Goes through the plan's cycles, then reads and commits what is left."""
        for cycle in plan:
            self._cycle(cycle)
        while self._next < len(self._records):
            self._cycle(Cycle(len(self._records)))
        return self.outcome

    def _start(self) -> Evaluator:
        return Evaluator(
            self._engine,
            topic="product.events",
            partition=0,
            load_account=self._accounts.get,
            load_user=self._users.get,
            cache_entries=2,
        )

    def _cycle(self, cycle: Cycle) -> None:
        taken = self._records[self._next : self._next + cycle.records]
        self._next += len(taken)
        size = max(1, -(-len(taken) // cycle.batches))
        for start in range(0, len(taken), size):
            self.evaluator.apply(taken[start : start + size])
        if self._commit(cycle):
            self._committed = self._next
            if cycle.ending == "commit":
                self.evaluator.committed()
                return
        self._next = max(0, self._committed - cycle.rewind)
        self.evaluator = self._start()

    def _commit(self, cycle: Cycle) -> bool:
        """The numbered steps; ``False`` where the process died before the last was done."""
        changes = self.evaluator.collect()
        out = self.outcome
        steps: dict[str, list[Callable[[], None]]] = {
            "outputs": [
                *(
                    partial(out.qualifications.append, q)
                    for q in self.evaluator.staged.qualifications
                ),
                *(partial(out.updates.append, update) for update in changes.updates),
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


def _write(store: dict[bytes, bytes], key: bytes, state: bytes | None) -> None:
    if state is None:
        store.pop(key, None)
    else:
        store[key] = state
