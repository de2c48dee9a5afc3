"""KPIs as tables, JSON and CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile, groupby
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.encoding import time_text
from streams.cli import output
from streams.cli.kpi_text import (
    change_text,
    coloured,
    in_short,
    in_words,
    number_text,
    plain,
    quotient,
    spark,
)
from streams.definitions.model import Definitions
from streams.queries.kpis import (
    Asked,
    Kpi,
    Point,
    Standing,
    catalogue,
    label,
    newest,
    remedy,
    standing,
)

_NOT_OVER: Final = "…"
_SIZES: Final = {"smb": "SMB", "mid_market": "mid-market", "enterprise": "enterprise"}
_CSV: Final = ("kpi", "group", "period", "complete", "value", "numerator", "denominator")


def show_list(*, as_json: bool) -> None:
    """Which KPIs there are, and what each needs."""
    headers = [one.header for one in catalogue().values()]
    if as_json:
        output.emit({"kpis": [header.model_dump(mode="json") for header in headers]})
        output.flush()
        return
    table = _table("name", "KPI", "unit", "by", "needs")
    table.columns[0].no_wrap = True
    for header in headers:
        needs = ", ".join(header.needs.roles)
        table.add_row(header.name, header.title, header.unit, header.grain, needs)
    Console(highlight=False).print(table)


class Report:
    """The answers to one call of the command.

    Args:
        definitions: whose roles and segments were used.
        segment: the one asked for, or empty.
        chosen: the KPIs asked for.
        asked: what each was asked.
        found: the points of those that had an answer.
    """

    def __init__(
        self,
        definitions: Definitions,
        segment: str,
        chosen: Sequence[Kpi],
        asked: Mapping[str, Asked],
        found: Mapping[str, Sequence[Point]],
    ) -> None:
        self._roles = definitions.roles
        self._sizes = _benchmarks(definitions, segment)
        self._chosen = chosen
        self._asked = asked
        self._found = found

    def print_json(self) -> None:
        """Everything, as one object on stdout."""
        told = {one.name: one for one in self._chosen}
        lacking: dict[str, list[str]] = {}
        for name, why in self._lacking():
            lacking.setdefault(name, []).append(why)
        output.emit(
            {
                "kpis": [self._as_json(told[name], points) for name, points in self._found.items()],
                "lacking": [{"name": name, "why": why} for name, why in lacking.items()],
            }
        )
        output.flush()

    def print_csv(self) -> None:
        """A row for each point on stdout."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_CSV)
        for name, points in self._found.items():
            for point in points:
                period = label(point.period, self._asked[name].grain)
                counts = point.value, point.numerator, point.denominator
                rows.writerow((name, point.group, period, str(point.complete).lower(), *counts))
        output.write(text.getvalue().encode())
        output.flush()

    def show(self, *, in_full: bool) -> None:
        """For people: where each KPI is, or also where it was in each period."""
        console = Console(highlight=False)
        with_data = [one for one in self._chosen if self._groups(one.name)]
        if in_full:
            for one in with_data:
                self._show_periods(console, one)
        elif with_data:
            console.print(self._overview(with_data))
        if any(not point.complete for one in with_data for point in self._found[one.name]):
            console.print(f"[dim]{_NOT_OVER} not over, or not final yet[/]")
        names: dict[str, list[str]] = {}
        for name, why in self._lacking():
            names.setdefault(why, []).append(name)
        for why, lacking in names.items():
            shown = f"[yellow]no data[/] for {', '.join(lacking)}: {escape(why)}"
            console.print(shown, soft_wrap=True)

    def _groups(self, name: str) -> dict[str, list[Point]]:
        """The points of each group that has a value."""
        groups = {
            group: list(points)
            for group, points in groupby(self._found.get(name, ()), lambda point: point.group)
        }
        return {group: points for group, points in groups.items() if newest(points) is not None}

    def _lacking(self) -> Iterator[tuple[str, str]]:
        """Names of KPIs without data, and why they have none; a line for each reason."""
        for one in self._chosen:
            missing = one.missing(self._roles)
            for need in missing:
                yield one.name, remedy(need, self._roles)
            cannot = one.cannot_tell(self._asked[one.name].filters())
            if not missing and cannot:
                yield one.name, f"it cannot be told apart by {' or '.join(cannot)}"
            elif not missing and not self._groups(one.name):
                yield one.name, "there was nothing to count in these periods"

    def _overview(self, kpis: Sequence[Kpi]) -> Table:
        table = _table("KPI", "value", "period", "change", "published", "")
        for number in (1, 3):
            table.columns[number].justify = "right"
        for one in kpis:
            grain = self._asked[one.name].grain
            for group, points in self._groups(one.name).items():
                last = newest(points)
                if last is None or last.point.value is None:
                    continue
                title = escape(f"{one.header.title}, {group}" if group else one.header.title)
                mark = "" if last.point.complete else f" {_NOT_OVER}"
                table.add_row(
                    title,
                    number_text(last.point.value, one.header),
                    label(last.point.period, grain) + mark,
                    change_text(last.change, one.header),
                    self._published(one, last.point.value),
                    spark([point.value for point in points[: points.index(last.point) + 1]]),
                )
        return table

    def _show_periods(self, console: Console, one: Kpi) -> None:
        header = one.header
        console.print(f"[bold]{header.title}[/]  [dim]{header.name}[/]")
        console.print(f"[dim]{escape(header.definition.strip())}[/]")
        titles = [header.group] if header.group else []
        details = [name.replace("_", " ") for name in header.details]
        table = _table(*titles, "period", "value", "of", "published", *details)
        for group, points in self._groups(one.name).items():
            for point in dropwhile(lambda point: point.value is None, points):
                mark = "" if point.complete else f" {_NOT_OVER}"
                value = point.value
                table.add_row(
                    *([escape(group)] if header.group else []),
                    label(point.period, self._asked[one.name].grain) + mark,
                    number_text(value, header),
                    quotient(point),
                    "" if value is None else self._all_published(one, value),
                    *(plain(point.details.get(name)) for name in header.details),
                )
        console.print(table)
        console.print()

    def _standings(self, one: Kpi, value: float) -> dict[str, Standing]:
        """By size of customer; none for periods of another length than is published."""
        if self._asked[one.name].grain != one.header.grain:
            return {}
        return {
            size: standing(one.header, percentiles, value)
            for size, percentiles in one.header.benchmarks.items()
            if not self._sizes or size in self._sizes
        }

    def _published(self, one: Kpi, value: float) -> str:
        found = self._standings(one, value)
        if len(found) == 1:
            [(size, place)] = found.items()
            return coloured(f"{in_words(place)} of {_SIZES[size]}", place)
        return self._all_published(one, value)

    def _all_published(self, one: Kpi, value: float) -> str:
        found = self._standings(one, value)
        return " · ".join(
            coloured(f"{_SIZES[size]} {in_short(place)}", place) for size, place in found.items()
        )

    def _as_json(self, one: Kpi, points: Sequence[Point]) -> dict[str, Any]:
        asked = self._asked[one.name]
        return {
            **one.header.model_dump(mode="json", include=_TOLD),
            "grain": asked.grain,
            **asked.filters(),
            "points": [
                {
                    "period": label(point.period, asked.grain),
                    "start": time_text(point.period.start),
                    "end": time_text(point.period.end),
                    "complete": point.complete,
                    **({"group": point.group} if one.header.group else {}),
                    "value": point.value,
                    "numerator": point.numerator,
                    "denominator": point.denominator,
                    "details": dict(point.details),
                    "published": {}
                    if point.value is None
                    else {
                        size: place._asdict()
                        for size, place in self._standings(one, point.value).items()
                    },
                }
                for point in points
            ],
        }


_TOLD: Final = {"name", "title", "unit", "better", "kind", "benchmarks"}


def _benchmarks(definitions: Definitions, segment: str) -> list[str]:
    """Whose published figures matter: the segment's, or those of all; empty: everybody's."""
    segments = definitions.segments.values()
    named = [one.benchmark for one in segments if segment in {"", one.name} and one.benchmark]
    return list(dict.fromkeys(named))


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
