"""``milepost watch`` as the process that it is: ClickHouse in, parameters and gauges out."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.encoding import time_text
from schemas.parameters import CONTROL_ACCOUNT
from schemas.rows import LeadRow, Row
from streams.sinks.clickhouse import ClickHouseSink
from streams.sinks.migrations import migrate
from tests.contract.validating import errors
from tests.integration.conftest import Deploy
from tests.integration.decisions import DAY, closed, did, lead
from tests.services import topics
from tests.services.commands import Running
from tests.services.deployment import Deployment
from tests.services.reaper import Reaper
from tests.services.waiting import wait_until
from tests.services.warehouse import ClickHouse

DEFINITIONS = Path(__file__).with_name("watched.yml")
NOW = time.time_ns() // 1_000_000
MIDNIGHT = NOW // DAY * DAY
EVERY_SECOND = {"MILEPOST_WATCH_INTERVAL": "1"}
PATIENCE = 60
DEADLINE = 30


def judged(first: int, last: int, *, wrong: int = 0) -> list[Row]:
    """Leads that were closed a month ago, and how many of them were wrong."""
    rows: list[Row] = []
    for number in range(first, last):
        opened = _moved(lead(f"a{number}", 40))
        outcome = "disqualified" if number < first + wrong else "converted"
        rows += [opened, _moved(closed(lead(f"a{number}", 40), outcome, 30))]
    return rows


def _moved(row: LeadRow) -> LeadRow:
    """With times counted from now."""
    age = row.occurred_at - row.opened_at
    at = NOW - 40 * DAY
    return row._replace(occurred_at=at + age, detected_at=at + age, opened_at=at)


def activity(account: str, days: int, count: int, event: str = "Document Shared") -> Row:
    at = NOW - days * DAY
    return did(account, 0, "ann", day=at // DAY, event=event, events=count, first_at=at, last_at=at)


class Scene:
    """Topics, and a database that the command is asked about."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        deployment.migrate()

    def write(self, *rows: Row) -> None:
        sink = ClickHouseSink(self.deployment.dsn)
        sink.write(rows)
        sink.flush()
        sink.close()

    def watch(self) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(
            self.deployment.run("watch", "--once", "--json", **EVERY_SECOND)
        )
        time.sleep(1.0)  # the next one is of another instant
        return said

    def events(self) -> list[list[dict[str, Any]]]:
        """What each partition of the events topic has."""
        parts: list[list[dict[str, Any]]] = [[] for _ in range(4)]
        for record in topics.read_to_end(self.deployment.broker, self.deployment.events):
            assert record.key == CONTROL_ACCOUNT.encode()
            parts[record.partition].append(orjson.loads(record.value or b""))
        return parts

    def told(self) -> list[topics.Stored]:
        return topics.read_to_end(self.deployment.broker, self.deployment.qualifications)


@pytest.fixture
def scene(deploy: Deploy) -> Scene:
    return Scene(deploy(DEFINITIONS))


def test_baselines_reach_every_partition_and_are_the_same_when_they_are_sent_again(
    scene: Scene,
) -> None:
    scene.write(activity("acme", 1, 30), activity("bolt", 2, 10), activity("bolt", 3, 4, "Board A"))
    first = scene.watch()
    assert {row["name"]: row["value"] for row in first["parameters"]} == {
        "baseline:usage": 22.0,
        "baseline:team": 1.0,
    }
    parts = scene.events()
    [usage] = [event for event in parts[0] if event["properties"]["name"] == "baseline:usage"]
    assert usage == {
        "event": "parameter_set",
        "account_id": CONTROL_ACCOUNT,
        "event_id": usage["event_id"],
        "timestamp": time_text(MIDNIGHT),
        "properties": {"name": "baseline:usage", "value": 22.0},
    }
    assert not errors("event", usage)
    assert all(sorted(part, key=str) == sorted(parts[0], key=str) for part in parts)
    assert len(parts[0]) == 2

    scene.write(activity("acme", 1, 90))
    assert scene.watch()["parameters"] == first["parameters"]
    assert [sorted(part, key=str) for part in scene.events()] == [
        sorted([*part, *part], key=str) for part in parts
    ]


