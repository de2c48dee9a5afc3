"""The section ``health``: how active accounts or users are now, beside what they have reached."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from streams.definitions import document
from streams.definitions.conditions import read_condition
from streams.definitions.model import EntityKind, Health
from streams.definitions.names import Entry, read_kind, read_texts
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope

FIELDS: Final = ("of", "title", "description", "red", "yellow", "journey")

Kinds = Mapping[str, EntityKind | None]
"""Names, and whose they are; ``None`` where that is wrong itself."""


def read_health_section(
    reader: Reader, entries: Collection[Entry]
) -> tuple[dict[str, Health], dict[str, EntityKind | None]]:
    """Those that are right, and whose all are (``None`` where that is wrong itself)."""
    reader.health.declared = tuple(name for name, _, _ in entries)
    found: dict[str, Health] = {}
    kinds: dict[str, EntityKind | None] = {}
    for name, _, node in entries:
        of = None if node is None else read_kind(reader, node, f"health {quote(name)}")
        health = None if node is None else _read_health(reader, name, of, node)
        kinds[name], reader.health.read[name] = of, health
        if health is not None:
            found[name] = health
    return found, kinds


def check_names(
    reader: Reader,
    entries: Collection[Entry],
    kinds: Kinds,
    *,
    milestones: Collection[str],
    leads: Collection[str],
    journeys: Kinds,
) -> None:
    """Report each that shares its name, or whose journey is not there or another kind's."""
    for name, place, node in entries:
        for section, taken in (("milestone", milestones), ("lead", leads)):
            if name in taken:
                reader.error(
                    place,
                    f"{quote(name)} is the name of a {section}: subscribers know both by name "
                    "alone, so give the health another",
                )
        journey = None if node is None else node.entries.get("journey")
        if not isinstance(journey, document.Scalar) or not isinstance(journey.value, str):
            continue  # none, or reported when it was read
        of, wanted = journeys.get(journey.value), kinds[name]
        if journey.value not in journeys:
            message = f"there is no journey {quote(journey.value)}"
            reader.unknown(journey, message, journey.value, journeys)
        elif of is not None and wanted is not None and of != wanted:
            reader.error(
                journey,
                f"{quote(journey.value)} is a journey of {of}s, {quote(name)} a health of "
                f"{wanted}s: name one of {wanted}s",
            )


def health_schema() -> dict[str, Any]:
    """JSON Schema of one health."""
    text = {"type": "string", "minLength": 1}
    condition = {"$ref": "#/definitions/condition"}
    yellow = "Yellow while this holds and `red` does not; green where neither does."
    journey = "A change names the furthest step reached of it; without it, the newest milestone."
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["of"],
        "anyOf": [{"required": ["red"]}, {"required": ["yellow"]}],
        "properties": {
            "of": {"enum": ["account", "user"], "description": "Whose it is."},
            "title": text,
            "description": text,
            "red": {**condition, "description": "Red while this holds."},
            "yellow": {**condition, "description": yellow},
            "journey": {**text, "description": journey},
        },
    }


def _read_health(
    reader: Reader, name: str, of: EntityKind | None, node: document.Mapping
) -> Health | None:
    """Read what a health has besides its kind; ``None`` once an error is reported."""
    what, before = f"health {quote(name)}", reader.errors
    reader.only(node, FIELDS, what)
    title, description = read_texts(reader, node)
    scope, entries = Scope(reader, of, Name("health", name)), node.entries
    if not entries.keys() & {"red", "yellow"}:
        reader.error(
            node, f"{what} lacks `red` and `yellow`: write one at least, such as "
            "`red: {inactive: 14d}`"
        )  # fmt: skip
    levels = {
        level: read_condition(entries[level], scope)
        for level in ("red", "yellow")
        if level in entries
    }
    journey = reader.text(entries["journey"], "`journey`") if "journey" in entries else None
    if reader.errors > before or of is None or None in levels.values():
        return None
    return Health(name, of, levels.get("red"), levels.get("yellow"), journey, title, description)
