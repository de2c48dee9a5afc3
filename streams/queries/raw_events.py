"""Raw events of ClickHouse for what the engine works out: only those, and only so much of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import orjson
from clickhouse_connect.driver.client import Client

from schemas.events import Event
from schemas.rows import EARLIEST, LATEST
from streams.definitions.model import Compare, EntityKind, EventFilter, Filter, NotFilter, Owner
from streams.queries import asking

_COLUMNS = {"event_id": "event_ids", "properties": "properties", "traits": "traits"}
"""First part of a path → the parameter that asks for its column; the others are always there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Which raw events are there, epoch milliseconds."""

    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which raw events are read."""

    of: EntityKind
    """Whose: accounts' or users'."""
    patterns: frozenset[str]
    """Names, some with ``*`` at their end."""
    heads: frozenset[str]
    """First parts of the paths that are looked at."""
    start: int | None = None
    end: int | None = None
    """Excluded."""

    @classmethod
    def of_filters(
        cls,
        of: EntityKind,
        filters: Iterable[EventFilter],
        *,
        paths: Iterable[str] = (),
        everything: bool = False,
        start: int | None = None,
        end: int | None = None,
    ) -> Self:
        """Whatever the filters may be about.

        Args:
            of: whose.
            filters: which events.
            paths: what else is looked at in them.
            everything: all events are wanted, whatever the filters say.
            start: only from then on, epoch milliseconds.
            end: only before then.
        """
        listed = list(filters)
        used = {path for one in listed if one.where is not None for path in _paths(one.where)}
        patterns = {"*"} if everything else {name for one in listed for name in one.events}
        heads = {path.partition(".")[0] for path in (*used, *paths)}
        return cls(of, frozenset(patterns), frozenset(heads), start, end)

    def parameters(self) -> dict[str, Any]:
        """As the query has them."""
        last = LATEST if self.end is None else self.end - 1
        start = EARLIEST if self.start is None else self.start
        return {
            "of": self.of,
            "names": sorted(name for name in self.patterns if not name.endswith("*")),
            "prefixes": sorted(name[:-1] for name in self.patterns if name.endswith("*")),
            "start": min(max(start, EARLIEST), LATEST),
            "last": min(max(last, EARLIEST), LATEST),
            **{name: head in self.heads for head, name in _COLUMNS.items()},
        }


def _paths(condition: Filter) -> Iterator[str]:
    if isinstance(condition, Compare):
        yield condition.path
    elif isinstance(condition, NotFilter):
        yield from _paths(condition.filter)
    else:
        for part in condition.filters:
            yield from _paths(part)


def kept(client: Client) -> Kept | None:
    """Which raw events there are; ``None``: none at all."""
    for row in asking.rows(client, "raw_events_kept", {}):
        return Kept(row["oldest"], row["newest"])
    return None


def histories(client: Client, selection: Selection) -> Iterator[tuple[Owner, Iterator[Event]]]:
    """The events of one account or user after the other, each of them sorted by time.

    They are read as they are asked for: in memory is one block of the answer.

    Args:
        client: of a migrated ClickHouse; it can be asked nothing else meanwhile.
        selection: which events.
    """
    query, parameters = asking.sql("raw_events"), selection.parameters()
    with client.query_row_block_stream(query, parameters=parameters) as blocks:
        rows = (row for block in blocks for row in block)
        for (account_id, user_id), own in groupby(rows, _whose(selection.of)):
            owner = account_id or None, user_id or None
            yield owner, map(_event, own)


def _whose(of: EntityKind) -> Any:
    if of == "user":
        return lambda row: (row[0], row[1])
    return lambda row: (row[0], "")


def _event(row: tuple[str, str, int, str, str, str, str]) -> Event:
    account_id, user_id, time, name, event_id, properties, traits = row
    return Event(
        event_id,
        name,
        time,
        account_id or None,
        user_id or None,
        orjson.loads(properties) if properties else {},
        orjson.loads(traits) if traits else {},
    )
