"""Milestones that the clock tells, with no event: at work, after a stop, after a kill."""

import time
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from schemas.encoding import time_text
from tests.integration import traffic
from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.deployment import PATIENCE, Deployment
from tests.services.waiting import wait_until

DEFINITIONS = Path(__file__).parent / "timers.yml"
LATENESS = 1_000
"""Milliseconds, as in the definitions."""
SOON = 1_000
LATER = 15_000
"""Milliseconds in which a worker has evaluated an event and is stopped, on a busy machine too."""
MASS = 3_000


def _now() -> int:
    return time.time_ns() // 1_000_000


def _rate(deployment: Deployment, accounts: Iterable[str], due_in: int) -> int:
    """Two users of each account rate it, of which the clock tells in so long; the event time."""
    at = _now() + due_in - LATENESS - 1
    sent = []
    for account in accounts:
        for user in ("ann", "bob"):
            event = {
                "event": "Rated",
                "timestamp": at,
                "event_id": f"{account}-{user}",
                "account_id": account,
                "user_id": user,
                "properties": {"stars": 5},
            }
            sent.append(topics.Message(orjson.dumps(event), account.encode()))
    topics.write(deployment.broker, deployment.events, sent)
    return at


def _expected(accounts: Iterable[str], at: int) -> traffic.Reached:
    whos = [("content", ""), ("happy", "ann"), ("happy", "bob"), ("team", "")]
    return {(name, acc, user, 1): time_text(at) for acc in accounts for name, user in whos}


def _wait_until_told(deployment: Deployment, expected: traffic.Reached) -> list[dict[str, object]]:
    def told() -> list[dict[str, object]]:
        published = deployment.published()
        return published if traffic.reached(published).keys() >= expected.keys() else []

    return wait_until(told, within=PATIENCE, what="what the clock tells", every=0.3)


def _wait_until(moment: int) -> None:
    wait_until(lambda: _now() > moment, within=PATIENCE, what="the time at which it is due")


def test_the_clock_tells_what_is_held_with_no_further_event(deploy: Deploy) -> None:
    deployment = deploy(DEFINITIONS)
    worker = deployment.worker()
    at = _rate(deployment, ["acme"], SOON)

    published = _wait_until_told(deployment, _expected(["acme"], at))

    assert len(published) == 4
    assert traffic.reached(published) == _expected(["acme"], at)
    assert {one["decided_by"] for one in published} == {None}
    # What is pending is counted once a commit cycle, which may end after what it told is read.
    wait_until(
        lambda: worker.metrics()["milepost_timers_pending",] == 0,
        within=PATIENCE,
        what="no timer that is pending",
    )
    assert worker.metrics()["milepost_timers_fired_total",] == 3


@pytest.mark.slow
@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_what_fell_due_while_no_worker_was_there_is_told_once_with_its_time(
    deploy: Deploy, tmp_path: Path, store: str
) -> None:
    deployment = deploy(DEFINITIONS)
    tables = {"MILEPOST_STORE": store, "MILEPOST_STATE_DIR": str(tmp_path / "state")}
    first = deployment.worker(**tables)
    at = _rate(deployment, ["acme", "bolt"], LATER)
    deployment.wait_until_evaluated()
    assert first.terminate(within=30) == 0
    assert deployment.published() == []
    _wait_until(at + LATENESS + 1)

    second = deployment.worker(**tables)
    published = _wait_until_told(deployment, _expected(["acme", "bolt"], at))
    assert second.terminate(within=30) == 0
    third = deployment.worker(**tables)
    wait_until(third.ready, within=PATIENCE, what="a ready worker")
    assert third.terminate(within=30) == 0

    assert deployment.published() == published
    assert len(published) == 8
    assert traffic.reached(published) == _expected(["acme", "bolt"], at)


@pytest.mark.slow
def test_after_kill_9_another_worker_tells_what_it_would_have_told(deploy: Deploy) -> None:
    deployment = deploy(DEFINITIONS)
    first = deployment.worker()
    at = _rate(deployment, ["acme"], LATER)
    deployment.wait_until_evaluated()
    first.kill()
    assert deployment.published() == []
    deployment.worker()

    published = _wait_until_told(deployment, _expected(["acme"], at))

    assert len(published) == 4
    assert traffic.reached(published) == _expected(["acme"], at)


@pytest.mark.slow
def test_kill_9_amid_many_that_are_due_at_once_loses_none_and_changes_none(
    deploy: Deploy,
) -> None:
    deployment = deploy(DEFINITIONS)
    accounts = [f"account-{number}" for number in range(MASS)]
    first = deployment.worker()
    at = _rate(deployment, accounts, LATER)
    deployment.wait_until_evaluated()
    wait_until(
        lambda: first.metrics()["milepost_timers_fired_total",] > MASS // 2,
        within=PATIENCE,
        what="some of many that are due",
        every=0.01,
    )
    first.kill()
    deployment.worker()

    published = _wait_until_told(deployment, _expected(accounts, at))

    assert traffic.reached(published) == _expected(accounts, at)
    assert {one["occurred_at"] for one in published} == {time_text(at)}
