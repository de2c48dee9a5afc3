"""``milepost migrate``: the tables and views of ClickHouse."""

from typing import Annotated

import typer

from streams.sinks.clickhouse import display_name
from streams.sinks.migrations import migrate as apply


def migrate(
    dsn: Annotated[
        str,
        typer.Option(
            envvar="CLICKHOUSE_DSN",
            show_envvar=True,
            help="clickhouse://user:password@host:8123/database, clickhouses://… or chdb:///path",
        ),
    ],
) -> None:
    """Create the tables and views of ClickHouse, or bring them up to date. Safe to repeat."""
    applied = 0
    for migration in apply(dsn):
        typer.echo(f"applied {migration.name}")
        applied += 1
    summary = f"applied {applied}" if applied else "up to date, nothing to apply"
    typer.echo(f"{display_name(dsn)}: {summary}")
