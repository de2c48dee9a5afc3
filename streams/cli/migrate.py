"""``milepost migrate``: the tables and views of ClickHouse."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli import output

if TYPE_CHECKING:
    from streams.settings import Settings


def migrate(
    dsn: Annotated[
        str | None,
        typer.Option(
            help="clickhouse://user:password@host:8123/database, clickhouses://… or chdb:///path;"
            " without it, the setting clickhouse_dsn.",
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be applied, and change nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON for each change, on stdout.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Make the tables and views of ClickHouse, or bring them up to date. Safe to repeat.

    Of two at the same time one waits for the other.

    CLICKHOUSE_DSN=clickhouse://user:password@ch.example:8123/growth milepost migrate
    milepost migrate --dsn chdb:///var/lib/milepost/clickhouse --plan
    """
    from streams.settings import load_settings
    from streams.sinks.clickhouse import display_name
    from streams.sinks.migrations import migrate as apply
    from streams.sinks.migrations import pending

    settings = load_settings(config)
    place = dsn or settings.clickhouse_dsn.get_secret_value()
    shown = display_name(place)
    screen = output.screen()

    def tell(text: str) -> None:
        screen.print(f"{shown}: {text}", soft_wrap=True, markup=False)

    applied = 0
    verb = "would apply" if plan else "applied"
    for one in pending(place) if plan else apply(place, on_wait=lambda who: tell(_wait(who))):
        applied += 1
        if as_json:
            output.emit({"migration": one.name, "what": one.summary, "applied": not plan})
            output.flush()
        else:
            tell(f"{verb} {one.name}" + (f": {one.summary}" if plan else ""))
    kept = _would_keep(place, settings) if plan else _keep(place, settings)
    for what, days in kept.items():
        if as_json:
            output.emit({"keeps": what, "days": days, "applied": not plan})
        else:
            tell(f"{what} {'would be' if plan else 'are'} kept for {days} days")
    output.flush()
    if not applied and not kept:
        tell("up to date")


def _wait(who: str) -> str:
    return f"somebody else is migrating it ({who}); waiting"


def _keep(dsn: str, settings: "Settings") -> dict[str, int]:
    """Have rows kept for as long as the settings say; what that changes."""
    from streams.sinks.retention import keep_decisions, keep_raw_events

    kept = {}
    if keep_raw_events(dsn, settings.raw_events_days):
        kept["raw events"] = settings.raw_events_days
    if keep_decisions(dsn, settings.audit_days):
        kept["decisions"] = settings.audit_days
    return kept


def _would_keep(dsn: str, settings: "Settings") -> dict[str, int]:
    """What :func:`_keep` would change."""
    from streams.sinks.retention import days_kept

    kept = {}
    if days_kept(dsn, "event_rows") != settings.raw_events_days:
        kept["raw events"] = settings.raw_events_days
    if days_kept(dsn, "audit_rows") != settings.audit_days:
        kept["decisions"] = settings.audit_days
    return kept
