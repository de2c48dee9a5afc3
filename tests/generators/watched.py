"""Panels of what is watched: one for each watch, made from its header."""

from streams.watches import Watch, read_watches
from streams.watches.files import DECISIONS as FOLDER
from tests.generators.panels import Graph, Series

UNITS = {"ratio": "percentunit", "number": "short"}


def _panel(watch: Watch) -> Graph:
    legend = " ".join(f"{{{{{label}}}}}" for label in watch.labels)
    title = watch.name.replace("_", " ").capitalize().replace("Sla", "SLA")
    series = Series(f"milepost_{watch.name}", legend)
    return Graph(title, watch.help, UNITS[watch.unit], (series,))


DECISIONS = (
    "Decisions",
    (
        *map(_panel, read_watches(FOLDER)),
        Graph(
            "Parameters",
            "Baselines, and scores that have fallen back (1), as the workers were told.",
            "short",
            (Series("milepost_parameter", "{{name}}"),),
        ),
    ),
)
