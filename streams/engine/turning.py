"""When a sum of which some falls and some rises, as all of it fades, meets a number."""

from collections.abc import Callable
from itertools import pairwise
from math import exp, floor, log
from typing import Final

from streams.engine.fading import Decay

_CLOSE: Final = 0.25
"""Milliseconds: whole ones are asked for, and looked at one by one in the end."""
_NEAR: Final = 2
"""Milliseconds by which rounding is wrong."""
_NOTHING: Final = 1e-20
"""Of the sum of a model: it is no more seen in its score."""

Term = tuple[float, float]
"""Rate and amount: amount · e^(−rate · d)."""


class Course:
    """A sum of what stays and of what fades, some of it with points below 0.

    Args:
        resting: what stays.
        parts: what fades; their points may be below 0.
    """

    def __init__(self, resting: float, parts: list[Decay]) -> None:
        self._resting = resting
        self._parts = [one for one in parts if abs(one.points) * one.amount > _NOTHING]
        count = len(self._parts)
        self._over = max([_length(one, count) for one in self._parts], default=0.0)

    def turns(self, passes: Callable[[int], bool], level: float, low: int, high: int) -> int | None:
        """The first instant in (low, high] at which ``passes`` is another than at ``low``.

        Args:
            passes: whether what is made of the sum compares with what is made of the level.
            level: of the sum.
            low: the instant from which the sum was given.
            high: up to which nothing but fading changes it.
        """
        before, same = passes(low), low
        about: float | None = 0.0
        while about is not None:
            near = low + floor(about)
            for at in range(max(same + 1, near - _NEAR), min(high, near + _NEAR) + 1):
                if passes(at) != before:
                    return halve(passes, same, at)
                same = at
            about = self.meets(level, max(about, same - low) + 1, high - low)
        # What never gets there by the numbers may yet do so by rounding.
        return halve(passes, same, high) if passes(high) != before else None

    def meets(self, level: float, low: float, high: float) -> float | None:
        """The first time in [low, high] at which the sum passes ``level``; ``None``: never.

        Milliseconds from the instant from which the sum was given.
        """
        high = min(high, self._over)
        if low > high:
            return None
        bends = [log(one.amount / one.most) / one.rate for one in self._parts if _is_capped(one, 0)]
        ends = [low, *sorted([bend for bend in bends if low < bend < high]), high]
        for begin, end in pairwise(ends):
            found = _zeros(*self._piece(level, begin, (begin + end) / 2), end - begin)
            if found:
                return begin + found[0]
        return None

    def _piece(self, level: float, begin: float, inside: float) -> tuple[float, list[Term]]:
        """What stays, less the level, and what fades from ``begin`` on: one term for each rate."""
        stays = self._resting - level
        fades: dict[float, float] = {}
        for one in self._parts:
            if _is_capped(one, inside):
                stays += one.points * one.most
            else:
                left = one.points * one.amount * exp(-one.rate * begin)
                fades[one.rate] = fades.get(one.rate, 0.0) + left
        return stays, sorted([(rate, left) for rate, left in fades.items() if left])


def halve(passes: Callable[[int], bool], begin: int, end: int) -> int:
    """The first instant after ``begin`` from which ``passes`` is what it is at ``end``."""
    before = passes(begin)
    while end - begin > 1:
        middle = (begin + end) // 2
        if passes(middle) == before:
            begin = middle
        else:
            end = middle
    return end


def _is_capped(part: Decay, at: float) -> bool:
    return part.amount * exp(-part.rate * at) > part.most


def _length(part: Decay, count: int) -> float:
    """After how long nothing is seen of it any more."""
    return log(abs(part.points) * part.amount * count / _NOTHING) / part.rate


def _zeros(stays: float, fades: list[Term], length: float) -> list[float]:
    """The times in [0, length] at which ``stays`` and the terms, sorted by rate, add up to 0.

    Descartes' rule: no more of them than signs change from one term to the next, the slowest first.
    Where one changes there is at most one. Otherwise the times at which the sum turns round lie
    between them, and these are the zeros of a sum of one term less: of its slope, times e^(slowest
    rate · d), which has the same zeros.
    """
    amounts = [amount for amount in (stays, *[amount for _, amount in fades]) if amount]
    changes = sum([(one < 0) != (other < 0) for one, other in pairwise(amounts)])
    if not changes:
        return []
    ends = [0.0, length]
    if changes > 1:
        slowest = fades[0][0]
        slopes = [(rate - slowest, rate * amount) for rate, amount in fades[1:]]
        ends[1:1] = _zeros(slowest * fades[0][1], slopes, length)
    found = [_zero(stays, fades, begin, end) for begin, end in pairwise(ends)]
    return [at for at in found if at is not None]


def _zero(stays: float, fades: list[Term], begin: float, end: float) -> float | None:
    """The zero of a sum that goes one way from ``begin`` to ``end``."""
    was_below = _total(stays, fades, begin) < 0
    if (_total(stays, fades, end) < 0) == was_below:
        return None
    while end - begin > _CLOSE:
        middle = (begin + end) / 2
        if (_total(stays, fades, middle) < 0) == was_below:
            begin = middle
        else:
            end = middle
    return end


def _total(stays: float, fades: list[Term], at: float) -> float:
    total = stays
    for rate, amount in fades:
        total += amount * exp(-rate * at)
    return total
