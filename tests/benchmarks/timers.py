"""What a million pending timers cost an evaluator that has other work: speed, memory, start.

``make bench-timers``, or ``python -m tests.benchmarks.timers``: the reference load with them and
without, in one run.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from streams.definitions import load as load_definitions
from streams.engine import Engine, Entity
from streams.engine.compiler import Plan
from streams.engine.state import encode_entity
from streams.state_cache import user_key
from tests.benchmarks import load
from tests.benchmarks.engine import DEFINITIONS, Evaluation, commit_cycles, cpu_seconds, resident
from tests.benchmarks.report import show

CACHE = 4096
YEAR = 365 * 86_400_000

WAITING = """
  waited: {of: user, when: {after: {event: Wait Begun}, no: {event: Wait Ended}, for: 365d}}
"""
"""What the timers are for, beside the reference definitions; the load has none of its events."""


def run(
    timers: Annotated[int, typer.Option(help="Timers that are pending.")] = 1_000_000,
    events: Annotated[int, typer.Option(help="Size of the load.")] = 100_000,
    accounts: Annotated[int, typer.Option(help="Accounts in it.")] = load.ACCOUNTS,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 5,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Measure in turn, without timers and with them; the figures are medians."""
    cycles = commit_cycles(events, accounts)
    definitions = _definitions()
    plan = Engine(load_definitions(definitions)).users
    counts: list[int] = []
    without: list[float] = []
    beside: list[float] = []
    restoring: list[float] = []
    sizes: list[int] = []
    for number in range(rounds):
        # One goes first in every other round: the machine may grow faster or slower meanwhile.
        for pending in (0, timers) if number % 2 else (timers, 0):
            evaluation = Evaluation(definitions, CACHE)
            if pending:
                before = resident()
                restoring.append(_restore(evaluation, pending, plan))
                sizes.append(resident() - before)
                counts.append(sum(one.counts.timers_pending for one in evaluation.evaluators))
            seconds = cpu_seconds(lambda of=evaluation: of.run(cycles))  # type: ignore[misc]
            (beside if pending else without).append(events / seconds)
    ratios = [one / other for one, other in zip(beside, without, strict=True)]
    figures = {
        "timers": min(counts),
        "events_per_second_without_timers": round(median(without)),
        "events_per_second_beside_timers": round(median(beside)),
        "beside_to_without": round(median(ratios), 3),
        "bytes_per_timer": round(max(sizes) / min(counts), 1),
        "seconds_to_set_them_at_the_assignment": round(median(restoring), 2),
    }
    show("A million timers that wait", figures, as_json=json)


def _definitions() -> Path:
    """The reference definitions and one more that waits."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-timers-"))
    path = folder / "definitions.yml"
    path.write_text(DEFINITIONS.read_text().rstrip() + WAITING)
    return path


def _restore(evaluation: Evaluation, timers: int, plan: Plan) -> float:
    """Let the evaluators find states with deadlines in the year after the load; CPU seconds."""
    share = timers // len(evaluation.evaluators)
    spent = 0.0
    for place, evaluator in enumerate(evaluation.evaluators):
        states = _states(share, place, plan)
        while part := list(islice(states, 5_000)):
            begun = time.process_time()
            evaluator.schedule(part)
            spent += time.process_time() - begun
    return spent


def _states(count: int, seed: int, plan: Plan) -> Iterator[tuple[bytes, bytes]]:
    rng = random.Random(seed)
    for number in range(count):
        key = user_key(f"account-{seed}-{number // 3}", f"user-{number}")
        entity = Entity(key, f"user-{number}")
        entity.deadline = load.START + load.SPAN + rng.randrange(YEAR)
        yield key, encode_entity(entity, plan, epoch=1)


if __name__ == "__main__":
    typer.run(run)
