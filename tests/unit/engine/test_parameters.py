"""Parameters: what a partition keeps of them, and when accounts take them over."""

from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.events import Event
from schemas.parameters import CONTROL_ACCOUNT, PARAMETER_SET, parameter_set
from streams.definitions import loads
from streams.definitions.model import Definitions
from streams.engine import Engine
from streams.engine.leaves.parameters import MOST_STEPS, Parameter
from streams.engine.state import decode_parameter, encode_parameter, revision_of
from streams.evaluator import Evaluator
from tests.properties.driver import Cycle, Ending, FakeRecord, World, record
from tests.unit.engine.worker import DAY, HOUR, RECORDED_AT, START

TEXT = """
version: 1
settings: {allowed_lateness: 1h}
baselines:
  usage: {of: account, event: Used, count: true, within: 30d, start: 4}
scores:
  rules: {of: account, components: {shared: {points: 90, event: Shared, count: 1}}}
  fit:
    of: account
    components: {used: {points: 100, event: Used, count: {baseline: usage}, within: 30d}}
    fallback: {score: rules, above: 0.2}
milestones:
  pql: {of: account, live: true, when: {score: fit, is: ">= 50"}}
  once: {of: account, when: {score: fit, is: ">= 50"}}
"""
DEFINITIONS = loads(TEXT)


def used(at: int, name: str = "Used", account_id: str = "acme") -> Event:
    return Event(f"{name}-{account_id}-{at}", name, START + at, account_id, "ann", {}, {})


def setting(name: str, value: float, at: int) -> dict[str, Any]:
    return parameter_set(name, value, START + at)


def records(*log: Event | dict[str, Any]) -> list[FakeRecord]:
    return [
        record(one, offset)._replace(timestamp=RECORDED_AT)
        if isinstance(one, Event)
        else FakeRecord(b"any key", orjson.dumps(one), (), RECORDED_AT, offset)
        for offset, one in enumerate(log)
    ]


def world(*log: Event | dict[str, Any], meaning: Definitions = DEFINITIONS) -> World:
    return World(meaning, records(*log))


def told(of: World, milestone: str = "pql") -> list[tuple[str, int, float | None]]:
    """What was told of a milestone: the type, when after ``START``, and the score."""
    return [
        (one.type.partition(".")[2], one.occurred_at - START, one.score)
        for one in of.outcome.qualifications
        if one.milestone == milestone
    ]


def test_until_a_baseline_is_set_it_is_what_it_starts_with() -> None:
    one = world(used(0), used(HOUR))
    one.run()
    assert told(one) == [("entered", HOUR, 50)]


def test_a_baseline_counts_from_its_own_time_on() -> None:
    one = world(used(0), setting("baseline:usage", 2, 2 * HOUR), used(HOUR, "x"), used(3 * HOUR))
    one.run()
    assert told(one) == [("entered", 2 * HOUR, 50)], "of 1 in 2, before the event that shows it"


def test_nothing_is_done_for_whom_nothing_happens() -> None:
    one = world(used(0), setting("baseline:usage", 1, HOUR))
    one.run(until=START + DAY)
    assert told(one) == []


def test_what_is_due_brings_it() -> None:
    """The window's end is due: by then the account knows that one of two was half of it."""
    one = world(used(0), used(HOUR), setting("baseline:usage", 1, 2 * HOUR))
    one.run(until=START + 31 * DAY)
    assert told(one) == [("entered", HOUR, 50), ("exited", 30 * DAY + HOUR, 0)]
    assert one.outcome.qualifications[0].decided_by == "Used-acme-3600000"


def test_a_higher_one_ends_what_a_lower_one_began_and_undoes_nothing_that_was_reached() -> None:
    one = world(used(0), used(HOUR), setting("baseline:usage", 8, 2 * HOUR), used(5 * HOUR, "x"))
    one.run()
    assert told(one) == [("entered", HOUR, 50), ("exited", 2 * HOUR, 25)]
    assert told(one, "once") == [("reached", HOUR, 50)]


def test_one_that_comes_ahead_of_time_counts_when_its_time_has_come() -> None:
    one = world(setting("baseline:usage", 1, 5 * HOUR), used(0))
    one.run(until=START + 6 * HOUR)
    assert told(one) == [("entered", 5 * HOUR, 100)]
    assert one.outcome.qualifications[0].decided_by is None


