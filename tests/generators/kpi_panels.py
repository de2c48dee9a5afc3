"""Panels of KPIs, made from their headers: over time beside the year before, and a table of many.

They show what ``milepost watch`` keeps in ``watch_rows``.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, VariableModel

from streams.queries.kpis import Header, catalogue
from tests.generators.kpis import SIZES
from tests.generators.warehouse import choice, over_time, rows, text

UNITS: Final = {
    "percent": "percent", "days": "d", "money": "currencyUSD", "ratio": "short", "count": "short",
    "points": "short",
}  # fmt: skip
"""Unit of a KPI → what Grafana calls it."""
ALL: Final = "(all)"
"""What the queries call everybody; no segment can be called so."""
_DASHED: Final = {"fill": "dash", "dash": [6, 6]}


def segment() -> Builder[VariableModel]:
    """The variable that the panels look at."""
    return choice("segment", "Segment", text("segments"), ALL)


def kpi_over_time(name: str) -> timeseries.Panel:
    """A KPI by the end of its periods; without groups also as it was a year before."""
    header = catalogue()[name].header
    sql = text("kpi_over_time").replace(":KPI:", _literal(name))
    sql = sql.replace(":SERIES:", "\n    UNION ALL\n    ".join(_series(header)))
    says = f"{header.definition.strip()} Each {header.grain}; {header.better} is better."
    dashed = [
        DynamicConfigValue("custom.lineStyle", _DASHED),
        DynamicConfigValue("custom.lineWidth", 1),
    ]
    panel = over_time(header.title, says, UNITS[header.unit], sql)
    return panel.override_by_regexp("published|a year before", dashed)


def kpi_table(title: str, names: Sequence[str]) -> table.Panel:
    """The newest complete period beside the one before, the year before and what is published."""
    known = (_row(place, name) for place, name in enumerate(names))
    says = (
        "The newest complete period, the one before, and that a year before; published are the"
        " 25th, 50th and 75th percentile, or the median alone."
    )
    units = dict.fromkeys(("value", "the_period_before", "a_year_before"), "short")
    sql = text("kpi_table").replace(":KPIS:", ",\n            ".join(known))
    return rows(title, says, sql, {**units, "year_on_year": "percent"})


def _series(header: Header) -> Iterator[str]:
    now = "group" if header.group else _literal(header.title)
    yield f"SELECT at AS time, {now} AS series, value FROM points"
    if not header.group:
        year = "364 DAY" if header.grain == "week" else "1 YEAR"
        yield f"SELECT at + INTERVAL {year}, 'a year before', value FROM points"
    for size, percentiles in header.benchmarks.items():
        median = float(percentiles[len(percentiles) // 2])
        ends = "toDateTime64(arrayJoin([$__fromTime, $__toTime]), 3, 'UTC')"
        yield f"SELECT {ends}, 'published, {SIZES[size]}', {median}"


def _row(place: int, name: str) -> str:
    header = catalogue()[name].header
    published: dict[str, str] = {
        size: " / ".join(f"{one:g}" for one in known) for size, known in header.benchmarks.items()
    }
    fields = (name, header.title, header.unit, *(published.get(size, "") for size in SIZES))
    return f"({place}, {', '.join(map(_literal, fields))})"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
