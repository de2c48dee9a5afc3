"""Which leaves are to be shown which events."""

from collections.abc import Iterable

from schemas.events import GROUP, Event
from streams.engine.leaves import EventLeaf, Leaf, TraitLeaf


class Listeners:
    """The leaves of one kind of entity by what they want to see.

    Attributes:
        traits: trait → the leaves that look at it.
    """

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        self.traits: dict[str, tuple[TraitLeaf, ...]] = {}
        self._exact: dict[str, list[EventLeaf]] = {}
        self._prefixes: dict[str, list[EventLeaf]] = {}
        for leaf in leaves:
            self._add(leaf)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def for_name(self, name: str) -> tuple[EventLeaf, ...]:
        """The leaves that want events of this name."""
        found = list(self._exact.get(name, ()))
        for length in self._lengths:
            found += self._prefixes.get(name[:length], ())
        return tuple(dict.fromkeys(found))

    def for_traits(self, event: Event, of_accounts: bool) -> tuple[EventLeaf, ...]:
        """The leaves of accounts, or of users, that look at traits which an event brings them."""
        leaves: tuple[EventLeaf, ...] = ()
        of_account = event.name == GROUP and event.account_id is not None
        if self.traits and of_account == of_accounts:
            for trait in event.traits:
                leaves += self.traits.get(trait, ())
        return leaves

    def _add(self, leaf: Leaf) -> None:
        if isinstance(leaf, TraitLeaf):
            self.traits[leaf.trait] = (*self.traits.get(leaf.trait, ()), leaf)
        elif isinstance(leaf, EventLeaf):
            for name in leaf.events:
                index = self._prefixes if name.endswith("*") else self._exact
                index.setdefault(name.removesuffix("*"), []).append(leaf)
