"""What a score is made of: amounts that events raise, and that windows and time lower."""

from abc import abstractmethod
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil, exp, inf, log
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import Comparison, EventFilter, Fading, Recency, Share
from streams.engine.entities import AFTER_ALL, Entity
from streams.engine.leaves.base import EventLeaf, Observation
from streams.engine.leaves.counts import CountLeaf
from streams.engine.leaves.distinct import DistinctLeaf
from streams.engine.leaves.measures import MEASURES
from streams.engine.leaves.parameters import ParameterLeaf

_SLACK: Final = 32


class SignalLeaf(EventLeaf):
    """A signal of a score: true while there is any of it.

    Attributes:
        fades: whether time lowers it between the instants at which it turns.
        rate: e^(−rate · milliseconds) of it is left after a time; 0 where it does not fade.
        most: at most so much of it counts.
    """

    fades = False
    rate = 0.0
    most = inf

    @abstractmethod
    def amount(self, entity: Entity, at: int) -> float:
        """How much of it there is at ``at``."""

    def uncapped(self, entity: Entity, at: int) -> float:
        """How much there is of it that may fade, whatever counts."""
        return self.amount(entity, at)

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self.amount(entity, at) > 0

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        amount = self.amount(entity, at)
        return Observation(amount, False, "> 0", None, amount > 0)


class ShareLeaf(SignalLeaf):
    """A measure divided by what is full, from 0 to 1. State: the measure's own.

    What is full is a number, or a baseline: then it may be any number, and every one of the measure
    matters.
    """

    def __init__(self, key: int, text: str, signal: Share) -> None:
        condition = signal.measured
        super().__init__(key, text, EventFilter(condition.events, condition.where))
        measure = condition.measure
        leaf = MEASURES[measure.kind]
        self._full = measure.comparison.value
        self._baseline: ParameterLeaf | None = None
        said = leaf(key, text, condition)
        self.may_rise, self.may_fall = True, said.may_fall
        # A count keeps as much as makes it full; of other measures every number matters, which is
        # what a comparison with something that none is says.
        enough = Comparison(">=", ceil(self._full))
        if signal.baseline is not None or not isinstance(said, CountLeaf | DistinctLeaf):
            enough = Comparison("==", AFTER_ALL)
        measured = replace(condition, measure=replace(measure, comparison=enough))
        self._measure = leaf(key, text, measured)
        counted = self._measure
        self._counted = counted if isinstance(counted, CountLeaf | DistinctLeaf) else None
        self._measure.both = True
        self.accepts = self._measure.accepts
        self.packs = self._measure.packs

    def against(self, baseline: ParameterLeaf) -> None:
        """Let it be divided by what a baseline is at the instant in question."""
        self._baseline = baseline

    def full(self, entity: Entity, at: int) -> float:
        """What it is divided by at ``at``."""
        return self._full if self._baseline is None else self._baseline.value(entity, at)

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        self._measure.add(entity, event, horizon)
        return True

    def amount(self, entity: Entity, at: int) -> float:
        """See :meth:`SignalLeaf.amount`."""
        full = self._full if self._baseline is None else self._baseline.value(entity, at)
        if self._counted is not None:  # most are: no words are made of it
            return min(self._counted.count(entity, at) / full, 1.0)
        observed = self._measure.observe(entity, at).observed
        return min(max(observed / full, 0.0), 1.0)

    def measured(self, entity: Entity, at: int) -> Observation:
        """What is divided, at ``at``; of counts no more than what is full."""
        return self._measure.observe(entity, at)

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return self._measure.is_exact()

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        return self._measure.instants(entity, low, high)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        return self._measure.next_instant(entity, after)

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return self._measure.is_timed()

    def dump(self, state: Any) -> Any:
        """See :meth:`Leaf.dump`."""
        return self._measure.dump(state)

    def load(self, data: Any) -> Any:
        """See :meth:`Leaf.load`."""
        return self._measure.load(data)


