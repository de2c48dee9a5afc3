"""Which records count, once, and for whom, through the evaluator as a worker drives it."""

import pytest

from schemas.dead_letters import Reason
from tests.unit.engine.worker import DAY, HOUR, START, USED_TWICE, Worker


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
