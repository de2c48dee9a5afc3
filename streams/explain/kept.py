"""What ClickHouse has of an entity: what was told of it, and the record of decisions."""

from collections.abc import Sequence

from streams.definitions.model import Owner
from streams.explain.history import Told, as_told
from streams.queries import occurrences
from streams.queries.audit import Decision, decisions
from streams.sinks.clickhouse import reading
from streams.sinks.pseudonyms import Pseudonyms


def told_of(dsn: str, owner: Owner, milestone: str | None, until: int | None) -> list[Told]:
    """What was published of an entity, the newest last.

    Raises:
        Unavailable: ClickHouse does not answer.
    """
    with reading(dsn) as client:
        rows = occurrences(client, *owner, milestone=milestone, until=until)
        return [as_told(row, owner) for row in rows]


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
    with reading(dsn) as client:
        return {
            owner: found
            for owner in owners
            if (found := decisions(client, *owner, pseudonyms=pseudonyms, name=name, until=until))
        }
