"""The native format: the fields of the event by their own names."""

from typing import Any, Final

from streams.decoding.fields import Paths

PATHS: Final = Paths(
    name="event",
    time="timestamp",
    event_id="event_id",
    account_id="account_id",
    user_id="user_id",
    properties="properties",
    traits="traits",
)


def read(record: dict[str, Any]) -> tuple[Any, Any, Any, Any, Any, Any, Any]:
    """The record's fields, in the order of ``Fields`` (a bare tuple: made for every record)."""
    get = record.get
    return (
        get("event"),
        get("timestamp"),
        get("event_id"),
        get("account_id"),
        get("user_id"),
        get("properties"),
        get("traits"),
    )
