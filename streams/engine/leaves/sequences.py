"""``sequence`` and ``after … no … for``: events in the order of their times."""

from collections.abc import Iterable
from typing import Any

from schemas.events import Event
from streams.definitions.model import EventFilter, SequenceCondition
from streams.engine.entities import Entity
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.leaves.steps import Spec
from streams.engine.leaves.walks import Progress


class SequenceLeaf(EventLeaf):
    """Whether a match was ever complete. State: :class:`Progress`."""

    packs = True

    def __init__(self, key: int, text: str, condition: SequenceCondition) -> None:
        self._spec = Spec(condition)
        super().__init__(key, text, EventFilter(self._spec.events))
        self._count = condition.count
        compare = COMPARE[condition.count.operator]
        self._so, self._before = (bool(compare(n, condition.count.value)) for n in (1, 0))
        refutes = bool(self._spec.gaps or self._spec.last or self._spec.strict)
        self.may_rise = self._so or refutes
        self.may_fall = self._before or refutes

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        mask = self._spec.mask(event)
        if not mask and not self._spec.strict:
            return False
        progress: Progress | None = entity.leaves.get(self.key)
        if progress is None:
            progress = entity.leaves[self.key] = Progress(self._spec)
        if progress.settled.done is not None and event.time >= progress.settled.done:
            return False
        due = progress.due()
        progress.add((event.time, mask))
        if len(progress.recent) > progress.settle_at:
            progress.settle(horizon)
        return due != progress.due()

    def due(self, entity: Entity) -> int | None:
        """When the first match is complete, if nothing comes any more."""
        progress: Progress | None = entity.leaves.get(self.key)
        return None if progress is None else progress.due()

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        due = self.due(entity)
        return self._so if due is not None and due <= at else self._before

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        due = self.due(entity)
        happened = due is not None and due <= at
        holds = self._so if happened else self._before
        return Observation(int(happened), happened, str(self._count), None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        due = self.due(entity)
        return (due,) if due is not None and low < due <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        due = self.due(entity)
        return due if due is not None and due > after else None

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return True

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return bool(self._spec.last)

    def dump(self, state: Progress) -> Any:
        """See :meth:`Leaf.dump`."""
        settled = state.settled
        return [settled.alive, settled.waiting, settled.done, state.recent]

    def load(self, data: Any) -> Progress:
        """See :meth:`Leaf.load`."""
        progress = Progress(self._spec)
        settled = progress.settled
        settled.alive, settled.waiting, settled.done, recent = data
        progress.restore([(time, mask) for time, mask in recent])
        return progress
