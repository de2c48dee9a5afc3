"""Every metric that a worker or a sink exports, each documented here and nowhere else.

The hot loop pays nothing for them: the evaluator counts in plain integers and :class:`Status`
knows the rest, and both are read when Prometheus asks. Only what happens once a batch or a
commit (durations, rows written) is told as it happens.
"""

import platform
from collections import Counter as Totals
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from schemas.dead_letters import Reason
from schemas.qualifications import QualificationType
from streams.counts import LATENESS_BOUNDS, Counts
from streams.definitions.model import Definitions, EventRule, FlagRule
from streams.engine.orders import Refusal
from streams.status import Status

DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds of the duration histograms, seconds."""

_Key = tuple[str, ...]
"""What is counted, then the values of its labels."""

_COUNTERS: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "events": (
        "milepost_events",
        "Records read from the input and repartition topics, by what became of them. Each has"
        " exactly one result: accepted (in order), late (within allowed_lateness: exact), too_late"
        " (beyond it: counted where it still can be), duplicate, already_applied (before a"
        " restart), erased (of a time through which its account or user was erased: not counted),"
        " deletion (asks for that), forwarded (to the partition of its account, to be read again),"
        " parameter (sets one for the partition) or dead.",
        ["result"],
    ),
    "dead": (
        "milepost_dead_letters",
        "Records that cannot be an event and went to the dead-letter topic, by reason.",
        ["reason"],
    ),
    "qualifications": (
        "milepost_qualifications",
        "Qualifications decided (those decided again after a crash included); for journey.stuck the"
        " milestone is the step, for lead.… the lead, for health.changed the health, for entity.…"
        " the abuse rule.",
        ["milestone", "type"],
    ),
    "excluded": (
        "milepost_excluded_events",
        "Accepted, late and too late events that an abuse rule excluded: no milestone, score or"
        " activity counts them (those excluded again after a crash included).",
        ["rule"],
    ),
    "shadows": (
        "milepost_shadow_qualifications",
        "Qualifications decided in the shadow, which no subscriber is told; otherwise like"
        " milepost_qualifications.",
        ["milestone", "type"],
    ),
    "cache_hits": (
        "milepost_cache_hits",
        "States found as objects in the record cache.",
        [],
    ),
    "refused": (
        "milepost_overrides_refused",
        "Events lead_overridden that no lead heard (those refused again after a crash included), by"
        " reason: unknown_lead, unknown_action, no_approver, no_reason, no_team, unknown_outcome,"
        " is_open, not_open, not_routed or superseded.",
        ["reason"],
    ),
    "cache_misses": (
        "milepost_cache_misses",
        "States that had to be read from the table, or were new.",
        [],
    ),
    "timers_fired": (
        "milepost_timers_fired",
        "Accounts and users that were judged because their time had come, with no event (those"
        " judged again after a crash included).",
        [],
    ),
}


def _totals(counts: Counts) -> dict[_Key, int]:
    """One evaluator's counts, keyed as the counters are."""
    totals: dict[_Key, int] = {
        ("events", "accepted"): counts.accepted - counts.late,
        ("events", "late"): counts.late,
        ("events", "duplicate"): counts.duplicates,
        ("events", "already_applied"): counts.already_applied,
        ("events", "erased"): counts.erased,
        ("events", "deletion"): counts.deletions,
        ("events", "too_late"): counts.too_late,
        ("events", "forwarded"): counts.forwarded,
        ("events", "parameter"): counts.parameters,
        ("events", "dead"): sum(counts.dead.values()),
        ("lateness_ms",): counts.lateness_ms,
        ("cache_hits",): counts.cache_hits,
        ("cache_misses",): counts.cache_misses,
        ("timers_fired",): counts.timers_fired,
    }
    totals.update({("dead", reason): counts.dead.get(reason, 0) for reason in Reason})
    refused = counts.overrides_refused
    totals.update({("refused", reason.value): refused.get(reason, 0) for reason in Refusal})
    totals.update({("lateness", str(i)): events for i, events in enumerate(counts.lateness)})
    totals.update({("excluded", rule): events for rule, events in counts.excluded.items()})
    totals.update({("qualifications", *key): n for key, n in counts.qualifications.items()})
    totals.update({("shadows", *key): n for key, n in counts.shadows.items()})
    return totals


