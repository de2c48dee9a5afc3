"""``milepost funnel``: how many came how far, from ClickHouse or straight from files."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from streams.cli import options, output
from streams.cli.reading import read_events
from streams.cli.tables import show_report
from streams.cli.warehouse import raw_events, warehouse
from streams.definitions import load
from streams.definitions.funnels import MOST_STEPS, ORDERS
from streams.definitions.model import Definitions, EventFilter, Funnel, Journey
from streams.definitions.problems import did_you_mean, quote
from streams.definitions.values import read_duration, read_path
from streams.errors import UsageError
from streams.funnels.activation import activation
from streams.funnels.as_json import report_as_json
from streams.funnels.breakdown import (
    GRAINS,
    Breakdown,
    Grain,
    Known,
    by_field,
    by_period,
    by_signup,
)
from streams.funnels.reading import FileFunnel, SignUps
from streams.funnels.report import Report
from streams.pictures import check_picture, draw_funnel

_SEGMENT = "segment"


class _Groups(NamedTuple):
    """What the answer is broken down by, one of them at most."""

    by: str | None
    """A path of the event of the first step, or ``segment``."""
    over: Grain | None
    cohorts: bool

    def plain(self) -> Breakdown | None:
        """The breakdown that needs to know nothing else; ``None`` for another, and for none."""
        if self.over is not None:
            return by_period(self.over)
        return None if self.by in (None, _SEGMENT) else by_field(str(self.by))

    def known(self) -> Known | None:
        """The breakdown by what is known without any event; ``None`` for another, and for none."""
        if self.by is not None:
            return "segment" if self.by == _SEGMENT else None
        return "sign-up week" if self.cohorts else self.over


def _field(text: str) -> str:
    parsed: str = text if text == _SEGMENT else options.defined(read_path, "--by")(text)
    return parsed


def funnel(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="A funnel or a journey of the definitions; with --steps, the events that are its "
            "steps.",
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
            parser=_field,
            metavar="FIELD",
            help="Break down by it: properties.plan, as the event of the first step has it, or "
            "segment.",
        ),
    ] = None,
    over: Annotated[
        Any,
        typer.Option(
            parser=options.one_of(*GRAINS),
            metavar="TIME",
            help=f"Break down by when the first step was: {', '.join(GRAINS)}.",
        ),
    ] = None,
    cohorts: Annotated[
        bool, typer.Option("--cohorts", help="Break down by the week of the sign-up.")
    ] = False,
    dsn: Annotated[
        str | None,
        typer.Option(help="ClickHouse; without it and --events, CLICKHOUSE_DSN where set."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw it into this file: .png or .svg.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show how many came how far: accounts or users, step by step.

    Funnels are of events: the best attempt of each counts; its time runs from the first step.
    Journeys are of milestones: they come from ClickHouse.

      milepost funnel activation -d product.yml
      milepost funnel activation -d product.yml --over week --dsn clickhouse://localhost/milepost
      milepost funnel activation -d product.yml --by properties.plan --events 2026-*.jsonl.gz
      milepost funnel --steps "Signed Up" "Invite Sent" --within 7d --of user --events e.jsonl
    """
    if picture is not None:
        check_picture(picture)
    if sum((by is not None, over is not None, cohorts)) > 1:
        raise UsageError("one of --by, --over and --cohorts at a time")
    groups = _Groups(by, over, cohorts)
    loaded = load(definitions) if definitions is not None else None
    asked, surplus = _asked(names, loaded, definitions, steps=steps)
    files = [*(events or []), *surplus]  # what a shell makes of --events *.jsonl
    if files and dsn is not None:
        raise UsageError("--events or --dsn: the answer comes from one of them")
    given = {"of": of, "order": order, "within": within, "start": start, "end": end}
    changes: dict[str, Any] = {name: one for name, one in given.items() if one is not None}
    if isinstance(asked, Funnel):
        asked = replace(asked, **changes)
        start, end = asked.start, asked.end
    else:
        asked = _changed(asked, changes, files, groups)
    options.check_span(start, end)
    if files and isinstance(asked, Funnel):
        report = _from_files(asked, loaded or Definitions(), files, groups)
    else:
        report = _from_clickhouse(asked, groups, dsn, config, (start, end))
    if picture is not None:
        draw_funnel(report, picture)
    judged = None
    if isinstance(asked, Journey) and loaded is not None:
        judged = activation(report, loaded)
    if as_json:
        output.emit(report_as_json(report, judged))
        output.flush()
    else:
        show_report(report, judged, over_time=over is not None or cohorts)


def _asked(
    names: list[str], loaded: Definitions | None, definitions: Path | None, *, steps: bool
) -> tuple[Funnel | Journey, list[str]]:
    """The funnel or the journey, and the names that are left."""
    if steps:
        if not 2 <= len(names) <= MOST_STEPS:
            example = "--steps 'Signed Up' 'Invite Sent'"
            raise UsageError(f"a funnel has 2 to {MOST_STEPS} steps: {example}")
        made = tuple(EventFilter((name,)) for name in names)
        return Funnel(" → ".join(names), "user", made), []
    if loaded is None:
        raise UsageError("which funnel? Name the definitions that it is in: -d product.yml")
    name, *more = names
    known: dict[str, Funnel | Journey] = {**loaded.journeys, **loaded.funnels}
    if name not in known:
        guess = did_you_mean(name, known)
        raise UsageError(f"{definitions}: there is no funnel or journey {quote(name)}{guess}")
    return known[name], more


def _changed(
    journey: Journey, changes: dict[str, Any], files: list[str], groups: _Groups
) -> Journey:
    """The journey with what may be changed of it."""
    what = f"{quote(journey.name)} is a journey"
    if files:
        raise UsageError(f"{what}, of milestones: ask ClickHouse (--dsn) and not files of events")
    for name in ("of", "order"):
        if name in changes:
            raise UsageError(f"{what}: leave --{name} away, its milestones have one already")
    if groups.by not in (None, _SEGMENT):
        raise UsageError(f"{what}: break it down by segment, --over or --cohorts")
    return replace(journey, within=changes.get("within", journey.within))


def _from_files(
    asked: Funnel, definitions: Definitions, files: list[str], groups: _Groups
) -> Report:
    if groups.by == _SEGMENT:
        raise UsageError("files do not say in which segment somebody is: ask ClickHouse (--dsn)")
    breakdown, signups = groups.plain(), None
    if groups.cohorts:
        role = definitions.roles.get("signed_up")
        if role is None or role.event is None:
            raise UsageError(
                "--cohorts: which event is the sign-up? Say it in the definitions: "
                "roles: {signed_up: {event: Signed Up}}"
            )
        signups = SignUps(role.event, asked.of)
        breakdown = by_signup(signups.at)
    running = FileFunnel(asked, breakdown, signups)
    return running.report(read_events(files, definitions.timing, running.take))


def _from_clickhouse(
    asked: Funnel | Journey,
    groups: _Groups,
    dsn: str | None,
    config: Path | None,
    times: tuple[int | None, int | None],
) -> Report:
    from streams.queries.funnels import funnel_report, journey_report

    otherwise = "over which events? Name files (--events events.jsonl) or ClickHouse (--dsn)"
    known = groups.known()
    with warehouse(dsn, config, otherwise) as client:
        if isinstance(asked, Journey):
            start, end = times
            return journey_report(client, asked, known, start=start, end=end)
        return funnel_report(client, asked, raw_events(client), known or groups.by)
