"""``milepost migrate``: the tables and views of ClickHouse."""

from pathlib import Path
from typing import Annotated

import typer

from streams.cli import output


def migrate(
    dsn: Annotated[
        str | None,
        typer.Option(
            help="clickhouse://user:password@host:8123/database, clickhouses://… or chdb:///path;"
            " without it, the setting clickhouse_dsn.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Make the tables and views of ClickHouse, or bring them up to date. Safe to repeat.

    CLICKHOUSE_DSN=clickhouse://user:password@ch.example:8123/growth milepost migrate
    milepost migrate --dsn chdb:///var/lib/milepost/clickhouse
    """
    from streams.settings import load_settings
    from streams.sinks.clickhouse import display_name
    from streams.sinks.migrations import migrate as apply
    from streams.sinks.retention import keep_decisions, keep_raw_events

    settings = load_settings(config)
    place = dsn or settings.clickhouse_dsn.get_secret_value()
    screen = output.screen()
    shown = display_name(place)
    applied = 0
    kept = []
    for migration in apply(place):
        screen.print(f"{shown}: applied {migration.name}", soft_wrap=True, markup=False)
        applied += 1
    if keep_raw_events(place, settings.raw_events_days):
        kept.append(f"raw events are kept for {settings.raw_events_days} days")
    if keep_decisions(place, settings.audit_days):
        kept.append(f"decisions are kept for {settings.audit_days} days")
    for change in kept:
        screen.print(f"{shown}: {change}", soft_wrap=True, markup=False)
    if not applied and not kept:
        screen.print(f"{shown}: up to date", soft_wrap=True, markup=False)
