"""``GET /explain`` of a worker."""

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from schemas.encoding import time_text
from streams.definitions import loads
from streams.engine import Engine
from streams.engine.manifest import manifest_of
from streams.engine.state import encode_manifest
from streams.evaluator import Evaluator
from streams.explain.desk import Desk, Reply
from streams.explain.page import page
from streams.health import HealthServer
from streams.metrics import Metrics
from streams.status import Status
from tests.properties.driver import FakeRecord
from tests.unit.explain.story import HOUR, at, event

TOPIC = "product.events"
MEANING = loads(
    """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 24h}
milestones:
  aha:  {of: user, when: {event: Shared, count: ">= 2", within: 7d}}
  pql:  {of: account, when: {all: [{milestone: aha, users: ">= 1"}, {event: Invited}]}}
  big:  {of: account, when: {event: Shared, avg: {of: properties.size, is: ">= 5"}}}
  calm: {of: account, live: true, when: {inactive: 2d}}
  hot: {of: account, live: true, when: {score: fit, is: ">= 50", until: "< 20"}}
health:
  usage: {of: account, red: {inactive: 3d}}
scores:
  fit:
    of: account
    components:
      shared: {points: 30, event: Shared, count: 2}
      fresh: {points: 40, event: "*", recency: {half_life: 1d}}
"""
)


class Worker:
    """A desk over an evaluator of partition 1, to which every key belongs."""

    def __init__(self) -> None:
        self.status = Status()
        self.status.assign([(TOPIC, 1)])
        self.now = at(10)
        self.tables: dict[bytes, bytes] = {}
        self.desk = Desk(MEANING, TOPIC, self.status, lambda _key: 1, lambda: self.now)
        self.evaluator = self.evaluate()
        self.desk.open(1, self.evaluator)
        self._next = 0

    def evaluate(self, cache: int = 100) -> Evaluator:
        return Evaluator(
            Engine(MEANING),
            topic=TOPIC,
            partition=1,
            load_account=self.tables.get,
            load_user=self.tables.get,
            cache_entries=cache,
            started_at=at(9),
        )

    def send(self, *events: dict[str, Any]) -> None:
        for one in events:
            record = FakeRecord(b"k", orjson.dumps(one), (), at(300), self._next)
            self.evaluator.apply([record])
            self._next += 1

    def commit(self) -> None:
        changes = self.evaluator.collect()
        self.tables.update({k: v for k, v in changes.accounts + changes.users if v is not None})
        self.evaluator.committed()

    def ask(self, **query: str) -> Reply:
        return self.desk.reply(query)


@pytest.fixture
def worker() -> Worker:
    return Worker()


def of(reply: Reply, name: str) -> Any:
    status, body = reply
    assert status == 200, body
    return next(one for one in body["milestones"] if one["milestone"] == name)


def test_it_answers_from_what_is_hot_and_from_what_is_at_rest_alike(worker: Worker) -> None:
    worker.send(event(8, "Shared"), event(8.1, "Shared"), event(8.2, "Invited"))
    questions = ({"account": "acme"}, {"account": "acme", "user": "ann"})
    hot = [worker.ask(**question) for question in questions]
    assert of(hot[0], "pql")["holds"]
    worker.commit()
    worker.evaluator = worker.evaluate(cache=1)
    worker.desk.open(1, worker.evaluator)
    assert [worker.ask(**question) for question in questions] == hot


def test_looking_changes_nothing_and_makes_nothing_hot(worker: Worker) -> None:
    worker.send(event(8, "Shared", properties={"size": 9}))
    worker.commit()
    states = len(worker.evaluator._states)
    for _ in range(3):
        worker.ask(account="acme")
        worker.ask(account="stranger")
        worker.ask(user="ann")
    assert len(worker.evaluator._states) == states
    changes = worker.evaluator.collect()
    assert (changes.accounts, changes.users) == ([], [])


def test_one_milestone_may_be_asked_for(worker: Worker) -> None:
    worker.send(event(8, "Invited"))
    assert len(worker.ask(account="acme")[1]["milestones"]) == 4
    _, body = worker.ask(account="acme", milestone="pql")
    assert [one["milestone"] for one in body["milestones"]] == ["pql"]
    assert body["at"] == time_text(at(10))


