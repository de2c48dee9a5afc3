"""Model files: what training found, in a file beside the definitions.

JSON is read as the YAML that it is, so every error has its line and column.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from schemas.qualifications import ModelVersion
from streams.definitions import document
from streams.definitions.document import DocumentError, Node, read_document
from streams.definitions.model import Component, EntityKind, Scaling, Signal
from streams.definitions.names import LONGEST_NAME, read_kind, read_named
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope, kind_of
from streams.definitions.texts import printable, read_text
from streams.definitions.values import LARGEST_COUNT, LARGEST_NUMBER, read_number, read_time

FORMAT: Final = 1
KIND: Final = "logistic"
REQUIRED: Final = (
    "format", "kind", "name", "version", "of", "features", "coefficients", "intercept",
)  # fmt: skip
FIELDS: Final = (*REQUIRED, "scaling", "trained", "metrics", "$schema")
SCALING_FIELDS: Final = ("mean", "scale")
TRAINED_FIELDS: Final = ("from", "to", "examples", "converted")

MOST_FEATURES: Final = 100
"""Each is told with every value of the score."""
MOST_MODELS: Final = 20
"""Of a definitions file: reading a large one takes seconds."""
_LARGEST_EXAMPLES: Final = LARGEST_COUNT * 1_000_000

_FEATURES: Final = "{invites: {event: Invite Sent, count: 10, within: 30d}}"
_EXAMPLES: Final = {
    "format": '"format": 1',
    "kind": '"kind": "logistic"',
    "name": '"name": "conversion"',
    "version": '"version": "2026-11"',
    "features": f'"features": {_FEATURES}',
    "coefficients": '"coefficients": {"invites": 1.7}',
    "intercept": '"intercept": -3.1',
}

ReadSignal = Callable[[str, document.Mapping, Scope], Signal | None]
"""What it belongs to, in messages; what is written; where it stands → the signal."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a model file says of a score."""

    version: ModelVersion
    components: tuple[Component, ...]
    """Its features, in their order."""
    intercept: float


def read_model(node: Node, scope: Scope, read_signal: ReadSignal) -> Model | None:
    """Read the model file that a score names; ``None`` once an error is reported.

    Args:
        node: the file's name, as it stands in the definitions.
        scope: of the score.
        read_signal: reads a feature.
    """
    reader, before = scope.reader, scope.reader.errors
    root = _open(reader, node)
    if root is None:
        return None
    _read_head(reader, root, scope.of)
    _read_trained(reader, root.entries.get("trained"))
    _read_numbers(reader, root.entries.get("metrics"), "`metrics`", "{auc: 0.87}")
    name, version = (_read_text(reader, root, field) for field in ("name", "version"))
    features = _read_features(reader, root, scope, read_signal)
    scaling = _read_scaling(reader, root.entries.get("scaling"), features)
    coefficients = _read_coefficients(reader, root, features)
    start = root.entries.get("intercept")
    intercept = None if start is None else read_number(reader, start, "`intercept`")
    components = []
    for feature, signal in features.items():
        coefficient = coefficients.get(feature)
        if signal is None or coefficient is None:
            continue
        component = Component(feature, coefficient, signal, scaling.get(feature))
        if not _is_in_bounds(component):
            reader.error(
                _entry(root, "coefficients", feature),
                f"the coefficient of {quote(feature)}, scaled: numbers go up to "
                f"{LARGEST_NUMBER:,.0f} either way",
            )
        components.append(component)
    if reader.errors > before or name is None or version is None or intercept is None:
        return None
    return Model(ModelVersion(name, version), tuple(components), float(intercept))


def _open(reader: Reader, node: Node) -> document.Mapping | None:
    """What the file is made of; ``None`` once an error is reported."""
    reader.models += 1
    if reader.models > MOST_MODELS:
        reader.error(node, f"at most {MOST_MODELS} scores have a model")
        return None
    name = reader.text(node, "`model`")
    if name is None:
        return None
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        reader.error(
            node,
            f"`model` is a file beside the definitions or in a folder below them, such as "
            f"`models/conversion.json`, not {quote(name)}",
        )
        return None
    file = printable(reader.folder / path)
    try:
        read = read_document(read_text(reader.folder / path), file)
    except OSError as error:
        reader.error(node, f"the model {quote(name)} cannot be read: {error.strerror}")
        return None
    except ValueError as error:
        reader.error(node, f"the model {quote(name)} cannot be read: {error}")
        return None
    except DocumentError as error:
        reader.error(replace(error.place, file=file), error.message)
        return None
    for place, message in read.faults:
        reader.error(place, message)
    if read.root is None:
        reader.error(node, f"the model {quote(name)} is empty")
        return None
    return reader.mapping(read.root, "a model", '{"format": 1, "kind": "logistic"}')


def _read_head(reader: Reader, root: document.Mapping, of: EntityKind | None) -> None:
    """Whether this is a model of this format, of whom the score is."""
    reader.only(root, FIELDS, "a model")
    for name in REQUIRED:
        if name not in root.entries and name != "of":
            reader.error(root, f"a model lacks {quote(name)}: write `{_EXAMPLES[name]}`")
    for name, only in (("format", FORMAT), ("kind", KIND)):
        node = root.entries.get(name)
        value = node.value if isinstance(node, document.Scalar) else None
        if node is not None and (type(value) is not type(only) or value != only):
            reader.error(
                node, f"this release reads models of `{_EXAMPLES[name]}`, not {kind_of(node)}"
            )
    whose = read_kind(reader, root, "a model")
    if whose is not None and of is not None and whose != of:
        reader.error(root.entries["of"], f"this is a model of {whose}s, the score is one of {of}s")


