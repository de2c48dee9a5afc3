"""The operations dashboard, as code: Grafana's own SDK builds the JSON, so its types check it."""

import itertools
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, Threshold
from grafana_foundation_sdk.models.dashboard import ThresholdsMode as Mode

from tests.generators.panels import NUMBERS, ROWS, Graph, Number
from tests.generators.watched import DECISIONS

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="prometheus")
WIDTH = 24
"""Columns of Grafana's grid."""
MOST_ABREAST = 4
"""Graphs beside each other; more of a row go below."""


def operations_dashboard(_file: Path) -> str:
    """The JSON of ``operations.json``."""
    board = (
        dashboard.Dashboard("Milepost: operations")
        .uid("milepost-operations")
        .description("Whether events come in, milestones go out and nothing is stuck.")
        .tags(["milepost"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
    )
    ids = itertools.count(1)
    for number in NUMBERS:
        board = board.with_panel(_stat(number).id(next(ids)))
    for title, graphs in (*ROWS, DECISIONS):
        board = board.with_row(dashboard.Row(title).id(next(ids)))
        for graph in graphs:
            width = WIDTH // min(len(graphs), MOST_ABREAST)
            board = board.with_panel(_graph(graph, width).id(next(ids)))
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _query(expr: str, legend: str, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(ref)


def _stat(number: Number) -> stat.Panel:
    steps = [Threshold(value=None, color="green")]
    if number.warn is not None:
        steps.append(Threshold(value=number.warn, color="yellow"))
    if number.alarm is not None:
        steps.append(Threshold(value=number.alarm, color="red"))
    return (
        stat.Panel()
        .title(number.title)
        .description(number.description)
        .datasource(PROMETHEUS)
        .unit(number.unit)
        .span(WIDTH // len(NUMBERS))
        .height(4)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(dashboard.ThresholdsConfig().mode(Mode.ABSOLUTE).steps(steps))
        .with_target(_query(number.expr, "", "A").instant())
    )


def _graph(graph: Graph, width: int) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(graph.title)
        .description(graph.description)
        .datasource(PROMETHEUS)
        .unit(graph.unit)
        .min(0)
        .span(width)
        .height(8)
        .line_width(1)
        .fill_opacity(30 if graph.stacked else 5)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    if graph.stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    for ref, series in zip("ABCDEF", graph.series, strict=False):
        panel = panel.with_target(_query(series.expr, series.legend, ref))
    return panel
