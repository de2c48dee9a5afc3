"""Panels that ask ClickHouse, and how its data source wants to be asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from grafana_foundation_sdk.builders import common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    VariableOption,
    VariableRefresh,
)

CLICKHOUSE: Final = DataSourceRef(type_val="grafana-clickhouse-datasource", uid="clickhouse")
SQL: Final = Path(__file__).with_name("sql")
_FORMATS: Final = {"timeseries": 0, "table": 1}

Format = Literal["timeseries", "table"]
Panel: TypeAlias = table.Panel | timeseries.Panel | stat.Panel


class _Target(Dataquery):
    def __init__(self, sql: str, form: Format) -> None:
        self._json = {
            "datasource": CLICKHOUSE,
            "editorType": "sql",
            "format": _FORMATS[form],
            "queryType": form,
            "rawSql": sql,
            "refId": "A",
        }

    def to_json(self) -> dict[str, Any]:
        return self._json


@dataclass(frozen=True)
class Query(Builder[Dataquery]):
    """A panel's target. Over time it has ``time``, a text that names the lines, and a value."""

    sql: str
    form: Format

    def build(self) -> Dataquery:
        return _Target(self.sql, self.form)


def text(name: str) -> str:
    """The query of a file in ``sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def over_time(
    title: str, description: str, unit: str, sql: str, *, stacked: bool = False
) -> timeseries.Panel:
    """Lines, or columns on each other."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(CLICKHOUSE)
        .unit(unit)
        .span(12)
        .height(8)
        .line_width(2)
        .fill_opacity(30 if stacked else 0)
        .show_points(VisibilityMode.NEVER if stacked else VisibilityMode.AUTO)
        .span_nulls(True)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .with_target(Query(sql, "timeseries"))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    return panel


def rows(title: str, description: str, sql: str, units: dict[str, str]) -> table.Panel:
    """A table; ``units`` are those of its columns that have one."""
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(CLICKHOUSE)
        .span(24)
        .height(9)
        .filterable(True)
        .with_target(Query(sql, "table"))
    )
    for column, unit in units.items():
        panel = panel.override_by_name(
            column, [DynamicConfigValue("unit", unit), DynamicConfigValue("decimals", 1)]
        )
    return panel


def numbers(title: str, description: str, sql: str) -> stat.Panel:
    """Each column of the one row as a number."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(CLICKHOUSE)
        .span(24)
        .height(4)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(Query(sql, "table"))
    )


def choice(name: str, label: str, sql: str, first: str) -> dashboard.QueryVariable:
    """One of what the query finds; ``first`` until somebody chooses."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(CLICKHOUSE)
        .query(sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .current(VariableOption(selected=True, text=first, value=first))
    )
