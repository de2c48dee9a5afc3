"""Who takes the leads of a rule: owners in turn, or by territory."""

from collections.abc import Callable
from typing import Final

from streams.definitions import document
from streams.definitions.conditions.trait import read_trait_name
from streams.definitions.model import Territories
from streams.definitions.problems import quote
from streams.definitions.reader import Reader

TERRITORY_FIELDS: Final = ("trait", "of", "otherwise")

CheckName = Callable[[document.Node, str], None]


def read_owners(reader: Reader, node: document.Mapping) -> tuple[str, ...] | Territories:
    """The owners of a rule; nobody where it has none, or an error is reported."""
    owners, territories = node.entries.get("owners"), node.entries.get("territories")
    if owners is not None and territories is not None:
        reader.error(
            node.keys["territories"],
            "owners take turns (`owners`) or have `territories`: give one of them",
        )
    if territories is not None:
        return _read_territories(reader, territories)
    return () if owners is None else read_names(reader, owners, "`owners`", "ann")


def _read_territories(reader: Reader, node: document.Node) -> tuple[str, ...] | Territories:
    example = "{trait: country, of: {DE: ann, AT: [ann, cid]}, otherwise: bob}"
    mapping = reader.mapping(node, "`territories`", example)
    if mapping is None:
        return ()
    reader.only(mapping, TERRITORY_FIELDS, "`territories`")
    entries = mapping.entries
    missing = [name for name in TERRITORY_FIELDS if name not in entries]
    for name in missing:
        reader.error(mapping, f"`territories` lack `{name}`: write `{example}`")
    if missing:
        return ()
    trait = read_trait_name(reader, entries["trait"], "`trait`")
    otherwise = read_names(reader, entries["otherwise"], "`otherwise`", "bob")
    values = reader.mapping(entries["of"], "`of`", "{DE: ann, AT: [ann, cid]}")
    if trait is None or values is None:
        return ()
    if not values.entries:
        reader.error(values, "`of` is empty: it says who has which value, such as `{DE: ann}`")
    of = {
        value: read_names(reader, names, quote(value), "ann")
        for value, names in values.entries.items()
    }
    return Territories(trait, of, otherwise)


def read_names(
    reader: Reader,
    node: document.Node,
    what: str,
    example: str,
    known: CheckName | None = None,
) -> tuple[str, ...]:
    """Read a name or a list of names, each once; ``known`` may find fault with one of them."""
    items = node.items if isinstance(node, document.Sequence) else [node]
    if not items:
        reader.error(node, f"{what} is empty: write a name, such as `{example}`, or several")
    names: dict[str, None] = {}
    for item in items:
        name = reader.text(item, f"a name in {what}" if item is not node else what)
        if name is None:
            continue
        if name in names:
            reader.error(item, f"{quote(name)} stands twice in {what}")
        if known is not None:
            known(item, name)
        names[name] = None
    return tuple(names)
