"""``users``, ``days``, ``weeks``, ``distinct``: how many different values."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventCondition, Measure
from streams.engine.entities import Entity
from streams.engine.leaves.base import Observation
from streams.engine.leaves.window import CountedLeaf
from streams.engine.values import day_of, getter, identity, week_of

_SLACK: Final = 16

Runs = list[int]
"""When a value was present, as first, last, first, last, …: events no further apart than the
window are one run, during which, and for one window's length after, the value is present."""


class DistinctLeaf(CountedLeaf):
    """The number of different values among the events of the window.

    State: value → :data:`Runs`, the value seen last standing last. All time needs only the first
    time of the ``cap`` values that were first.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self._limit = self.limit(_SLACK)
        self._value = _valuer(condition.measure)
        self._grows = condition.measure.kind in ("days", "weeks")
        """Whether a later event never has an earlier value: then the order keeps itself."""

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        value = self._value(event)
        if value is None:
            return False
        state: dict[Any, Any] | None = entity.leaves.get(self.key)
        if state is None:
            state = entity.leaves[self.key] = {}
        time = event.time
        within = self.within
        if within is None:
            return self._add_first(state, value, time)
        runs: Runs | None = state.get(value)
        if runs is not None and runs[-2] <= time:
            if time <= runs[-1]:
                return False
            if runs[-1] + within > entity.clock:
                # The value is present until now anyway: nothing turns true.
                runs[-1] = time
                self._put_in_order(state, value, entity.clock)
                return False
        if runs is None or time > runs[-1]:
            self._add_run(state, value, time, horizon)
        else:
            state[value] = _merge(runs, time, within)
        if value in state:  # one that came too late may be trimmed at once
            self._put_in_order(state, value, entity.clock)
        if not self.rises:
            return True
        if len(state) < self.cap:
            return False
        nth: Runs = next(islice(reversed(state.values()), self.cap - 1, None))
        return time < entity.clock or nth[-1] > time - within

    def _put_in_order(self, state: dict[Any, Runs], value: Any, clock: int) -> None:
        """Let the values stand in the order in which they were seen last."""
        runs = state[value]
        if runs[-1] == clock:
            if not self._grows:
                del state[value]
                state[value] = runs
            return
        del state[value]
        later: list[Any] = []
        newest_first = reversed(state)
        for one in newest_first:
            if state[one][-1] <= runs[-1]:
                break
            later.append(one)
        state[value] = runs
        later.reverse()
        for one in later:
            state[one] = state.pop(one)

    def _add_run(self, state: dict[Any, Runs], value: Any, time: int, horizon: int) -> None:
        assert self.within is not None  # noqa: S101 - for the type checker: all time has no runs
        runs = state.get(value)
        if runs is None:
            state[value] = [time, time]
            # At each doubling: looking through all of them costs each of them a little.
            if len(state) > self._limit and not len(state) & (len(state) - 1):
                self._trim(state, horizon)
        elif time - runs[-1] <= self.within:
            runs[-1] = time
        else:
            runs += (time, time)
            while len(runs) > 2 and runs[1] + self.within <= horizon:
                del runs[:2]

    def _add_first(self, state: dict[Any, int], value: Any, time: int) -> bool:
        known = state.get(value)
        if known is not None:
            if time < known:
                state[value] = time
        elif len(state) < self.cap or time < max(state.values()):
            state[value] = time
            if len(state) > self.cap:
                del state[max(state, key=lambda one: (state[one], str(one)))]
        return len(state) >= self.cap or not self.rises

    def _trim(self, state: dict[Any, Runs], horizon: int) -> None:
        """Drop the values whose last run is over, and those that newer ones make needless."""
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        settled = [value for value, runs in state.items() if runs[-1] <= horizon]
        spare = len(settled) - self.cap
        for place, value in enumerate(settled):
            if place < spare or state[value][-1] + self.within <= horizon:
                del state[value]

    def count(self, entity: Entity, at: int) -> int:
        """How many, as far as state knows."""
        state = entity.leaves.get(self.key)
        if not state:
            return 0
        if self.within is None:
            return sum(first <= at for first in state.values())
        return sum(_present(runs, at, self.within) for runs in state.values())

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self.compares(self.count(entity, at))

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        return self.observed(self.count(entity, at), at)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        return [at for at in self._turns(entity) if low < at <= high]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        return min((at for at in self._turns(entity) if at > after), default=None)

    def _turns(self, entity: Entity) -> Iterable[int]:
        """A value becomes present where a run begins, and is no more one window after its end."""
        state = entity.leaves.get(self.key)
        if not state:
            return ()
        if self.within is None:
            return list(state.values())
        found = [first for runs in state.values() for first in runs[::2]]
        if not self.only_rises():
            found += [last + self.within for runs in state.values() for last in runs[1::2]]
        return found


def _valuer(measure: Measure) -> Callable[[Event], Any]:
    if measure.kind == "users":
        return lambda event: event.user_id
    if measure.kind == "days":
        return lambda event: day_of(event.time)
    if measure.kind == "weeks":
        return lambda event: week_of(event.time)
    find = getter(measure.of or "")
    return lambda event: identity(find(event))


def _present(runs: Runs, at: int, within: int) -> bool:
    return any(runs[i] <= at < runs[i + 1] + within for i in range(0, len(runs), 2))


def _merge(runs: Runs, time: int, within: int) -> Runs:
    """The runs with one more time, which is older than their newest."""
    merged: Runs = []
    pairs = sorted([*zip(runs[::2], runs[1::2], strict=True), (time, time)])
    for first, last in pairs:
        if merged and first - merged[-1] <= within:
            merged[-1] = max(merged[-1], last)
        else:
            merged += (first, last)
    return merged
