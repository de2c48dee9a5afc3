"""Baselines and fallbacks, explained by what the account knows: from files, and by a worker."""

from typing import Any

import orjson
import pytest

from schemas.parameters import parameter_set
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.explain.answer import Answer
from streams.explain.desk import Desk
from streams.status import Status
from tests.properties.driver import FakeRecord
from tests.unit.explain.story import SETTINGS, at, event, explained, lines, only

SECTIONS = """
baselines:
  usage: {of: account, event: Shared, count: true, within: 30d, start: 4}
scores:
  rules:
    of: account
    title: The rules
    components: {invited: {points: 70, event: Invited, users: 2}}
  fit:
    of: account
    components: {volume: {points: 100, event: Shared, count: {baseline: usage}, within: 30d}}
    fallback: {score: rules, above: 0.2}
"""
PQL = '  pql: {of: account, live: true, when: {score: fit, is: ">= 70"}}'
SHARED = [event(day, "Shared") for day in (1, 2, 3)]
INVITED = event(4, "Invited")
HIGHER = parameter_set("baseline:usage", 12.5, at(3.5))
STANDS_IN = parameter_set("fallback:fit", 1, at(3.5))


def by_a_worker(events: list[dict[str, Any]], now: float) -> Answer:
    meaning = loads(f"version: 1\n{SETTINGS}\n{SECTIONS}\nmilestones:\n{PQL}")
    status = Status()
    status.assign([("product.events", 0)])
    desk = Desk(meaning, "product.events", status, lambda _key: 0, lambda: at(now))
    evaluator = Evaluator(
        Engine(meaning),
        topic="product.events",
        partition=0,
        load_account=lambda _key: None,
        load_user=lambda _key: None,
    )
    desk.open(0, evaluator)
    evaluator.apply(
        [
            FakeRecord(b"k", orjson.dumps(one), (), at(300), place)
            for place, one in enumerate(events)
        ]
    )
    evaluator.pass_time(at(now), 100)
    _, answer = desk.reply({"account": "acme"})
    return answer


def said(events: list[dict[str, Any]]) -> list[str]:
    """The page; a worker that read the same says the same, but for what it has let go of."""
    answer = explained(PQL, events, 5, sections=SECTIONS)
    why, asked = only(answer)["why"], only(by_a_worker(events, 5))["why"]
    assert {**asked, "since": None} == {**why, "since": None}
    return lines(answer)


def test_what_is_full_is_what_the_baseline_is_that_the_account_knows() -> None:
    assert said(SHARED)[2:] == [
        "    + volume: 75 of 100 points, Shared 3 of 4 times in the last 30 days",
    ]
    assert said([*SHARED, HIGHER]) == said(SHARED), "nothing has happened since"
    assert said([*SHARED, HIGHER, INVITED])[2:] == [
        "    + volume: 24 of 100 points, Shared 3 of 12.5 times in the last 30 days",
    ]


def test_whoever_did_nothing_of_it_has_nothing_of_it() -> None:
    assert said([event(1, "Seen"), HIGHER, event(4, "Seen")])[2:] == [
        "    · volume: 0 of 100 points, Shared 0 of 12.5 times in the last 30 days",
    ]


def test_what_stands_in_is_named_and_is_what_is_explained() -> None:
    events = [*SHARED, STANDS_IN, INVITED]
    found = said(events)
    assert ": 35, by The rules, which stands in for it, 35 more points are needed" in found[1]
    assert found[2:] == ["    + invited: 35 of 70 points, Invited by 1 of 2 users"]
    score = only(explained(PQL, events, 5, sections=SECTIONS))["why"]["score"]
    assert (score["score"], score["fell_back_to"]) == ("fit", "rules")


@pytest.mark.parametrize("name", ["baseline:usage", "fallback:fit"])
def test_what_comes_after_the_time_that_is_asked_for_is_not_known(name: str) -> None:
    later = parameter_set(name, 1, at(4.5)), event(4.8, "Seen")
    known, unknown = (
        explained(PQL, [*SHARED, INVITED, *more], 4, sections=SECTIONS) for more in ((), later)
    )
    assert known == unknown
