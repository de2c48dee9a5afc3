"""A condition as a tree that can be asked, and what its leaves are in it."""

from collections.abc import Iterable, Sequence
from typing import Final

from streams.engine.entities import Entity
from streams.engine.leaves import Leaf
from streams.engine.leaves.base import Observation


class All:
    """True where every part is."""

    def __init__(self, parts: "Sequence[Node]") -> None:
        self.parts: Final = tuple(parts)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return all(part.holds(entity, at) for part in self.parts)


class Any:
    """True where at least one part is."""

    def __init__(self, parts: "Sequence[Node]") -> None:
        self.parts: Final = tuple(parts)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return any(part.holds(entity, at) for part in self.parts)


class Not:
    """True where its part is not."""

    def __init__(self, part: "Node") -> None:
        self.part: Final = part

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return not self.part.holds(entity, at)


Node = Leaf | All | Any | Not


class Part:
    """A leaf as a milestone has it.

    Attributes:
        negated: whether it stands under an odd number of ``not``.
    """

    __slots__ = ("leaf", "negated")

    def __init__(self, leaf: Leaf, negated: bool) -> None:
        self.leaf: Final = leaf
        self.negated: Final = negated

    @property
    def may_be_refuted(self) -> bool:
        """Whether an event that comes late may take away what it adds to the milestone's truth."""
        return self.leaf.may_rise if self.negated else self.leaf.may_fall

    def is_refutable(self, entity: Entity) -> bool:
        """Whether that can be, by what was seen of this entity."""
        return self.negated or self.leaf.is_refutable(entity)


Parts = dict[tuple[int, bool], Part]
"""Key of a leaf and whether it is negated → the part, each once."""


class Composite(Leaf):
    """A leaf that is made of others: these see events and are asked when they turn.

    Attributes:
        parts: what it is made of.
        turns_itself: whether it may turn also at instants at which none of them does.
    """

    turns_itself = False

    def __init__(self, key: int, text: str, parts: Sequence[Part]) -> None:
        super().__init__(key, text)
        self.parts: Final = tuple(parts)


class LiveLeaf(Composite):
    """A live milestone of the entity's own is true now: its condition, as it stands there.

    Attributes:
        node: the condition.
    """

    def __init__(self, key: int, text: str, node: Node, parts: Sequence[Part]) -> None:
        super().__init__(key, text, parts)
        self.node: Final = node

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return at >= entity.born and self.node.holds(entity, at)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "now", None, holds)

    def instants(self, _entity: Entity, _low: int, _high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: its parts are asked themselves."""
        return ()

    def next_instant(self, _entity: Entity, _after: int) -> int | None:
        """See :meth:`Leaf.next_instant`: its parts are asked themselves."""
        return None
