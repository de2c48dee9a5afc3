"""``trait: NAME, is: VALUE`` — what an account or a user is."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast

from typing_extensions import override

from streams.definitions import document
from streams.definitions.conditions.form import Canonicalise, Describe, Form, ReadCondition
from streams.definitions.filters import OPERATORS, describe_filter
from streams.definitions.meaning import Canonical, canonical_filter
from streams.definitions.model import Compare, FilterOperator, TraitCondition
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, Scope, kind_of

_IS: Final = "is"
"""``eq`` as it is said of a trait."""


class TraitForm(Form[TraitCondition]):
    """A trait of the account, or of the user, passes a filter."""

    name = "trait"
    fields = ("trait", _IS, *OPERATORS)
    together: ClassVar[Mapping[str, Any]] = {"minProperties": 2, "maxProperties": 2}
    model = TraitCondition
    syntax = "`trait: NAME`, `is: VALUE`"
    true_when = (
        "the account's (the user's) trait is this; in place of `is` any "
        "[operator](#filters): `in: [trial, free]`, `gte: 50`, `exists: false`"
    )

    @override
    def read(
        self, node: document.Mapping, scope: Scope, inner: ReadCondition
    ) -> TraitCondition | None:
        reader = scope.reader
        fits = self.fits(node, scope)
        trait = read_trait_name(reader, node.entries["trait"], "`trait`")
        given = [name for name in node.entries if name == _IS or name in OPERATORS]
        if not given:
            reader.error(node, f"{self.what} lacks a value: write `is: trial`")
        elif len(given) > 1:
            names = " and ".join(map(quote, given))
            reader.error(
                node.keys[given[1]],
                f"a trait is compared once, not by {names}: write a condition for each inside "
                "`all`",
            )
        if not fits or trait is None or len(given) != 1:
            return None
        operator = "eq" if given[0] == _IS else given[0]
        value = OPERATORS[operator].read(reader, node.entries[given[0]], quote(given[0]))
        if value is None:
            return None
        has = Compare(f"traits.{trait}", cast(FilterOperator, operator), value)
        return TraitCondition(trait, has)

    @override
    def describe(self, condition: TraitCondition, inner: Describe) -> str:
        words = describe_filter(condition.has).removeprefix("traits.")
        return " ".join(f"trait {words}".split())

    @override
    def canonical(
        self, condition: TraitCondition, meanings: Mapping[str, str], inner: Canonicalise
    ) -> Canonical:
        return ["trait", condition.trait, canonical_filter(condition.has)]

    @override
    def schema(self) -> dict[str, Any]:
        return {
            "trait": {"type": "string", "minLength": 1, "pattern": r"^[^.]+$"},
            _IS: {"description": "equal to this", **OPERATORS["eq"].schema},
            **{
                name: {"description": operator.meaning, **operator.schema}
                for name, operator in OPERATORS.items()
            },
        }


def read_trait_name(reader: Reader, node: document.Node, what: str) -> str | None:
    """The name of a trait; ``None`` once an error is reported."""
    name = reader.text(node, what)
    if name is None:
        return None
    if name.startswith("traits.") or "." in name:
        plain = name.removeprefix("traits.").partition(".")[0]
        guess = f", did you mean {quote(plain)}?" if plain else ""
        reader.error(
            node, f"{what} is the name of a trait, without dots, not {kind_of(node)}{guess}"
        )
        return None
    if not name.isprintable():
        reader.error(node, f"{quote(name)}: the name of a trait has no control characters")
        return None
    return name
