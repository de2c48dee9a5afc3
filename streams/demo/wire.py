"""The formats in which made-up producers send the same event: native, Segment, CloudEvents."""

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from schemas.encoding import time_text
from schemas.events import GROUP, IDENTIFY, Event

Headers = tuple[tuple[str, bytes], ...]


class Wire(NamedTuple):
    """A Kafka record's key, value and headers."""

    key: bytes | None
    value: bytes
    headers: Headers = ()


def native(event: Event) -> Wire:
    """Milepost's own form, keyed by account, or by the user without one."""
    return Wire(_key(event.account_id or event.user_id), orjson.dumps(native_fields(event)))


def native_fields(event: Event) -> dict[str, Any]:
    """The event's fields, without those that are empty."""
    fields = {
        "event_id": event.event_id,
        "event": event.name,
        "timestamp": time_text(event.time),
        "account_id": event.account_id,
        "user_id": event.user_id,
        "properties": event.properties,
        "traits": event.traits,
    }
    return {name: value for name, value in fields.items() if value}


def segment(event: Event) -> Wire:
    """A Segment ``track``, ``identify`` or ``group`` call, keyed by account."""
    call: dict[str, Any] = {
        "messageId": event.event_id,
        "userId": event.user_id,
        "timestamp": time_text(event.time),
        "context": {"groupId": event.account_id, "library": {"name": "analytics.js"}},
    }
    if event.name in (IDENTIFY, GROUP):
        call |= {"type": event.name, "traits": event.traits}
        if event.name == GROUP:
            call["groupId"] = event.account_id
    else:
        call |= {"type": "track", "event": event.name, "properties": event.properties}
    return Wire(_key(event.account_id), orjson.dumps(call))


def cloudevent(event: Event) -> Wire:
    """A CloudEvents 1.0 structured record, under a key of the producer's own."""
    attributes = _attributes(event) | {"data": _data(event)}
    return Wire(_workspace(event), orjson.dumps(attributes))


def binary_cloudevent(event: Event) -> Wire:
    """The same in binary mode: attributes are headers."""
    headers = [(f"ce_{name}", value.encode()) for name, value in _attributes(event).items()]
    headers.append(("content-type", b"application/json"))
    return Wire(_workspace(event), orjson.dumps(_data(event)), tuple(headers))


FORMATS: tuple[tuple[Callable[[Event], Wire], int], ...] = (
    (native, 60),
    (segment, 25),
    (cloudevent, 10),
    (binary_cloudevent, 5),
)
"""Each format with its share among accounts."""


def _attributes(event: Event) -> dict[str, str]:
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": "/product",
        "type": event.name,
        "time": time_text(event.time),
        "subject": event.user_id or "",
    }


def _data(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"account_id": event.account_id, "properties": event.properties}
    if event.traits:
        data["traits"] = event.traits
    return data


def _workspace(event: Event) -> bytes:
    """A key that is not the account: the worker has to forward the record to its partition.

    One for the whole account. Were some of its records forwarded and others not, the story's pace
    would put days between them, and what comes twice would no longer come within a day.
    """
    return f"workspace/{event.account_id}".encode()


def _key(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
