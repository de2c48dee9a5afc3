"""What sections of names have in common: names, whose they are, words for people."""

import re
from collections.abc import Mapping

from streams.definitions import document
from streams.definitions.document import Node, Place
from streams.definitions.model import EntityKind
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
LONGEST_NAME = 100

_NAME = re.compile(NAME_PATTERN)

Entry = tuple[str, Place, document.Mapping | None]
"""A name, where it stands, and what it has; ``None`` where that is no mapping."""


def read_named(reader: Reader, node: Node | None, what: str, example: str) -> list[Entry]:
    """The entries of a mapping of names to mappings; reports each that is none.

    Args:
        reader: takes the errors.
        node: what should be that mapping; ``None`` where the file has none.
        what: its name in messages.
        example: one such mapping with one entry: ``{NAME: {FIELD: …}}``.
    """
    mapping = None if node is None else reader.mapping(node, what, example)
    if mapping is None:
        return []
    found = []
    for name, entry in mapping.entries.items():
        place = mapping.keys[name]
        _check_name(reader, place, name)
        body = reader.mapping(entry, quote(name), example.partition(": ")[2][:-1])
        found.append((name, place, body))
    return found


def _check_name(reader: Reader, place: Place, name: str) -> None:
    if not name.strip():
        reader.error(place, "a name is empty")
    elif len(name) > LONGEST_NAME:
        reader.error(place, f"{quote(name)} is longer than {LONGEST_NAME} characters")
    elif not name.isprintable() or name != name.strip():
        reader.error(
            place, f"{quote(name)}: a name has no space around it and no control characters"
        )
    elif not _NAME.fullmatch(name):
        reader.warning(
            place, f"{quote(name)}: names are best in snake_case, such as `first_invite`"
        )


def read_kind(reader: Reader, mapping: document.Mapping, what: str) -> EntityKind | None:
    """``of``; ``None`` once an error is reported."""
    node = mapping.entries.get("of")
    if node is None:
        reader.error(mapping, f"{what} lacks `of`: write `of: account` or `of: user`")
        return None
    kinds: Mapping[object, EntityKind] = {"account": "account", "user": "user"}
    value = node.value if isinstance(node, document.Scalar) else None
    if value in kinds:
        return kinds[value]
    message = f"`of` is `account` or `user`, not {kind_of(node)}"
    reader.unknown(node, message, value if isinstance(value, str) else "", list(map(str, kinds)))
    return None


def read_texts(reader: Reader, mapping: document.Mapping) -> tuple[str | None, str | None]:
    """``title`` and ``description``; ``None`` where there is none or it is wrong."""
    title, description = (
        reader.text(mapping.entries[name], f"`{name}`") if name in mapping.entries else None
        for name in ("title", "description")
    )
    return title, description
