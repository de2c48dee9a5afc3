"""ClickHouse as commands that read it open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.encoding import time_text
from streams.cli import output
from streams.errors import Unavailable, UsageError

if TYPE_CHECKING:  # whoever has nothing to do with ClickHouse need not wait for its client
    from clickhouse_connect.driver.client import Client

    from streams.queries.raw_events import Kept


@contextmanager
def warehouse(dsn: str | None, config: Path | None, otherwise: str) -> "Iterator[Client]":
    """A client of the ClickHouse that is named, else of the one that the settings name.

    Args:
        dsn: of the command line.
        config: file of settings.
        otherwise: what is said where neither names one.

    Raises:
        UsageError: neither does.
        Unavailable: it does not answer, or not to the end.
    """
    from streams.settings import load_settings
    from streams.sinks.clickhouse import reading

    if dsn is None:
        settings = load_settings(config)
        if "clickhouse_dsn" not in settings.model_fields_set:
            raise UsageError(otherwise)
        dsn = settings.clickhouse_dsn.get_secret_value()
    with reading(dsn) as client:
        yield client


def raw_events(client: "Client") -> "Kept":
    """Which raw events there are; says since when, on stderr.

    Raises:
        Unavailable: none.
    """
    from streams.queries.raw_events import kept

    found = kept(client)
    if found is None:
        raise Unavailable(
            "ClickHouse has no raw events: `milepost sink` keeps them with the setting raw_events"
        )
    output.screen().print(
        f"raw events from {time_text(found.oldest)} to {time_text(found.newest)}", soft_wrap=True
    )
    return found
