"""Scores, segments and health as conditions name them."""

from streams.definitions import document
from streams.definitions.problems import quote
from streams.definitions.reader import Scope, Section, Shelf, T


def find(scope: Scope, node: document.Node, section: Section, shelf: Shelf[T]) -> T | None:
    """The score, segment or health that a condition names; ``None`` once an error is reported.

    Args:
        scope: where the condition stands.
        node: what should be the name.
        section: ``score``, ``segment`` or ``health``.
        shelf: those that there are.
    """
    reader = scope.reader
    name = reader.text(node, f"`{section}`")
    if name is None:
        return None
    if name not in shelf.declared:
        reader.unknown(node, f"there is no {section} {quote(name)}", name, shelf.declared)
        return None
    if name not in shelf.read:
        reader.error(
            node, f"{quote(name)} does not stand above: a {section} names those above it only"
        )
        return None
    scope.mention(section, name, node.place)
    found = shelf.read[name]
    if found is not None and scope.of is not None and found.of != scope.of:
        reader.error(
            node,
            f"{quote(name)} is a {section} of {found.of}s: this {scope.owner.section} is of "
            f"{scope.of}s and names those of {scope.of}s",
        )
        return None
    return found
