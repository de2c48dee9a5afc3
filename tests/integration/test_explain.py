"""``milepost explain`` against running workers: found by what they wrote, asked over HTTP."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from schemas.encoding import time_text
from streams.transport.sender import partition_of
from streams.transport.timekeeper import wall_clock
from tests.services import topics
from tests.services.commands import Running, milepost
from tests.services.deployment import PATIENCE, Deployment
from tests.services.topics import Message
from tests.services.waiting import wait_until

HOUR = 3_600_000
NOW = wall_clock()
DEFINITIONS = """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 24h}
milestones:
  aha: {of: user, when: {event: Document Shared, count: ">= 2", within: 7d}}
  pql:
    of: account
    title: Product-qualified
    when:
      all:
        - {event: Invite Sent, where: {properties.role: admin}, count: ">= 2", within: 14d}
        - {milestone: aha, users: ">= 1"}
  silent: {of: account, live: true, when: {inactive: 14d}}
"""


@pytest.fixture
def deployment(deploy: Callable[..., Deployment], tmp_path: Path) -> Deployment:
    definitions = tmp_path / "definitions.yml"
    definitions.write_text(DEFINITIONS)
    return deploy(definitions)


def explain(deployment: Deployment, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return milepost("explain", *arguments, env=deployment.environment(), within=PATIENCE)


def send(deployment: Deployment, *named: tuple[str, int], account: str = "acme") -> None:
    """Events of ann's, each so many hours ago."""
    made = [
        {
            "event": name,
            "timestamp": time_text(NOW - hours * HOUR),
            "event_id": f"{account}-{name}-{hours}",
            "account_id": account,
            "user_id": "ann",
            "properties": {"role": "admin"},
        }
        for name, hours in named
    ]
    messages = [Message(orjson.dumps(event), account.encode()) for event in made]
    topics.write(deployment.broker, deployment.events, messages)


def wait_until_ready(*workers: Running) -> None:
    wait_until(lambda: all(one.ready() for one in workers), within=PATIENCE, what="workers ready")


def test_the_worker_that_has_the_account_says_what_is_missing_and_then_why(
    deployment: Deployment,
) -> None:
    workers = deployment.worker(), deployment.worker()
    wait_until_ready(*workers)
    send(deployment, ("Invite Sent", 50), ("Document Shared", 40), ("Document Shared", 30))
    deployment.wait_until_evaluated()

    missing = explain(deployment, "acme", "pql")
    assert missing.returncode == 0, missing.stderr
    assert missing.stdout.splitlines()[1:] == [
        "",
        "✗ Product-qualified (pql): not reached, 1 of 2 conditions is missing",
        "  ✗ Invite Sent (role is admin) at least 2 times in the last 14 days: 1, 1 more is needed",
        "  ✓ at least 1 user who reached aha: 1 or more, since " + shown(30),
    ]

    send(deployment, ("Invite Sent", 0))
    deployment.wait_until_evaluated()
    reached = explain(deployment, "acme", "pql")
    assert reached.stdout.splitlines()[2:] == [
        f"✓ Product-qualified (pql): reached on {shown(0)}",
        "  It took:",
        f"  ✓ Invite Sent (role is admin) at least 2 times in the last 14 days: 2 or more, "
        f"since {shown(0)}",
        f"  ✓ at least 1 user who reached aha: 1 or more, since {shown(30)}",
    ]

    # Another partition's account, and what nobody has.
    names = [f"account-{number}" for number in range(20)]
    other = next(name for name in names if where(name) != where("acme"))
    send(deployment, ("Invite Sent", 0), account=other)
    deployment.wait_until_evaluated()
    answer = orjson.loads(explain(deployment, other, "silent", "--json").stdout)
    assert answer["milestones"][0]["why"]["turns_at"] == time_text(NOW + 14 * 24 * HOUR)
    assert orjson.loads(explain(deployment, "acme/ann", "--json").stdout)["of"] == "user"
    nobody = explain(deployment, "nobody")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "`nobody` is not known" in nobody.stderr
    mistyped = explain(deployment, "acme", "pq")
    assert (mistyped.returncode, mistyped.stdout) == (2, "")
    assert "did you mean `pql`?" in mistyped.stderr
    past = explain(deployment, "acme", "--at", "2026-01-01")
    assert past.returncode == 2
    assert "a worker knows of now only" in past.stderr


def test_clickhouse_tells_what_the_worker_has_let_go_of_and_what_was_told_by_then(
    deployment: Deployment,
) -> None:
    worker, sink = deployment.worker(), deployment.sink()
    wait_until_ready(worker, sink)
    send(deployment, ("Document Shared", 40), ("Document Shared", 30), ("Invite Sent", 0))
    deployment.wait_until_evaluated()
    deployment.wait_until_persisted()
    sink.terminate(within=PATIENCE)

    alone = explain(deployment, "acme/ann", "aha")
    assert alone.stdout.splitlines()[2:] == [
        f"✓ aha: reached on {shown(30)}",
        "  What it took is no longer known here, as nothing can change it any more:",
        "  · Document Shared at least 2 times in the last 7 days",
    ]
    both = explain(deployment, "acme/ann", "aha", "--dsn", deployment.dsn)
    assert both.stdout.splitlines()[2:] == [
        f"✓ aha: reached on {shown(30)}",
        "  It took:",
        "  ✓ Document Shared at least 2 times in the last 7 days: 2 or more",
        "  What was told:",
        f"    {shown(30)} reached, decided by event acme-Document Shared-30",
    ]
    past = ("acme/ann", "--dsn", deployment.dsn, "--at")
    then = explain(deployment, *past, time_text(NOW - 20 * HOUR))
    assert then.stdout.splitlines()[2:] == [f"✓ aha: reached on {shown(30)}"]
    before = explain(deployment, *past, time_text(NOW - 35 * HOUR))
    assert before.returncode == 1
    nowhere = explain(deployment, "acme/ann", "aha", "--dsn", "clickhouse://127.0.0.1:1/x")
    assert nowhere.stdout.splitlines()[1:] == alone.stdout.splitlines()[1:]
    assert "without what was told before: clickhouse://127.0.0.1:1/x: does not" in nowhere.stderr


def test_after_a_worker_has_gone_the_one_that_took_over_is_asked(deployment: Deployment) -> None:
    first = deployment.worker()
    wait_until_ready(first)
    send(deployment, ("Invite Sent", 0))
    deployment.wait_until_evaluated()
    second = deployment.worker()
    wait_until_ready(first, second)
    first.terminate(within=PATIENCE)
    wait_until_ready(second)
    answer = orjson.loads(explain(deployment, "acme", "--json").stdout)
    assert answer["last_seen"] == time_text(NOW)
    second.terminate(within=PATIENCE)
    alone = explain(deployment, "acme")
    assert alone.returncode == 1
    assert "does not answer at http://127.0.0.1" in alone.stderr


def shown(hours: int) -> str:
    from streams.explain.plain import date_words

    return date_words(NOW - hours * HOUR)


def where(account: str) -> int:
    return partition_of(account.encode(), 4)
