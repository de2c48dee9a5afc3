"""What ``milepost watch`` exports: a gauge for each watch, and how it does itself."""

import time
from collections.abc import Iterator, Sequence

from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.metrics import process_registry
from streams.watches.files import Found, Watch


class WatchMetrics:
    """The metrics of one process, in a registry of their own.

    Args:
        watches: each becomes two metrics: what was found, and how many that is of.
    """

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.registry = registry = process_registry()
        self._answers = _Answers(watches)
        registry.register(self._answers)
        self._answered = Gauge(
            "milepost_watch_answered_timestamp_seconds",
            "When the watch was answered last, Unix time; until it is, when the process started.",
            ["watch"],
            registry=registry,
        )
        self._failures = Counter(
            "milepost_watch_failures",
            "Times that ClickHouse did not answer the watch.",
            ["watch"],
            registry=registry,
        )
        self._parameters = Gauge(
            "milepost_parameter",
            "The newest value of a parameter that was sent to the workers: of a baseline, or 1"
            " while a score has fallen back.",
            ["name"],
            registry=registry,
        )
        for watch in watches:
            self._answered.labels(watch.name).set(time.time())
            self._failures.labels(watch.name)

    def show(self, watch: str, answers: Sequence[Found]) -> None:
        """These are the answers to the watch from now on."""
        self._answers.newest[watch] = answers
        self._answered.labels(watch).set(time.time())

    def count_failure(self, watch: str) -> None:
        """ClickHouse did not answer; what it said before stays."""
        self._failures.labels(watch).inc()

    def set_parameter(self, name: str, value: float) -> None:
        """The workers were told this value."""
        self._parameters.labels(name).set(value)


class _Answers(Collector):
    """The newest answers to each watch."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = watches
        self.newest: dict[str, Sequence[Found]] = {}

    def collect(self) -> Iterator[Metric]:
        for watch in self._watches:
            name = f"milepost_{watch.name}"
            labels = list(watch.labels)
            value = GaugeMetricFamily(name, watch.help, labels=labels)
            size = GaugeMetricFamily(
                f"{name}_sample_size", f"How many {watch.sample} {name} is of.",
                labels=labels,
            )  # fmt: skip
            for found in self.newest.get(watch.name, ()):
                values = [found.labels[label] for label in labels]
                value.add_metric(values, found.value)
                size.add_metric(values, found.sample_size)
            yield value
            yield size
