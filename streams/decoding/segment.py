"""The Segment spec: track, identify, group, page, screen and alias calls."""

from typing import Any, Final

from schemas.dead_letters import Reason
from streams.decoding.fields import Fields, Paths
from streams.errors import Rejected

KEYS: Final = frozenset({"messageId", "userId", "anonymousId"})
"""One of these at the top of a record makes it a Segment call; the spec has every call carry
a user or an anonymous one."""

_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
"""Where the event time is looked for: ``timestamp`` is the client's time corrected for its
clock; the others stand in where a record comes straight from a client's library."""

_USERS = ("userId", "anonymousId")

# A producer that adds a field of ours to Segment's means it.
_ACCOUNTS = ("account_id", "groupId")
_IDS = ("messageId", "event_id")

_NAMED_BY_CALL = frozenset({"identify", "group", "page", "screen", "alias"})

_ALSO_PROPERTIES = {
    "page": ("name", "category"),
    "screen": ("name", "category"),
    "alias": ("previousId",),
}
"""What these calls say beside ``properties``."""


def read(record: dict[str, Any]) -> tuple[Fields, Paths]:
    """The call's fields.

    A track names its event; the event of any other call is named after the call. The ``name``
    and ``category`` of a page or screen and the ``previousId`` of an alias are properties.

    Raises:
        Rejected: ``type`` is no call of the spec, or ``context`` is not an object.
    """
    call = record.get("type")
    name_path, name = _name(record, call)
    time_path, time = _first(record, _TIMES)
    user_path, user = _first(record, _USERS)
    account_path, account = _account(record)
    id_path, event_id = _first(record, _IDS)
    properties, traits = record.get("properties"), record.get("traits")
    if call in _ALSO_PROPERTIES and (properties is None or isinstance(properties, dict)):
        told = {key: record[key] for key in _ALSO_PROPERTIES[call] if record.get(key) is not None}
        properties = {**told, **(properties or {})}
    fields = Fields(name, time, event_id, account, user, properties, traits)
    paths = Paths(name_path, time_path, id_path, account_path, user_path, "properties", "traits")
    return fields, paths


def _name(record: dict[str, Any], call: Any) -> tuple[str, Any]:
    if call is not None and type(call) is not str:
        raise Rejected(Reason.WRONG_TYPE, "type", "the call of a Segment record is text")
    if call in _NAMED_BY_CALL:
        return "type", call
    if call in (None, "track") or "event" in record:
        return "event", record.get("event")
    raise Rejected(
        Reason.WRONG_TYPE, "type", "must be track, identify, group, page, screen or alias"
    )


def _account(record: dict[str, Any]) -> tuple[str, Any]:
    path, account = _first(record, _ACCOUNTS)
    if account is not None:
        return path, account
    context = record.get("context")
    if context is None:
        return "context.groupId", None
    if type(context) is not dict:
        raise Rejected(Reason.WRONG_TYPE, "context", "must be an object")
    return "context.groupId", context.get("groupId")


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, Any]:
    """The first of these that has a value, with its name; else the first name, and ``None``."""
    for key in keys:
        value = record.get(key)
        if value not in (None, ""):
            return key, value
    return keys[0], None
