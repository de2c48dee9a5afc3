"""``milestone:`` of one's own, and journeys in which one may be stuck."""

from collections.abc import Iterable

from streams.engine.entities import Entity
from streams.engine.leaves.base import Leaf, Observation


class ReachedLeaf(Leaf):
    """The entity's own milestone was reached.

    Attributes:
        reached: key of that milestone in :attr:`Entity.reached`.
    """

    def __init__(self, key: int, text: str, reached: int) -> None:
        super().__init__(key, text)
        self.reached = reached

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        occurred = entity.reached.get(self.reached)
        return occurred is not None and occurred <= at

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "reached", None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        occurred = entity.reached.get(self.reached)
        return (occurred,) if occurred is not None and low < occurred <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        occurred = entity.reached.get(self.reached)
        return occurred if occurred is not None and occurred > after else None

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return True


class StuckLeaf(Leaf):
    """A step of a journey was reached, and long after it still none of those that follow.

    Attributes:
        step: key of the step in :attr:`Entity.reached`.
    """

    may_fall = True

    def __init__(self, key: int, text: str, step: int, later: tuple[int, ...], length: int) -> None:
        super().__init__(key, text)
        self.step = step
        self._later = later
        self._length = length

    def _due(self, entity: Entity) -> int | None:
        occurred = entity.reached.get(self.step)
        if occurred is None:
            return None
        due = occurred + self._length
        return None if any(entity.reached.get(key, due + 1) <= due for key in self._later) else due

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        due = self._due(entity)
        return due is not None and due <= at

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        holds = self.holds(entity, at)
        return Observation(holds, False, "stuck", at - self._length, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        due = self._due(entity)
        return (due,) if due is not None and low < due <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        due = self._due(entity)
        return due if due is not None and due > after else None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True
