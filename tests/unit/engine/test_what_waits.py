"""Which milestones are told at once and which wait for late events, as docs/meaning.md says."""

import orjson
import pytest

from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.files import Line

AT_ONCE = [
    '{event: A, count: ">= 2", within: 7d}',
    '{event: A, users: "> 2"}',
    '{event: A, days: ">= 2", within: 7d}',
    '{event: A, weeks: ">= 2", within: 30d}',
    '{event: A, distinct: {of: properties.x, is: ">= 2"}}',
    '{event: A, max: {of: properties.x, is: ">= 2"}, within: 7d}',
    '{event: A, min: {of: properties.x, is: "< 2"}, within: 7d}',
    '{event: A, where: {properties.x: {gte: 0}}, sum: {of: properties.x, is: ">= 2"}, within: 7d}',
    '{event: A, where: {properties.x: {between: [0, 9]}}, sum: {of: properties.x, is: "> 2"}}',
    "{sequence: [{event: A}, {event: B}], within: 1d}",
    '{sequence: [{event: A}, {event: B}], within: 1d, count: ">= 2"}',
    '{regularly: {event: A, every: 7d, times: ">= 2", in: ">= 3", of_last: 4}}',
    "{event: A, first: true, within: 7d}",
    "{milestone: own}",
    '{milestone: his, users: ">= 2"}',
    '{not: {event: A, count: "<= 2", within: 7d}}',
    "{any: [{event: A}, {all: [{event: B}, {milestone: own}]}]}",
]
WAITING = [
    '{event: A, count: "<= 2", within: 7d}',
    '{event: A, count: "== 2"}',
    '{event: A, users: "!= 2", within: 7d}',
    '{event: A, avg: {of: properties.x, is: ">= 2"}, within: 7d}',
    '{event: A, max: {of: properties.x, is: "<= 2"}, within: 7d}',
    '{event: A, min: {of: properties.x, is: ">= 2"}, within: 7d}',
    '{event: A, sum: {of: properties.x, is: ">= 2"}, within: 7d}',
    '{event: A, where: {properties.y: {gte: 0}}, sum: {of: properties.x, is: ">= 2"}}',
    '{event: A, where: {properties.x: {gte: 0}}, sum: {of: properties.x, is: "<= 2"}}',
    "{inactive: 14d}",
    "{after: {event: A}, no: {event: B}, for: 5m}",
    "{sequence: [{event: A}, {no: {event: B}}, {event: C}]}",
    "{sequence: [{event: A}, {no: {event: B}, for: 5m}]}",
    "{sequence: [{event: A}, {event: B}], strict: true}",
    '{sequence: [{event: A}, {event: [A, B]}], within: 1d, count: ">= 2"}',
    '{regularly: {event: A, every: 7d, in: "== 3", of_last: 4}}',
    '{regularly: {event: A, every: 7d, times: "<= 2", in: ">= 3", of_last: 4}}',
    "{event: A, first: true, within: 30m}",
    "{event: A, returned_after: 30d, within: 7d}",
    "{latest: {event: A}, has: {properties.x: 1}}",
    '{trend: {event: A, window: 7d, is: ">= 2"}}',
    "{trait: plan, is: trial}",
    "{not: {event: A}}",
    "{not: {milestone: own}}",
    '{milestone: his, users: ">= 2", within: 7d}',
    '{milestone: his, users: "<= 2"}',
    '{milestone: his_live, users: ">= 2"}',
    "{all: [{event: A}, {inactive: 14d}]}",
]


def waits(condition: str, more: str = "") -> bool:
    definitions = loads(f"""
version: 1
milestones:
  own: {{of: account, when: {{event: Own}}}}
  his: {{of: user, when: {{event: His}}}}
  his_live: {{of: user, live: true, when: {{event: His, within: 7d}}}}
  example: {{of: account, {more}when: {condition}}}
journeys:
  way: {{of: account, steps: [own, example], stuck: {{own: 7d}}}}
""")
    return Engine(definitions).accounts.named("example").may_be_held


@pytest.mark.parametrize("condition", AT_ONCE)
def test_what_more_events_can_only_confirm_is_told_at_once(condition: str) -> None:
    assert not waits(condition)


@pytest.mark.parametrize("condition", WAITING)
def test_what_a_late_event_could_refute_waits(condition: str) -> None:
    assert waits(condition)


@pytest.mark.parametrize("condition", WAITING)
def test_what_is_live_never_waits(condition: str) -> None:
    assert not waits(condition, "live: true, ")


def test_what_repeats_and_being_stuck_always_wait() -> None:
    assert waits('{event: A, count: ">= 2", within: 7d}', "repeat: 30d, ")
    definitions = loads("""
version: 1
milestones: {a: {of: account, when: {event: A}}, b: {of: account, when: {event: B}}}
journeys: {way: {of: account, steps: [a, b], stuck: {a: 7d}}}
""")
    (stuck,) = (one for one in Engine(definitions).accounts.milestones if one.journey)
    assert stuck.may_be_held


def test_what_is_live_does_not_wait_for_what_it_names() -> None:
    definitions = loads("""
version: 1
milestones:
  alone: {of: user, when: {all: [{event: A}, {not: {event: B, within: 1d}}]}}
  some:  {of: account, live: true, when: {milestone: alone, users: ">= 1"}}
  quiet: {of: account, when: {all: [{event: A}, {not: {event: B, within: 1d}}]}}
  now:   {of: account, live: true, when: {milestone: quiet}}
""")
    evaluator = Evaluator(
        Engine(definitions),
        topic="tests",
        partition=0,
        load_account=lambda _key: None,
        load_user=lambda _key: None,
    )

    def told(offset: int, name: str, time: int) -> list[tuple[str, str]]:
        event = {
            "event": name,
            "timestamp": time,
            "event_id": name,
            "account_id": "acme",
            "user_id": "ann",
        }
        evaluator.apply([Line(orjson.dumps(event), offset, time)])
        found = [(one.type, one.milestone) for one in evaluator.staged.qualifications]
        evaluator.staged.qualifications.clear()
        return sorted(found)

    assert told(0, "A", 2_000) == [("milestone.entered", "now"), ("milestone.entered", "some")]
    late = told(1, "B", 1_000)
    assert late == [("milestone.exited", "now"), ("milestone.exited", "some")]
