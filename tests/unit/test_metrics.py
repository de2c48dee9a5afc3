from dataclasses import replace

import pytest

from schemas.dead_letters import Reason
from schemas.qualifications import TYPES
from streams.counts import LATENESS_BOUNDS, Counts
from streams.definitions.model import (
    CapRule,
    Definitions,
    EventFilter,
    EventRule,
    FirstCondition,
    FlagRule,
    Health,
    Journey,
    Lead,
    Milestone,
    Routing,
)
from streams.engine.orders import Refusal
from streams.metrics import Metrics
from streams.status import Status


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def status(clock: Clock) -> Status:
    return Status(clock)


@pytest.fixture
def metrics(status: Status) -> Metrics:
    return Metrics(status)


def test_every_record_has_exactly_one_result(metrics: Metrics) -> None:
    dead = {Reason.NOT_JSON: 2, Reason.EMPTY: 1}
    metrics.follow(
        Counts(
            read=46,
            accepted=10,
            late=1,
            too_late=2,
            duplicates=4,
            already_applied=3,
            erased=6,
            deletions=7,
            forwarded=5,
            parameters=6,
            dead=dead,
        )
    )
    by_result = {
        sample.labels["result"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "milepost_events_total"
    }
    assert by_result == {
        "accepted": 9,
        "late": 1,
        "duplicate": 4,
        "already_applied": 3,
        "erased": 6,
        "deletion": 7,
        "too_late": 2,
        "forwarded": 5,
        "parameter": 6,
        "dead": 3,
    }
    assert sum(by_result.values()) == 46


def test_what_is_counted_later_shows_at_the_next_scrape_without_being_told(
    metrics: Metrics,
) -> None:
    counts = Counts()
    metrics.follow(counts)
    counts.accepted = 7
    assert value(metrics, "milepost_events_total", result="accepted") == 7


def test_evaluators_add_up_and_what_a_revoked_one_counted_stays_counted(metrics: Metrics) -> None:
    first = Counts(accepted=5, qualifications={("aha", "milestone.reached"): 2})
    metrics.follow(first)
    metrics.follow(Counts(accepted=1, qualifications={("aha", "milestone.reached"): 1}))
    metrics.unfollow(first)
    metrics.follow(Counts(accepted=10))
    assert value(metrics, "milepost_events_total", result="accepted") == 16
    assert qualified(metrics, "aha") == 3


def test_overrides_that_are_refused_are_counted_by_reason_from_the_start(metrics: Metrics) -> None:
    counts = Counts()
    metrics.follow(counts)
    for reason in Refusal:
        assert value(metrics, "milepost_overrides_refused_total", reason=reason.value) == 0
    counts.add_refused({Refusal.NO_APPROVER: 2, Refusal.IS_OPEN: 1})
    counts.add_refused({Refusal.NO_APPROVER: 1})
    assert value(metrics, "milepost_overrides_refused_total", reason="no_approver") == 3


def test_the_reference_names_every_reason_for_refusing_an_override(metrics: Metrics) -> None:
    metrics.follow(Counts())
    [family] = [
        one for one in metrics.registry.collect() if one.name == "milepost_overrides_refused"
    ]
    assert all(reason.value in family.documentation for reason in Refusal)


def test_equal_counts_are_still_two_evaluators(metrics: Metrics) -> None:
    one, other = Counts(accepted=3), Counts(accepted=3)
    metrics.follow(one)
    metrics.follow(other)
    metrics.unfollow(other)
    one.accepted = 4
    assert value(metrics, "milepost_events_total", result="accepted") == 7


def test_hot_states_of_a_revoked_partition_are_gone(metrics: Metrics) -> None:
    counts = Counts(hot_states=9)
    metrics.follow(counts)
    assert value(metrics, "milepost_cache_hot_states") == 9
    metrics.unfollow(counts)
    assert value(metrics, "milepost_cache_hot_states") == 0


def test_timers_that_fired_add_up_and_those_of_a_revoked_partition_are_not_pending_here(
    metrics: Metrics,
) -> None:
    first = Counts(timers_fired=5, timers_pending=100)
    metrics.follow(first)
    metrics.follow(Counts(timers_fired=2, timers_pending=10))
    assert value(metrics, "milepost_timers_pending") == 110
    metrics.unfollow(first)
    assert value(metrics, "milepost_timers_pending") == 10
    assert value(metrics, "milepost_timers_fired_total") == 7


def test_what_definitions_can_tell_stands_at_zero_from_the_start(status: Status) -> None:
    when = FirstCondition(EventFilter(("X",)), within=1)
    definitions = Definitions(
        milestones={
            "aha": Milestone("aha", "user", when),
            "active": Milestone("active", "user", when, live=True),
        },
        journeys={"way": Journey("way", "user", ("aha", "active"), stuck={"aha": 7})},
        leads={"pqa": Lead("pqa", "user", when)},
        health={"usage": Health("usage", "user", when, None)},
    )
    assert told(Metrics(status, definitions)) == {
        ("aha", "milestone.reached"),
        ("aha", "milestone.corrected"),
        ("aha", "journey.stuck"),
        ("active", "milestone.entered"),
        ("active", "milestone.exited"),
        ("pqa", "lead.qualified"),
        ("pqa", "lead.closed"),
        ("usage", "health.changed"),
    }
    routed = replace(definitions, routing=Routing(()))
    assert told(Metrics(status, routed)) - told(Metrics(status, definitions)) == {
        ("pqa", "lead.routed"),
        ("pqa", "lead.sla_breached"),
    }


def test_abuse_rules_stand_at_zero_from_the_start_and_count_what_they_exclude(
    status: Status,
) -> None:
    event = EventFilter(("X",))
    when = FirstCondition(event, within=1)
    rules = (
        FlagRule("internal", "user", when),
        EventRule("bots", event),
        CapRule("cap", "account", event, 3, 60_000),
    )
    metrics = Metrics(status, Definitions(abuse={rule.name: rule for rule in rules}))
    name = "milepost_excluded_events_total"
    assert [value(metrics, name, rule=rule.name) for rule in rules] == [0, 0, 0]
    assert told(metrics) == {
        ("internal", "entity.flagged"),
        ("internal", "entity.cleared"),
        ("cap", "entity.flagged"),
    }
    metrics.follow(Counts(excluded={"bots": 7}))
    assert value(metrics, name, rule="bots") == 7


def test_every_type_is_counted_by_its_milestone(metrics: Metrics) -> None:
    metrics.follow(Counts(qualifications={("aha", kind): 1 for kind in TYPES}))
    assert told(metrics) == {("aha", kind) for kind in TYPES}


def test_what_is_in_the_shadow_has_a_counter_of_its_own_from_the_start(status: Status) -> None:
    aha = Milestone("aha", "user", FirstCondition(EventFilter(("x",)), 1))
    hidden = replace(aha, name="sooner", shadow=True)
    metrics = Metrics(status, Definitions(milestones={"aha": aha, "sooner": hidden}))
    metrics.follow(Counts(shadows={("sooner", "milestone.reached"): 3}))
    assert told(metrics) == {("aha", "milestone.reached"), ("aha", "milestone.corrected")}
    name = "milepost_shadow_qualifications_total"
    assert value(metrics, name, milestone="sooner", type="milestone.reached") == 3
    assert value(metrics, name, milestone="sooner", type="milestone.corrected") == 0


def test_all_reasons_stand_at_zero_from_the_start(metrics: Metrics) -> None:
    metrics.follow(Counts())
    for reason in Reason:
        assert value(metrics, "milepost_dead_letters_total", reason=reason.value) == 0


def test_lateness_is_a_cumulative_histogram_in_seconds(metrics: Metrics) -> None:
    lateness = [0] * (len(LATENESS_BOUNDS) + 1)
    lateness[0], lateness[1], lateness[-1] = 5, 2, 1
    metrics.follow(Counts(lateness=lateness, lateness_ms=90_000_500))
    name = "milepost_event_lateness_seconds"
    assert value(metrics, f"{name}_bucket", le="0.0") == 5
    assert value(metrics, f"{name}_bucket", le="1.0") == 7
    assert value(metrics, f"{name}_bucket", le="86400.0") == 7
    assert value(metrics, f"{name}_bucket", le="+Inf") == value(metrics, f"{name}_count") == 8
    assert value(metrics, f"{name}_sum") == 90_000.5


def test_the_lag_of_a_revoked_partition_is_not_shown_any_more(
    metrics: Metrics, status: Status
) -> None:
    status.assign([("product.events", 0), ("product.events", 1)])
    status.observe_lag("product.events", 1, 42)
    assert value(metrics, "milepost_lag_records", topic="product.events", partition="1") == 42
    status.assign([("product.events", 0)])
    labels = {"topic": "product.events", "partition": "1"}
    assert metrics.registry.get_sample_value("milepost_lag_records", labels) is None
    assert value(metrics, "milepost_assigned_partitions") == 1


def test_commit_age_grows_while_records_wait_and_nothing_else_happens(
    metrics: Metrics, status: Status, clock: Clock
) -> None:
    status.assign([("product.events", 0)])
    status.recover()
    status.observe_lag("product.events", 0, 1)
    clock.now += 30
    assert value(metrics, "milepost_commit_age_seconds") == 30


def test_rows_retries_state_and_durations_are_told_as_they_happen(metrics: Metrics) -> None:
    metrics.count_rows("milestones", 3)
    metrics.count_rows("milestones", 4)
    metrics.count_retry()
    metrics.set_state("accounts", 100, 4096)
    metrics.observe_batch(0.2)
    metrics.observe_commit(0.02)
    metrics.observe_timers(0.3)
    assert value(metrics, "milepost_sink_rows_total", table="milestones") == 7
    assert value(metrics, "milepost_sink_retries_total") == 1
    assert value(metrics, "milepost_state_entries", table="accounts") == 100
    assert value(metrics, "milepost_state_bytes", table="accounts") == 4096
    assert value(metrics, "milepost_batch_seconds_count") == 1
    assert value(metrics, "milepost_commit_seconds_sum") == 0.02
    assert value(metrics, "milepost_timers_late_seconds") == 0.3


def test_two_apps_in_one_process_do_not_share_metrics(status: Status) -> None:
    worker, sink = Metrics(status), Metrics(Status())
    sink.count_rows("milestones", 1)
    labels = {"table": "milestones"}
    assert worker.registry.get_sample_value("milepost_sink_rows_total", labels) is None


def told(metrics: Metrics) -> set[tuple[str, str]]:
    """Milestone and type of every counter of qualifications."""
    return {
        (sample.labels["milestone"], sample.labels["type"])
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "milepost_qualifications_total"
    }


def qualified(metrics: Metrics, milestone: str) -> float:
    return value(
        metrics, "milepost_qualifications_total", milestone=milestone, type="milestone.reached"
    )


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(name, labels)
    assert found is not None, f"{name}{labels} is not exported"
    return found
