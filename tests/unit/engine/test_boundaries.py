"""The rules of time at their edges, through the evaluator as a worker drives it."""

from tests.unit.engine.worker import DAY, HOUR, START, USED_TWICE, Worker


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


def test_an_event_too_late_for_a_new_value_among_many_does_no_harm() -> None:
    distinct = "distinct: {of: properties.size, is: '>= 20'}, within: 6h"
    worker = Worker(f"{{of: account, when: {{event: Used, {distinct}}}}}")
    for size in range(100):
        worker.send(2 * DAY + size, properties={"size": size})
        worker.send(-size * 7 * HOUR, properties={"size": f"late {size}"})
    assert worker.times == [("m0", 2 * DAY + 19)]


def test_a_late_event_that_bridges_a_gap_counts_at_the_instants_of_the_gap() -> None:
    distinct = "distinct: {of: properties.size, is: '>= 2'}, within: 10m"
    worker = Worker(f"{{of: account, when: {{event: Used, {distinct}}}}}")
    minute = HOUR // 60
    for at, size in ((0, 1), (20, 2), (40, 1), (15, 1)):
        worker.send(at * minute, properties={"size": size})
    assert worker.times == [("m0", 20 * minute)]


def test_a_late_event_completes_a_count_in_its_own_past() -> None:
    worker = Worker('{of: account, when: {event: Used, count: ">= 3", within: 10m}}')
    minute = HOUR // 60
    for at in (0, 5, 40, 7):
        worker.send(at * minute)
    assert worker.times == [("m0", 7 * minute)]


def test_a_late_event_that_keeps_a_count_true_for_longer_counts_at_the_later_instants() -> None:
    worker = Worker(
        """{of: account, when: {all: [
            {event: Used, count: ">= 2", within: 10m}, {event: Asked, within: 1m}]}}"""
    )
    minute = HOUR // 60
    for at in (0, 2):
        worker.send(at * minute)
    worker.send(11 * minute, name="Asked")
    assert worker.times == []
    worker.send(5 * minute)
    assert worker.times == [("m0", 11 * minute)]


def test_lateness_is_measured_in_each_account_by_itself() -> None:
    worker = Worker(USED_TWICE)
    worker.send(DAY, account_id="bolt")
    worker.send(0)
    worker.send(1)
    assert worker.times == [("m0", 1)]
    assert not worker.outputs[0].late
    assert worker.evaluator.counts.too_late == 0


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


TOGETHER = (
    '{of: user, when: {event: Used, count: ">= 2"}}',
    '{of: account, when: {milestone: m0, users: ">= 2", within: 55m}}',
)


def _together(worker: Worker, *minutes: tuple[str, int]) -> None:
    for user, at in minutes:
        worker.send(at * HOUR // 60, user_id=user)


def test_users_at_the_far_end_of_a_window_count_once_no_late_event_can_move_them_out() -> None:
    worker = Worker(*TOGETHER)
    _together(worker, ("ann", 0), ("ann", 60), ("bob", 100), ("bob", 110), ("cid", 170))
    assert "m1" not in dict(worker.times)
    _together(worker, ("cid", 171))
    assert dict(worker.times)["m1"] == 110 * HOUR // 60


def test_a_user_that_a_late_event_moves_out_of_the_window_does_not_count() -> None:
    worker = Worker(*TOGETHER)
    _together(worker, ("ann", 0), ("ann", 60), ("bob", 100), ("bob", 110), ("ann", 52))
    _together(worker, ("cid", 400))
    assert "m1" not in dict(worker.times)


def test_users_well_within_a_window_count_at_once() -> None:
    users = TOGETHER[1].replace("55m", "3h")
    worker = Worker(TOGETHER[0], users)
    _together(worker, ("ann", 0), ("ann", 60), ("bob", 100), ("bob", 110))
    assert dict(worker.times)["m1"] == 110 * HOUR // 60


def test_a_window_without_numbers_compares_false() -> None:
    worker = Worker(LIGHT)
    worker.send(0, properties={"size": "none"})
    worker.send(1)
    assert worker.times == []


def test_what_a_late_event_could_refute_is_told_when_none_can_come() -> None:
    worker = Worker("{of: account, when: {event: Used, sum: {of: properties.size, is: '<= 5'}}}")
    worker.send(0, properties={"size": 1})
    worker.send(HOUR, name="Other")
    assert worker.times == []
    worker.send(HOUR + 1, name="Other")
    assert worker.times == [("m0", 0)]


def test_a_sum_of_numbers_that_are_not_negative_is_told_at_once() -> None:
    worker = Worker(
        "{of: account, when: {event: Used, where: {properties.size: {gte: 0}}, "
        "sum: {of: properties.size, is: '>= 5'}}}"
    )
    worker.send(0, properties={"size": 5})
    assert worker.times == [("m0", 0)]


def test_a_sum_that_a_negative_number_may_yet_lower_is_told_when_none_can_come_late() -> None:
    worker = Worker("{of: account, when: {event: Used, sum: {of: properties.size, is: '>= 5'}}}")
    worker.send(0, properties={"size": 5})
    assert worker.times == []
    worker.send(HOUR + 1, properties={"size": 1})
    assert worker.times == [("m0", 0)]


def test_at_the_end_of_the_input_what_was_held_back_is_told_with_all_that_names_it() -> None:
    worker = Worker(
        "{of: account, when: {event: Used, max: {of: properties.size, is: '< 5'}, within: 1h}}",
        "{of: account, when: {milestone: m0}}",
    )
    worker.send(0, properties={"size": 9})
    worker.send(10, properties={"size": 1})
    worker.evaluator.finish(START + HOUR)
    assert worker.times == [("m0", HOUR), ("m1", HOUR)]
