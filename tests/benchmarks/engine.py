"""The evaluator alone on the reference load: no Kafka, no process boundary; by CPU time.

``python -m tests.benchmarks.engine``; ``--profile`` says where the time goes.
"""

import cProfile
import gc
import pstats
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import psutil
import typer

from streams.decoding import decode
from streams.definitions import load as load_definitions
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.outputs import Outputs
from streams.transport.timekeeper import SLICE
from tests.benchmarks import load
from tests.benchmarks.report import show

DEFINITIONS = Path(__file__).parent / "definitions.yml"
BATCH = 500
"""Records of one partition that are applied in one go."""
CYCLE = 50_000
"""Records of all partitions between two commits: about a second of a worker."""


def run(
    events: Annotated[int, typer.Option(help="Size of the load.")] = 200_000,
    accounts: Annotated[int, typer.Option(help="Accounts in it.")] = load.ACCOUNTS,
    definitions: Annotated[Path, typer.Option(help="Definitions to evaluate.")] = DEFINITIONS,
    cache: Annotated[int, typer.Option(help="Hot states kept between commits.")] = 4096,
    profile: Annotated[bool, typer.Option(help="Print where the time goes.")] = False,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Measure decoding, then the whole evaluator, in this process."""
    cycles = commit_cycles(events, accounts)
    decoding = cpu_seconds(lambda: _decode(cycles))
    before = resident()
    evaluation = Evaluation(definitions, cache)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    seconds = cpu_seconds(lambda: evaluation.run(cycles))
    profiler.disable()
    figures = {
        "events": events,
        "decode_events_per_second": round(events / decoding),
        "evaluator_events_per_second": round(events / seconds),
        "microseconds_per_event": round(seconds / events * 1e6, 2),
        "of_these_in_commits": round(evaluation.committing / events * 1e6, 2),
        "resident_growth_per_account_bytes": round((resident() - before) / accounts),
        "state_bytes_per_account": round(evaluation.stored_bytes() / accounts),
        **evaluation.summary(),
    }
    show("The evaluator alone", figures, as_json=json)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


class Evaluation:
    """A worker's evaluators, one a partition, committed to dictionaries."""

    def __init__(self, definitions: Path, cache: int) -> None:
        self.accounts: dict[bytes, bytes] = {}
        self.users: dict[bytes, bytes] = {}
        self.sent = 0
        self.written = 0
        self.committing = 0.0
        self._outputs = Outputs(
            "qualifications", "shadow", "activity", "dead-letters", "repartition"
        )
        engine = Engine(load_definitions(definitions))
        self.evaluators = [
            Evaluator(
                engine,
                topic="product.events",
                partition=partition,
                load_account=self.accounts.get,
                load_user=self.users.get,
                cache_entries=cache,
            )
            for partition in range(load.PARTITIONS)
        ]

    def run(self, cycles: Sequence[Sequence[Sequence[Any]]]) -> None:
        """Apply the records as the worker does: slices of each partition, timers, a commit."""
        for partitions in cycles:
            for evaluator, records in zip(self.evaluators, partitions, strict=True):
                for start in range(0, len(records), BATCH):
                    evaluator.apply(records[start : start + BATCH])
                if records:
                    evaluator.pass_time(records[-1].timestamp, SLICE)
            begun = time.process_time()
            for partition, evaluator in enumerate(self.evaluators):
                self._commit(partition, evaluator)
            self.committing += time.process_time() - begun

    def _commit(self, partition: int, evaluator: Evaluator) -> None:
        changes = evaluator.collect()
        records = self._outputs.records(partition, evaluator.staged, changes)
        self.sent += sum(1 for _ in records)
        for table, rows in ((self.accounts, changes.accounts), (self.users, changes.users)):
            self.written += len(rows)
            for key, state in rows:
                if state is None:
                    table.pop(key, None)
                else:
                    table[key] = state
        evaluator.committed()

    def stored_bytes(self) -> int:
        """Bytes of all keys and states at rest."""
        tables = (self.accounts, self.users)
        return sum(len(key) + len(state) for table in tables for key, state in table.items())

    def summary(self) -> dict[str, int]:
        """What came of the load."""
        counts = [evaluator.counts for evaluator in self.evaluators]
        return {
            "users": len(self.users),
            "qualifications": sum(sum(count.qualifications.values()) for count in counts),
            "records_sent": self.sent,
            "states_written": self.written,
            "cache_hits": sum(count.cache_hits for count in counts),
            "cache_misses": sum(count.cache_misses for count in counts),
        }


def commit_cycles(events: int, accounts: int) -> list[list[list[Any]]]:
    """The load by commit cycle and partition."""
    cycles: list[list[list[Any]]] = []
    for offset, record in enumerate(load.records(events, accounts)):
        if offset % CYCLE == 0:
            cycles.append([[] for _ in range(load.PARTITIONS)])
        here = load.partition_of(record.key, load.PARTITIONS)
        cycles[-1][here].append(
            SimpleNamespace(
                key=record.key,
                value=record.value,
                headers=(),
                timestamp=record.timestamp,
                offset=offset,
            )
        )
    return cycles


def _decode(cycles: Sequence[Sequence[Sequence[Any]]]) -> None:
    for partitions in cycles:
        for records in partitions:
            for one in records:
                decode(one.value, one.headers, one.timestamp, "product.events", 0, one.offset)


def cpu_seconds(measured: Callable[[], None]) -> float:
    """CPU seconds: nothing here waits, and what else the machine does is not its cost."""
    gc.collect()
    gc.disable()  # as in a worker
    start = time.process_time()
    measured()
    seconds = time.process_time() - start
    gc.enable()
    return seconds


def resident() -> int:
    """Bytes of memory of this process."""
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident


if __name__ == "__main__":
    typer.run(run)
