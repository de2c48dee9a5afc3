"""Between which numbers a score always is."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from streams.definitions.model import Comparison, Score
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


def range_of(score: Score) -> Range:
    """The range of a score of those who are known."""
    reach = [each.points * signal_form(each.signal).most(each.signal) for each in score.components]
    low = math.fsum(points for points in reach if points < 0)
    high = math.fsum(points for points in reach if points > 0)
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
