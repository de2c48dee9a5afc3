"""Events through Kafka, worker, output topic, sink and ClickHouse: what ``replay`` says of them."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration import traffic
from tests.integration.conftest import Deploy
from tests.integration.persisted import daily_counts, milestones
from tests.services import topics
from tests.services.deployment import Deployment
from tests.services.waiting import wait_until

EVENTS = 3_000
DEADLINE = 30
"""Seconds within which SIGTERM must have ended a process: the shutdown timeout, and its start."""


def _published(deployment: Deployment) -> traffic.Reached:
    return traffic.reached(deployment.published())


def test_what_reaches_clickhouse_is_what_replay_says(deploy: Deploy, tmp_path: Path) -> None:
    events = traffic.events(1, EVENTS)
    deployment = deploy()
    deployment.worker()
    sink = deployment.sink()
    topics.write(deployment.broker, deployment.events, traffic.messages(events, 1, ill_keyed=0.1))

    deployment.wait_until_evaluated()
    deployment.wait_until_persisted()
    sink.terminate(within=DEADLINE)

    expected = traffic.replayed(events, tmp_path)
    assert {entity[0] for entity in expected} == traffic.MILESTONES
    assert _published(deployment) == expected
    assert milestones(deployment) == expected
    assert daily_counts(deployment) == traffic.daily(events)


def test_a_qualification_has_one_payload_however_often_it_is_published(
    deploy: Deploy, tmp_path: Path
) -> None:
    events = traffic.events(2, EVENTS)
    deployment = deploy()
    worker = deployment.worker(MILEPOST_COMMIT_INTERVAL="2")
    sent = traffic.messages(events, 2)
    topics.write(deployment.broker, deployment.events, sent[: len(sent) // 2])
    wait_until(deployment.published, within=60, what="the first qualifications")
    worker.kill()
    deployment.worker()
    topics.write(deployment.broker, deployment.events, sent[len(sent) // 2 :])

    deployment.wait_until_evaluated()

    payloads: dict[object, object] = {}
    for qualification in deployment.published():
        assert payloads.setdefault(qualification["id"], qualification) == qualification
    assert _published(deployment) == traffic.replayed(events, tmp_path)


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_a_restart_in_the_middle_changes_nothing(
    deploy: Deploy, tmp_path: Path, store: str
) -> None:
    events = traffic.events(3, EVENTS)
    sent = traffic.messages(events, 3, ill_keyed=0.05)
    deployment = deploy()
    tables = {"MILEPOST_STORE": store, "MILEPOST_STATE_DIR": str(tmp_path / "state")}
    first = deployment.worker(**tables)
    topics.write(deployment.broker, deployment.events, sent[: len(sent) // 2])
    deployment.wait_until_evaluated()
    assert first.terminate(within=DEADLINE) == 0

    topics.write(deployment.broker, deployment.events, sent[len(sent) // 2 :])
    deployment.worker(**tables)
    deployment.wait_until_evaluated()

    assert _published(deployment) == traffic.replayed(events, tmp_path)


def test_sigterm_under_load_ends_within_the_deadline_and_loses_nothing(
    deploy: Deploy, tmp_path: Path
) -> None:
    events = traffic.events(4, 4 * EVENTS)
    deployment = deploy()
    topics.write(deployment.broker, deployment.events, traffic.messages(events, 4))
    first = deployment.worker()
    wait_until(first.ready, within=60, what="a worker that is ready")

    assert first.terminate(within=DEADLINE) == 0

    deployment.worker()
    deployment.wait_until_evaluated()
    assert _published(deployment) == traffic.replayed(events, tmp_path)


def test_two_workers_share_the_partitions_and_agree_with_one(
    deploy: Deploy, tmp_path: Path
) -> None:
    events = traffic.events(5, EVENTS)
    sent = traffic.messages(events, 5, ill_keyed=0.05)
    deployment = deploy()
    workers = [deployment.worker()]
    topics.write(deployment.broker, deployment.events, sent[: len(sent) // 2])
    workers.append(deployment.worker())
    wait_until(lambda: all(w.ready() for w in workers), within=120, what="two ready workers")
    topics.write(deployment.broker, deployment.events, sent[len(sent) // 2 :])

    deployment.wait_until_evaluated()

    assert all(worker.metrics()["milepost_events_total", "accepted"] for worker in workers)
    assert _published(deployment) == traffic.replayed(events, tmp_path)


def test_the_sink_catches_up_after_it_was_killed(deploy: Deploy, tmp_path: Path) -> None:
    events = traffic.events(6, EVENTS)
    sent = traffic.messages(events, 6)
    deployment = deploy()
    deployment.worker()
    first = deployment.sink()
    topics.write(deployment.broker, deployment.events, sent[: len(sent) // 2])
    deployment.wait_until_evaluated()
    wait_until(lambda: _has_rows(first), within=60, what="rows from the first sink")
    first.kill()
    topics.write(deployment.broker, deployment.events, sent[len(sent) // 2 :])
    deployment.wait_until_evaluated()
    second = deployment.sink()

    deployment.wait_until_persisted()
    second.terminate(within=DEADLINE)

    assert milestones(deployment) == traffic.replayed(events, tmp_path)
    assert daily_counts(deployment) == traffic.daily(events)


def _has_rows(sink: Any) -> bool:
    metrics = sink.metrics() if sink.ready() else {}
    return any(
        name == "milepost_sink_rows_total" and value for (name, *_), value in metrics.items()
    )
