"""One worker on the reference load, beside a bare consumer and a tutorial's application.

``make bench``, or ``python -m tests.benchmarks``: all three read the same topic in the same run.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import orjson
import psutil
import typer
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.build import is_compiled
from tests.benchmarks import load
from tests.benchmarks.loading import load_topic
from tests.benchmarks.report import show
from tests.services import brokers
from tests.services.brokers import CHECKOUT, Broker
from tests.services.commands import Running
from tests.services.deployment import Deployment
from tests.services.reaper import Reaper
from tests.services.waiting import wait_until

DEFINITIONS = Path(__file__).parent / "definitions.yml"

LEAST_OF_FLOOR = 0.2
LEAST_OF_TUTORIAL = 20
MOST_BYTES_PER_ACCOUNT = 2048

FEWER = 10
"""Memory is measured beside a worker with as many events of so many times fewer accounts: what is
in flight is the same in both, whatever the accounts."""

PATIENCE = 900
"""Seconds until a measurement is given up."""


def run(
    events: Annotated[int, typer.Option(help="Size of the load.")] = load.EVENTS,
    accounts: Annotated[int, typer.Option(help="Accounts in it.")] = load.ACCOUNTS,
    broker: Annotated[str, typer.Option(help="kafka or embedded.")] = "kafka",
    tutorial_events: Annotated[int, typer.Option(help="Slice for the tutorial's app.")] = 20_000,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 3,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Measure; exit 1 where the worker misses what it must hold."""
    start = {"kafka": brokers.kafka, "embedded": brokers.embedded}[broker]
    reaper = Reaper()
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as folder:
        try:
            with start(reaper, Path(folder)) as running:
                bench = Bench(running, reaper, Path(folder), tutorial_events, rounds)
                figures = bench.measure(events, accounts)
        except brokers.NotAvailableError as error:
            typer.echo(f"milepost bench: {error}", err=True)
            raise typer.Exit(2) from None
        finally:
            reaper.close()
    show(f"{events:,} events of {accounts:,} accounts, {broker}", figures, as_json=json)
    raise typer.Exit(0 if holds(figures) else 1)


def holds(figures: dict[str, Any]) -> bool:
    """Whether the worker is as fast and as small as it must be."""
    return bool(
        figures["worker_to_floor"] >= LEAST_OF_FLOOR
        and figures["worker_to_tutorial"] >= LEAST_OF_TUTORIAL
        and figures["memory_bytes_per_account"] < MOST_BYTES_PER_ACCOUNT
    )


