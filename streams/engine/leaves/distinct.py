"""``users``, ``days``, ``weeks``, ``distinct``: how many different values."""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventCondition, Measure
from streams.engine.entities import Entity
from streams.engine.leaves.base import Observation
from streams.engine.leaves.presence import Presence, Span
from streams.engine.leaves.window import CountedLeaf, earlier
from streams.engine.values import day_of, getter, identity, week_of

_SLACK: Final = 16

Runs = list[int]
"""When a value was present, as first, last, first, last, …: events no further apart than the
window are one run, during which, and for one window's length after, the value is present."""


class DistinctLeaf(CountedLeaf):
    """The number of different values among the events of the window.

    State: for a sliding window that of a :class:`Presence`, value → :data:`Runs`; all time needs
    only the first time of the ``cap`` values that were first.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self._value = _valuer(condition.measure)
        self._of_users = condition.measure.kind == "users"
        self._values = Presence(self.key, self._spans, self.limit(_SLACK))

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        value = self._value(event)
        if value is None:
            return False
        if self.within is None:
            return self._add_first(entity.leaves.setdefault(self.key, {}), value, event.time)
        time, known = event.time, self._values.times(entity)
        runs: Runs | None = known.get(value)
        if runs is not None and runs[-2] <= time:
            if time <= runs[-1]:
                return False
            if runs[-1] + self.within > entity.clock:
                # The value is present until now anyway: nothing turns true.
                self._values.touch(entity, value)
                runs[-1] = time
                return False
        self._add_run(entity, value, time, horizon)
        if not self.rises:
            return True
        if len(known) < self.cap:
            return False
        return time < entity.clock or self._values.count(entity, time) >= self.cap

    def _add_run(self, entity: Entity, value: Any, time: int, horizon: int) -> None:
        assert self.within is not None  # noqa: S101 - for the type checker: all time has no runs
        values = self._values
        runs = _merge(values.times(entity).get(value, []), time, self.within)
        while len(runs) > 2 and runs[1] + self.within <= horizon:
            del runs[:2]
        values.put(entity, value, runs)
        if values.is_time_to_forget(entity):
            self._trim(entity, horizon)
            values.forgot(entity)

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

    def _trim(self, entity: Entity, horizon: int) -> None:
        """Drop the values whose last run is over, and those that newer ones make needless."""
        assert self.within is not None  # noqa: S101 - for the type checker: all time is bounded
        known = self._values.times(entity)
        settled = [(runs[-1], value) for value, runs in known.items() if runs[-1] <= horizon]
        settled.sort(key=itemgetter(0))
        spare = len(settled) - self.cap
        for place, (last, value) in enumerate(settled):
            if place < spare or last + self.within <= horizon:
                self._values.drop(entity, value)

    def _spans(self, runs: Runs) -> list[Span]:
        assert self.within is not None  # noqa: S101 - for the type checker: all time has no runs
        return [(runs[i], runs[i + 1] + self.within) for i in range(0, len(runs), 2)]

    def forget_user(self, entity: Entity, user_id: str, nobody: str) -> bool:
        """See :meth:`Leaf.forget_user`: who was there stays counted."""
        known: dict[Any, Any] = entity.leaves.get(self.key, {})
        if self._of_users and user_id in known:
            if self.within is None:
                known[nobody] = known.pop(user_id)
            else:
                times = known[user_id]
                self._values.drop(entity, user_id)
                self._values.put(entity, nobody, times)
        return False

    def count(self, entity: Entity, at: int) -> int:
        """How many, as far as state knows."""
        if self.within is None:
            return sum(first <= at for first in self._firsts(entity))
        return self._values.count(entity, at)

    def _firsts(self, entity: Entity) -> Iterable[int]:
        known: dict[Any, int] = entity.leaves.get(self.key, {})
        return known.values()

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self.compares(self.count(entity, at))

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        return self.observed(self.count(entity, at), at)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: a value comes where a run begins, and leaves a window after.

        Of all time no value leaves.
        """
        if self.within is None:
            return [first for first in self._firsts(entity) if low < first <= high]
        begins = self._values.begins(entity, low, high)
        return begins if self.only_rises() else begins + self._values.ends(entity, low, high)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        if self.within is None:
            return min((first for first in self._firsts(entity) if first > after), default=None)
        begin = self._values.next_begin(entity, after)
        return begin if self.only_rises() else earlier(begin, self._values.next_end(entity, after))


def _valuer(measure: Measure) -> Callable[[Event], Any]:
    if measure.kind == "users":
        return lambda event: event.user_id
    if measure.kind == "days":
        return lambda event: day_of(event.time)
    if measure.kind == "weeks":
        return lambda event: week_of(event.time)
    find = getter(measure.of or "")
    return lambda event: identity(find(event))


def _merge(runs: Runs, time: int, within: int) -> Runs:
    """The runs with one more time."""
    if not runs or time - runs[-1] > within:
        return [*runs, time, time]
    if time > runs[-1]:
        return [*runs[:-1], time]
    merged: Runs = []
    pairs = sorted([*zip(runs[::2], runs[1::2], strict=True), (time, time)])
    for first, last in pairs:
        if merged and first - merged[-1] <= within:
            merged[-1] = max(merged[-1], last)
        else:
            merged += (first, last)
    return merged
