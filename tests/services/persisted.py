"""Events as ClickHouse has them in the end: evaluated by a worker's engine, decoded by the sink."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import orjson

from schemas.rows import Row
from streams.definitions.model import Definitions
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.facts import Facts
from streams.outputs import Outputs
from streams.sinks.clickhouse import ClickHouseSink
from streams.sinks.decode import activity_rows, qualification_rows
from streams.sinks.events import EventRows
from streams.transport.sender import partition_of

OUTPUTS = Outputs("qualifications", "shadow", "activity", "dead letters", "repartition")
EVENTS = "product.events"


class Sent(NamedTuple):
    """A record of the events topic."""

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int
    offset: int


def persist(
    dsn: str,
    definitions: Definitions,
    events: Iterable[dict[str, Any]],
    now: int,
    *,
    partitions: int = 1,
) -> None:
    """Write all that becomes of the events to a migrated ClickHouse.

    Args:
        dsn: of the ClickHouse.
        definitions: what the worker and the sink go by.
        events: in the native format, in the order in which they arrive.
        now: the time after them all, epoch milliseconds.
        partitions: of the events topic.
    """
    placed: list[list[Sent]] = [[] for _ in range(partitions)]
    for event in events:
        key = str(event.get("account_id", event.get("user_id"))).encode()
        records = placed[partition_of(key, partitions)]
        records.append(Sent(key, orjson.dumps(event), (), now, len(records)))
    with closing(ClickHouseSink(dsn)) as sink:
        decode = EventRows(Facts(definitions.roles), keep_days=90, now=lambda: now)
        for partition, records in enumerate(placed):
            sink.write(_told(definitions, records, now, partition))
            for record in records:
                sink.write(decode(record, EVENTS, partition))
            sink.flush()


def _told(definitions: Definitions, records: list[Sent], now: int, partition: int) -> Iterator[Row]:
    """What the worker tells of them."""
    evaluator = Evaluator(
        Engine(definitions),
        topic=EVENTS,
        partition=partition,
        load_account={}.get,
        load_user={}.get,
        cache_entries=len(records) + 1,
    )
    evaluator.apply(records)
    evaluator.finish(now)
    changes = evaluator.collect()
    assert not evaluator.staged.dead_letters
    for record in OUTPUTS.records(partition, evaluator.staged, changes):
        if record.topic == OUTPUTS.qualifications:
            yield from qualification_rows(record.value)
        elif record.topic == OUTPUTS.activity:
            yield from activity_rows(record.value)
