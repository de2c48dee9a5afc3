"""What ``milepost watch`` exports: a gauge for each watch, and how it does itself."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.metrics import process_registry
from streams.watches.files import Found, Watch

KPI: Final = "kpi"
"""Name of the watch that all KPIs together are, here and in ``watch_rows``."""


@dataclass(frozen=True, slots=True)
class KpiFound:
    """A KPI in its newest complete period."""

    labels: Mapping[str, str]
    """``kpi``, ``segment`` (empty: all) and ``group`` (empty where the KPI has none)."""
    value: float
    """In the KPI's unit."""
    change: float | None
    """Since the period before, as a share of that; ``None`` where that was 0 or is not known."""
    denominator: float | None
    """What the value is of; ``None`` where it is no quotient."""


class WatchMetrics:
    """The metrics of one process, in a registry of their own.

    Args:
        watches: each becomes two metrics: what was found, and how many that is of.
    """

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.registry = registry = process_registry()
        self._answers = _Answers(watches)
        registry.register(self._answers)
        self._kpis = _Kpis()
        registry.register(self._kpis)
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
        for name in (*(watch.name for watch in watches), KPI):
            self._answered.labels(name).set(time.time())
            self._failures.labels(name)

    def show(self, watch: str, answers: Sequence[Found]) -> None:
        """These are the answers to the watch from now on."""
        self._answers.newest[watch] = answers
        self.answered(watch)

    def show_kpi(self, kpi: str, segment: str, found: Sequence[KpiFound]) -> None:
        """The KPI in the segment is this from now on, for each of its groups."""
        self._kpis.newest[kpi, segment] = found

    def answered(self, watch: str) -> None:
        """All that the watch asks was answered."""
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


class _Kpis(Collector):
    """The newest complete period of each KPI, by KPI and segment."""

    def __init__(self) -> None:
        self.newest: dict[tuple[str, str], Sequence[KpiFound]] = {}

    def collect(self) -> Iterator[Metric]:
        labels = ["kpi", "segment", "group"]
        value = GaugeMetricFamily(
            "milepost_kpi",
            "The KPI in its newest complete period, in its unit; segment is empty for all, group"
            " where the KPI has none.",
            labels=labels,
        )
        change = GaugeMetricFamily(
            "milepost_kpi_change",
            "How much that is more than in the period before, as a share of it.",
            labels=labels,
        )
        denominator = GaugeMetricFamily(
            "milepost_kpi_denominator",
            "What the KPI was divided by, or how many its median is of.",
            labels=labels,
        )
        for found in [one for several in list(self.newest.values()) for one in several]:
            values = [found.labels[label] for label in labels]
            value.add_metric(values, found.value)
            if found.change is not None:
                change.add_metric(values, found.change)
            if found.denominator is not None:
                denominator.add_metric(values, found.denominator)
        yield from (value, change, denominator)
