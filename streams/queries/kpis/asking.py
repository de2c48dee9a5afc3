"""Asks ClickHouse for a KPI. Everything from outside goes along as a parameter of the server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.queries.kpis.catalogue import Kpi
from streams.queries.kpis.periods import Grain, Period
from streams.queries.roles import Parameters

_PARAMETER: Final = re.compile(r"\{(\w+):")
_DAY: Final = 86_400_000
_COLUMNS: Final = ("period", "group", "value", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a KPI; an empty text means all of them.

    The query has it as the parameters ``segment``, ``cohort``, ``channel`` and ``grain``
    (``String``), ``starts`` and ``ends`` of the periods (``Array(Int64)``), ``from`` and ``to``
    (the first start, the last end) and ``now`` (``Int64``): times are epoch milliseconds.
    """

    periods: tuple[Period, ...]
    """The oldest first, at least one."""
    grain: Grain
    now: int
    """Epoch milliseconds: what lies after it is not over."""
    segment: str = ""
    cohort: str = ""
    """The Monday of the week of sign-up, ``2026-01-12``."""
    channel: str = ""

    def filters(self) -> Mapping[str, str]:
        """By what is told apart, without what is empty."""
        given = {"segment": self.segment, "cohort": self.cohort, "channel": self.channel}
        return {name: one for name, one in given.items() if one}

    def parameters(self) -> Mapping[str, Any]:
        """As the query has them."""
        return {
            "starts": [period.start for period in self.periods],
            "ends": [period.end for period in self.periods],
            "from": self.periods[0].start,
            "to": self.periods[-1].end,
            "grain": self.grain,
            "now": self.now,
            "segment": self.segment,
            "cohort": self.cohort,
            "channel": self.channel,
        }


@dataclass(frozen=True, slots=True)
class Point:
    """A KPI in one period, of one group where it has groups."""

    period: Period
    group: str
    """Empty where there are none."""
    complete: bool
    """Whether the period is over and the value final."""
    value: float | None
    """``None`` where there is nothing to divide by."""
    numerator: float | None
    """What is behind the value; ``None`` where it is no quotient."""
    denominator: float | None
    details: Mapping[str, float | None]
    """The columns that the header describes."""


def answer(client: Client, kpi: Kpi, roles: Parameters, asked: Asked) -> list[Point]:
    """A KPI over the periods: a point for each, group by group, the oldest first.

    Args:
        client: of a migrated ClickHouse.
        kpi: of the catalogue.
        roles: see :func:`streams.queries.roles.role_parameters`.
        asked: what is asked.
    """
    named = set(_PARAMETER.findall(kpi.sql))
    given = {name: one for name, one in {**roles, **asked.parameters()}.items() if name in named}
    found: dict[str, dict[date, Mapping[str, Any]]] = {}
    for row in client.query(kpi.sql, parameters=given).named_results():
        found.setdefault(row.get("group", ""), {})[row["period"]] = row
    if not found and not kpi.header.group:
        found[""] = {}
    over = asked.now - kpi.header.settles * _DAY
    return [
        _point(period, group, period.end <= over, rows.get(_day(period), {}))
        for group, rows in sorted(found.items())
        for period in asked.periods
    ]


def _point(period: Period, group: str, complete: bool, row: Mapping[str, Any]) -> Point:
    return Point(
        period,
        group,
        complete,
        _number(row.get("value")),
        _number(row.get("numerator")),
        _number(row.get("denominator")),
        {name: _number(one) for name, one in row.items() if name not in _COLUMNS},
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _day(period: Period) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + period.start // _DAY)
