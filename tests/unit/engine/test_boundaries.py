"""The rules at their edges, each in its name, through the evaluator as a worker drives it."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z, a Thursday
RECORDED_AT = START + 365 * DAY

USED_TWICE = '{of: account, when: {event: Used, count: ">= 2"}}'


class Worker:
    """An evaluator over one partition; what it stages piles up."""

    def __init__(self, *milestones: str) -> None:
        lines = [f"  m{number}: {text}" for number, text in enumerate(milestones)]
        settings = "settings: {allowed_lateness: 1h, dedupe_within: 24h}"
        text = "\n".join(["version: 1", settings, "milestones:", *lines])
        self.evaluator = Evaluator(
            Engine(loads(text)),
            topic="product.events",
            partition=3,
            load_account=lambda _: None,
            load_user=lambda _: None,
        )
        self._next = 0

    def send(
        self, at: int, *, name: str = "Used", recorded_at: int = RECORDED_AT, **more: Any
    ) -> None:
        """One event at ``START + at``; a fresh event id and the account acme unless said."""
        body = {
            "event": name,
            "timestamp": START + at,
            "event_id": f"event-{self._next}",
            "account_id": "acme",
            **more,
        }
        self.send_raw(orjson.dumps(body), recorded_at)

    def send_raw(self, value: bytes | None, recorded_at: int = RECORDED_AT) -> None:
        self.evaluator.apply([FakeRecord(b"acme", value, (), recorded_at, self._next)])
        self._next += 1

    @property
    def outputs(self) -> Sequence[Qualification]:
        return self.evaluator.staged.qualifications

    @property
    def times(self) -> list[tuple[str, int]]:
        """Milestone and time after ``START`` of every output so far."""
        return [(output.milestone, output.occurred_at - START) for output in self.outputs]


def test_an_event_exactly_within_old_is_out() -> None:
    worker = Worker('{of: account, when: {event: Used, count: ">= 2", within: 1d}}')
    worker.send(0)
    worker.send(DAY)
    assert worker.times == []


def test_an_event_a_millisecond_younger_than_within_is_in() -> None:
    worker = Worker('{of: account, when: {event: Used, count: ">= 2", within: 1d}}')
    worker.send(1)
    worker.send(DAY)
    assert worker.times == [("m0", DAY)]


def test_events_with_the_same_timestamp_all_count() -> None:
    worker = Worker('{of: account, when: {event: Used, count: ">= 3", within: 1h}}')
    for _ in range(3):
        worker.send(5)
    assert worker.times == [("m0", 5)]


def test_a_value_that_comes_back_exactly_within_later_counts_again() -> None:
    distinct = "distinct: {of: properties.size, is: '>= 3'}, within: 6h"
    worker = Worker(f"{{of: account, when: {{event: Used, {distinct}}}}}")
    worker.send(0, properties={"size": 1})
    for size in (2, 3, 1):
        worker.send(6 * HOUR, properties={"size": size})
    assert worker.times == [("m0", 6 * HOUR)]


def test_from_is_in_and_to_is_out() -> None:
    window = "from: 2026-01-01T01:00:00Z, to: 2026-01-01T02:00:00Z"
    worker = Worker(f"{{of: account, when: {{event: Used, {window}}}}}")
    worker.send(HOUR - 1)
    worker.send(2 * HOUR)
    assert worker.times == []
    worker.send(HOUR)
    assert worker.times == [("m0", HOUR)]


def test_a_milestone_is_reached_once() -> None:
    worker = Worker(USED_TWICE)
    for at in (1, 2, 3, 4):
        worker.send(at)
    assert worker.times == [("m0", 2)]


def test_a_late_event_corrects_the_time() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0)
    worker.send(30)
    worker.send(20)
    reached, corrected = worker.outputs
    assert (reached.type, reached.occurred_at) == ("milestone.reached", START + 30)
    assert (corrected.type, corrected.occurred_at) == ("milestone.corrected", START + 20)
    assert corrected.occurrence == reached.occurrence == 1
    assert corrected.id != reached.id
    assert not corrected.late
    assert worker.evaluator.counts.late == 1
    assert worker.evaluator.counts.too_late == 0


def test_a_late_event_that_proves_no_earlier_time_is_silent() -> None:
    worker = Worker(USED_TWICE)
    for at in (0, 10, 30, 20):
        worker.send(at)
    assert worker.times == [("m0", 10)]


def test_a_correction_of_a_user_corrects_its_account() -> None:
    worker = Worker(
        '{of: user, when: {event: Used, count: ">= 2"}}',
        '{of: account, when: {milestone: m0, users: ">= 1"}}',
    )
    for at in (0, 30, 20):
        worker.send(at, user_id="ann")
    assert worker.times == [("m0", 30), ("m1", 30), ("m0", 20), ("m1", 20)]


def test_an_event_exactly_allowed_lateness_behind_still_counts_exactly() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0)
    worker.send(HOUR + 5)
    worker.send(5)
    assert worker.times == [("m0", HOUR + 5), ("m0", 5)]
    assert not worker.outputs[-1].late
    assert worker.evaluator.counts.too_late == 0


def test_an_event_later_than_allowed_is_counted_and_flagged() -> None:
    worker = Worker(USED_TWICE)
    worker.send(HOUR + 1)
    worker.send(0)
    (output,) = worker.outputs
    assert output.late
    assert worker.evaluator.counts.too_late == 1


def test_an_event_too_late_for_a_value_seen_before_does_no_harm() -> None:
    worker = Worker('{of: account, when: {event: Used, days: ">= 2", within: 6h}}')
    for at in (0, DAY, 12 * HOUR):
        worker.send(at)
    assert worker.times == []
    assert worker.evaluator.counts.too_late == 1


def test_lateness_is_measured_in_each_account_by_itself() -> None:
    worker = Worker(USED_TWICE)
    worker.send(DAY, account_id="bolt")
    worker.send(0)
    worker.send(1)
    assert worker.times == [("m0", 1)]
    assert not worker.outputs[0].late
    assert worker.evaluator.counts.too_late == 0


def test_an_event_more_than_a_day_ahead_is_a_dead_letter_and_moves_nobodys_time() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0, recorded_at=START)
    worker.send(DAY + 1, recorded_at=START)
    worker.send(1, recorded_at=START)
    assert worker.times == [("m0", 1)]
    assert not worker.outputs[0].late
    (letter,) = worker.evaluator.staged.dead_letters
    assert letter.reason is Reason.FUTURE_TIMESTAMP
    assert (letter.topic, letter.partition, letter.offset) == ("product.events", 3, 1)


def test_an_event_exactly_a_day_ahead_is_accepted() -> None:
    worker = Worker(USED_TWICE)
    worker.send(DAY, recorded_at=START)
    assert worker.evaluator.counts.accepted == 1


@pytest.mark.parametrize("value", [None, b"", b"not json", b"[]", b"{}", b'{"event": 1}'])
def test_good_and_dead_are_all_that_was_read(value: bytes | None) -> None:
    worker = Worker(USED_TWICE)
    worker.send(0)
    worker.send_raw(value)
    worker.send(1)
    counts = worker.evaluator.counts
    assert (counts.read, counts.accepted, sum(counts.dead.values())) == (3, 2, 1)
    (letter,) = worker.evaluator.staged.dead_letters
    assert letter.original == value
    assert worker.times == [("m0", 1)]


def test_an_event_id_seen_again_within_the_time_is_ignored() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0, event_id="same")
    worker.send(23 * HOUR, event_id="same")
    assert worker.times == []
    assert worker.evaluator.counts.duplicates == 1


def test_an_event_id_seen_again_after_the_time_counts() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0, event_id="same")
    worker.send(25 * HOUR, event_id="same")
    assert worker.times == [("m0", 25 * HOUR)]


def test_the_same_event_id_in_another_account_is_another_event() -> None:
    worker = Worker(USED_TWICE)
    for account in ("acme", "bolt"):
        worker.send(0, event_id="same", account_id=account)
    worker.send(1, event_id="other")
    assert worker.times == [("m0", 1)]


def test_records_without_an_event_id_are_never_duplicates() -> None:
    worker = Worker(USED_TWICE)
    for _ in range(2):
        worker.send(0, event_id=None)
    assert worker.times == [("m0", 0)]


def test_records_at_or_below_the_last_applied_offset_change_nothing() -> None:
    worker = Worker(USED_TWICE)
    worker.send(0, event_id=None)
    worker._next = 0
    worker.send(0, event_id=None)
    assert worker.times == []
    assert worker.evaluator.counts.already_applied == 1


def test_an_event_without_a_user_counts_for_its_account_and_is_not_a_user() -> None:
    worker = Worker(
        '{of: account, when: {event: Used, users: ">= 1"}}',
        "{of: account, when: {event: Used}}",
        "{of: user, when: {event: Used}}",
    )
    worker.send(0)
    assert worker.times == [("m1", 0)]


def test_a_user_without_an_account_counts_for_itself_only() -> None:
    worker = Worker("{of: account, when: {event: Used}}", "{of: user, when: {event: Used}}")
    worker.send(0, account_id=None, user_id="ann")
    (output,) = worker.outputs
    assert (output.milestone, output.account_id, output.user_id) == ("m1", None, "ann")


def test_the_same_user_id_in_two_accounts_is_two_users() -> None:
    worker = Worker('{of: user, when: {event: Used, count: ">= 2"}}')
    for account in ("acme", "bolt"):
        worker.send(0, account_id=account, user_id="ann")
    assert worker.times == []


LIGHT = "{of: account, when: {event: Used, max: {of: properties.size, is: '< 5'}, within: 1h}}"


def test_an_expiry_turns_a_condition_true_once_no_late_event_can_refute_it() -> None:
    worker = Worker(LIGHT)
    worker.send(0, properties={"size": 9})
    worker.send(10, properties={"size": 1})
    worker.send(2 * HOUR, name="Other")
    assert worker.times == []
    worker.send(2 * HOUR + 1, name="Other")
    assert worker.times == [("m0", HOUR)]


def test_an_expiry_that_a_late_event_refutes_is_never_told() -> None:
    worker = Worker(LIGHT)
    worker.send(0, properties={"size": 9})
    worker.send(10, properties={"size": 1})
    worker.send(HOUR + 5, name="Other")
    worker.send(5, properties={"size": 8})
    worker.send(3 * HOUR, name="Other")
    assert worker.times == [("m0", HOUR + 5)]


def test_a_window_without_numbers_compares_false() -> None:
    worker = Worker(LIGHT)
    worker.send(0, properties={"size": "none"})
    worker.send(1)
    assert worker.times == []


def test_the_same_input_gives_the_same_output_ids_and_no_two_share_one() -> None:
    runs = []
    for _ in range(2):
        worker = Worker(USED_TWICE, "{of: user, when: {event: Used}}")
        for at in (0, 30, 20):
            for account in ("acme", "bolt"):
                worker.send(at, account_id=account, user_id="ann")
        runs.append([output.id for output in worker.outputs])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == len(runs[0]) == 6


def test_what_a_late_event_could_refute_is_told_when_none_can_come() -> None:
    worker = Worker("{of: account, when: {event: Used, sum: {of: properties.size, is: '<= 5'}}}")
    worker.send(0, properties={"size": 1})
    worker.send(HOUR, name="Other")
    assert worker.times == []
    worker.send(HOUR + 1, name="Other")
    assert worker.times == [("m0", 0)]


def test_a_sum_of_numbers_that_are_not_negative_is_told_at_once() -> None:
    worker = Worker("{of: account, when: {event: Used, sum: {of: properties.size, is: '>= 5'}}}")
    worker.send(0, properties={"size": 5})
    assert worker.times == [("m0", 0)]


def test_at_the_end_of_the_input_what_was_held_back_is_told_with_all_that_names_it() -> None:
    worker = Worker(
        "{of: account, when: {event: Used, max: {of: properties.size, is: '< 5'}, within: 1h}}",
        "{of: account, when: {milestone: m0}}",
    )
    worker.send(0, properties={"size": 9})
    worker.send(10, properties={"size": 1})
    keys = [key for key, _ in worker.evaluator.collect().accounts]
    worker.evaluator.finish(keys, START + HOUR)
    assert worker.times == [("m0", HOUR), ("m1", HOUR)]
