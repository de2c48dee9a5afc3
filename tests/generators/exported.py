"""What a process really exports, found by feeding :class:`Metrics` everything once."""

from prometheus_client import Metric

from schemas.dead_letters import Reason
from streams.counts import Counts
from streams.metrics import Metrics
from streams.status import Status
from streams.watches.files import DECISIONS, Found, read_watches
from streams.watches.metrics import WatchMetrics


def exported_families() -> list[Metric]:
    """Every metric of a worker, of a sink and of a watch, each label with at least one value."""
    families = {family.name: family for family in [*_of_a_worker(), *_of_a_watch()]}
    return list(families.values())


def _of_a_watch() -> list[Metric]:
    watches = read_watches(DECISIONS)
    metrics = WatchMetrics(watches)
    for watch in watches:
        labels = dict.fromkeys(watch.labels, "x")
        metrics.show(watch.name, [Found(watch.name, labels, 0.5, 1)])
    metrics.set_parameter("baseline:usage", 1)
    return list(metrics.registry.collect())


def _of_a_worker() -> list[Metric]:
    status = Status()
    status.assign([("product.events", 0)])
    status.recover()
    metrics = Metrics(status)
    qualifications = {("aha", "milestone.reached"): 1}
    dead = {Reason.NOT_JSON: 1}
    counts = Counts(dead=dead, qualifications=qualifications, shadows=qualifications)
    counts.excluded["bots"] = 1
    metrics.follow(counts)
    metrics.set_state("accounts", 1, 1)
    metrics.count_rows("milestones", 1)
    return list(metrics.registry.collect())


def labels_of(family: Metric) -> list[str]:
    """Names of a family's labels, in the order they are given, without a bucket's bound."""
    names = {name: None for sample in family.samples for name in sample.labels}
    return [name for name in names if name != "le"]


def exported_samples() -> dict[str, set[str]]:
    """Name of every sample, as queries name it → names of its labels."""
    samples: dict[str, set[str]] = {}
    for family in exported_families():
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    return samples