def test_health_is_there_and_may_be_asked_for(worker: Worker) -> None:
    worker.send(event(6, "Invited"))
    assert [one["level"] for one in worker.ask(account="acme")[1]["health"]] == ["red"]
    _, body = worker.ask(account="acme", milestone="usage")
    assert (body["milestones"], [one["health"] for one in body["health"]]) == ([], ["usage"])
    assert worker.ask(account="acme", milestone="pql")[1]["health"] == []


@pytest.mark.parametrize(
    ("query", "status", "error", "said"),
    [
        ({"account": "bolt"}, 404, "unknown_entity", "no event has named account bolt"),
        ({"account": "acme", "user": "bob"}, 404, "unknown_entity", "user bob of account acme"),
        ({"user": "ann"}, 404, "unknown_entity", "no event has named user ann"),
        ({"account": "acme", "milestone": "pq"}, 400, "unknown_milestone", "mean `pql`?"),
        ({"account": "acme", "milestone": "aha"}, 400, "wrong_kind", "a milestone of users"),
        ({"account": "acme", "milestone": "usag"}, 400, "unknown_milestone", "mean `usage`?"),
        (
            {"account": "acme", "user": "ann", "milestone": "usage"},
            400,
            "wrong_kind",
            "a health of accounts",
        ),
        ({}, 400, "bad_request", "about whom?"),
        ({"account": "", "user": ""}, 400, "bad_request", "about whom?"),
    ],
)
def test_what_it_cannot_answer_is_one_line(
    worker: Worker, query: dict[str, str], status: int, error: str, said: str
) -> None:
    worker.send(event(8, "Invited"))
    refused, body = worker.ask(**query)
    assert (refused, body["error"]) == (status, error)
    assert said in body["detail"]
    assert "\n" not in body["detail"]


def test_a_partition_that_is_elsewhere_or_on_its_way_is_told_apart(worker: Worker) -> None:
    worker.desk.close(1)
    assert worker.ask(account="acme")[1]["error"] == "recovering"
    assert worker.ask(account="acme")[0] == 503
    worker.status.assign([(TOPIC, 2)])
    assert worker.ask(account="acme") == (
        404, {"error": "not_owner", "detail": "partition 1 is with another worker"},
    )  # fmt: skip


def test_what_is_settled_is_not_shown_as_false(worker: Worker) -> None:
    worker.send(event(1, "Shared"), event(1.1, "Shared"), event(8, "Other"))
    status, body = worker.ask(account="acme", user="ann", milestone="aha")
    [aha] = body["milestones"]
    assert (status, aha["holds"], aha["first_at"]) == (200, True, time_text(at(1.1)))
    assert (aha["why"]["holds"], aha["why"]["observed"]) == (None, None)
    assert list(page(body, told=True))[2:] == [
        "✓ aha: reached on 2 Jan 2026 02:24",
        "  What it took is no longer known here, as nothing can change it any more:",
        "  · Shared at least 2 times in the last 7 days",
    ]


def test_what_was_reached_lately_is_shown_as_it_was_then(worker: Worker) -> None:
    worker.send(event(1, "Shared"), event(1.1, "Shared"))
    aha = of(worker.ask(account="acme", user="ann"), "aha")
    assert (aha["why"]["holds"], aha["why_at"]) == (True, time_text(at(1.1)))


def test_what_is_true_and_not_told_yet_says_when_it_is(worker: Worker) -> None:
    worker.now = at(9) + HOUR
    worker.send(event(9, "Shared", properties={"size": 9}))
    big = of(worker.ask(account="acme"), "big")
    assert not big["holds"]
    assert big["coming"] == {
        "true_since": time_text(at(9)), "told_from": time_text(at(9) + HOUR + 1),
    }  # fmt: skip
    shown = page(worker.ask(account="acme", milestone="big")[1], told=True)
    assert (
        "  It is true since 10 Jan 2026 00:00. It is told on 10 Jan 2026 01:00, unless an event"
        " that comes late says otherwise." in shown
    )


