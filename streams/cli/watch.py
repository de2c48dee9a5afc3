"""``milepost watch``: were the decisions right, and what follows from that."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from schemas.encoding import time_text
from streams.cli import output

if TYPE_CHECKING:
    from streams.watches.files import Watch
    from streams.watches.rounds import Round

NOT_ALL_ANSWERED = 1


def watch(
    definitions: Annotated[
        Path | None,
        typer.Option(
            "--definitions", "-d", help="The definitions file.", metavar="FILE", show_default=False
        ),
    ] = None,
    only_once: Annotated[
        bool, typer.Option("--once", help="Do one round, show it and leave.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --once: print one JSON object.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Watch whether leads and scores were right, and set the baselines and fallbacks that follow.

    Asks ClickHouse on a schedule, shows the answers to Prometheus, and keeps them in ClickHouse.
    One is enough; a second one does no harm. ClickHouse being away is waited for. SIGTERM ends it.

      milepost watch -d definitions.yml
      milepost watch -d definitions.yml --once

    Exit codes of --once: 0 done, 1 ClickHouse or Kafka did not answer, 2 wrong settings.
    """
    from streams.logs import configure_logging
    from streams.settings import load_settings
    from streams.watch import once, serve

    if as_json and not only_once:
        raise typer.BadParameter("--json goes with --once")
    settings = load_settings(config, definitions=definitions)
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    configure_logging(settings.log_format, settings.log_level, secrets=secrets)
    if not only_once:
        asyncio.run(serve(settings))
        return
    watches, done = asyncio.run(once(settings))
    if as_json:
        output.emit(_as_json(done))
        output.flush()
    else:
        # Into a pipe or a file the lines may be as long as they are.
        Console(width=None if sys.stdout.isatty() else 200).print(_table(watches, done))
    if done.failures:
        raise typer.Exit(NOT_ALL_ANSWERED)


def _as_json(done: "Round") -> dict[str, Any]:
    return {
        "at": time_text(done.at),
        "watches": [
            {
                "watch": each.watch,
                "labels": each.labels,
                "value": each.value,
                "sample_size": each.sample_size,
            }
            for answers in done.answers.values()
            for each in answers
        ],
        "failures": done.failures,
        "parameters": [row._asdict() | {"at": time_text(row.at)} for row in done.parameters],
    }


def _table(watches: "Sequence[Watch]", done: "Round") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("watch")
    table.add_column("of", overflow="fold")
    table.add_column("value", justify="right")
    table.add_column("sample", justify="right")
    table.add_column("")
    for each in watches:
        for found in done.answers.get(each.name, ()):
            value = f"{found.value:.1%}" if each.unit == "ratio" else f"{found.value:.3f}"
            of = ", ".join(filter(None, found.labels.values()))
            table.add_row(each.name, of, value, str(found.sample_size), each.sample)
        if each.name in done.failures:
            table.add_row(each.name, "", "[red]no answer[/]", "", "")
    for row in done.parameters:
        table.add_row(
            "parameter", row.name, f"{row.value:g}", str(row.sample_size), time_text(row.at)
        )
    return table
