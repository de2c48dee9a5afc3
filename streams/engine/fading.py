"""When what fades has fallen to a threshold: in closed form where that is possible."""

from math import exp, log
from typing import Final, NamedTuple

_STEPS: Final = 100
_CLOSE: Final = 0.25
"""Milliseconds: whole ones are asked for, and looked at one by one in the end."""


class Decay(NamedTuple):
    """points · min(amount · e^(−rate · d), most), d milliseconds from now."""

    points: float
    """More than 0; of what may rise, below it as well."""
    amount: float
    """Not less than 0, and not capped."""
    most: float
    rate: float


class Fall:
    """A sum of which some fades and the rest stays.

    Args:
        resting: what stays.
        parts: what fades.
    """

    def __init__(self, resting: float, parts: list[Decay]) -> None:
        self._resting = resting
        self._parts = [part for part in parts if part.points * part.amount > 0]

    def reaches(self, threshold: float) -> float | None:
        """In how many milliseconds the sum has fallen to a threshold; ``None``: never.

        One rate: S·e^(−rate·d) is what is left, so d = ln(S / left) / rate. Several: the sum is
        convex, and Newton's steps from its left never go too far. What is capped makes it neither;
        it is then halved between now and when each part alone is small enough.
        """
        left = threshold - self._resting
        parts = self._parts
        if left <= 0 or not parts:
            return None
        if self._value(0.0) <= left:
            return 0.0
        if any(part.amount > part.most for part in parts):
            return self._halve(left)
        if len({part.rate for part in parts}) == 1:
            return log(sum([part.points * part.amount for part in parts]) / left) / parts[0].rate
        return self._step(left)

    def _step(self, left: float) -> float:
        at = 0.0
        for _ in range(_STEPS):
            value = slope = 0.0
            for part in self._parts:
                now = part.points * part.amount * exp(-part.rate * at)
                value += now
                slope += part.rate * now
            step = (value - left) / slope if slope else 0.0
            at += step
            if step < _CLOSE:
                break
        return at

    def _halve(self, left: float) -> float:
        share = left / len(self._parts)
        ends = [log(part.points * part.amount / share) / part.rate for part in self._parts]
        low, high = 0.0, max(*ends, 0.0) + 1
        for _ in range(_STEPS):
            if high - low <= _CLOSE:
                break
            middle = (low + high) / 2
            if self._value(middle) > left:
                low = middle
            else:
                high = middle
        return high

    def _value(self, at: float) -> float:
        value = 0.0
        for part in self._parts:
            value += part.points * min(part.amount * exp(-part.rate * at), part.most)
        return value