def test_a_score_that_is_wrong_too_often_falls_back_and_recovers_and_subscribers_are_told_why(
    scene: Scene,
) -> None:
    scene.write(*judged(0, 10, wrong=2))
    assert scene.watch()["parameters"] == []
    scene.write(*judged(10, 12, wrong=1))
    assert [row["value"] for row in scene.watch()["parameters"]] == [1.0]
    scene.write(*judged(12, 16))
    found = scene.watch()
    assert [row["value"] for row in found["parameters"]] == [1.0], "3 of 16 is not well below"
    scene.write(*judged(16, 20))
    [off] = scene.watch()["parameters"]
    assert (off["name"], off["value"]) == ("fallback:fit", 0)
    assert (off["share"], off["sample_size"]) == (0.15, 20)

    records = scene.told()
    told = {record["id"]: record for record in (orjson.loads(one.value or b"") for one in records)}
    fell_back, recovered = sorted(told.values(), key=lambda one: str(one["occurred_at"]))
    assert (fell_back["type"], fell_back["milestone"]) == ("score.fell_back", "fit")
    assert (fell_back["fallback"], fell_back["judged"], fell_back["value"]) == ("rules", 12, 0.25)
    assert (recovered["type"], recovered["value"]) == ("score.recovered", 0.15)
    for record in records:
        message = orjson.loads(record.value or b"")
        assert not errors(message["type"], message)
        assert record.headers["ce_type"].decode() == message["type"]
    switches = [
        [event["properties"]["value"] for event in part
         if event["properties"]["name"] == "fallback:fit"] for part in scene.events()
    ]  # fmt: skip
    assert [list(dict.fromkeys(part)) for part in switches] == [[1.0, 0.0]] * 4


def test_the_worker_counts_against_what_the_watch_has_found_usual(scene: Scene) -> None:
    """16 documents would be enough of the 20 that the baseline starts with, not of 22."""
    scene.write(activity("acme", 1, 30), activity("bolt", 2, 14))
    scene.watch()
    deployment = scene.deployment
    deployment.worker()
    shared = [
        {"event": "Document Shared", "account_id": "zed", "event_id": f"e{n}", "timestamp": NOW + n}
        for n in range(18)
    ]
    topics.write(
        deployment.broker, deployment.events,
        [topics.Message(orjson.dumps(event), b"zed") for event in shared],
    )  # fmt: skip
    deployment.wait_until_evaluated()
    [told] = deployment.published()
    assert (told["type"], told["milestone"]) == ("lead.qualified", "pqa")
    assert told["decided_by"] == "e17"
    assert told["score"] == pytest.approx(90 * 18 / 22)
    assert topics.read_to_end(deployment.broker, deployment.dead_letters) == []


def test_what_was_found_is_kept(scene: Scene) -> None:
    scene.write(*judged(0, 10, wrong=2))
    found = scene.watch()
    precision = {"watch": "lead_precision", "labels": {"lead": "pqa"}, "value": 0.8}
    assert {**precision, "sample_size": 10} in found["watches"]
    scene.write(*judged(10, 20))
    scene.watch()
    question = "SELECT labels['lead'], value, sample_size FROM {} WHERE watch = 'lead_precision'"
    assert scene.deployment.rows(question.format("watches")) == [("pqa", 0.9, 20)]
    assert len(scene.deployment.rows(question.format("watch_rows"))) == 2


@pytest.fixture
def server(reaper: Reaper, tmp_path: Path) -> Iterator[ClickHouse]:
    server = ClickHouse(reaper, tmp_path)
    yield server
    server.kill()


@pytest.mark.embedded
def test_a_clickhouse_that_is_away_is_waited_for(
    server: ClickHouse, reaper: Reaper, tmp_path: Path
) -> None:
    """Definitions without baselines and fallbacks need no Kafka."""
    definitions = tmp_path / "leads.yml"
    definitions.write_text("version: 1\nleads: {pqa: {of: account, when: {event: A}}}\n")
    env = {
        "MILEPOST_CLICKHOUSE_DSN": server.dsn,
        "MILEPOST_DEFINITIONS": str(definitions),
        **EVERY_SECOND,
    }
    watch = Running(reaper, ["watch"], env, tmp_path / "watch.log", forked=True)
    try:
        wait_until(lambda: "watching goes on" in watch.tail(), within=PATIENCE, what="a retry")
        assert not watch.ready()
        server.start()
        list(migrate(server.dsn))
        sink = ClickHouseSink(server.dsn)
        sink.write(judged(0, 10, wrong=2))
        sink.flush()
        sink.close()

        def shown() -> bool:
            return watch.metrics().get(("milepost_lead_precision", "pqa")) == 0.8

        wait_until(shown, within=PATIENCE, what="the precision")
        assert watch.ready()
        assert watch.metrics()["milepost_lead_precision_sample_size", "pqa"] == 10
        server.kill()
        wait_until(lambda: not watch.ready(), within=PATIENCE, what="it notices")
        server.start()
        wait_until(watch.ready, within=PATIENCE, what="it goes on")
        assert watch.terminate(within=DEADLINE) == 0
    finally:
        watch.close()