def _keys(definitions: Definitions) -> Iterator[_Key]:
    """What is counted of every qualification that may come of definitions."""
    hidden = {name for name, one in definitions.milestones.items() if one.shadow}
    hidden |= {name for name, one in definitions.leads.items() if one.shadow}
    for name, kind in _told_by(definitions):
        yield "shadows" if name in hidden else "qualifications", name, kind


def _told_by(definitions: Definitions) -> Iterator[tuple[str, QualificationType]]:
    """The milestone and type of every qualification that may come of definitions."""
    for name, milestone in definitions.milestones.items():
        if milestone.live:
            yield name, "milestone.entered"
            yield name, "milestone.exited"
        else:
            yield name, "milestone.reached"
            yield name, "milestone.corrected"
    for journey in definitions.journeys.values():
        for step in journey.stuck:
            yield step, "journey.stuck"
    for name in definitions.leads:
        yield name, "lead.qualified"
        yield name, "lead.closed"
        if definitions.routing is not None:
            yield name, "lead.routed"
            yield name, "lead.sla_breached"
    for name in definitions.health:
        yield name, "health.changed"
    for name, rule in definitions.abuse.items():
        if not isinstance(rule, EventRule):
            yield name, "entity.flagged"
        if isinstance(rule, FlagRule):
            yield name, "entity.cleared"


def _shown(definitions: Definitions | None) -> Iterator[_Key]:
    """What is shown from the start."""
    if definitions is not None:
        yield from _keys(definitions)
        for rule in definitions.abuse:
            yield "excluded", rule


def process_registry() -> CollectorRegistry:
    """A registry that has what every process tells of itself."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Info("milepost_build", "Version of Milepost and of Python.", registry=registry).info(
        {"version": version("milepost"), "python": platform.python_version()}
    )
    return registry


class Metrics:
    """The metrics of one process, in a registry of their own.

    Args:
        status: read at every scrape.
        definitions: what they can tell of is shown with 0 from the start, so that a rate sees the
            first one.
    """

    def __init__(self, status: Status, definitions: Definitions | None = None) -> None:
        self.registry = registry = process_registry()
        self._evaluations = _Evaluations(_shown(definitions))
        registry.register(self._evaluations)
        registry.register(_StatusMetrics(status))
        self._batch_seconds = Histogram(
            "milepost_batch_seconds",
            "Time to work through one fetched batch: decode and evaluate it (worker), decode it"
            " (sink).",
            buckets=DURATIONS,
            registry=registry,
        )
        self._commit_seconds = Histogram(
            "milepost_commit_seconds",
            "Time of one commit cycle of a partition: all that came of its records made durable.",
            buckets=DURATIONS,
            registry=registry,
        )
        self._timers_late = Gauge(
            "milepost_timers_late_seconds",
            "How long after its time a timer fired, the last time that any did. Milliseconds to a"
            " second as a rule; what fell due while no worker was there, or while it was behind the"
            " log, is as late as that lasted.",
            registry=registry,
        )
        self._state_entries = Gauge(
            "milepost_state_entries",
            "Entries of a table on this worker, over its partitions.",
            ["table"],
            registry=registry,
        )
        self._state_bytes = Gauge(
            "milepost_state_bytes",
            "Size of a table's keys and values on this worker, over its partitions.",
            ["table"],
            registry=registry,
        )
        self._sink_rows = Counter(
            "milepost_sink_rows",
            "Rows that ClickHouse has acknowledged (rows written twice are counted twice).",
            ["table"],
            registry=registry,
        )
        self._sink_retries = Counter(
            "milepost_sink_retries",
            "Writes to ClickHouse that failed and are tried again.",
            registry=registry,
        )

    def follow(self, counts: Counts) -> None:
        """Show an evaluator's counts from now on."""
        self._evaluations.active.append(counts)

    def unfollow(self, counts: Counts) -> None:
        """The evaluator is gone (its partition was revoked); what it counted stays counted."""
        self._evaluations.retire(counts)

    def observe_batch(self, seconds: float) -> None:
        """A fetched batch was worked through."""
        self._batch_seconds.observe(seconds)

    def observe_commit(self, seconds: float) -> None:
        """A commit cycle ended well."""
        self._commit_seconds.observe(seconds)

    def observe_timers(self, late: float) -> None:
        """Timers fired, the first of them so many seconds after its time."""
        self._timers_late.set(late)

    def set_state(self, table: str, entries: int, size: int) -> None:
        """A table holds ``entries``, ``size`` bytes all told."""
        self._state_entries.labels(table).set(entries)
        self._state_bytes.labels(table).set(size)

    def count_rows(self, table: str, rows: int) -> None:
        """ClickHouse acknowledged ``rows`` for ``table``."""
        self._sink_rows.labels(table).inc(rows)

    def count_retry(self) -> None:
        """A write to ClickHouse failed and will be tried again."""
        self._sink_retries.inc()


