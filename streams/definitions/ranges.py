"""Between which numbers a score always is."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from streams.definitions.model import Comparison, Component, Score
from streams.definitions.signals import signal_form

FULL: Final = 100.0
"""The most that a score with an intercept can be, and the least that one is which is forced."""


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    def settled(self, comparison: Comparison) -> Literal["always", "never"] | None:
        """Whether every number of the range compares so, or none."""
        value = comparison.value
        match comparison.operator:
            case ">=":
                always, never = self.low >= value, self.high < value
            case ">":
                always, never = self.low > value, self.high <= value
            case "<=":
                always, never = self.high <= value, self.low > value
            case _:
                always, never = self.high < value, self.low >= value
        if always:
            return "always"
        return "never" if never else None


def logistic(z: float) -> float:
    """100 / (1 + e^−z), from 0 to 100, for every ``z``."""
    if z >= 0:
        return FULL / (1 + math.exp(-z))
    power = math.exp(z)  # e^−z would be too large for a float
    return FULL * power / (1 + power)


def full_of(component: Component) -> float:
    """What a component adds where there is all of its signal; infinite where that has no bound."""
    slope = component.slope
    most = signal_form(component.signal).most(component.signal)
    return component.rest + slope * most if slope else component.rest


def reach_of(component: Component) -> tuple[float, float]:
    """The least and the most that a component adds."""
    rest, full = component.rest, full_of(component)
    return min(rest, full), max(rest, full)


def range_of(score: Score) -> Range:
    """The range of a score of those who are known."""
    reach = [reach_of(each) for each in score.components]
    low = math.fsum(least for least, _ in reach)
    high = math.fsum(most for _, most in reach)
    if score.intercept is not None:
        low, high = logistic(score.intercept + low), logistic(score.intercept + high)
    if score.force is not None:
        high = max(high, FULL)
    if score.veto is not None:
        low = min(low, 0.0)
    if score.fallback is not None:
        other = range_of(score.fallback.score)
        low, high = min(low, other.low), max(high, other.high)
    return Range(low, high)