def _read_text(reader: Reader, root: document.Mapping, field: str) -> str | None:
    node = root.entries.get(field)
    text = None if node is None else reader.text(node, quote(field))
    if node is None or text is None:
        return None
    if len(text) > LONGEST_NAME or not text.isprintable():
        reader.error(
            node, f"{quote(field)} has at most {LONGEST_NAME} characters, all of them printable"
        )
        return None
    return text


def _read_trained(reader: Reader, node: Node | None) -> None:
    """What it was trained on, for people: only whether it makes sense."""
    example = "{from: 2026-01-01, to: 2026-10-31, examples: 5210, converted: 612}"
    body = None if node is None else reader.mapping(node, "`trained`", example)
    if body is None:
        return
    reader.only(body, TRAINED_FIELDS, "`trained`")
    entries = body.entries
    start, end = (
        read_time(reader, entries[name], f"`{name}`") if name in entries else None
        for name in ("from", "to")
    )
    if start is not None and end is not None and end < start:
        reader.error(entries["to"], "`to` is not before `from`")
    examples, converted = (
        _read_count(reader, entries[name], f"`{name}`") if name in entries else None
        for name in ("examples", "converted")
    )
    if examples is not None and converted is not None and converted > examples:
        reader.error(entries["converted"], "no more examples can be `converted` than there are")


def _read_count(reader: Reader, node: Node, what: str) -> int | None:
    number = read_number(reader, node, what)
    if number is None:
        return None
    if number != int(number) or not 0 <= number <= _LARGEST_EXAMPLES:
        reader.error(node, f"{what} is a whole number from 0, not {kind_of(node)}")
        return None
    return int(number)


def _read_numbers(
    reader: Reader, node: Node | None, what: str, example: str
) -> dict[str, float | None]:
    """Numbers by name; ``None`` for one that is wrong."""
    body = None if node is None else reader.mapping(node, what, example)
    if body is None:
        return {}
    found: dict[str, float | None] = {}
    for name, entry in body.entries.items():
        number = read_number(reader, entry, f"{quote(name)} of {what}")
        found[name] = None if number is None else float(number)
    return found


def _read_features(
    reader: Reader, root: document.Mapping, scope: Scope, read_signal: ReadSignal
) -> dict[str, Signal | None]:
    """Every feature; ``None`` for one that is wrong."""
    node = root.entries.get("features")
    if isinstance(node, document.Mapping):
        if not node.entries:
            reader.error(node, f"`features` is empty: write at least one, such as `{_FEATURES}`")
        if len(node.entries) > MOST_FEATURES:
            count = len(node.entries)
            reader.error(node, f"a model has at most {MOST_FEATURES} features, this one {count}")
            return {}
    return {
        name: None if body is None else read_signal(f"feature {quote(name)}", body, scope)
        for name, _, body in read_named(reader, node, "`features`", _FEATURES)
    }


def _read_scaling(
    reader: Reader, node: Node | None, features: Mapping[str, Signal | None]
) -> dict[str, Scaling]:
    """Mean and scale of the features that have them."""
    example = "{invites: {mean: 0.31, scale: 0.22}}"
    body = None if node is None else reader.mapping(node, "`scaling`", example)
    if body is None:
        return {}
    _are_known(reader, body, features)
    found = {}
    for name, entry in body.entries.items():
        one = reader.mapping(entry, quote(name), "{mean: 0.31, scale: 0.22}")
        if one is None:
            continue
        reader.only(one, SCALING_FIELDS, "a scaling")
        mean, scale = (
            read_number(reader, one.entries[field], f"`{field}`") if field in one.entries else least
            for field, least in (("mean", 0), ("scale", 1))
        )
        if scale is not None and scale <= 0:
            reader.error(one.entries["scale"], f"`scale` is more than 0, not {quote(scale)}")
        elif scale is not None and mean is not None:
            found[name] = Scaling(float(mean), float(scale))
    return found


def _read_coefficients(
    reader: Reader, root: document.Mapping, features: Mapping[str, Signal | None]
) -> dict[str, float | None]:
    """The coefficient of each feature; ``None`` for one that is wrong."""
    node = root.entries.get("coefficients")
    found = _read_numbers(reader, node, "`coefficients`", "{invites: 1.7}")
    if isinstance(node, document.Mapping):
        _are_known(reader, node, features)
        for name in features:
            if name not in node.entries:
                reader.error(
                    _entry(root, "features", name),
                    f"feature {quote(name)} has no coefficient: write 0 where it adds nothing",
                )
    return found


def _are_known(reader: Reader, node: document.Mapping, features: Mapping[str, object]) -> None:
    for name, place in node.keys.items():
        if features and name not in features:
            reader.unknown(place, f"there is no feature {quote(name)}", name, features)


def _entry(root: document.Mapping, field: str, name: str) -> document.Place:
    """Where a name stands in one of the mappings of a model."""
    body = root.entries[field]
    assert isinstance(body, document.Mapping)  # noqa: S101 - the name was read there
    return body.keys[name]


def _is_in_bounds(component: Component) -> bool:
    parts = (component.slope, component.rest)
    return all(math.isfinite(part) and abs(part) <= LARGEST_NUMBER for part in parts)