def test_one_that_comes_late_counts_from_where_late_events_still_count() -> None:
    one = world(used(0), used(20 * HOUR, "x"), setting("baseline:usage", 1, HOUR), used(21 * HOUR))
    one.run()
    assert told(one) == [("entered", 19 * HOUR - 1, 100)]


def test_the_first_value_for_a_time_stays_and_every_other_time_counts() -> None:
    first, second = setting("baseline:usage", 2, HOUR), setting("baseline:usage", 1, HOUR)
    one = world(used(0), first, second, first, used(2 * HOUR, "x"))
    one.run()
    assert told(one) == [("entered", HOUR, 50)]
    assert one.evaluator.counts.parameters == 3


def test_a_fallback_stands_in_with_its_value_and_its_contributions_and_says_so() -> None:
    one = world(
        used(0, "Shared"),
        used(1),
        setting("fallback:fit", 1, HOUR),
        used(2 * HOUR, "x"),
        setting("fallback:fit", 0, 3 * HOUR),
        used(4 * HOUR, "x"),
    )
    one.run()
    assert told(one) == [("entered", HOUR, 90), ("exited", 3 * HOUR, 25)]
    entered, exited = [q for q in one.outcome.qualifications if q.milestone == "pql"]
    assert (entered.fell_back_to, exited.fell_back_to) == ("rules", None)
    assert [part.component for part in entered.contributions] == ["shared"]
    assert [part.component for part in exited.contributions] == ["used"]
    assert entered.evidence[0].observed == 90


def test_one_that_stands_in_may_be_stood_in_for() -> None:
    text = TEXT.replace("  fit:", "  model:", 1).replace("milestones:", """
  fit:
    of: account
    components: {x: {points: 1, event: X, count: 1}}
    fallback: {score: model, above: 0.5}
milestones:""")  # fmt: skip
    both = [setting("fallback:fit", 1, HOUR), setting("fallback:model", 1, 2 * HOUR)]
    one = world(used(0, "Shared"), *both, used(3 * HOUR, "x"), meaning=loads(text))
    one.run()
    assert told(one) == [("entered", 2 * HOUR, 90)]
    assert one.outcome.qualifications[0].fell_back_to == "rules"


@pytest.mark.parametrize("ending", ["commit", "restart"])
def test_what_a_partition_was_told_survives_restarts_and_is_there_for_who_comes_later(
    ending: Ending,
) -> None:
    others = [used(number, account_id=f"other-{number}") for number in range(5)]  # beyond the cache
    one = world(setting("baseline:usage", 1, HOUR), *others, used(2 * HOUR))
    for _ in range(7):
        one.cycle(Cycle(1, ending=ending))
    assert told(one) == [("entered", 2 * HOUR, 100)]


@pytest.mark.parametrize("quarters", range(5))
@pytest.mark.parametrize("ending", ["outputs", "accounts", "users", "offsets"])
def test_a_record_that_is_read_again_finds_the_parameters_as_it_found_them_first(
    ending: Ending, quarters: int
) -> None:
    """The one that comes late would have kept the account from ever being there."""
    late = setting("baseline:usage", 100, 1)
    log = used(0), used(HOUR), late, used(HOUR + 1, "x", "bolt"), used(2 * HOUR, "x")
    straight, crashed = world(*log), world(*log)
    straight.run()
    crashed.cycle(Cycle(4, ending=ending, quarters=quarters))
    crashed.run()
    assert told(straight) == [("entered", HOUR, 50), ("exited", HOUR, 2)]
    assert set(told(crashed)) == set(told(straight))
    ids = {one.id for one in crashed.outcome.qualifications}
    assert ids == {one.id for one in straight.outcome.qualifications}


def test_the_control_account_is_nobody_and_is_not_forwarded() -> None:
    evaluator = Evaluator(
        Engine(DEFINITIONS),
        topic="product.events",
        partition=3,
        load_account=lambda _: None,
        load_user=lambda _: None,
        owns=lambda key: key != CONTROL_ACCOUNT.encode(),
    )
    evaluator.apply(records({**setting("baseline:usage", 1, 0), "user_id": "ann"}, used(1)))
    changes = evaluator.collect()
    assert evaluator.staged.forwards == []
    assert evaluator.staged.qualifications[0].score == 100
    assert evaluator.state_of(CONTROL_ACCOUNT, None) is None
    assert [row[0] for update in changes.updates for row in update.activity] == ["acme"]
    assert sorted(key for key, _ in changes.accounts) == [b"aacme", b"\xc1parameter:baseline:usage"]