@dataclass(frozen=True)
class Bench:
    """The measurements, on one broker."""

    broker: Broker
    reaper: Reaper
    folder: Path
    tutorial_events: int
    rounds: int

    def measure(self, events: int, accounts: int) -> dict[str, Any]:
        """All of them, one after the other: nothing else runs beside each but the broker.

        Each in every round, and of the rounds the middle one by the worker's share of the floor
        beside it: the machine may be twice as fast in one minute as in the next.
        """
        topic = self._loaded(events, accounts)
        rounds = []
        for number in range(self.rounds):
            self._say(f"round {number + 1} of {self.rounds}")
            before = self._other("floor", topic)
            worker = self._worker(topic, events)
            floor = round((before + self._other("floor", topic)) / 2)
            tutorial = self._other("tutorial", topic, str(self.tutorial_events))
            self._say(f"{floor:,} {worker.rate:,} {tutorial:,} events a second")
            rounds.append((worker.rate / floor, floor, worker, tutorial))
        _, floor, worker, tutorial = sorted(rounds, key=itemgetter(0))[len(rounds) // 2]
        few = accounts // FEWER
        beside = self._worker(self._loaded(events, few), events)
        return {
            "compiled": is_compiled(),
            "floor_events_per_second": floor,
            "tutorial_events_per_second": tutorial,
            "worker_events_per_second": worker.rate,
            "worker_to_floor": round(worker.rate / floor, 3),
            "worker_to_tutorial": round(worker.rate / tutorial, 1),
            "worker_cpu_microseconds_per_event": round(worker.cpu / events * 1e6, 2),
            "worker_megabytes": round(worker.final / 1e6, 1),
            f"worker_megabytes_with_{few}_accounts": round(beside.final / 1e6, 1),
            "memory_bytes_per_account": round((worker.final - beside.final) / (accounts - few)),
            "state_bytes_per_account": round(worker.state / accounts),
            "qualifications": worker.qualifications,
        }

    def _deployment(self, events: str | None = None) -> Deployment:
        """Settings as they come: what is measured is what a user gets."""
        return Deployment(
            self.broker,
            self.reaper,
            Path(tempfile.mkdtemp(dir=self.folder)),
            DEFINITIONS,
            partitions=load.PARTITIONS,
            env={},
            events=events,
        )

    def _loaded(self, events: int, accounts: int) -> str:
        """A topic with the load."""
        topic = self._deployment().events
        self._say(f"loading {events:,} events of {accounts:,} accounts")
        load_topic(self.broker, topic, load.PARTITIONS, load.records(events, accounts))
        return topic

    def _other(self, module: str, topic: str, *arguments: str) -> int:
        self._say(f"measuring the {module}")
        command = [f"tests.benchmarks.{module}", self.broker.bootstrap, topic, *arguments]
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,  # Faust leaves a folder of its own where it runs
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
        return int(orjson.loads(done.stdout.splitlines()[-1])["events_per_second"])

    def _worker(self, topic: str, events: int) -> "Measured":
        self._say("measuring the worker")
        deployment = self._deployment(topic)
        worker = deployment.worker()
        rate = asyncio.run(_rate(deployment, worker, events))
        final = _resident(worker)
        cpu = sum(psutil.Process(worker.pid).cpu_times()[:2])
        metrics = worker.metrics()
        worker.close()
        return Measured(
            rate,
            cpu,
            final,
            state=_total(metrics, "milepost_state_bytes"),
            qualifications=_total(metrics, "milepost_qualifications_total"),
        )

    @staticmethod
    def _say(text: str) -> None:
        typer.echo(text, err=True)


@dataclass(frozen=True)
class Measured:
    """What one worker did."""

    rate: int
    cpu: float
    final: int
    """Resident bytes at the end."""
    state: int
    """Bytes of all tables at rest."""
    qualifications: int


async def _rate(deployment: Deployment, worker: Running, events: int) -> int:
    """Wait until everything is committed; events a second from one tenth of it to nine tenths.

    A commit cycle holds as much back at the one end as at the other. What comes before is the
    start, which is not charged to any of the three; what comes after is a last commit that no other
    event hurries.
    """
    wait_until(worker.ready, within=PATIENCE, what="a ready worker", every=0.02)
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.broker.bootstrap)
    await admin.start()
    seen: list[tuple[float, int]] = []
    begun = time.perf_counter()
    try:
        while not seen or seen[-1][1] < events:
            committed = await _committed(admin, deployment)
            seen.append((time.perf_counter(), committed))
            if not worker.alive or seen[-1][0] - begun > PATIENCE:
                raise RuntimeError(f"the worker did not finish:\n{worker.tail()}")
            await asyncio.sleep(0.2)
    finally:
        await admin.close()
    (first, least), (last, most) = (
        next(look for look in seen if look[1] >= share * events) for share in (0.1, 0.9)
    )
    return round((most - least) / (last - first))


async def _committed(admin: AIOKafkaAdminClient, deployment: Deployment) -> int:
    partitions = [TopicPartition(deployment.events, n) for n in range(load.PARTITIONS)]
    try:
        offsets = await admin.list_consumer_group_offsets(deployment.app, partitions=partitions)
    except GroupCoordinatorNotAvailableError:  # a new broker has no group yet
        return 0
    return sum(max(0, offset.offset) for offset in offsets.values())


def _total(metrics: Mapping[tuple[str, ...], float], name: str) -> int:
    return int(sum(value for (sample, *_), value in metrics.items() if sample == name))


def _resident(worker: Running) -> int:
    return int(psutil.Process(worker.pid).memory_info().rss)


if __name__ == "__main__":
    typer.run(run)
