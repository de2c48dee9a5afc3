"""Scores once more, of arrays: every instant at once, by NumPy and by nothing else."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from schemas.events import Event
from streams.definitions.model import (
    Condition,
    EventCondition,
    Fading,
    Recency,
    Scaling,
    Score,
    Share,
    Signal,
    WhileTrue,
)

DAY = 86_400_000
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def values(
    score: Score,
    events: Sequence[Event],
    instants: Sequence[int],
    parameters: Mapping[str, Mapping[int, float]] = MappingProxyType({}),
) -> Floats:
    """The score at each instant, of whom all these events are.

    Conditions are counts with ``>=``; the number is at ``properties.size``; there is no ``where``.
    ``parameters`` has of each, by name, from when on it was what.
    """
    table = _Table(events, instants, parameters)
    total = sum(
        (one.points * scaled(table.signal(one.signal), one.scaling) for one in score.components),
        start=np.zeros(len(instants)),
    )
    if score.intercept is not None:
        total = 100 / (1 + np.exp(-(score.intercept + total)))
    if score.force is not None:
        total = np.where(table.holds(score.force), np.maximum(total, 100), total)
    if score.veto is not None:
        total = np.where(table.holds(score.veto), 0, total)
    total = np.where(table.ages.max(axis=1, initial=-1) >= 0, total, 0)
    if score.fallback is None:
        return total
    other = values(score.fallback.score, events, instants, parameters)
    return np.where(table.parameter(f"fallback:{score.name}", 0) == 1, other, total)


def scaled(signal: Floats, scaling: Scaling | None) -> Floats:
    return signal if scaling is None else (signal - scaling.mean) / scaling.scale


class _Table:
    """Ages of the events at the instants: a row for each instant."""

    def __init__(
        self,
        events: Sequence[Event],
        instants: Sequence[int],
        parameters: Mapping[str, Mapping[int, float]],
    ) -> None:
        self._parameters = parameters
        self._names = np.array([event.name for event in events])
        self._users = np.array([event.user_id or "" for event in events])
        self._times = np.array([event.time for event in events], dtype=np.int64)
        self._sizes = np.array([event.properties["size"] for event in events], dtype=np.float64)
        self._at = np.array(instants, dtype=np.int64)[:, None]
        self.ages = self._at - self._times

    def signal(self, signal: Signal) -> Floats:
        match signal:
            case WhileTrue(condition):
                return self.holds(condition).astype(np.float64)
            case Share(measured, baseline):
                full = np.array(measured.measure.comparison.value)
                if baseline is not None:
                    full = self.parameter(f"baseline:{baseline.name}", baseline.start)
                return np.clip(self._measure(measured) / full, 0, 1)
            case Recency(event, time_constant):
                ages = np.where(self._named(event.events), self.ages, np.inf).min(axis=1)
                return np.exp(-ages / time_constant)
            case Fading(event, half_life, most):
                left = np.exp2(-np.maximum(self.ages, 0) / half_life)
                found = (left * self._named(event.events)).sum(axis=1)
                return found if most is None else np.minimum(found, most)

    def parameter(self, name: str, start: float) -> Floats:
        """What a parameter is at each instant."""
        steps = sorted(self._parameters.get(name, {}).items())
        times = np.array([time for time, _ in steps], dtype=np.int64)
        found = np.array([start, *(value for _, value in steps)], dtype=np.float64)
        return found[np.searchsorted(times, self._at[:, 0], side="right")]

    def holds(self, condition: Condition) -> Mask:
        assert isinstance(condition, EventCondition)
        return self._measure(condition) >= condition.measure.comparison.value

    def _named(self, names: tuple[str, ...]) -> Mask:
        named = np.isin(self._names, names) | ("*" in names)
        return (self.ages >= 0) & named

    def _measure(self, condition: EventCondition) -> Floats:
        window = self._named(condition.events)
        if condition.within is not None:
            window &= self.ages < condition.within
        if condition.start is not None:
            window &= self._times >= condition.start
        if condition.end is not None:
            window &= self._times < condition.end
        days = self._times // DAY
        match condition.measure.kind:
            case "count":
                return window.sum(axis=1).astype(np.float64)
            case "users":
                return _different(window & (self._users != ""), self._users)
            case "days":
                return _different(window, days)
            case "weeks":
                return _different(window, (days + 3) // 7)  # 1970 began on a Thursday
            case "distinct":
                return _different(window, self._sizes)
            case "min":
                least = np.where(window, self._sizes, np.inf).min(axis=1)
                return np.where(np.isinf(least), 0, least)
            case "max":
                most = np.where(window, self._sizes, -np.inf).max(axis=1)
                return np.where(np.isinf(most), 0, most)
            case kind:
                total = (window * self._sizes).sum(axis=1)
                return total if kind == "sum" else total / np.maximum(window.sum(axis=1), 1)


def _different(window: Mask, values: NDArray[np.generic]) -> Floats:
    """How many different values there are in each row."""
    found = [(window & (values == one)).any(axis=1) for one in np.unique(values)]
    return np.sum(found, axis=0).astype(np.float64)
