"""``milepost retention``: who comes back, from ClickHouse or straight from files."""

from pathlib import Path
from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.reading import read_events
from streams.cli.tables import show_retention
from streams.cli.warehouse import raw_events, warehouse
from streams.definitions import load
from streams.definitions.model import Definitions, EntityKind, EventFilter
from streams.errors import UsageError
from streams.funnels.as_json import retention_as_json
from streams.funnels.reading import FileRetention
from streams.funnels.retention import RetentionReport, Return
from streams.pictures import check_picture, draw_retention


def retention(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", hidden=True, show_default=False)
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option(
            "--definitions",
            "-d",
            help="The definitions file: its role signed_up is the first event.",
            metavar="DEFS",
        ),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE...",
            help="One JSON event a line, gzipped or not; - is standard input.",
        ),
    ] = None,
    first: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EVENT", help="Whoever did this is counted. Several: any of them. Or prefix*."
        ),
    ] = None,
    back: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EVENT", help="Whoever does this has come back; without it, any event."
        ),
    ] = None,
    of: Annotated[
        str,
        typer.Option(
            parser=options.one_of("account", "user"), metavar="KIND", help="account or user."
        ),
    ] = "user",
    start: Annotated[
        int | None,
        typer.Option(
            "--from", parser=options.time("--from"), metavar="TIME", help="Who began since then."
        ),
    ] = None,
    end: Annotated[
        int | None,
        typer.Option(
            "--to", parser=options.time("--to"), metavar="TIME", help="Who began before then."
        ),
    ] = None,
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
    """Show who comes back: on day 1, 7, 14 and 30, and week after week.

    Days are counted from somebody's own first event, 24 hours a day. Bounded: on that day.
    Unbounded: then or later. Who began too lately for a day or week to be over is not in it.

      milepost retention -d product.yml
      milepost retention --first "Signed Up" --back "Document *" --events 2026-*.jsonl.gz
    """
    if picture is not None:
        check_picture(picture)
    options.check_span(start, end)
    loaded = load(definitions) if definitions is not None else Definitions()
    kind: EntityKind = "account" if of == "account" else "user"
    asked = Return(kind, _first(first, loaded), EventFilter(tuple(back or ["*"])), start, end)
    listed = [*(events or []), *(files or [])]  # what a shell makes of --events *.jsonl
    if listed and dsn is not None:
        raise UsageError("--events or --dsn: the answer comes from one of them")
    if listed:
        running = FileRetention(asked)
        report = running.report(read_events(listed, loaded.timing, running.take))
    else:
        report = _from_clickhouse(asked, dsn, config)
    if picture is not None:
        draw_retention(report, picture)
    if as_json:
        output.emit(retention_as_json(report))
        output.flush()
    else:
        show_retention(report)


def _first(names: list[str] | None, definitions: Definitions) -> EventFilter:
    if names:
        return EventFilter(tuple(names))
    role = definitions.roles.get("signed_up")
    if role is None or role.event is None:
        raise UsageError(
            "from which event on? Name it (--first 'Signed Up'), or the definitions whose role "
            "signed_up it is (-d product.yml)"
        )
    return role.event


def _from_clickhouse(asked: Return, dsn: str | None, config: Path | None) -> RetentionReport:
    from streams.queries.funnels import retention_report

    otherwise = "over which events? Name files (--events events.jsonl) or ClickHouse (--dsn)"
    with warehouse(dsn, config, otherwise) as client:
        return retention_report(client, asked, raw_events(client))
