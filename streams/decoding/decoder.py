"""Which format a record has, and what it says. The first step of the hot path."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from schemas.dead_letters import Reason
from schemas.events import Event
from streams.decoding import cloudevents, native, segment
from streams.decoding.fields import to_event
from streams.errors import Rejected

MAX_BYTES: Final = 2 * 1024 * 1024
"""Largest record that is read: twice what Kafka lets through unless told otherwise. A product
event is a thousandth of it, and what an event holds may come to stand in state."""

MAX_DEPTH: Final = 64
"""Deepest nesting that is read. Writers of JSON give up at a few hundred levels; whatever is
accepted here can be written again."""


def decode(
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]] | None,
    recorded_at: int,
    topic: str,
    partition: int,
    offset: int,
) -> Event:
    """The event in a record.

    Args:
        value: the record's bytes; ``None`` for a tombstone.
        headers: the record's headers, which make a CloudEvents binary-mode event.
        recorded_at: Kafka's time of the record (in files: now), epoch milliseconds.
        topic: topic, or the file's name.
        partition: partition; 0 for a file.
        offset: offset, or the line's number in a file.

    Raises:
        Rejected: the record cannot be an event; says why and where.
    """
    coordinates = (topic, partition, offset)
    if headers:
        attributes = cloudevents.binary_attributes(headers)
        if attributes is not None:
            fields, paths = cloudevents.read_binary(attributes, _parse(value) if value else {})
            return to_event(fields, paths, recorded_at, coordinates)
    record = _parse(value)
    # The native format is told first and by one look where it can be: it is the common case.
    if "user_id" in record or ("account_id" in record and segment.KEYS.isdisjoint(record)):
        return to_event(native.read(record), native.PATHS, recorded_at, coordinates)
    if "specversion" in record:
        fields, paths = cloudevents.read_structured(record)
    elif not segment.KEYS.isdisjoint(record):
        fields, paths = segment.read(record)
    else:
        return to_event(native.read(record), native.PATHS, recorded_at, coordinates)
    return to_event(fields, paths, recorded_at, coordinates)


def _parse(value: bytes | None) -> dict[str, Any]:
    if not value:
        raise Rejected(Reason.EMPTY, "", "the record has no value")
    if len(value) > MAX_BYTES:
        detail = f"{len(value):,} bytes; at most {MAX_BYTES:,} are read"
        raise Rejected(Reason.TOO_LARGE, "", detail)
    try:
        record = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise _not_json(error) from None
    if type(record) is not dict:
        raise Rejected(Reason.NOT_AN_OBJECT, "", "an event is one JSON object")
    if not _is_flat(record) and _deeper_than(MAX_DEPTH, record):
        raise _too_deep()
    return record


def _is_flat(record: dict[str, Any]) -> bool:
    """Whether nothing in it nests deeper than ``properties`` do: nearly every record."""
    for value in record.values():
        if type(value) is dict:
            for member in value.values():
                if type(member) is dict or type(member) is list:
                    return False
        elif type(value) is list:
            return False
    return True


def _not_json(error: orjson.JSONDecodeError) -> Rejected:
    # orjson has a limit of its own, past ours, and only the words to tell it by: "recursion
    # limit reached" or "depth limit exceeded", as the release may be.
    if "limit" in error.msg:
        return _too_deep()
    return Rejected(Reason.NOT_JSON, "", str(error))


def _too_deep() -> Rejected:
    return Rejected(Reason.TOO_DEEP, "", f"nested deeper than {MAX_DEPTH} levels")


def _deeper_than(limit: int, record: dict[str, Any]) -> bool:
    """Whether objects and arrays stand in each other more than ``limit`` deep.

    Level by level, so that no depth can exhaust the stack.
    """
    level: list[Any] = [record]
    for _ in range(limit):
        inner: list[Any] = []
        for container in level:
            members = container.values() if type(container) is dict else container
            inner += [member for member in members if type(member) in (dict, list)]
        if not inner:
            return False
        level = inner
    return True
