"""The number that a score is: what its components add, and how that changes while time passes."""

from collections.abc import Sequence
from math import fsum, inf, log
from typing import Final

from schemas.qualifications import Contribution, ModelVersion
from streams.definitions.model import Comparison
from streams.definitions.ranges import FULL, logistic
from streams.engine.entities import Entity
from streams.engine.fading import Decay, Fall
from streams.engine.leaves.base import COMPARE
from streams.engine.leaves.signals import SignalLeaf
from streams.engine.nodes import Node
from streams.engine.turning import Course


class Term:
    """A component, compiled: its signal is an amount, or 1 while a condition holds.

    Args:
        name: of the component.
        points: for each 1 of its signal.
        signal: how much of it there is.
        rest: what it adds where there is none of it.
    """

    def __init__(self, name: str, points: float, signal: Node, rest: float = 0.0) -> None:
        self.name: Final = name
        self.points: Final = points
        self.signal: Final = signal
        self.rest: Final = rest
        self.fades: Final = isinstance(signal, SignalLeaf) and signal.fades

    def amount(self, entity: Entity, at: int) -> float:
        """Its signal at ``at``."""
        signal = self.signal
        if isinstance(signal, SignalLeaf):
            return signal.amount(entity, at)
        return 1.0 if signal.holds(entity, at) else 0.0


class CompiledScore:
    """A score ready to be asked.

    Args:
        name: of the score.
        terms: its components.
        intercept: where it is logistic.
        veto: while it holds the score is 0.
        force: while it holds the score is at least 100.
        model: whose features the terms are, if it is made of one.

    Attributes:
        rest: what its components add by themselves, without any signal.
        fades: whether time changes it between the instants at which anything else does.
        rises: whether that may be upwards.
    """

    def __init__(
        self,
        name: str,
        terms: Sequence[Term],
        intercept: float | None,
        veto: Node | None,
        force: Node | None,
        model: ModelVersion | None = None,
    ) -> None:
        self.name: Final = name
        self.terms: Final = tuple(terms)
        self.rest: Final = fsum([term.rest for term in terms])
        # All that does not change is added up once.
        self.intercept: Final = None if intercept is None else intercept + self.rest
        self.veto: Final = veto
        self.force: Final = force
        self.model: Final = model
        self.fades = any(term.fades for term in terms)
        self.rises = any(term.fades and term.points < 0 for term in terms)

    def in_force(self, _entity: Entity, _at: int) -> "CompiledScore":
        """The score that is asked at ``at``: itself."""
        return self

    def points(self, entity: Entity, at: int) -> float:
        """The sum of what the signals of its components add at ``at``."""
        # Rounded once: neither the order of components nor the version of Python changes a bit.
        return fsum([term.points * term.amount(entity, at) for term in self.terms])

    def value(self, entity: Entity, at: int) -> float:
        """The score at ``at``; 0 before the entity was first seen."""
        if at < entity.born or (self.veto is not None and self.veto.holds(entity, at)):
            return 0.0
        value = self.points(entity, at)
        if self.intercept is not None:
            value = logistic(self.intercept + value)
        if value < FULL and self.force is not None and self.force.holds(entity, at):
            return FULL
        return value

    def contributions(self, entity: Entity, at: int) -> list[Contribution]:
        """What each component adds, those that add or take most first.

        Of a model all of them, so that what was seen of somebody is told as a whole; otherwise none
        without a signal.
        """
        found = []
        for term in self.terms:
            amount = term.amount(entity, at) if at >= entity.born else 0.0
            if amount or self.model is not None:
                points = term.points * amount + term.rest
                found.append(Contribution(term.name, points, amount))
        return sorted(found, key=lambda one: -abs(one.points))

    def falls_to(self, entity: Entity, at: int, threshold: float) -> float | None:
        """How long after ``at`` fading alone takes it to a threshold, in milliseconds.

        ``None`` where it never gets there. Right but for rounding.
        """
        if self.intercept is not None:
            if threshold <= 0:
                return None
            if threshold >= FULL:
                return 0.0
        resting, fading = self._parts(entity, at)
        return Fall(resting, fading).reaches(self._sum_at(threshold))

    def turns(self, entity: Entity, low: int, high: int, comparison: Comparison) -> int | None:
        """The first instant in (low, high] at which fading alone turns a comparison, either way.

        Nothing else happens in between. For scores that may rise: those that only fall turn once.
        """
        compare, threshold = COMPARE[comparison.operator], comparison.value
        course = Course(*self._parts(entity, low))
        return course.turns(
            lambda at: compare(self.value(entity, at), threshold),
            self._sum_at(threshold),
            low,
            high,
        )

    def _sum_at(self, threshold: float) -> float:
        """The sum of points at which the score is a threshold."""
        if self.intercept is None:
            return threshold
        if not 0 < threshold < FULL:
            return -inf if threshold <= 0 else inf
        return log(threshold / (FULL - threshold)) - self.intercept

    def _parts(self, entity: Entity, at: int) -> tuple[float, list[Decay]]:
        """What stays of the sum of points, and what fades."""
        resting: list[float] = []
        fading: list[Decay] = []
        for term in self.terms:
            signal = term.signal
            if isinstance(signal, SignalLeaf) and signal.fades:
                amount = signal.uncapped(entity, at)
                fading.append(Decay(term.points, amount, signal.most, signal.rate))
            else:
                resting.append(term.points * term.amount(entity, at))
        return fsum(resting), fading
