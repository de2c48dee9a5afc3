"""``shadow``: what is evaluated and kept, and told nobody."""

from collections.abc import Collection
from typing import Any, Final

from streams.definitions import document
from streams.definitions.document import Place
from streams.definitions.model import EntityKind
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Section, kind_of

FIELD: Final = "shadow"

Shadow = tuple[bool, str | None]
"""Whether it is in the shadow, and the live one that it is compared with."""

LIVE: Final[Shadow] = False, None

Kinds = dict[Section, dict[str, EntityKind | None]]
"""Of every section whose entries may be in the shadow: their names, and whose they are."""


def read_shadow(reader: Reader, name: Name, node: document.Mapping) -> Shadow:
    """``shadow: true``, ``shadow: NAME``; live once an error is reported.

    Whether there is a live one of that name, :func:`check_shadows` looks when all are read.
    """
    value = node.entries.get(FIELD)
    if value is None:
        return LIVE
    given = value.value if isinstance(value, document.Scalar) else None
    if given is False:
        return LIVE
    if given is True:
        reader.shadows[name] = value.place, None
        return True, None
    if not isinstance(given, str) or not given.strip():
        reader.error(
            value,
            f"`{FIELD}` is true, or the name of the live {name.section} that it is compared with, "
            f"not {kind_of(value)}",
        )
        return LIVE
    reader.shadows[name] = value.place, given
    return True, given


def check_shadows(reader: Reader, kinds: Kinds, steps: Collection[tuple[str, Place, str]]) -> None:
    """What is compared must be live and of the same kind; what is live names nothing in the shadow.

    Args:
        reader: takes the errors.
        kinds: all that there is.
        steps: of journeys: journey, where the step stands, milestone.
    """
    for shadow, (place, of) in reader.shadows.items():
        if of is not None:
            _check_live(reader, shadow, place, of, kinds[shadow.section])
    for (owner, named), place in reader.mentions.items():
        if named in reader.shadows and owner not in reader.shadows:
            _refuse(reader, place, named, f"{owner.section} {quote(owner.name)}")
    for journey, place, step in steps:
        if Name("milestone", step) in reader.shadows:
            _refuse(reader, place, Name("milestone", step), f"journey {quote(journey)}")


def _check_live(
    reader: Reader, shadow: Name, place: Place, of: str, kinds: dict[str, EntityKind | None]
) -> None:
    section = shadow.section
    live = [name for name in kinds if Name(section, name) not in reader.shadows]
    if of not in kinds:
        reader.unknown(place, f"there is no {section} {quote(of)}", of, live)
    elif of not in live:
        what = "itself" if of == shadow.name else f"{quote(of)}, which is in the shadow, too"
        reader.error(place, f"it is compared with {what}: name a live {section}")
    else:
        own, other = kinds[shadow.name], kinds[of]
        if own is not None and other is not None and own != other:
            reader.error(
                place,
                f"{quote(of)} is a {section} of {other}s, {quote(shadow.name)} one of {own}s: they "
                "cannot be compared",
            )


def _refuse(reader: Reader, place: Place, named: Name, who: str) -> None:
    reader.error(
        place,
        f"{named.section} {quote(named.name)} is in the shadow: nobody is told of it, so {who}, "
        f"which is live, cannot name it; take its `{FIELD}` away first",
    )


def shadow_schema() -> dict[str, Any]:
    """JSON Schema of the field."""
    return {
        "anyOf": [{"type": "boolean"}, {"type": "string", "minLength": 1}],
        "default": False,
        "description": "Evaluated and kept, and told nobody; true, or the name of the live one "
        "that it is compared with.",
    }
