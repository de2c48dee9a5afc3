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
    return (
        record.get("event"),
        record.get("timestamp"),
        record.get("event_id"),
        record.get("account_id"),
        record.get("user_id"),
        record.get("properties"),
        record.get("traits"),
    )
