"""Events by name, with a filter: how every form reads, tells and writes down which are meant."""

from bisect import bisect_right
from collections.abc import Collection
from typing import Any

from streams.definitions import document
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.filters import describe_filter, read_filter
from streams.definitions.meaning import Canonical, canonical_filter
from streams.definitions.model import EventFilter, Filter
from streams.definitions.problems import quote
from streams.definitions.reader import Reader

FIELDS = ("event", "where")
ANY_EVENT = EventFilter(("*",))

_ASKED = (*MEASURES, "within", "from", "to")
"""Fields of an event condition that ask something of the events."""


def read_event(reader: Reader, node: document.Mapping) -> EventFilter | None:
    """``event``, which it has, and ``where`` of a mapping; ``None`` once an error is reported."""
    before = reader.errors
    events = _read_events(reader, node.entries["event"])
    where = node.entries.get("where")
    condition = read_filter(reader, where) if where is not None else None
    return EventFilter(events, condition) if reader.errors == before else None


def read_events_alone(
    reader: Reader, node: document.Node, what: str, more: Collection[str] = ()
) -> EventFilter | None:
    """A mapping that says which events are meant and asks nothing of them.

    Args:
        reader: takes the errors.
        node: what should be that mapping.
        what: its name in messages.
        more: other fields that it may have, which are not read here.
    """
    mapping = reader.mapping(node, what, "{event: Signed Up}")
    if mapping is None:
        return None
    before = reader.errors
    known = (*FIELDS, *more)
    for name, place in mapping.keys.items():
        if name in _ASKED and not more:
            reader.error(place, f"{what} is an event with `where`: leave {quote(name)} out")
        elif name not in known:
            reader.unknown(place, f"{quote(name)} is not a field of {what}", name, known)
    if "event" not in mapping.entries:
        reader.error(mapping, f"{what} lacks `event`: write `event: Signed Up`")
        return None
    event = read_event(reader, mapping)
    return event if reader.errors == before else None


def describe_event(event: EventFilter, every: str = "any event") -> str:
    """Names and filter in words, on one line: ``any event [properties.first = true]``."""
    names = (every,) if event.events == ANY_EVENT.events else event.events
    return " ".join(describe_events(names, event.where).split())


def describe_events(events: tuple[str, ...], where: Filter | None) -> str:
    """Names and filter in words: ``Document Shared [properties.first = true]``."""
    names = " or ".join(events)
    return names if where is None else f"{names} [{describe_filter(where)}]"


def canonical_event(event: EventFilter) -> list[Canonical]:
    """Names and filter in canonical form; names sorted, without those that a pattern covers."""
    stems: list[str] = []
    for stem in sorted(name[:-1] for name in event.events if name.endswith("*")):
        if not stems or not stem.startswith(stems[-1]):
            stems.append(stem)
    kept = {f"{stem}*" for stem in stems}
    for name in event.events:
        # No stem begins with another: only the last that sorts before the name may cover it.
        place = bisect_right(stems, name) - 1
        if not name.endswith("*") and not (place >= 0 and name.startswith(stems[place])):
            kept.add(name)
    return [list[Canonical](sorted(kept)), canonical_filter(event.where)]


def event_schema() -> dict[str, Any]:
    """JSON Schema of ``event`` and ``where``."""
    name = {"type": "string", "minLength": 1, "pattern": r"^[^*]*\*?$"}
    return {
        "event": {
            "description": "Name of the event; `*` at its end stands for any rest.",
            "anyOf": [name, {"type": "array", "items": name, "minItems": 1}],
        },
        "where": {"$ref": "#/definitions/filter"},
    }


def events_alone_schema(**more: Any) -> dict[str, Any]:
    """JSON Schema of a mapping that says which events are meant; ``more`` are other fields."""
    return {
        "type": "object",
        "required": ["event"],
        "additionalProperties": False,
        "properties": {**event_schema(), **more},
    }


def _read_events(reader: Reader, node: document.Node) -> tuple[str, ...]:
    """One name, or a list of names."""
    if not isinstance(node, document.Sequence):
        return _read_names(reader, [node])
    if not node.items:
        reader.error(node, '`event` names no event: write a name, or `"*"` for every event')
    return _read_names(reader, node.items)


def _read_names(reader: Reader, nodes: list[document.Node]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for node in nodes:
        name = reader.text(node, "an event's name")
        if name is None:
            continue
        if "*" in name[:-1]:
            reader.error(node, f"{quote(name)}: `*` may stand at the end of a name only")
        elif name in names:
            reader.warning(node, f"{quote(name)} is named twice")
        elif not name.endswith("*"):
            reader.events.setdefault(name, node.place)
        names[name] = None
    return tuple(names)
