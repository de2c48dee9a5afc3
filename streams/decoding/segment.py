"""The Segment spec: track, identify, group, page, screen and alias calls."""

from typing import Any

from schemas.dead_letters import Reason
from streams.decoding.fields import Fields, Paths
from streams.errors import Rejected

KEYS = frozenset({"messageId", "userId", "anonymousId", "groupId"})
"""One of these at the top of a record makes it a Segment call."""

_CALLS = frozenset({"identify", "group", "page", "screen", "alias"})
"""Calls whose event is named after the call; a track names its own."""

_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
"""Where the event time is looked for: ``timestamp`` is the client's time corrected for its
clock; the others stand in where a record comes straight from a client's library."""

_USERS = ("userId", "anonymousId")


def read(record: dict[str, Any]) -> tuple[Fields, Paths]:
    """The call's fields.

    ``page`` and ``screen`` are events of that name, whose ``name`` and ``category`` are
    properties; ``alias`` has the property ``previousId``.

    Raises:
        Rejected: ``type`` is no call of the spec, or ``context`` is not an object.
    """
    call = record.get("type")
    name_path, name = _name(record, call)
    time_path, time = _first(record, _TIMES)
    user_path, user = _first(record, _USERS)
    account_path, account = _account(record)
    fields = Fields(
        name=name,
        time=time,
        event_id=record.get("messageId"),
        account_id=account,
        user_id=user,
        properties=_properties(record, call),
        traits=record.get("traits"),
    )
    paths = Paths(
        name=name_path,
        time=time_path,
        event_id="messageId",
        account_id=account_path,
        user_id=user_path,
        properties="properties",
        traits="traits",
    )
    return fields, paths


def _name(record: dict[str, Any], call: Any) -> tuple[str, Any]:
    if isinstance(call, str) and call in _CALLS:
        return "type", call
    if call is None or call == "track" or "event" in record:
        return "event", record.get("event")
    raise Rejected(
        Reason.WRONG_TYPE, "type", "must be track, identify, group, page, screen or alias"
    )


def _account(record: dict[str, Any]) -> tuple[str, Any]:
    if record.get("groupId") not in (None, ""):
        return "groupId", record["groupId"]
    context = record.get("context")
    if isinstance(context, dict) and context.get("groupId") not in (None, ""):
        return "context.groupId", context["groupId"]
    if context is not None and not isinstance(context, dict):
        raise Rejected(Reason.WRONG_TYPE, "context", "must be an object")
    # A producer that adds our field to Segment's means it.
    path, account = _first(record, ("account_id",))
    return ("context.groupId", None) if account is None else (path, account)


def _properties(record: dict[str, Any], call: Any) -> Any:
    properties = record.get("properties")
    if call == "alias":
        moved = ("previousId",)
    elif call in ("page", "screen"):
        moved = ("name", "category")
    else:
        return properties
    if properties is not None and not isinstance(properties, dict):
        return properties
    told = {key: record[key] for key in moved if record.get(key) is not None}
    return {**told, **(properties or {})}


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, Any]:
    """The first of these that has a value, with its name; else the first, without one."""
    for key in keys:
        value = record.get(key)
        if value not in (None, ""):
            return key, value
    return keys[0], None
