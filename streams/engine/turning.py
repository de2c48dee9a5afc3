"""When a sum of which some falls and some rises, as all of it fades, meets a number."""

from collections.abc import Callable
from math import exp, floor, log
from typing import Final

from streams.engine.fading import Decay

_CLOSE: Final = 0.25
"""Milliseconds: whole ones are asked for, and looked at one by one in the end."""
_NEAR: Final = 2
"""Milliseconds by which rounding is wrong."""
_NOTHING: Final = 1e-20
"""Of the sum of a model: it is no more seen in its score."""


class _Side:
    """What fades of one sign; the amounts are positive, so each only falls, slower and slower."""

    def __init__(self, parts: list[Decay]) -> None:
        self._parts = parts

    def value(self, at: float) -> float:
        """How much there is after ``at`` milliseconds."""
        total = 0.0
        for part in self._parts:
            total += part.points * min(part.amount * exp(-part.rate * at), part.most)
        return total

    def speed(self, at: float, inside: float) -> float:
        """How fast that falls at ``at`` which falls at all between the bends around ``inside``."""
        total = 0.0
        for part in self._parts:
            if part.amount * exp(-part.rate * inside) <= part.most:
                total += part.points * part.rate * part.amount * exp(-part.rate * at)
        return total


class Course:
    """A sum of what stays and of what fades, some of it with points below 0.

    Args:
        resting: what stays.
        parts: what fades; their points may be below 0.
    """

    def __init__(self, resting: float, parts: list[Decay]) -> None:
        there = [part for part in parts if abs(part.points) * part.amount > _NOTHING]
        self._resting = resting
        self._falling = _Side([part for part in there if part.points > 0])
        self._rising = _Side(
            [part._replace(points=-part.points) for part in there if part.points < 0]
        )
        self._bends = sorted(
            [log(part.amount / part.most) / part.rate for part in there if part.amount > part.most]
        )
        """From when on what is capped is less than its cap, and fades."""
        self._over = max([_length(part, len(there)) for part in there], default=0.0)

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
        """The first time in [low, high] at which the sum is ``level``, or passes it.

        ``None``: never. In between two bends both sides only fall, slower and slower: what they are
        at both ends bounds the sum, and how fast they are its slope. Where the bounds leave it open
        the time is halved, until the sum goes one way, or the level is not within its bounds.
        """
        high = min(high, self._over)
        if low > high:
            return None
        ends = [low, *[bend for bend in self._bends if low < bend < high], high]
        waiting = [(ends[place], ends[place + 1]) for place in range(len(ends) - 2, -1, -1)]
        while waiting:
            begin, end = waiting.pop()
            if not self._may_meet(level, begin, end):
                continue
            if end - begin > _CLOSE and not self._goes_one_way(begin, end):
                middle = (begin + end) / 2
                waiting += [(middle, end), (begin, middle)]
                continue
            found = self._found(level, begin, end)
            if found is not None:
                return found
        return None

    def _may_meet(self, level: float, begin: float, end: float) -> bool:
        least = self._resting + self._falling.value(end) - self._rising.value(begin)
        most = self._resting + self._falling.value(begin) - self._rising.value(end)
        return least <= level <= most and least < most

    def _goes_one_way(self, begin: float, end: float) -> bool:
        inside = (begin + end) / 2
        slowest = self._rising.speed(end, inside) - self._falling.speed(begin, inside)
        fastest = self._rising.speed(begin, inside) - self._falling.speed(end, inside)
        return slowest >= 0 or fastest <= 0

    def _found(self, level: float, begin: float, end: float) -> float | None:
        first = self._value(begin)
        if first == level:
            return begin
        was_below = first < level
        if (self._value(end) < level) == was_below:
            return None
        while end - begin > _CLOSE:
            middle = (begin + end) / 2
            if (self._value(middle) < level) == was_below:
                begin = middle
            else:
                end = middle
        return end

    def _value(self, at: float) -> float:
        return self._resting + self._falling.value(at) - self._rising.value(at)


def _length(part: Decay, count: int) -> float:
    """After how long nothing is seen of it any more."""
    return log(abs(part.points) * part.amount * count / _NOTHING) / part.rate


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