class FadesLeaf(SignalLeaf):
    """A signal that events raise, and that time lowers from then on."""

    fades = True

    @abstractmethod
    def times(self, entity: Entity) -> list[int]:
        """The times of the events that are kept, sorted; not to be changed."""

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: with an event that comes."""
        times = self.times(entity)
        return times[bisect_right(times, low) : bisect_right(times, high)]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        times = self.times(entity)
        place = bisect_right(times, after)
        return times[place] if place < len(times) else None


class RecencyLeaf(FadesLeaf):
    """e^(−age / time constant) of the newest event.

    State: the times of the events, sorted: the newest up to the horizon, and all that came after.
    """

    def __init__(self, key: int, text: str, signal: Recency) -> None:
        super().__init__(key, text, signal.event)
        self.rate = 1 / signal.time_constant

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        times: list[int] = entity.leaves.setdefault(self.key, [])
        insort(times, event.time)
        if len(times) % _SLACK == 0:
            del times[: max(0, bisect_right(times, horizon) - 1)]
        return True

    def amount(self, entity: Entity, at: int) -> float:
        """See :meth:`SignalLeaf.amount`."""
        newest = self.newest(entity, at)
        return 0.0 if newest is None else exp((newest - at) * self.rate)

    def newest(self, entity: Entity, at: int) -> int | None:
        """When the newest event was, up to ``at``."""
        times = self.times(entity)
        place = bisect_right(times, at)
        return times[place - 1] if place else None

    def times(self, entity: Entity) -> list[int]:
        """See :meth:`FadesLeaf.times`."""
        found: list[int] = entity.leaves.get(self.key, [])
        return found


class FadingLeaf(FadesLeaf):
    """The sum of 2^(−age / half-life) over all events.

    State: times, sorted, and beside each the sum as it was then: that of the newest up to the
    horizon, and all that came after. Each sum is made of the one before it, in the order of time,
    so that neither the order of arrival nor what was forgotten when changes its last bit.
    """

    def __init__(self, key: int, text: str, signal: Fading) -> None:
        super().__init__(key, text, signal.event)
        self._half_life = signal.half_life
        self.most = inf if signal.most is None else signal.most
        self.rate = log(2) / signal.half_life

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        times, sums = entity.leaves.setdefault(self.key, [[], []])
        time = event.time
        place = bisect_right(times, time)
        if not place and times and times[0] <= horizon:
            # Too late for its place: it is added to all that there is.
            sums[:] = [total + self._left(at - time) for at, total in zip(times, sums, strict=True)]
            return True
        times.insert(place, time)
        before = sums[place - 1] * self._left(time - times[place - 1]) if place else 0.0
        sums.insert(place, before + 1.0)
        for later in range(place + 1, len(times)):
            sums[later] = sums[later - 1] * self._left(times[later] - times[later - 1]) + 1.0
        if len(times) % _SLACK == 0:
            needless = max(0, bisect_right(times, horizon) - 1)
            del times[:needless], sums[:needless]
        return True

    def _left(self, age: int) -> float:
        return float(2.0 ** (-age / self._half_life))

    def amount(self, entity: Entity, at: int) -> float:
        """See :meth:`SignalLeaf.amount`."""
        return min(self.uncapped(entity, at), self.most)

    def uncapped(self, entity: Entity, at: int) -> float:
        """See :meth:`SignalLeaf.uncapped`."""
        state = entity.leaves.get(self.key)
        if state is None:
            return 0.0
        times, sums = state
        place = bisect_right(times, at)
        if not place:
            return 0.0
        amount: float = sums[place - 1] * self._left(at - times[place - 1])
        return amount

    def times(self, entity: Entity) -> list[int]:
        """See :meth:`FadesLeaf.times`."""
        found: list[int] = entity.leaves.get(self.key, [[]])[0]
        return found


SIGNAL_LEAVES: Final[dict[type, Callable[[int, str, Any], SignalLeaf]]] = {
    Share: ShareLeaf,
    Recency: RecencyLeaf,
    Fading: FadingLeaf,
}
"""Which leaf stands for which signal; made of its key, its words and the signal."""
