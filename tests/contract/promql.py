"""Which metrics and labels a query names, found in its syntax tree."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import promql_parser

TARGET_LABELS = {"job", "instance"}
"""Labels that Prometheus adds to every sample of a target."""

PROMETHEUS_OWN = {
    "up": TARGET_LABELS,
    "ALERTS": {"alertname", "alertstate", "severity", *TARGET_LABELS},
}
"""Series that Prometheus makes itself."""


@dataclass
class Named:
    """What a query asks of the metrics."""

    selectors: list[tuple[str, set[str]]] = field(default_factory=list)
    """Metric name, and the labels it is selected by."""
    grouped: set[str] = field(default_factory=set)
    """Labels that results are grouped by."""


def named(query: str) -> Named:
    """Raises ValueError where the query is not PromQL."""
    # Grafana fills these in before Prometheus sees them.
    tree = promql_parser.parse(query.replace("$__rate_interval", "1m"))
    found = Named()

    def note(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            labels = {matcher.name for matcher in node.matchers.matchers}
            found.selectors.append((node.name or "", labels))
        elif isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            found.grouped.update(node.modifier.labels)

    promql_parser.walk(tree, note)
    return found


def unknown(query: str, exported: dict[str, set[str]]) -> Iterator[str]:
    """What the query names and nobody exports."""
    asked = named(query)
    known = {**exported, **PROMETHEUS_OWN}
    reachable: set[str] = set(TARGET_LABELS)
    for metric, labels in asked.selectors:
        if metric not in known:
            yield f"no metric {metric}"
            continue
        reachable |= known[metric]
        yield from (
            f"{metric} has no label {label}"
            for label in sorted(labels - known[metric] - TARGET_LABELS)
        )
    yield from (f"nothing has the label {label}" for label in sorted(asked.grouped - reachable))