def test_one_that_no_definition_names_is_passed_over() -> None:
    one = world(setting("baseline:gone", 1, 0), used(0))
    one.run()
    assert one.evaluator.counts.dead == {}
    assert one.evaluator.counts.parameters == 1


@pytest.mark.parametrize(
    ("change", "reason", "path"),
    [
        ({"event": "Used"}, Reason.WRONG_TYPE, "event"),
        ({"properties": {"value": 1}}, Reason.MISSING_FIELD, "properties.name"),
        ({"properties": {"name": 7, "value": 1}}, Reason.WRONG_TYPE, "properties.name"),
        ({"properties": {"name": "usage", "value": 1}}, Reason.WRONG_TYPE, "properties.name"),
        ({"properties": {"name": "baseline:usage"}}, Reason.MISSING_FIELD, "properties.value"),
        *(
            ({"properties": {"name": name, "value": value}}, Reason.WRONG_TYPE, "properties.value")
            for name, value in [
                ("baseline:usage", "12"), ("baseline:usage", True), ("baseline:usage", 0),
                ("baseline:usage", -1), ("fallback:fit", 2), ("fallback:fit", 0.5),
                ("fallback:fit", False),
            ]
        ),
    ],
)  # fmt: skip
def test_what_sets_no_parameter_is_a_dead_letter_and_the_old_value_stays(
    change: dict[str, Any], reason: Reason, path: str
) -> None:
    evaluator = world().evaluator
    wrong = {**setting("baseline:usage", 8, 1), **change}
    evaluator.apply(records(setting("baseline:usage", 1, 0), wrong, used(2)))
    [letter] = evaluator.staged.dead_letters
    assert (letter.reason, letter.path, letter.offset) == (reason, path, 1)
    assert evaluator.staged.qualifications[0].score == 100


def test_one_that_was_forwarded_is_a_dead_letter() -> None:
    evaluator = world().evaluator
    value = orjson.dumps({**setting("baseline:usage", 1, 0), "event": PARAMETER_SET})
    header = ("milepost_origin", b"0:0:%d" % RECORDED_AT)
    evaluator.apply_forwarded([FakeRecord(None, value, [header], RECORDED_AT, 0)])
    assert [letter.path for letter in evaluator.staged.dead_letters] == ["account_id"]


def test_a_partition_keeps_the_newest_steps_and_no_more() -> None:
    parameter = Parameter()
    for number in range(MOST_STEPS):
        assert parameter.set(number, number, number)
    assert not parameter.set(-1, 1, MOST_STEPS), "older than all that is kept"
    assert parameter.set(MOST_STEPS, 1, MOST_STEPS)
    assert not parameter.set(MOST_STEPS, 2, MOST_STEPS + 1), "the first of a time stays"
    assert [step.at for step in parameter.steps] == list(range(1, MOST_STEPS + 1))


def test_a_parameter_comes_back_from_its_bytes_and_the_newer_is_told_by_them() -> None:
    parameter = Parameter()
    parameter.set(5, 1.5, 7)
    before = encode_parameter(parameter, 3)
    parameter.set(2, 2.5, 9)
    after = encode_parameter(parameter, 3)
    found = decode_parameter(after)
    assert (found.steps, found.newest) == (parameter.steps, 9)
    assert not found.changed
    assert revision_of(after) > revision_of(before)
    assert found.set(6, 1, 10)
    assert revision_of(encode_parameter(found, 3)) > revision_of(after)


def test_who_has_taken_over_a_parameter_forgets_what_nothing_can_ask_about() -> None:
    steps = [setting("baseline:usage", 1 + day, day * DAY) for day in range(10)]
    later = setting("baseline:usage", 20, 20 * DAY)
    one = world(used(0), *steps, used(15 * DAY), later, used(21 * DAY))
    one.run()
    [leaf] = [leaf for leaf in Engine(DEFINITIONS).accounts.parameters if "usage" in leaf.name]
    root = one.evaluator.hot("acme", None)
    assert root is not None
    assert root.leaves[leaf.key] == [12, 10, [START + 20 * DAY], [20]]


def test_what_holds_from_the_first_event_on_is_found_there_whatever_was_said_before() -> None:
    text = TEXT.replace('{score: fit, is: ">= 50"}', '{score: fit, is: "< 50"}')
    one = world(setting("baseline:usage", 8, -DAY), used(0, "x"), meaning=loads(text))
    one.run(until=START + DAY)
    assert told(one, "once") == [("reached", 0, 0)]
