"""``milepost delete`` over a broker into ClickHouse, with a sink that was away meanwhile."""

import time
from pathlib import Path

import orjson
import pytest

from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.commands import run
from tests.services.deployment import PATIENCE, Deployment
from tests.services.waiting import wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

DEFINITIONS = """
version: 1
milestones:
  aha: {of: user, when: {event: Used, count: ">= 2"}}
  team: {of: account, when: {event: Used, users: ">= 2"}}
  quiet: {of: account, when: {inactive: 30d}}
"""


def _use(deployment: Deployment, account: str, *users: str) -> None:
    at = time.time_ns() // 1_000_000
    sent = [
        topics.Message(
            orjson.dumps(
                {
                    "event": "Used",
                    "timestamp": at + number,
                    "event_id": f"{account}-{at}-{number}",
                    "account_id": account,
                    "user_id": user,
                }
            ),
            account.encode(),
        )
        for number, user in enumerate(users)
    ]
    topics.write(deployment.broker, deployment.events, sent)
    deployment.wait_until_evaluated()


def _told(deployment: Deployment) -> list[tuple[object, object, object]]:
    return [
        (one["milestone"] or one["type"], one["account_id"], one["user_id"])
        for one in deployment.published()
        if one["account_id"] == "acme"
    ]


def test_an_account_goes_everywhere_and_who_comes_back_begins_anew(
    deploy: Deploy, tmp_path: Path
) -> None:
    definitions = tmp_path / "definitions.yml"
    definitions.write_text(DEFINITIONS, encoding="utf-8")
    deployment = deploy(definitions)
    worker = deployment.worker()
    _use(deployment, "acme", "ann", "ann", "bob")
    _use(deployment, "bolt", "ann", "ann")

    said = run(["delete", "acme", "--yes", "--json", "--asked-by", "me"], deployment.environment())
    deployment.wait_until_evaluated()
    worker.kill()
    last = deployment.worker()
    _use(deployment, "acme", "ann", "ann")
    assert last.terminate(within=30) == 0

    sink = deployment.sink()
    deployment.wait_until_persisted()
    wait_until(
        lambda: not topics.lag(deployment.broker, deployment.sink_app, deployment.events),
        within=PATIENCE,
        what="all events persisted",
    )
    assert sink.terminate(within=30) == 0

    assert _told(deployment) == [
        ("aha", "acme", "ann"), ("team", "acme", None), ("entity.deleted", "acme", None),
        ("aha", "acme", "ann"),
    ]  # fmt: skip
    assert orjson.loads(said)["properties"] == {"asked_by": "me"}
    state = {
        record.key: record.value
        for record in topics.read_to_end(deployment.broker, f"{deployment.app}-users-changelog")
    }
    assert state[b"u4:acmebob"] is None
    assert state[b"u4:acmeann"] is not None
    aha = "SELECT account_id, milestone, user_id FROM milestones ORDER BY ALL"
    assert deployment.rows(aha) == [("acme", "aha", "ann"), ("bolt", "aha", "ann")]
    for table in ("event_rows", "activity_rows", "seen_rows"):
        found = deployment.rows(f"SELECT DISTINCT user_id FROM {table} WHERE account_id = 'acme'")
        assert found == [("ann",)], table
    assert deployment.rows("SELECT sum(events) FROM activity_rows WHERE account_id = 'acme'") == [
        (2,)
    ]
    assert deployment.rows("SELECT of, asked_by FROM erasures") == [("account", "me")]
