"""What ClickHouse has of an entity: what was told of it, and the record of decisions."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TypeVar

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from streams.definitions.model import Owner
from streams.explain.history import Told, as_told
from streams.queries import occurrences
from streams.queries.audit import Decision, decisions
from streams.sinks.clickhouse import connect, unavailable
from streams.sinks.pseudonyms import Pseudonyms

_T = TypeVar("_T")


def told_of(dsn: str, owner: Owner, milestone: str | None, until: int | None) -> list[Told]:
    """What was published of an entity, the newest last.

    Raises:
        Unavailable: ClickHouse does not answer.
    """

    def ask(client: Client) -> list[Told]:
        rows = occurrences(client, *owner, milestone=milestone, until=until)
        return [as_told(row, owner) for row in rows]

    return _asked(dsn, ask)


def decided_of(
    dsn: str,
    owners: Sequence[Owner],
    pseudonyms: Pseudonyms,
    *,
    name: str | None,
    until: int | None,
) -> dict[Owner, list[Decision]]:
    """The decisions about those who may be meant; without those about whom there is none.

    Raises:
        Unavailable: ClickHouse does not answer.
    """

    def ask(client: Client) -> dict[Owner, list[Decision]]:
        return {
            owner: found
            for owner in owners
            if (found := decisions(client, *owner, pseudonyms=pseudonyms, name=name, until=until))
        }

    return _asked(dsn, ask)


def _asked(dsn: str, ask: Callable[[Client], _T]) -> _T:
    with closing(connect(dsn)) as client:
        try:
            return ask(client)
        except (Error, OSError) as error:
            raise unavailable(dsn, error) from error
