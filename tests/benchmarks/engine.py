"""The evaluator alone on the reference load: no Kafka, no process boundary.

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
from tests.benchmarks import load
from tests.benchmarks.report import show

DEFINITIONS = Path(__file__).parent / "definitions.yml"
BATCH = 500
"""Records that one fetch of a partition brings."""
CYCLE = 20
"""Batches between two commits."""


def run(
    events: Annotated[int, typer.Option(help="Size of the load.")] = 200_000,
    accounts: Annotated[int, typer.Option(help="Accounts in it.")] = load.ACCOUNTS,
    definitions: Annotated[Path, typer.Option(help="Definitions to evaluate.")] = DEFINITIONS,
    cache: Annotated[int, typer.Option(help="Hot states kept between commits.")] = 4096,
    profile: Annotated[bool, typer.Option(help="Print where the time goes.")] = False,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Measure decoding, then the whole evaluator, in this process."""
    records = _records(events, accounts)
    decoding = _seconds(lambda: _decode(records))
    before = _resident()
    evaluation = Evaluation(definitions, cache)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    seconds = _seconds(lambda: evaluation.run(records))
    profiler.disable()
    figures = {
        "events": events,
        "decode_events_per_second": round(events / decoding),
        "evaluator_events_per_second": round(events / seconds),
        "microseconds_per_event": round(seconds / events * 1e6, 2),
        "resident_growth_per_account_bytes": round((_resident() - before) / accounts),
        "state_bytes_per_account": round(evaluation.stored_bytes() / accounts),
        **evaluation.summary(),
    }
    show("The evaluator alone", figures, as_json=json)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


class Evaluation:
    """One evaluator over one partition, committed to dictionaries."""

    def __init__(self, definitions: Path, cache: int) -> None:
        self.accounts: dict[bytes, bytes] = {}
        self.users: dict[bytes, bytes] = {}
        self.updates = 0
        self.written = 0
        self.evaluator = Evaluator(
            Engine(load_definitions(definitions)),
            topic="product.events",
            partition=0,
            load_account=self.accounts.get,
            load_user=self.users.get,
            cache_entries=cache,
        )

    def run(self, records: Sequence[Any]) -> None:
        """Apply the records as the worker does: batch by batch, a commit every few."""
        for number, start in enumerate(range(0, len(records), BATCH), 1):
            self.evaluator.apply(records[start : start + BATCH])
            if number % CYCLE == 0:
                self._commit()
        self._commit()

    def _commit(self) -> None:
        changes = self.evaluator.collect()
        self.updates += len(changes.updates)
        for table, rows in ((self.accounts, changes.accounts), (self.users, changes.users)):
            self.written += len(rows)
            for key, state in rows:
                if state is None:
                    table.pop(key, None)
                else:
                    table[key] = state
        self.evaluator.committed()

    def stored_bytes(self) -> int:
        """Bytes of all keys and states at rest."""
        tables = (self.accounts, self.users)
        return sum(len(key) + len(state) for table in tables for key, state in table.items())

    def summary(self) -> dict[str, int]:
        """What came of the load."""
        counts = self.evaluator.counts
        return {
            "users": len(self.users),
            "qualifications": sum(counts.qualifications.values()),
            "activity_updates": self.updates,
            "states_written": self.written,
            "cache_hits": counts.cache_hits,
            "cache_misses": counts.cache_misses,
        }


def _records(events: int, accounts: int) -> list[Any]:
    return [
        SimpleNamespace(
            key=record.key,
            value=record.value,
            headers=(),
            timestamp=record.timestamp,
            offset=offset,
        )
        for offset, record in enumerate(load.records(events, accounts))
    ]


def _decode(records: Sequence[Any]) -> None:
    for record in records:
        decode(record.value, record.headers, record.timestamp, "product.events", 0, record.offset)


def _seconds(measured: Callable[[], None]) -> float:
    gc.collect()
    start = time.perf_counter()
    measured()
    return time.perf_counter() - start


def _resident() -> int:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident


if __name__ == "__main__":
    typer.run(run)
