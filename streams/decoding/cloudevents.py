"""CloudEvents 1.0 over Kafka: structured JSON, and binary with ``ce_*`` headers."""

from collections.abc import Sequence
from typing import Any

from schemas.dead_letters import Reason
from streams.decoding import native, segment
from streams.decoding.fields import Fields, Paths
from streams.errors import Rejected

_PREFIX = "ce_"
_MARK = "ce_specversion"
_ATTRIBUTES = frozenset({"specversion", "id", "type", "subject", "time"})
_TAKEN = frozenset({"account_id", "user_id", "traits"})
"""What in the data of an event is not one of its properties."""


def binary_attributes(headers: Sequence[tuple[str, bytes]]) -> dict[str, Any] | None:
    """Attributes in the headers of a binary-mode event; ``None`` where there is no such event.

    Raises:
        Rejected: an attribute is not UTF-8.
    """
    if not any(name == _MARK for name, _ in headers):
        return None
    attributes: dict[str, Any] = {}
    for name, value in headers:
        attribute = name.removeprefix(_PREFIX)
        if attribute in _ATTRIBUTES and name.startswith(_PREFIX) and value is not None:
            try:
                attributes[attribute] = value.decode()
            except UnicodeDecodeError:
                raise Rejected(Reason.WRONG_TYPE, name, "is not UTF-8 text") from None
    return attributes


def read_binary(attributes: dict[str, Any], data: dict[str, Any]) -> tuple[Fields, Paths]:
    """Fields of a binary-mode event, whose value is its data."""
    return _read(attributes, data, _PREFIX, "")


def read_structured(record: dict[str, Any]) -> tuple[Fields, Paths]:
    """Fields of a structured event, whose attributes and data are one JSON object.

    Raises:
        Rejected: the data are not a JSON object.
    """
    if "data_base64" in record:
        raise Rejected(Reason.WRONG_TYPE, "data_base64", "the data of an event are JSON, in data")
    data = record.get("data")
    if data is None:
        data = {}
    elif type(data) is not dict:
        raise Rejected(Reason.WRONG_TYPE, "data", "must be an object")
    return _read(record, data, "", "data")


def _read(
    attributes: dict[str, Any], data: dict[str, Any], prefix: str, place: str
) -> tuple[Fields, Paths]:
    """The data's own word first, if it is an event itself; attributes fill what it leaves out."""
    version = attributes.get("specversion")
    if not (isinstance(version, str) and version.startswith("1.")):
        raise Rejected(Reason.WRONG_TYPE, f"{prefix}specversion", "only CloudEvents 1.0 is read")
    if not segment.KEYS.isdisjoint(data) and ("type" in data or "event" in data):
        inner, paths = segment.read(data)
    elif "event" in data:
        inner, paths = Fields(*native.read(data)), native.PATHS
    else:
        inner, paths = _payload(data), native.PATHS
    if place:
        paths = paths.under(place)
    return _fill(inner, paths, attributes, prefix)


def _payload(data: dict[str, Any]) -> Fields:
    """Data that is no event of its own: who it is about, and its properties.

    Without a ``properties`` object the data themselves are the properties.
    """
    properties = data.get("properties")
    if properties is None:
        properties = {key: value for key, value in data.items() if key not in _TAKEN}
    return Fields(
        name=None,
        time=None,
        event_id=None,
        account_id=data.get("account_id"),
        user_id=data.get("user_id"),
        properties=properties,
        traits=data.get("traits"),
    )


def _fill(
    inner: Fields, paths: Paths, attributes: dict[str, Any], prefix: str
) -> tuple[Fields, Paths]:
    sources = {"name": "type", "time": "time", "event_id": "id", "user_id": "subject"}
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for field, attribute in sources.items():
        if getattr(inner, field) in (None, ""):
            values[field] = attributes.get(attribute)
            places[field] = prefix + attribute
    return inner._replace(**values), paths._replace(**places)