def test_time_that_passes_is_seen_though_no_timer_has_fired(worker: Worker) -> None:
    worker.send(event(1, "Other"))
    worker.now = at(3) - 1
    assert not of(worker.ask(account="acme"), "calm")["holds"]
    worker.now = at(3)
    calm = of(worker.ask(account="acme"), "calm")
    assert (calm["holds"], calm["why"]["since"]) == (True, time_text(at(3)))


def test_a_score_is_explained_as_it_is_now_and_says_when_it_turns(worker: Worker) -> None:
    worker.send(event(7, "Shared"))
    worker.commit()
    worker.now = at(8)
    hot = of(worker.ask(account="acme"), "hot")
    score = hot["why"]["score"]
    assert (hot["why"]["holds"], hot["why"]["since"], score["counts"]) == (
        True,
        time_text(at(7)),
        "< 20",
    )
    assert {one["component"]: one["points"] for one in score["components"]} == {
        "shared": 15, "fresh": 20,
    }  # fmt: skip
    turns_at = hot["why"]["turns_at"]
    assert time_text(at(10)) < turns_at < time_text(at(10.1))
    worker.now = at(30)
    hot = of(worker.ask(account="acme"), "hot")
    assert (hot["holds"], hot["why"]["score"]["counts"]) == (False, ">= 50")
    assert hot["why"]["since"] == turns_at


def test_a_score_that_was_added_later_says_which_of_its_components_count_since_when(
    worker: Worker,
) -> None:
    before = loads("version: 1\nmilestones:\n  pql: {of: account, when: {event: Opened}}")
    worker.tables[b"\xc1definitions"] = encode_manifest(manifest_of(Engine(before)), 1)
    worker.evaluator = worker.evaluate()
    worker.desk.open(1, worker.evaluator)
    worker.send(event(9.5, "Shared"))
    body = worker.ask(account="acme", milestone="hot")[1]
    components = body["milestones"][0]["why"]["score"]["components"]
    assert [one["history_since"] for one in components] == [time_text(at(9))] * 2
    counted = ", counted since 10 Jan 2026 00:00"
    assert sum(line.endswith(counted) for line in page(body, told=True)) == 2


def test_a_condition_that_was_added_later_says_since_when_it_counts(worker: Worker) -> None:
    before = loads("version: 1\nmilestones:\n  pql: {of: account, when: {event: Opened}}")
    worker.tables[b"\xc1definitions"] = encode_manifest(manifest_of(Engine(before)), 1)
    worker.evaluator = worker.evaluate()
    worker.desk.open(1, worker.evaluator)
    worker.send(event(9.5, "Other"))
    body = worker.ask(account="acme", milestone="pql")[1]
    assert {part["history_since"] for part in body["milestones"][0]["why"]["parts"]} == {
        time_text(at(9))
    }
    assert any(line.endswith("counted since 10 Jan 2026 00:00") for line in page(body, told=True))


def test_how_far_the_worker_is_behind_is_told(worker: Worker) -> None:
    worker.send(event(9, "Other"))
    worker.status.observe_lag(TOPIC, 1, 20_000)
    _, body = worker.ask(account="acme")
    assert body["records_behind"] == 20_000
    assert list(page(body, told=False))[1] == "Up to 20,000 records may not be in this answer yet."


def test_the_server_answers_over_http(worker: Worker) -> None:
    worker.send(event(9, "Invited", account_id="a/c & m e"))

    async def scenario() -> tuple[int, Any, int]:
        registry = Metrics(worker.status).registry
        server = HealthServer(worker.status, registry, host="127.0.0.1", explain=worker.desk.reply)
        silent = HealthServer(worker.status, registry, host="127.0.0.1")
        try:
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{await server.start()}/explain"
                async with session.get(url, params={"account": "a/c & m e"}) as answer:
                    status, body = answer.status, await answer.json()
                url = f"http://127.0.0.1:{await silent.start()}/explain"
                async with session.get(url) as answer:
                    return status, body, answer.status
        finally:
            await server.stop()
            await silent.stop()

    status, body, without = asyncio.run(scenario())
    assert (status, body["account_id"], without) == (200, "a/c & m e", 404)
    assert body["milestones"][0]["why"]["parts"][0]["missing"] == 1
