"""``milepost kpi``: the numbers of the business, beside what others publish of theirs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from streams.cli import options, output
from streams.definitions import load
from streams.definitions.problems import did_you_mean, quote
from streams.errors import UsageError

if TYPE_CHECKING:
    from streams.definitions.model import Definitions
    from streams.queries.kpis import Asked, Grain, Kpi, Period, Point

NO_DATA = 1
LIST = "list"
_MOST_PERIODS = 400
_LENGTHS = ("week", "month", "quarter")


def kpi(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="KPIs; without any, all that have data. list shows which there are.",
            show_default=False,
        ),
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option(
            "--definitions",
            "-d",
            help="The definitions file, for its roles and segments; without it, the setting.",
            metavar="DEFS",
        ),
    ] = None,
    segment: Annotated[str, typer.Option(metavar="NAME", help="Only this segment.")] = "",
    cohort: Annotated[
        str | None,
        typer.Option(parser=options.week, metavar="WEEK", help="Who signed up then: 2026-W03."),
    ] = None,
    channel: Annotated[str, typer.Option(metavar="NAME", help="Who came by this channel.")] = "",
    start: Annotated[
        int | None,
        typer.Option(
            "--from",
            parser=options.time("--from"),
            metavar="TIME",
            help="From the period with it on. Without it: 12 periods.",
        ),
    ] = None,
    end: Annotated[
        int | None,
        typer.Option(
            "--to", parser=options.time("--to"), metavar="TIME", help="Until then; now without it."
        ),
    ] = None,
    grain: Annotated[
        str | None,
        typer.Option(
            parser=options.one_of(*_LENGTHS),
            metavar="LENGTH",
            help=f"Of the periods: {', '.join(_LENGTHS)}. Without it, that of each KPI.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A row for each period on stdout.")] = False,
    dsn: Annotated[
        str | None, typer.Option(help="ClickHouse; without it, the setting clickhouse_dsn.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Show KPIs beside their benchmarks, over time, by segment, cohort and channel.

    What they mean, one by one, is in docs/kpis.md. Times are UTC; a period that is not over, or
    not final yet, is marked.

      milepost kpi list
      milepost kpi -d product.yml
      milepost kpi activation_rate -d product.yml --segment small --from 2026-01-01
      milepost kpi gross_churn net_churn -d product.yml --grain quarter --csv

    Exit codes: 0 shown, 1 there is no data or nobody answers, 2 there is no such KPI or segment, or
    wrong usage.
    """
    from streams.cli import kpi_output
    from streams.settings import load_settings

    if names == [LIST]:
        kpi_output.show_list(as_json=as_json)
        return
    chosen = _chosen(names or [])
    settings = load_settings(config)
    loaded = load(definitions or settings.definitions)
    if segment and segment not in loaded.segments:
        guess = did_you_mean(segment, loaded.segments)
        raise UsageError(f"there is no segment {quote(segment)} in the definitions{guess}")
    filters = {"segment": segment, "cohort": cohort or "", "channel": channel}
    asked = _asked(chosen, start, end, grain, filters)
    able = [one for one in chosen if not one.missing(loaded.roles)]
    found = _answers(dsn or settings.clickhouse_dsn.get_secret_value(), able, loaded, asked)
    report = kpi_output.Report(loaded, segment, chosen, asked, found)
    if as_json:
        report.print_json()
    elif as_csv:
        report.print_csv()
    else:
        report.show(in_full=bool(names))
    has_data = [any(point.value is not None for point in points) for points in found.values()]
    if not any(has_data) or (names and (len(able) < len(chosen) or not all(has_data))):
        raise typer.Exit(NO_DATA)


def _chosen(names: Sequence[str]) -> "list[Kpi]":
    from streams.queries.kpis import catalogue

    known = catalogue()
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known)
            raise UsageError(
                f"there is no KPI {quote(name)}{guess}; milepost kpi list shows which there are"
            )
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def _asked(
    chosen: "Sequence[Kpi]",
    start: int | None,
    end: int | None,
    grain: str | None,
    filters: Mapping[str, str],
) -> "dict[str, Asked]":
    """What is asked of each KPI."""
    from streams.queries.kpis import Asked

    now = time.time_ns() // 1_000_000
    asked = {}
    for one in chosen:
        length: Grain = cast("Grain", grain) if grain else one.header.grain
        periods = _periods(start, now if end is None else end, length)
        asked[one.name] = Asked(periods, length, now, **filters)
    return asked


def _periods(start: int | None, end: int, grain: "Grain") -> "tuple[Period, ...]":
    from streams.queries.kpis import PERIODS, cover, most_recent

    if start is None:
        return most_recent(end, grain, PERIODS)
    options.check_span(start, end)
    periods = cover(start, end, grain)
    if len(periods) > _MOST_PERIODS:
        raise UsageError(f"these are {len(periods):,} {grain}s: ask for {_MOST_PERIODS} at most")
    return periods


def _answers(
    dsn: str, able: "Sequence[Kpi]", definitions: "Definitions", asked: "Mapping[str, Asked]"
) -> "dict[str, list[Point]]":
    """The points of each KPI that knows how to tell apart what was asked for.

    Raises:
        Unavailable: ClickHouse does not answer.
    """
    from streams.queries.kpis import answer
    from streams.queries.roles import role_parameters
    from streams.sinks.clickhouse import reading

    roles = role_parameters(definitions)
    found: dict[str, list[Point]] = {}
    with reading(dsn) as client, output.reading(len(able)) as update:
        for number, one in enumerate(able, start=1):
            update(number, one.header.title)
            if one.cannot_tell(asked[one.name].filters()):
                continue
            found[one.name] = answer(client, one, roles, asked[one.name])
    return found
