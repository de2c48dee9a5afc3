"""Definitions that are edited between two runs of a worker."""

import time
from pathlib import Path

import orjson

from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.deployment import PATIENCE, Deployment
from tests.services.waiting import wait_until

BEFORE = """
version: 1
settings: {allowed_lateness: 1s}
milestones:
  busy: {of: account, when: {event: Used, count: ">= 3", within: 7d}}
  old: {of: account, when: {event: Paid, count: ">= 9"}}
"""
AFTER = """
version: 1
settings: {allowed_lateness: 1s}
milestones:
  busy: {of: account, when: {event: Used, count: ">= 3", within: 7d}}
  keen: {of: account, when: {event: Used, count: ">= 2", within: 7d}}
"""


def _use(deployment: Deployment, *ids: str) -> None:
    now = time.time_ns() // 1_000_000
    sent = [
        topics.Message(
            orjson.dumps({"event": "Used", "timestamp": now, "event_id": i, "account_id": "acme"}),
            b"acme",
        )
        for i in ids
    ]
    topics.write(deployment.broker, deployment.events, sent)
    deployment.wait_until_evaluated()


def test_a_worker_says_what_was_edited_and_keeps_what_was_not(
    deploy: Deploy, tmp_path: Path
) -> None:
    definitions = tmp_path / "definitions.yml"
    definitions.write_text(BEFORE)
    deployment = deploy(definitions)
    first = deployment.worker()
    _use(deployment, "e1", "e2")
    assert first.terminate(within=30) == 0

    definitions.write_text(AFTER)
    second = deployment.worker()
    wait_until(second.ready, within=PATIENCE, what="a ready worker")
    log = second.log.read_text()
    assert log.count("`keen` is new: it begins without history for") == 1
    assert log.count("`old` is gone") == 1
    assert "`busy` is" not in log

    _use(deployment, "e3", "e4")
    found = {one["milestone"]: one for one in deployment.published()}
    assert found["busy"]["evidence"][0]["history_since"] is None
    assert found["busy"]["decided_by"] == "e3", "the state of what was not edited is gone"
    assert found["keen"]["decided_by"] == "e4"
    assert found["keen"]["evidence"][0]["history_since"] is not None
