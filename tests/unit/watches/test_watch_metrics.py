"""What a watch shows to Prometheus."""

import time

from prometheus_client import generate_latest

from streams.watches import Watch
from streams.watches.files import Found
from streams.watches.metrics import WatchMetrics

PRECISION = Watch("lead_precision", "How good.", "ratio", ("lead",), "leads judged", 1, "")
FAKES = Watch("fake_accounts", "How bad.", "ratio", (), "accounts", 1, "")


def shown(metrics: WatchMetrics) -> list[str]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return [line for line in lines if line.startswith("milepost_") and "build" not in line]


def test_each_watch_is_two_gauges_and_what_was_found_last_counts() -> None:
    metrics = WatchMetrics([PRECISION, FAKES])
    assert not any(line.startswith(("milepost_lead", "milepost_fake")) for line in shown(metrics))
    metrics.show("lead_precision", [Found("lead_precision", {"lead": "gone"}, 0.5, 4)])
    metrics.show("lead_precision", [Found("lead_precision", {"lead": "pqa"}, 0.75, 8)])
    metrics.show("fake_accounts", [Found("fake_accounts", {}, 0.01, 1000)])
    assert [
        line for line in shown(metrics) if line.startswith(("milepost_lead", "milepost_f"))
    ] == [
        'milepost_lead_precision{lead="pqa"} 0.75',
        'milepost_lead_precision_sample_size{lead="pqa"} 8.0',
        "milepost_fake_accounts 0.01",
        "milepost_fake_accounts_sample_size 1000.0",
    ]


def test_what_is_not_answered_stays_and_is_seen_to_be_old() -> None:
    metrics = WatchMetrics([PRECISION])
    metrics.show("lead_precision", [Found("lead_precision", {"lead": "pqa"}, 0.75, 8)])
    before = [line for line in shown(metrics) if "failures_total" not in line]
    metrics.count_failure("lead_precision")
    assert [line for line in shown(metrics) if "failures_total" not in line] == before
    assert 'milepost_watch_failures_total{watch="lead_precision"} 1.0' in shown(metrics)


def test_a_watch_that_was_never_answered_is_as_old_as_the_process() -> None:
    registry = WatchMetrics([PRECISION]).registry
    labels = {"watch": "lead_precision"}
    at = registry.get_sample_value("milepost_watch_answered_timestamp_seconds", labels)
    assert at is not None
    assert abs(time.time() - at) < 60
    assert registry.get_sample_value("milepost_watch_failures_total", labels) == 0


def test_parameters_are_shown_as_they_were_sent() -> None:
    metrics = WatchMetrics([])
    metrics.set_parameter("baseline:usage", 12.5)
    assert 'milepost_parameter{name="baseline:usage"} 12.5' in shown(metrics)
