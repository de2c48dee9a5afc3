"""``milepost topics``: the topics that Milepost needs, beside those that the broker has."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.cli import output

if TYPE_CHECKING:
    # Kafka's client takes a while to import; `milepost --help` does without.
    from streams.settings import Settings
    from streams.topics import Found

NOT_AS_NEEDED = 1


def topics(
    make: Annotated[bool, typer.Option("--create", help="Make those that are missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Show every topic with the configuration it needs, and what the broker has instead.

    Existing topics are never changed.

    Exit codes: 0 all are as needed, 1 some are missing or differ, 2 wrong settings.
    """
    from streams.settings import load_settings

    settings = load_settings(config)
    found = asyncio.run(_look(settings, make=make))
    if as_json:
        output.emit({"topics": [_as_json(each) for each in found]})
        output.flush()
    else:
        # Into a pipe or a file the lines may be as long as they are.
        Console(width=None if sys.stdout.isatty() else 200).print(_table(found))
    if any(each.partitions is None or each.differences for each in found):
        raise typer.Exit(NOT_AS_NEEDED)


async def _look(settings: "Settings", *, make: bool) -> "list[Found]":
    from streams.topics import create, look
    from streams.transport.connection import admin, wait_for_broker

    connection = settings.connection()
    await wait_for_broker(connection, settings.connect_timeout)
    async with admin(connection) as client:
        found = await look(client, settings)
        missing = [each.topic for each in found if each.partitions is None]
        if make and missing:
            await create(client, missing)
            found = await look(client, settings)
    return found


def _as_json(found: "Found") -> dict[str, Any]:
    topic = found.topic
    return {
        "name": topic.name,
        "role": topic.role,
        "holds": topic.holds,
        "exists": found.partitions is not None,
        "partitions": topic.partitions if found.partitions is None else found.partitions,
        "config": dict(topic.config),
        "config_known": found.config_known,
        "differences": found.differences,
    }


def _table(found: "Sequence[Found]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("topic", "holds", "partitions", "needs", "has"):
        table.add_column(title, overflow="fold")
    for each in found:
        topic = each.topic
        needs = "\n".join(f"{name}={value}" for name, value in topic.config.items())
        if each.partitions is None:
            state = "[red]missing[/]: milepost topics --create"
        elif each.differences:
            state = "[yellow]" + "\n".join(each.differences) + "[/]"
        elif each.config_known:
            state = "[green]as needed[/]"
        else:
            state = "exists (the broker does not tell its configuration)"
        count = topic.partitions if each.partitions is None else each.partitions
        table.add_row(topic.name, f"{topic.role}: {topic.holds}", str(count), needs, state)
    return table
