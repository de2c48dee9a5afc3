"""Qualify: the product events of one partition through the engine, out and into the tables."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from streams.counts import Counts
from streams.evaluator import Evaluator
from streams.outputs import Outputs
from streams.tables import Tables
from streams.transport.batches import ConsumerRecord
from streams.transport.changelog import Recovery
from streams.transport.cycle import CommitCycle
from streams.transport.owner import Owner
from streams.transport.reading import Changelog
from streams.transport.sender import Sender
from streams.transport.stores import Store

_SCANNED_AT_ONCE: Final = 5_000
"""States whose deadlines are read in one go, while a partition is opened."""


class Telemetry(Protocol):
    """Who is told of evaluators and tables; :class:`streams.metrics.Metrics` is one."""

    def follow(self, counts: Counts) -> None:
        """Show an evaluator's counts from now on."""

    def unfollow(self, counts: Counts) -> None:
        """The evaluator is gone."""

    def set_state(self, table: str, entries: int, size: int) -> None:
        """How large a table is."""


class Reception(Protocol):
    """Who answers questions about states; :class:`streams.explain.desk.Desk` is one."""

    def open(self, partition: int, evaluator: Evaluator) -> None:
        """The state of a partition is here from now on."""

    def close(self, partition: int) -> None:
        """It is here no more."""


class Qualify:
    """One partition of the events topic, and of the repartition topic behind it.

    Args:
        partition: its number.
        make_evaluator: makes the evaluator of a partition over its store, for an epoch.
        tables: where the states are.
        recovery: brings the tables up to date.
        sender: sends outputs and states.
        changelogs: of accounts and users.
        outputs: turns results into records.
        telemetry: told of counts and sizes.
        announce: told how the definitions differ from those that the tables were kept for.
        reception: told of the evaluator, to look into its states.
    """

    def __init__(
        self,
        partition: int,
        *,
        make_evaluator: Callable[[int, Store, int], Evaluator],
        tables: Tables,
        recovery: Recovery,
        sender: Sender,
        changelogs: tuple[Changelog, Changelog],
        outputs: Outputs,
        telemetry: Telemetry,
        announce: Callable[[Iterable[object]], None],
        reception: Reception,
    ) -> None:
        self._partition = partition
        self._make_evaluator = make_evaluator
        self._tables = tables
        self._recovery = recovery
        self._sender = sender
        self._changelogs = changelogs
        self._outputs = outputs
        self._telemetry = telemetry
        self._announce = announce
        self._reception = reception
        self._evaluator: Evaluator | None = None
        self._cycle: CommitCycle | None = None

    async def open(self, committed: Mapping[str, int | None]) -> None:
        """Bring the partition's tables back; see :class:`streams.transport.changelog.Recovery`."""
        store = await self._tables.open(self._partition)
        epoch = await self._recovery.recover(self._partition, store, committed)
        recovery = self._recovery
        owner = Owner(
            self._partition, store, self._sender, recovery.connection, epoch, recovery.address
        )
        accounts, users = self._changelogs
        self._cycle = CommitCycle(owner, store, self._sender, accounts=accounts, users=users)
        self._evaluator = self._make_evaluator(self._partition, store, epoch)
        self._announce(self._evaluator.edits)
        await self._schedule(self._evaluator, store)
        self._telemetry.follow(self._evaluator.counts)
        self._reception.open(self._partition, self._evaluator)

    async def _schedule(self, evaluator: Evaluator, store: Store) -> None:
        """Find the deadlines in the tables."""
        for changelog in self._changelogs:
            entries = store.scan(changelog.table)
            while part := list(islice(entries, _SCANNED_AT_ONCE)):
                evaluator.schedule(part)
                await asyncio.sleep(0)  # heartbeats, probes and other partitions

    def apply(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        """Decode and evaluate; results are staged (step 1 of the commit cycle)."""
        evaluator, _ = self._opened()
        if topic == self._outputs.repartition:
            evaluator.apply_forwarded(records)
        else:
            evaluator.apply(records)

    @property
    def next_deadline(self) -> int | None:
        """When an account or a user must be judged though no event comes."""
        evaluator, _ = self._opened()
        return evaluator.next_deadline

    def pass_time(self, now: int, most: int) -> int:
        """Judge what is due; results are staged as those of records are."""
        evaluator, _ = self._opened()
        return evaluator.pass_time(now, most)

    async def persist(self, positions: Mapping[str, int]) -> None:
        """Steps 2 to 4 of the commit cycle, see :class:`streams.transport.cycle.CommitCycle`."""
        evaluator, cycle = self._opened()
        changes = evaluator.collect()
        records = self._outputs.records(self._partition, evaluator.staged, changes)
        await cycle.run(records, changes.accounts, changes.users, positions)
        evaluator.committed()
        for table, size in self._tables.sizes().items():
            self._telemetry.set_state(table, size.entries, size.size)

    async def close(self) -> None:
        """Drop what is hot; the tables stay open, the partition may come straight back."""
        self._reception.close(self._partition)
        if self._evaluator is not None:
            self._telemetry.unfollow(self._evaluator.counts)
        self._evaluator = self._cycle = None

    def _opened(self) -> tuple[Evaluator, CommitCycle]:
        if self._evaluator is None or self._cycle is None:
            raise RuntimeError(f"partition {self._partition} is not open")
        return self._evaluator, self._cycle
