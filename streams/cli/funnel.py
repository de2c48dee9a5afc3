"""``milepost funnel``: how many came how far, straight from files."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.bar import Bar
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.cli import options, output
from streams.definitions import load
from streams.definitions.funnels import MOST_STEPS, ORDERS
from streams.definitions.model import EventFilter, Funnel, Timing
from streams.definitions.problems import did_you_mean, quote
from streams.definitions.values import read_duration, read_path
from streams.errors import UsageError
from streams.files import EventFiles
from streams.funnels import FunnelRun, Report, Step
from streams.pictures import check_picture, draw_funnel

_BAR_WIDTH = 24
_GROUPS_SHOWN = 10
_NONE = "–"
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))


def funnel(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="A funnel of the definitions; with --steps, the events that are its steps.",
            show_default=False,
        ),
    ],
    definitions: Annotated[
        Path | None,
        typer.Option("--definitions", "-d", help="The definitions file.", metavar="DEFS"),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE...",
            help="One JSON event a line, gzipped or not; - is standard input.",
        ),
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="The names are events: a funnel made at once.")
    ] = False,
    of: Annotated[
        str | None,
        typer.Option(
            parser=options.one_of("account", "user"), metavar="KIND", help="account or user."
        ),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(parser=options.one_of(*ORDERS), metavar="ORDER", help=f"{', '.join(ORDERS)}."),
    ] = None,
    within: Annotated[
        int | None,
        typer.Option(
            parser=options.defined(read_duration, "--within"),
            metavar="TIME",
            help="From the first step to the last: 12h, 7d.",
        ),
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(
            "--from", parser=options.time("--from"), metavar="TIME", help="Events since then."
        ),
    ] = None,
    end: Annotated[
        int | None,
        typer.Option(
            "--to", parser=options.time("--to"), metavar="TIME", help="Events before then."
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            parser=options.defined(read_path, "--by"),
            metavar="FIELD",
            help="Break down by it: properties.plan, as the event of the first step has it.",
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw it into this file: .png or .svg.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show how many came how far: accounts or users, step by step.

    The best attempt of each counts; its time runs from the first step.

      milepost funnel activation -d product.yml --events events.jsonl
      milepost funnel activation -d product.yml --by properties.plan --events 2026-*.jsonl.gz
      milepost funnel --steps "Signed Up" "Invite Sent" --within 7d --of user --events e.jsonl
    """
    if picture is not None:
        check_picture(picture)
    asked, timing, files = _asked(names, definitions, events or [], steps=steps)
    options_given = {"of": of, "order": order, "within": within, "start": start, "end": end}
    changes: dict[str, Any] = {name: one for name, one in options_given.items() if one is not None}
    asked = replace(asked, **changes)
    if asked.start is not None and asked.end is not None and asked.end <= asked.start:
        raise UsageError("--to must be later than --from: nothing is in between")
    report = _report(asked, timing, files, by)
    if picture is not None:
        draw_funnel(report, picture)
    if as_json:
        output.emit(_as_json(report, by))
        output.flush()
    else:
        _show(report, by)


def _asked(
    names: list[str], definitions: Path | None, events: list[str], *, steps: bool
) -> tuple[Funnel, Timing, list[str]]:
    """The funnel, how repeated events are told, and the files."""
    loaded = load(definitions) if definitions is not None else None
    timing = loaded.timing if loaded is not None else Timing()
    if steps:
        if not 2 <= len(names) <= MOST_STEPS:
            example = "--steps 'Signed Up' 'Invite Sent'"
            raise UsageError(f"a funnel has 2 to {MOST_STEPS} steps: {example}")
        found = Funnel(" → ".join(names), "user", tuple(EventFilter((name,)) for name in names))
    else:
        if loaded is None:
            raise UsageError("which funnel? Name the definitions that it is in: -d product.yml")
        name, *more = names
        events = [*events, *more]  # what a shell makes of --events *.jsonl
        if name not in loaded.funnels:
            guess = did_you_mean(name, loaded.funnels)
            raise UsageError(f"{definitions}: there is no funnel {quote(name)}{guess}")
        found = loaded.funnels[name]
    if not events:
        raise UsageError("over which events? Name files: --events events.jsonl")
    return found, timing, events


def _report(asked: Funnel, timing: Timing, events: list[str], by: str | None) -> Report:
    files = EventFiles(events, recorded_at=time.time_ns() // 1_000_000)
    running = FunnelRun(asked, timing, files, by)
    started = time.monotonic()
    with output.reading(files.size) as update:
        for read in running.run():
            update(files.bytes_read, f"{read:,} events")
        report = running.report()
    output.screen().print(
        f"read {running.read:,} events in {time.monotonic() - started:.1f} s: "
        f"{running.duplicates:,} duplicates, {running.dead.total():,} that are no events",
        soft_wrap=True,
    )
    return report


def _as_json(report: Report, by: str | None) -> dict[str, Any]:
    funnel = report.funnel
    answer: dict[str, Any] = {
        "funnel": funnel.name,
        "of": funnel.of,
        "order": funnel.order,
        "steps": [_step_as_json(step) for step in report.steps],
    }
    if by is not None:
        answer["by"] = by
        answer["groups"] = [
            {"value": value, "steps": [_step_as_json(step) for step in steps]}
            for value, steps in report.groups.items()
        ]
    return answer


def _step_as_json(step: Step) -> dict[str, Any]:
    return {
        "step": step.name,
        "count": step.count,
        "of_previous": step.of_previous,
        "of_first": step.of_first,
        "median_seconds": None if step.median_ms is None else step.median_ms / 1000,
    }


def _show(report: Report, by: str | None) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{escape(report.funnel.name)}[/], {report.funnel.of}s")
    console.print(_table(report.steps))
    if by is None:
        return
    for value, steps in list(report.groups.items())[:_GROUPS_SHOWN]:
        shown = "none" if value is None else value
        console.print(f"\n[bold]{escape(by)}[/] {escape(shown)}")
        console.print(_table(steps))
    if len(report.groups) > _GROUPS_SHOWN:
        console.print(f"\nand {len(report.groups) - _GROUPS_SHOWN:,} more; --json has them all")


def _table(steps: tuple[Step, ...]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column("step", overflow="fold")
    table.add_column("")
    for title in ("count", "of step before", "of first", "median time"):
        table.add_column(title, justify="right", no_wrap=True)
    whole = max(steps[0].count, 1)
    for step in steps:
        table.add_row(
            escape(step.name),
            Bar(whole, 0, step.count, width=_BAR_WIDTH, color="blue"),
            f"{step.count:,}",
            _percent(step.of_previous),
            _percent(step.of_first),
            _span(step.median_ms),
        )
    return table


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _span(milliseconds: float | None) -> str:
    if milliseconds is None:
        return _NONE
    for unit, length in _UNITS:
        if milliseconds >= length:
            return f"{milliseconds / length:.1f} {unit}"
    return f"{milliseconds:.0f} ms"
