"""What is in the shadow, over a broker into ClickHouse: never to subscribers, all of it kept."""

import time
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.deployment import PATIENCE, Deployment
from tests.services.waiting import wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

DEFINITIONS = Path(__file__).parent / "shadow.yml"
ACCOUNTS = [f"account-{number}" for number in range(200)]
LIVE = {"keen", "pqa"}
HIDDEN = {"keen_2", "inside", "pqa_2"}


def _send(deployment: Deployment, accounts: Iterable[str], name: str, number: int) -> None:
    at = time.time_ns() // 1_000_000
    sent = []
    for account in accounts:
        event = {
            "event": name,
            "timestamp": at,
            "event_id": f"{account}-{number}",
            "account_id": account,
            "properties": {"lead": "pqa"},
        }
        sent.append(topics.Message(orjson.dumps(event), account.encode()))
    topics.write(deployment.broker, deployment.events, sent)


def test_subscribers_get_nothing_of_the_shadow_and_clickhouse_gets_all_of_it_after_kill_9(
    deploy: Deploy,
) -> None:
    deployment = deploy(DEFINITIONS)
    sink = deployment.sink()
    first = deployment.worker()
    _send(deployment, ACCOUNTS, "Demo Asked For", 1)
    wait_until(
        lambda: deployment.published(deployment.shadow),
        within=PATIENCE,
        what="something in the shadow",
        every=0.1,
    )
    first.kill()
    second = deployment.worker()
    _send(deployment, ACCOUNTS[:100], "Demo Asked For", 2)
    _send(deployment, ACCOUNTS[:50], "lead_converted", 3)
    deployment.wait_until_evaluated()

    def left() -> bool:
        told = deployment.published(deployment.shadow)
        return len({one["id"] for one in told if one["type"] == "milestone.exited"}) >= 200

    wait_until(left, within=PATIENCE, what="that all are outside again", every=0.5)
    assert second.terminate(within=30) == 0
    deployment.wait_until_persisted()
    assert sink.terminate(within=30) == 0

    live = deployment.published()
    assert {one["milestone"] for one in live} == LIVE
    assert not any("shadow" in one for one in live)
    hidden = deployment.published(deployment.shadow)
    told = [one for one in hidden if one["type"] != "score.compared"]
    assert {one["milestone"] for one in told} == HIDDEN
    assert {one["milestone"] for one in hidden if one["type"] == "score.compared"} == {"pqa"}

    ids = {one["id"] for one in told}
    assert {id_ for (id_,) in deployment.rows("SELECT DISTINCT id FROM shadow_rows")} == ids
    compared = {one["id"] for one in hidden if one["type"] == "score.compared"}
    assert {
        id_ for (id_,) in deployment.rows("SELECT DISTINCT id FROM comparison_rows")
    } == compared
    names = deployment.rows("SELECT milestone FROM milestones UNION ALL SELECT lead FROM leads")
    assert {name for (name,) in names} == LIVE
    assert deployment.rows(
        "SELECT shadow, live, both, only_live, only_shadow FROM shadow_milestones"
    ) == [("keen_2", "keen", 100, 0, 100)]
    assert deployment.rows(
        "SELECT shadow, live, both, only_live, only_shadow, both_converted, only_shadow_converted "
        "FROM shadow_leads"
    ) == [("pqa_2", "pqa", 100, 0, 100, 50, 0)]
    [(pairs, score, mean_live, mean_shadow)] = deployment.rows(
        "SELECT sum(pairs), any(score), avg(mean_live), avg(mean_shadow) FROM shadow_scores"
    )
    assert (score, mean_live, mean_shadow) == ("fit", 60.0, 60.0)
    assert pairs >= 150  # qualified, and closed; or breached where that came first
