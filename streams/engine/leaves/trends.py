"""``trend``: a window against the one before it."""

from collections.abc import Iterable
from typing import Any

from schemas.events import Event
from streams.definitions.model import Comparison, EventCondition, Measure, TrendCondition
from streams.engine.entities import AFTER_ALL, Entity
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.leaves.measures import MEASURES
from streams.engine.leaves.series import Series, SeriesLeaf
from streams.engine.leaves.window import earlier


class TrendLeaf(EventLeaf):
    """The measure of this window divided by that of the one before. State: the measure's own."""

    may_fall = True

    def __init__(self, key: int, text: str, condition: TrendCondition) -> None:
        super().__init__(key, text, condition.event)
        self._window = condition.window
        self._threshold = condition.comparison
        self._compare = COMPARE[condition.comparison.operator]
        # Compared with what no count is, so that all of it is kept and each event is heard of.
        measure = Measure(condition.kind, Comparison("==", AFTER_ALL), condition.of)
        measured = EventCondition(
            condition.event.events, condition.event.where, measure, condition.window
        )
        self._measure = MEASURES[condition.kind](key, text, measured)
        self._measure.both = True
        self.packs = self._measure.packs

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        self._measure.add(entity, event, horizon - self._window)
        return True

    def ratio(self, entity: Entity, at: int) -> float | None:
        """How many times as much as in the window before; ``None`` where that is not to be said."""
        now, before = self._amounts(entity, at)
        if now is None or before is None or before[0] <= 0:
            return None
        try:
            return now[0] * before[1] / (now[1] * before[0])
        except OverflowError:
            return float("inf") if now[0] > 0 else float("-inf")

    def _amounts(
        self, entity: Entity, at: int
    ) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        measure = self._measure
        if not isinstance(measure, SeriesLeaf):
            now, before = measure.count(entity, at), measure.count(entity, at - self._window)
            return (now, 1), (before, 1)
        series: Series | None = entity.leaves.get(self.key)
        if series is None:
            return None, None
        found = measure.amount(series, at)
        if found is None and measure.kind == "sum":
            found = (0, 1)
        return found, measure.amount(series, at - self._window)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        ratio = self.ratio(entity, at)
        return ratio is not None and self._compare(ratio, self._threshold.value)

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        ratio = self.ratio(entity, at)
        shown = 0 if ratio is None or ratio in (float("inf"), float("-inf")) else ratio
        start = at - 2 * self._window
        return Observation(shown, False, str(self._threshold), start, self.holds(entity, at))

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: what changes a window changes the one after it later."""
        measure, window = self._measure, self._window
        later = measure.instants(entity, low - window, high - window)
        return [*measure.instants(entity, low, high), *(at + window for at in later)]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        found = self._measure.next_instant(entity, after)
        later = self._measure.next_instant(entity, after - self._window)
        return found if later is None else earlier(found, later + self._window)

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return True

    def dump(self, state: Any) -> Any:
        """See :meth:`Leaf.dump`."""
        return self._measure.dump(state)

    def load(self, data: Any) -> Any:
        """See :meth:`Leaf.load`."""
        return self._measure.load(data)
