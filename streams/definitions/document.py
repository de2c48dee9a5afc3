"""YAML text as a tree in which every node knows its line and column.

Built from ruamel.yaml's event stream and not by its composer: the composer recurses (deep
nesting ends it), resolves aliases (a few lines can mean gigabytes) and stops at the first
duplicate key, where all problems are wanted at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from streams.definitions.problems import quote

LARGEST_FILE = 512 * 1024
"""Bytes. A thousand milestones take a fifth of it."""

MOST_NODES = 50_000
"""Names and values; a thousand milestones have a quarter of it. Reading this many takes seconds."""

DEEPEST_NESTING = 256
"""Levels of mappings and lists; the scanner's time grows with the square of it."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in the text; both count from 1."""

    line: int = 1
    column: int = 1
    file: str = ""
    """Of another file than the one that is read; empty for that one."""


@dataclass(slots=True, eq=False)
class Scalar:
    """Text, a number, true, false or nothing."""

    place: Place
    value: str | int | float | bool | None
    text: str
    """As it was written, without quotes."""


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    place: Place
    items: "list[Node]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Mapping:
    """Names with values, in the order in which they were written; each name once."""

    place: Place
    entries: "dict[str, Node]" = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping

_HINTS = {
    "alias": " (a name that starts with `*` needs quotes)",
    "indentation indicator": " (a comparison such as `>= 3` needs quotes)",
    "'>'": " (a comparison such as `>= 3` needs quotes)",
    r"'\t'": " (indent with spaces, not with tabs)",
}

_TOKEN = re.compile(r"\('(<[^']+>)',\)")
"""How ruamel writes the token that it met: ``('<scalar>',)``."""


class DocumentError(Exception):
    """The text is not YAML, or more than is read of it."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


@dataclass(slots=True)
class Document:
    """The tree, and the faults that did not keep it from being built."""

    root: Node | None = None
    """``None`` for an empty text."""
    faults: list[tuple[Place, str]] = field(default_factory=list)


def read_document(text: str, file: str = "") -> Document:
    """Read one YAML document; ``file`` is a part of its places.

    Raises:
        DocumentError: syntax that YAML does not have, several documents, nesting beyond
            ``DEEPEST_NESTING``.
    """
    builder = _Builder(file)
    for event in _events(text):
        builder.take(event)
    return builder.document


def _events(text: str) -> Iterator[Any]:
    """The parser's events; whatever it raises becomes ``DocumentError``."""
    events = YAML(typ="safe", pure=True).parse(text)
    try:
        yield from events
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place()
        raise DocumentError(place, _syntax_message(error)) from None
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise DocumentError(
            place, f"the character {quote(chr(error.character))} cannot be in YAML"
        ) from None
    except (YAMLError, ValueError, OverflowError) as error:
        # Not all broken escapes and directives reach ruamel's own errors.
        raise DocumentError(Place(), f"not YAML: {_one_line(error)}") from None


def _one_line(error: object) -> str:
    return _TOKEN.sub(r"\1", " ".join(str(error).split()))


def _syntax_message(error: MarkedYAMLError) -> str:
    message = ", ".join(_one_line(part) for part in (error.context, error.problem) if part)
    for sign, hint in _HINTS.items():
        if sign in message:
            message += hint
    return f"not YAML: {message}"


def _tag_message(event: Any) -> str:
    tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
    return f"the tag {quote(tag)} is not read: leave it out"


class _Builder:
    """Builds the tree from events with a stack of its own: no depth can exhaust Python's."""

    def __init__(self, file: str) -> None:
        self.document = Document()
        self._file = file
        self._yaml = YAML(typ="safe", pure=True)
        self._open: list[Mapping | Sequence] = []
        self._keys: list[tuple[str | None, Place] | None] = []
        """For each open mapping the name that waits for its value; its text is ``None`` where
        that was no name."""
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        """Add what one event says."""
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1, self._file)
        match type(event).__name__:
            case "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    raise DocumentError(
                        place, "a second document starts here: one file, one document"
                    )
            case "ScalarEvent":
                self._count(place)
                self._add(self._scalar(event, place))
            case "AliasEvent":
                self._fault(
                    place,
                    "aliases are not read: write the value out (a name that starts with `*` "
                    "needs quotes)",
                )
                self._add(Scalar(place, None, ""))
            case "MappingStartEvent":
                self._start(event, Mapping(place))
            case "SequenceStartEvent":
                self._start(event, Sequence(place))
            case "MappingEndEvent" | "SequenceEndEvent":
                self._open.pop()
                self._keys.pop()
            case _:
                pass

    def _count(self, place: Place) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise DocumentError(place, f"the file has more than {MOST_NODES:,} names and values")

    def _fault(self, place: Place, message: str) -> None:
        self.document.faults.append((place, message))

    def _start(self, event: Any, node: Mapping | Sequence) -> None:
        self._count(node.place)
        if len(self._open) >= DEEPEST_NESTING:
            raise DocumentError(node.place, f"nested deeper than {DEEPEST_NESTING} levels")
        if event.ctag is not None and not event.implicit:
            self._fault(node.place, _tag_message(event))
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.document.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._key(node)
        else:
            self._keys[-1] = None
            self._set(parent, key, node)

    def _key(self, node: Node) -> tuple[str | None, Place]:
        if isinstance(node, Scalar):
            return node.text, node.place
        self._fault(node.place, "a name must be text, not a list or a mapping")
        return None, node.place

    def _set(self, parent: Mapping, key: tuple[str | None, Place], node: Node) -> None:
        name, place = key
        if name is None:
            return
        if isinstance(node, Scalar) and node.value is None and not node.text:
            node.place = place  # YAML says that nothing stands where the next line begins
        if name in parent.entries:
            first = parent.keys[name]
            self._fault(place, f"{quote(name)} is given twice, first in line {first.line}")
            return
        parent.entries[name] = node
        parent.keys[name] = place

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text: str = event.value
        plain, quoted = event.implicit
        if not plain and not quoted:
            self._fault(place, _tag_message(event))
        if any("\ud800" <= char <= "\udfff" for char in text):
            try:  # JSON writes a character as two where it is beyond the first 65,536
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                self._fault(place, "half of a surrogate pair is not a character")
                text = "\ufffd"
        try:
            return Scalar(place, self._value(text) if plain else text, text)
        except (ValueError, OverflowError):
            self._fault(place, f"{quote(text)} is too large a number")
            return Scalar(place, 0, text)

    def _value(self, text: str) -> str | int | float | bool | None:
        """A plain scalar's value by YAML 1.2's rules (dates stay text)."""
        tag = self._yaml.resolver.resolve(ScalarNode, text, (True, False))
        kind = str(tag).rpartition(":")[2]
        node = ScalarNode(tag, text)
        constructor = self._yaml.constructor
        match kind:
            case "int":
                return int(constructor.construct_yaml_int(node))
            case "float":
                return float(constructor.construct_yaml_float(node))
            case "bool":
                return bool(constructor.construct_yaml_bool(node))
            case "null":
                return None
            case _:
                return text
