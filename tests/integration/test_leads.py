"""Leads that nobody contacts: told when they are due, whatever becomes of the worker."""

import time
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from schemas.encoding import time_text
from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.deployment import PATIENCE, Deployment
from tests.services.waiting import wait_until

DEFINITIONS = Path(__file__).parent / "leads.yml"
SLA = 15_000
"""Milliseconds, as in the definitions: by then a worker has evaluated an event and is killed, on a
busy machine too."""
MASS = 3_000


def _send(deployment: Deployment, accounts: Iterable[str], name: str) -> int:
    """One event of each account, now; the event time."""
    at = time.time_ns() // 1_000_000
    sent = []
    for account in accounts:
        event = {
            "event": name,
            "timestamp": at,
            "event_id": f"{account}-{name}",
            "account_id": account,
        }
        sent.append(topics.Message(orjson.dumps(event), account.encode()))
    topics.write(deployment.broker, deployment.events, sent)
    return at


def _told(deployment: Deployment, name: str) -> list[dict[str, object]]:
    return [one for one in deployment.published() if one["type"] == f"lead.{name}"]


def _wait_for_breaches(deployment: Deployment, count: int) -> list[dict[str, object]]:
    def told() -> list[dict[str, object]]:
        found = _told(deployment, "sla_breached")
        return found if len({one["id"] for one in found}) >= count else []

    return wait_until(told, within=PATIENCE, what="that leads were not contacted", every=0.3)


def _assert_due(breaches: Iterable[dict[str, object]], at: int) -> None:
    due = time_text(at + SLA)
    for one in breaches:
        assert (one["occurred_at"], one["detected_at"], one["decided_by"]) == (due, due, None)


@pytest.mark.slow
def test_after_kill_9_a_lead_that_is_due_is_told_once_and_one_that_was_contacted_never(
    deploy: Deploy,
) -> None:
    deployment = deploy(DEFINITIONS)
    first = deployment.worker()
    at = _send(deployment, ["acme", "bolt", "coil"], "Demo Asked For")
    _send(deployment, ["bolt"], "lead_contacted")
    deployment.wait_until_evaluated()
    assert {one["account_id"] for one in _told(deployment, "routed")} == {"acme", "bolt", "coil"}
    first.kill()
    assert _told(deployment, "sla_breached") == []
    second = deployment.worker()

    breaches = _wait_for_breaches(deployment, 2)
    assert second.terminate(within=30) == 0
    third = deployment.worker()
    wait_until(third.ready, within=PATIENCE, what="a ready worker")
    _send(deployment, ["acme", "bolt", "coil"], "lead_converted")
    deployment.wait_until_evaluated()

    assert _told(deployment, "sla_breached") == breaches
    assert sorted(str(one["account_id"]) for one in breaches) == ["acme", "coil"]
    _assert_due(breaches, at)
    assert len(_told(deployment, "closed")) == 3


@pytest.mark.slow
def test_kill_9_amid_many_leads_that_are_due_loses_none_and_changes_none(deploy: Deploy) -> None:
    deployment = deploy(DEFINITIONS)
    accounts = [f"account-{number}" for number in range(MASS)]
    first = deployment.worker()
    at = _send(deployment, accounts, "Demo Asked For")
    deployment.wait_until_evaluated()
    wait_until(
        lambda: first.metrics()["milepost_timers_fired_total",] > MASS // 2,
        within=PATIENCE,
        what="some of many that are due",
        every=0.01,
    )
    first.kill()
    deployment.worker()

    breaches = _wait_for_breaches(deployment, MASS)

    by_id = {str(one["id"]): one for one in breaches}
    assert all(by_id[str(one["id"])] == one for one in breaches), "one id for two things"
    assert {one["account_id"] for one in by_id.values()} == set(accounts)
    assert len(by_id) == MASS
    _assert_due(breaches, at)
