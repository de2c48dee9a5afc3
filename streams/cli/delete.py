"""``milepost delete``: everything that is known of an account or a user goes."""

import asyncio
import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import output
from streams.errors import UsageError

NOT_CONFIRMED = 1


def delete(
    entity: Annotated[
        str | None,
        typer.Argument(
            metavar="ENTITY",
            help="The id of an account; it goes with all its users.",
            show_default=False,
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Only this user of the account; without ENTITY, one without account."
        ),
    ] = None,
    asked_by: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Who asks for it, for the record; without it, who is logged in."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the event that was sent, as one JSON object.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings, YAML or TOML; the environment wins.", metavar="FILE"),
    ] = None,
) -> None:
    """Erase an account with all its users, or one user: state, timers, rows of ClickHouse.

    It writes the event entity_deleted; the worker and the sink act on it. What happens after it
    begins anew. What the topics keep, and for how long: docs/operations.md, "Erasure".

      milepost delete acme
      milepost delete acme --user ann --asked-by privacy@example.com --yes
      milepost delete --user ann

    Exit codes: 0 asked for, 1 no broker answers, or not confirmed, 2 wrong usage.
    """  # fmt: skip
    from streams.deleting import deletion_of, send
    from streams.settings import load_settings

    if not entity and not user:
        raise UsageError("whom? milepost delete ACCOUNT, ACCOUNT --user ID, or --user ID")
    settings = load_settings(config)
    screen = output.screen()
    screen.print(_goes(entity or None, user or None), soft_wrap=True, markup=False)
    if not yes:
        screen.print("Erase it for good? [y/N] ", end="", markup=False)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise typer.Exit(NOT_CONFIRMED)
    event = deletion_of(entity or None, user or None, asked_by or getpass.getuser())
    asyncio.run(send(settings, event))
    if as_json:
        output.emit(event)
        output.flush()
    else:
        screen.print(
            f"asked for, event {event['event_id']}: workers and sinks do it as they come to it",
            soft_wrap=True, markup=False,
        )  # fmt: skip


def _goes(account_id: str | None, user_id: str | None) -> str:
    if user_id is None:
        whose = f"of the account {account_id} and of all its users"
    elif account_id is not None:
        whose = f"of the user {user_id} of the account {account_id}"
    else:
        whose = f"of the user {user_id}, who has no account"
    return (
        f"What goes: the state and timers {whose}, the changelogs' records of it, and the rows of"
        " every table of ClickHouse. What was published before stays for as long as its topic"
        " keeps it."
    )
