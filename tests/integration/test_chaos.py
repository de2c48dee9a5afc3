"""Workers killed at random under load: nothing missing, nothing twice with another payload.

The full proof, with paused processes and a cluster of brokers, is a suite of its own; this is
its seed. The random seed is printed, and ``CHAOS_SEED`` sets it.
"""

import os
import random
import threading
from pathlib import Path

import pytest

from tests.integration import traffic
from tests.integration.conftest import Deploy
from tests.integration.persisted import daily_counts, milestones
from tests.services import topics
from tests.services.commands import Running
from tests.services.deployment import Deployment
from tests.services.waiting import wait_until

EVENTS = 40_000
KILLS = {"kafka": 10, "embedded": 3}
WORKERS = 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ill_keyed", [0.0, 0.05], ids=["well keyed", "some ill keyed"])
def test_workers_killed_at_random_under_load_lose_nothing(
    deploy: Deploy, tmp_path: Path, ill_keyed: float
) -> None:
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    rng = random.Random(seed)
    events = traffic.events(seed, EVENTS, accounts=200)
    deployment = deploy()
    workers = [deployment.worker() for _ in range(WORKERS)]
    sink = deployment.sink()
    load = _Load(deployment, traffic.messages(events, seed, ill_keyed=ill_keyed))
    load.start()
    for _ in range(KILLS[deployment.broker.kind]):
        _kill_one(rng, workers, deployment)
    load.finish()
    deployment.wait_until_evaluated()
    deployment.wait_until_persisted()
    sink.terminate(within=30)

    expected = traffic.replayed(events, tmp_path)
    published = deployment.published()
    assert traffic.reached(published) == expected
    assert milestones(deployment) == expected
    assert daily_counts(deployment) == traffic.daily(events)
    _assert_one_payload_an_id(published, hops=ill_keyed > 0)


@pytest.mark.slow
def test_a_worker_that_wakes_after_another_took_its_partitions_changes_nothing(
    deploy: Deploy, tmp_path: Path
) -> None:
    events = traffic.events(11, EVENTS // 4, accounts=100)
    deployment = deploy()
    load = _Load(deployment, traffic.messages(events, 11, ill_keyed=0.05))
    sleeper, other = deployment.worker(), deployment.worker()
    wait_until(lambda: sleeper.ready() and other.ready(), within=120, what="two ready workers")
    load.start()
    wait_until(deployment.published, within=60, what="workers at work")

    sleeper.pause()
    taken = other.metrics()["milepost_assigned_partitions",]
    wait_until(
        lambda: other.metrics()["milepost_assigned_partitions",] > taken,
        within=120,
        what="partitions taken over",
    )
    sleeper.resume()
    load.finish()
    deployment.wait_until_evaluated()

    assert sleeper.alive
    published = deployment.published()
    assert traffic.reached(published) == traffic.replayed(events, tmp_path)
    _assert_one_payload_an_id(published, hops=True)


FOUND_BY = {"decided_by", "detected_at", "late", "evidence"}
"""What says how it was found that something was reached, and not what."""


def _assert_one_payload_an_id(published: list[dict[str, object]], *, hops: bool) -> None:
    """What is told again is the same.

    Where records take a hop, a crash may merge them otherwise (as the README says): another of them
    may then decide, and one that comes later than is allowed is in the evidence or not.
    """
    payloads: dict[object, object] = {}
    for qualification in published:
        told = {key: one for key, one in qualification.items() if not (hops and key in FOUND_BY)}
        assert payloads.setdefault(qualification["id"], told) == told


def _kill_one(rng: random.Random, workers: list[Running], deployment: Deployment) -> None:
    """Kill a worker at a random moment after it has begun to work, and start another."""
    place = rng.randrange(len(workers))
    victim = workers[place]
    wait_until(victim.ready, within=120, what=f"{victim.name} ready before it is killed")
    pause = threading.Event()
    pause.wait(rng.uniform(0, 2))
    victim.kill()
    workers[place] = deployment.worker()


class _Load:
    """Writes messages a slice at a time, beside the test, until it is told to hurry."""

    def __init__(self, deployment: Deployment, messages: list[topics.Message]) -> None:
        self._deployment = deployment
        self._messages = messages
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Write what is left at once."""
        self._hurry.set()
        self._thread.join(120)
        assert not self._messages, "the load was not written in time"

    def _write(self) -> None:
        while self._messages:
            size = len(self._messages) if self._hurry.is_set() else 200
            topics.write(self._deployment.broker, self._deployment.events, self._messages[:size])
            del self._messages[:size]
            self._hurry.wait(0.3)
