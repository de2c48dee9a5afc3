"""One partition at work, against a log in memory that can be sought, held and lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

from faust.types import TP

from streams.transport.batches import Batch, Fence
from streams.transport.ledger import Ledger
from streams.transport.processor import LostError, Pace
from streams.transport.runner import PartitionRunner
from streams.transport.timekeeper import SLICE

EVENTS = TP("events", 0)
PATIENCE = 10.0
NOON = 1_767_268_800_000
"""Where the wall clock stands, until a test moves it."""


@dataclass(frozen=True)
class Record:
    offset: int


class Log:
    """Stands in for consumer and broker."""

    def __init__(self, committed: int | None = None) -> None:
        self.ledger = Ledger()
        self.offset = committed
        self.begins = 0
        self.end: int | None = None
        self.held: set[TP] = set()
        self.rewound: list[Mapping[TP, int]] = []
        self.member: list[bool | None] = []

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        return dict.fromkeys(tps, self.offset)

    async def beginning_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        return dict.fromkeys(tps, self.begins)

    async def rewind(self, offsets: Mapping[TP, int]) -> None:
        self.rewound.append(offsets)

    def known_end(self, tp: TP) -> int | None:
        return self.end

    def hold(self, tps: Iterable[TP]) -> None:
        self.held.update(tps)

    def release(self, tps: Iterable[TP]) -> None:
        self.held.difference_update(tps)

    async def is_member(self) -> bool | None:
        return self.member.pop(0) if self.member else True

    async def commit(self) -> bool:
        offsets = self.ledger.uncommitted()
        self.ledger.acknowledge(offsets)
        self.offset = next(iter(offsets.values()), self.offset)
        return bool(offsets)


class Collecting:
    """A processor that remembers, and persists when it is let."""

    def __init__(self, seconds_each: float) -> None:
        self.applied: list[int] = []
        self.slices: list[int] = []
        self.persisted: list[Mapping[str, int]] = []
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.may_persist = asyncio.Event()
        self.may_persist.set()
        self.now = 0.0
        self.seconds_each = seconds_each
        self.closed = 0
        self.lost = False
        self.failure: Exception | None = None
        self.due: list[int] = []
        self.fired: list[int] = []
        self.fired_at_once: list[int] = []

    @property
    def next_deadline(self) -> int | None:
        return min(self.due, default=None)

    def pass_time(self, now: int, most: int) -> int:
        if self.failure is not None:
            raise self.failure
        fired = sorted(due for due in self.due if due <= now)[:most]
        for due in fired:
            self.due.remove(due)
        self.fired += fired
        self.fired_at_once.append(len(fired))
        return len(fired)

    async def open(self, committed: Mapping[str, int | None]) -> None:
        await self.may_open.wait()
        self.committed = committed

    def apply(self, topic: str, records: Sequence[Record]) -> None:
        if self.failure is not None:
            raise self.failure
        self.applied += [record.offset for record in records]
        self.slices.append(len(records))
        self.now += self.seconds_each

    async def persist(self, positions: Mapping[str, int]) -> None:
        await self.may_persist.wait()
        if self.lost:
            raise LostError("another owner")
        self.persisted.append(positions)

    async def close(self) -> None:
        self.closed += 1


class Ear:
    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.late: list[float] = []

    def opened(self, runner: PartitionRunner) -> None: ...
    def observe_batch(self, seconds: float) -> None: ...
    def observe_commit(self, seconds: float) -> None: ...

    def observe_timers(self, late: float) -> None:
        self.late.append(late)

    def failed(self, error: BaseException) -> None:
        self.errors.append(error)


class Bench:
    """A runner between its log and its processor."""

    def __init__(
        self,
        committed: int | None = None,
        *,
        partition: int = 0,
        seconds_each: float | None = None,
        **pace: float,
    ) -> None:
        """With ``seconds_each``, time passes by that much with every slice, and not otherwise."""
        self.log, self.ear = Log(committed), Ear()
        self.wall = NOON
        self.processor = Collecting(seconds_each or 0.0)
        self.tp = TP("events", partition)
        options: dict[str, float] = {"commit_interval": 3600.0, "commit_records": 10**9} | pace
        self.runner = PartitionRunner(
            frozenset({self.tp}),
            self.processor,
            self.log,
            Pace(**options),
            self.ear,
            clock=perf_counter if seconds_each is None else lambda: self.processor.now,
            now=lambda: self.wall,
        )

    def batch(self, first: int, last: int, *, start: int | None = None) -> None:
        records = [Record(offset) for offset in range(first, last + 1)]
        self.runner.offer(Batch(self.tp, records, start, last + 1, (0, 0)))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.runner.stop(PATIENCE)


def on_a_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())  # type: ignore[arg-type]

    run.__name__ = test.__name__
    return run


@on_a_loop
async def test_records_are_applied_in_order_and_committed_after_persist() -> None:
    bench = Bench(commit_records=5)
    bench.runner.start()
    bench.batch(0, 2)
    bench.batch(3, 5)
    await bench.until(lambda: bench.log.offset == 6)
    assert bench.processor.applied == [0, 1, 2, 3, 4, 5]
    assert bench.processor.persisted == [{"events": 6}]
    await bench.stop()


@on_a_loop
async def test_nothing_is_committed_while_a_persist_waits() -> None:
    bench = Bench(commit_records=1)
    bench.processor.may_persist.clear()
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    for _ in range(10):
        await asyncio.sleep(0)
    assert bench.log.offset is None
    bench.processor.may_persist.set()
    await bench.until(lambda: bench.log.offset == 3)
    await bench.stop()


@on_a_loop
async def test_a_little_is_persisted_after_the_interval() -> None:
    bench = Bench(commit_interval=0.01)
    bench.runner.start()
    bench.batch(0, 0)
    await bench.until(lambda: bench.log.offset == 1)
    await bench.stop()


@on_a_loop
async def test_while_much_waits_in_the_log_three_intervals_pass_between_two_persists() -> None:
    bench = Bench(commit_interval=1.0, inbox_batches=99, partition=7, seconds_each=1.0)
    bench.log.end = 9
    bench.runner.start()
    for offset in range(9):
        bench.batch(offset, offset)
    await bench.until(lambda: bench.log.offset == 9)
    # After the eighth, one waits and two were applied: no longer behind.
    assert bench.processor.persisted == [{"events": n} for n in (3, 6, 8, 9)]
    await bench.stop()


@on_a_loop
async def test_partitions_that_are_opened_together_persist_in_turn() -> None:
    firsts = []
    for partition in range(8):
        bench = Bench(commit_interval=8.0, inbox_batches=99, partition=partition, seconds_each=1.0)
        bench.runner.start()
        for offset in range(20):
            bench.batch(offset, offset)
        persisted = bench.processor.persisted
        await bench.until(lambda persisted=persisted: len(persisted) >= 2)
        firsts.append([position["events"] for position in persisted[:2]])
        await bench.stop()
    assert firsts == [[n, n + 8] for n in range(1, 9)]


@on_a_loop
async def test_a_large_batch_is_applied_in_slices_and_persisted_in_between() -> None:
    bench = Bench(commit_records=4, slice_records=2)
    bench.runner.start()
    bench.batch(0, 9)
    await bench.until(lambda: len(bench.processor.applied) == 10)
    assert bench.processor.slices == [2] * 5
    await bench.stop()
    assert bench.processor.persisted == [{"events": 4}, {"events": 8}, {"events": 10}]


@on_a_loop
async def test_the_position_after_a_batch_skips_the_gaps_of_the_log() -> None:
    bench = Bench()
    bench.runner.start()
    bench.runner.offer(Batch(EVENTS, [Record(3)], None, 9, (0, 0)))
    await bench.until(lambda: bench.processor.applied == [3])
    await bench.stop()
    assert bench.log.offset == 9


@on_a_loop
async def test_records_before_the_position_are_not_applied_twice() -> None:
    bench = Bench(committed=2)
    bench.runner.start()
    bench.batch(0, 3)
    bench.batch(2, 5, start=2)
    await bench.until(lambda: bench.processor.applied == [2, 3, 4, 5])
    await bench.stop()


@on_a_loop
async def test_a_batch_behind_a_gap_is_not_applied_but_fetched_again() -> None:
    bench = Bench()
    bench.runner.start()
    bench.batch(0, 2)
    bench.batch(6, 8, start=6)
    await bench.until(lambda: bool(bench.log.rewound))
    assert bench.log.rewound == [{EVENTS: 3}]
    bench.batch(3, 8, start=3)
    await bench.until(lambda: bench.processor.applied == list(range(9)))
    await bench.stop()


@on_a_loop
async def test_fetching_is_held_until_open_and_while_batches_wait() -> None:
    bench = Bench(inbox_batches=2, commit_records=1)
    bench.processor.may_open.clear()
    bench.runner.start()
    assert bench.log.held == {EVENTS}
    bench.processor.may_open.set()
    await bench.until(lambda: not bench.log.held)
    bench.processor.may_persist.clear()
    bench.batch(0, 0)
    await bench.until(lambda: bench.processor.applied == [0])
    bench.batch(1, 1, start=1)
    bench.batch(2, 2, start=2)
    assert bench.log.held == {EVENTS}
    bench.processor.may_persist.set()
    await bench.until(lambda: bench.log.offset == 3)
    assert not bench.log.held
    await bench.stop()


@on_a_loop
async def test_stop_persists_and_commits_what_was_applied() -> None:
    bench = Bench()
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    await bench.stop()
    assert bench.log.offset == 3
    assert bench.processor.closed == 1


@on_a_loop
async def test_stop_gives_up_a_persist_that_takes_too_long_and_commits_nothing() -> None:
    bench = Bench()
    bench.processor.may_persist.clear()
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    await bench.runner.stop(0.01)
    assert bench.log.offset is None
    assert bench.processor.closed == 1
    assert bench.ear.errors == []


@on_a_loop
async def test_stop_does_not_wait_for_a_recovery() -> None:
    bench = Bench()
    bench.processor.may_open.clear()
    bench.runner.start()
    await bench.stop()
    assert bench.processor.persisted == []


@on_a_loop
async def test_an_error_of_the_processor_is_told_and_nothing_is_committed() -> None:
    bench = Bench()
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    bench.processor.failure = ZeroDivisionError("a bug")
    bench.batch(3, 3, start=3)
    await bench.until(lambda: bool(bench.ear.errors))
    await bench.stop()
    assert isinstance(bench.ear.errors[0], ZeroDivisionError)
    assert bench.processor.persisted == []
    assert bench.log.offset is None


@on_a_loop
async def test_a_worker_that_lost_its_partition_sends_nothing() -> None:
    bench = Bench(commit_records=1)
    bench.log.member = [None, False]
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: not bench.log.member)
    await bench.stop()
    assert bench.processor.persisted == []
    assert bench.log.offset is None


@on_a_loop
async def test_a_worker_that_finds_another_owner_commits_nothing_and_lives_on() -> None:
    bench = Bench(commit_records=1)
    bench.processor.lost = True
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    await bench.stop()
    assert bench.log.offset is None
    assert bench.ear.errors == []


@on_a_loop
async def test_abandoned_work_is_neither_persisted_nor_committed() -> None:
    bench = Bench()
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.processor.applied == [0, 1, 2])
    await bench.runner.abandon()
    assert bench.processor.persisted == []
    assert bench.processor.closed == 1


@on_a_loop
async def test_a_gap_before_the_first_batch_ever_is_noticed_too() -> None:
    bench = Bench()
    bench.log.begins = 2
    bench.runner.start()
    bench.batch(6, 8, start=6)
    await bench.until(lambda: bool(bench.log.rewound))
    assert bench.log.rewound == [{EVENTS: 2}]
    bench.batch(2, 8, start=2)
    await bench.until(lambda: bench.processor.applied == list(range(2, 9)))
    await bench.stop()


@on_a_loop
async def test_what_is_due_fires_while_nothing_comes_and_is_persisted() -> None:
    bench = Bench(committed=3, commit_interval=0.01)
    bench.log.end = 3
    bench.processor.due = [NOON, NOON + 20]
    bench.runner.start()
    await bench.until(lambda: bench.processor.persisted == [{"events": 3}])
    assert bench.processor.fired == [NOON]
    bench.wall += 1_020
    await bench.until(lambda: len(bench.processor.persisted) == 2)
    assert bench.processor.fired == [NOON, NOON + 20]
    assert bench.ear.late == [0.0, 1.0]
    assert bench.log.offset == 3
    await bench.stop()


@on_a_loop
async def test_nothing_fires_before_the_end_of_the_log_is_known() -> None:
    bench = Bench(commit_records=1)
    bench.processor.due = [NOON - 1]
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.log.offset == 3)
    assert bench.processor.fired == []
    bench.log.end = 3
    await bench.until(lambda: bench.processor.fired == [NOON - 1])
    await bench.stop()


@on_a_loop
async def test_nothing_fires_while_records_wait_that_were_in_the_log_then() -> None:
    bench = Bench(commit_records=1)
    bench.processor.due = [NOON - 1]
    bench.log.end = 6
    bench.runner.start()
    bench.batch(0, 2)
    await bench.until(lambda: bench.log.offset == 3)
    assert bench.processor.fired == []
    bench.batch(3, 5, start=3)
    await bench.until(lambda: bench.processor.fired == [NOON - 1])
    assert bench.processor.applied == [0, 1, 2, 3, 4, 5]
    await bench.stop()


@on_a_loop
async def test_a_mass_that_is_due_at_once_fires_in_slices_between_records() -> None:
    bench = Bench(commit_records=2 * SLICE, inbox_batches=99)
    bench.log.end = 0
    bench.processor.due = [NOON] * 10 * SLICE
    bench.runner.start()
    await bench.until(lambda: bool(bench.processor.fired))
    bench.batch(0, 0)
    await bench.until(lambda: bool(bench.processor.applied))
    assert len(bench.processor.fired) < 10 * SLICE
    await bench.until(lambda: len(bench.processor.fired) == 10 * SLICE)
    assert max(bench.processor.fired_at_once) == SLICE
    await bench.stop()
    assert len(bench.processor.persisted) >= 5


@on_a_loop
async def test_what_fired_is_persisted_when_the_partition_goes() -> None:
    bench = Bench()
    bench.log.end = 0
    bench.processor.due = [NOON]
    bench.runner.start()
    await bench.until(lambda: bool(bench.processor.fired))
    await bench.stop()
    assert bench.processor.persisted == [{"events": 0}]


@on_a_loop
async def test_what_fires_in_a_worker_that_lost_its_partition_is_not_sent() -> None:
    bench = Bench(commit_records=1)
    bench.log.end = 0
    bench.log.member = [None, False]
    bench.processor.due = [NOON]
    bench.runner.start()
    await bench.until(lambda: not bench.log.member)
    bench.processor.due = [NOON + 1]
    bench.wall += 10_000
    await bench.stop()
    assert bench.processor.fired == [NOON]
    assert bench.processor.persisted == []


@on_a_loop
async def test_an_error_while_time_passes_is_told_and_nothing_is_committed() -> None:
    bench = Bench()
    bench.log.end = 0
    bench.processor.failure = ZeroDivisionError("a bug")
    bench.processor.due = [NOON]
    bench.runner.start()
    await bench.until(lambda: bool(bench.ear.errors))
    await bench.stop()
    assert bench.processor.persisted == []


def stamped(fence: Fence, tp: TP) -> Batch:
    return Batch(tp, [], None, 0, fence.epoch(tp))


def test_the_fence_keeps_out_what_was_taken_before_a_rebalance() -> None:
    fence = Fence()
    before = stamped(fence, EVENTS)
    fence.rebalance()
    assert not fence.admits(before)
    assert fence.admits(stamped(fence, EVENTS))


def test_the_fence_keeps_out_what_was_taken_before_a_seek_of_that_partition_alone() -> None:
    fence, other = Fence(), TP("events", 1)
    before, beside = stamped(fence, EVENTS), stamped(fence, other)
    fence.seek(EVENTS)
    assert not fence.admits(before)
    assert fence.admits(beside)
    assert fence.admits(stamped(fence, EVENTS))


def test_a_seek_before_a_rebalance_does_not_look_like_one_after_it() -> None:
    fence = Fence()
    fence.seek(EVENTS)
    before = stamped(fence, EVENTS)
    fence.rebalance()
    fence.seek(EVENTS)
    assert not fence.admits(before)
