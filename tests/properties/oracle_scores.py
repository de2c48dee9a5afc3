"""Scores and segments of one account or user, by plain loops over its whole history.

What fades falls without a jump; when it passes a threshold is found by halving the time between
two instants at which anything else may change.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from math import e, fsum
from typing import NamedTuple

from hypothesis import reject

from streams.definitions.model import (
    Comparison,
    Component,
    Condition,
    EventCondition,
    EventFilter,
    Fading,
    Recency,
    Score,
    ScoreCondition,
    Share,
    WhileTrue,
)
from tests.properties.oracle_life import Life
from tests.properties.oracle_measures import amount, compares, quotient

NEAR = 1e-12
"""Two ways to compute a score in double precision agree to much less, relative to its size."""


Parameters = Mapping[str, Mapping[int, float]]
"""Name → from when on → value."""


class Amount(NamedTuple):
    """A number, and whether every way to compute it gives the same double."""

    value: float
    exact: bool = True
    size: float = 1
    """Of the terms that it is the sum of."""


class Scored:
    """The scores of one account or user.

    ``truth`` and ``changes`` answer for conditions: whether one is true at an instant, and when it
    may change. ``until`` is the time now. ``parameters`` has of each, by name, from when on it was
    what.
    """

    def __init__(
        self,
        life: Life,
        truth: Callable[[Condition, int], bool],
        changes: Callable[[Condition], Iterator[int]],
        until: int,
        parameters: Parameters,
    ) -> None:
        self._life = life
        self._parameters = parameters
        self._until = until
        self._truth = truth
        self._changes = changes
        self._steps: dict[int, tuple[ScoreCondition, int, list[tuple[int, bool]]]] = {}
        self._resting: dict[int, tuple[Score, int, list[int]]] = {}

    def value(self, score: Score, at: int) -> float:
        """The score at ``at``."""
        return self._amount(score, at).value

    def holds(self, condition: ScoreCondition, at: int) -> bool:
        """Whether the condition on a score is true."""
        if condition.until is None:
            return self._compares(condition.score, condition.comparison, at)
        steps = self._walk(condition, max(at, self._until))
        before = [holds for time, holds in steps if time <= at]
        return bool(before) and before[-1]

    def changes(self, condition: ScoreCondition, until: int) -> list[int]:
        """Every instant up to ``until`` at which it may turn; others may be among them."""
        stops = self._stops(condition.score, until)
        found = list(stops)
        if any(
            isinstance(one.signal, Recency | Fading)
            for score in chain(condition.score)
            for one in score.components
        ):
            for begin, end in pairwise([*stops, until + 1]):
                for comparison in (condition.comparison, condition.until):
                    if comparison is not None:
                        found += self._crossing(condition.score, comparison, begin, end - 1)
        return sorted(found)

    def _walk(self, condition: ScoreCondition, until: int) -> list[tuple[int, bool]]:
        """What a condition with ``until`` is from each instant on."""
        known = self._steps.get(id(condition))
        if known is not None and known[1] >= until:
            return known[2]
        assert condition.until is not None
        steps: list[tuple[int, bool]] = []
        inside = False
        for at in self.changes(condition, until):
            if inside:
                inside = not self._compares(condition.score, condition.until, at)
            else:
                inside = self._compares(condition.score, condition.comparison, at)
            steps.append((at, inside))
        self._steps[id(condition)] = (condition, until, steps)
        return steps

    def _stops(self, score: Score, until: int) -> list[int]:
        """Every instant at which it may change but by fading."""
        known = self._resting.get(id(score))
        if known is None or known[1] < until:
            found = {event.time for event in self._life.events}
            for one in inner_conditions(score):
                found.update(self._changes(one))
            for steps in self._parameters.values():
                found.update(steps)
            known = (score, until, sorted(at for at in found if at <= until))
            self._resting[id(score)] = known
        return [at for at in known[2] if at <= until and self._life.is_known(at)]

    def _crossing(self, score: Score, comparison: Comparison, low: int, high: int) -> list[int]:
        """The first instant in (low, high] at which it compares otherwise than at ``low``."""
        before = self._compares(score, comparison, low)
        if low >= high or self._compares(score, comparison, high) == before:
            return []
        while high - low > 1:
            middle = (low + high) // 2
            if self._compares(score, comparison, middle) == before:
                low = middle
            else:
                high = middle
        return [high]

    def _compares(self, score: Score, comparison: Comparison, at: int) -> bool:
        if not self._life.is_known(at):
            return False
        found = self._amount(score, at)
        near = NEAR * max(found.size, abs(comparison.value))
        if not found.exact and abs(found.value - comparison.value) <= near:
            reject()  # a hair's breadth, that another order of the same sum would take
        return compares(found.value, comparison)

    def _amount(self, score: Score, at: int) -> Amount:
        if score.fallback is not None and self._parameter(f"fallback:{score.name}", 0, at) == 1:
            return self._amount(score.fallback.score, at)
        known = self._life.is_known(at)
        if not known or (score.veto is not None and self._truth(score.veto, at)):
            return Amount(0)
        parts = [(one.points, self._signal(one, at)) for one in score.components]
        terms = [points * signal.value for points, signal in parts]
        value, exact = fsum(terms), all(signal.exact for _, signal in parts)
        size = fsum(map(abs, terms))
        if score.intercept is not None:
            value, size = logistic(score.intercept + value), 100 * (1 + size)
        if value < 100 and score.force is not None and self._truth(score.force, at):
            return Amount(100)
        return Amount(value, exact, size)

    def _signal(self, component: Component, at: int) -> Amount:
        match component.signal:
            case WhileTrue(condition):
                return Amount(1 if self._truth(condition, at) else 0)
            case Share(measured, baseline):
                full = measured.measure.comparison.value
                if baseline is not None:
                    full = self._parameter(f"baseline:{baseline.name}", baseline.start, at)
                return Amount(self._share(measured, full, at))
            case Recency(event, time_constant):
                times = [one.time for one in self._life.look(event) if one.time <= at]
                age = at - max(times, default=at)
                return Amount(e ** (-age / time_constant) if times else 0, exact=age == 0)
            case Fading(event, half_life, most):
                ages = [at - one.time for one in self._life.look(event) if one.time <= at]
                value = fsum(2.0 ** (-age / half_life) for age in ages)
                # Halves of halves are sums of powers of two.
                exact = all(age % half_life == 0 for age in ages)
                if most is None or value < most * (1 - NEAR):
                    return Amount(value, exact)
                return Amount(min(value, most), exact or value > most * (1 + NEAR))

    def _parameter(self, name: str, start: float, at: int) -> float:
        steps = self._parameters.get(name, {})
        times = [time for time in steps if time <= at]
        return steps[max(times)] if times else start

    def _share(self, measured: EventCondition, full: float, at: int) -> float:
        window = [
            event
            for event in self._life.look(EventFilter(measured.events, measured.where))
            if event.time <= at
            and (measured.within is None or event.time > at - measured.within)
            and (measured.start is None or event.time >= measured.start)
            and (measured.end is None or event.time < measured.end)
        ]
        found = amount(measured.measure.kind, measured.measure.of, window)
        if found is None:
            return 0
        return min(max(quotient(found, 1) / full, 0), 1)


def logistic(z: float) -> float:
    """From 0 to 100."""
    return 100 / (1 + e**-z) if z > -700 else 0.0


def chain(score: Score) -> Iterator[Score]:
    """It, and those that may stand in for it."""
    yield score
    if score.fallback is not None:
        yield from chain(score.fallback.score)


def inner_conditions(score: Score) -> Iterator[Condition]:
    """The conditions that it looks at; that of a share is a measure that is full."""
    for each in chain(score):
        for component in each.components:
            match component.signal:
                case WhileTrue(condition) | Share(condition):
                    yield condition
                case _:
                    pass
        yield from (one for one in (each.veto, each.force) if one is not None)