class _Evaluations(Collector):
    """What the evaluators of this process have counted, those that are gone included."""

    def __init__(self, shown: Iterable[_Key]) -> None:
        self.active: list[Counts] = []
        self._retired: Totals[_Key] = Totals(dict.fromkeys(shown, 0))

    def retire(self, counts: Counts) -> None:
        self.active = [other for other in self.active if other is not counts]
        self._retired.update(_totals(counts))

    def collect(self) -> Iterator[Metric]:
        totals = Totals(self._retired)
        for counts in self.active:
            totals.update(_totals(counts))
        yield from self._counters(totals)
        yield self._lateness(totals)
        yield GaugeMetricFamily(
            "milepost_cache_hot_states",
            "States kept as objects in the record cache.",
            sum(counts.hot_states for counts in self.active),
        )
        yield GaugeMetricFamily(
            "milepost_timers_pending",
            "Timers that are set: about one for each account and user that must be judged some time"
            " though no event comes.",
            sum(counts.timers_pending for counts in self.active),
        )

    def _counters(self, totals: Mapping[_Key, int]) -> Iterator[Metric]:
        for key, (name, documentation, labels) in _COUNTERS.items():
            family = CounterMetricFamily(name, documentation, labels=labels)
            for (kind, *values), total in totals.items():
                if kind == key:
                    family.add_metric(values, total)
            yield family

    def _lateness(self, totals: Mapping[_Key, int]) -> Metric:
        bounds = [*(str(bound / 1000) for bound in LATENESS_BOUNDS), "+Inf"]
        buckets = accumulate(totals[("lateness", str(i))] for i in range(len(bounds)))
        return HistogramMetricFamily(
            "milepost_event_lateness_seconds",
            "How far events (accepted, late, too late) stood behind the newest event of their"
            " account; 0 in order.",
            buckets=list(zip(bounds, buckets, strict=True)),
            sum_value=totals[("lateness_ms",)] / 1000,
        )


class _StatusMetrics(Collector):
    """What the process knows of itself."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        lag = GaugeMetricFamily(
            "milepost_lag_records",
            "Records of an assigned partition that no commit covers yet.",
            labels=["topic", "partition"],
        )
        for (topic, partition), progress in status.partitions.items():
            lag.add_metric([topic, str(partition)], progress.lag)
        yield lag
        yield GaugeMetricFamily(
            "milepost_commit_age_seconds",
            "How long the records that have waited longest have waited for a commit; 0 when none"
            " wait, and while state is recovered.",
            status.commit_age,
        )
        yield GaugeMetricFamily(
            "milepost_assigned_partitions",
            "Partitions of the input topics that this process works on.",
            len(status.partitions),
        )
        yield GaugeMetricFamily(
            "milepost_recovered",
            "1 when the state of every assigned partition is back, 0 before.",
            int(status.recovered),
        )
