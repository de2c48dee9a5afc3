"""Scores: numbers made of signals, and the instants at which they cross a threshold."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import floor, fsum, log
from typing import Final

from schemas.qualifications import Contribution
from streams.definitions.model import Comparison, ScoreCondition
from streams.definitions.ranges import FULL, logistic
from streams.engine.entities import AFTER_ALL, Entity
from streams.engine.fading import Decay, Fall
from streams.engine.leaves.base import COMPARE, Leaf, Observation
from streams.engine.leaves.signals import SignalLeaf
from streams.engine.nodes import Composite, Node, Part

BELOW: Final = ("<", "<=")
"""What turns true when a score falls."""

_NEAR: Final = 2
"""Milliseconds by which rounding is wrong at most, as a rule; where it is by more, one looks."""
_FARTHEST: Final = 2**50
"""Milliseconds, some 36,000 years, up to which fading is followed."""


class Term:
    """A component, compiled: its signal is an amount, or 1 while a condition holds."""

    def __init__(self, name: str, points: float, signal: Node) -> None:
        self.name: Final = name
        self.points: Final = points
        self.signal: Final = signal
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
    """

    def __init__(
        self,
        name: str,
        terms: Sequence[Term],
        intercept: float | None,
        veto: Node | None,
        force: Node | None,
    ) -> None:
        self.name: Final = name
        self.terms: Final = tuple(terms)
        self.intercept: Final = intercept
        self.veto: Final = veto
        self.force: Final = force
        self.fades = any(term.fades for term in terms)

    def in_force(self, _entity: Entity, _at: int) -> "CompiledScore":
        """The score that is asked at ``at``: itself."""
        return self

    def points(self, entity: Entity, at: int) -> float:
        """The sum of what its components add at ``at``, without the intercept."""
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
        """What each component adds, those that add or take most first; none that adds nothing."""
        found = []
        for term in self.terms:
            amount = term.amount(entity, at) if at >= entity.born else 0.0
            if amount:
                found.append(Contribution(term.name, term.points * amount, amount))
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
            threshold = log(threshold / (FULL - threshold)) - self.intercept
        resting: list[float] = []
        fading: list[Decay] = []
        for term in self.terms:
            signal = term.signal
            if isinstance(signal, SignalLeaf) and signal.fades:
                amount = signal.uncapped(entity, at)
                fading.append(Decay(term.points, amount, signal.most, signal.rate))
            else:
                resting.append(term.points * term.amount(entity, at))
        return Fall(fsum(resting), fading).reaches(threshold)


class ScoreLeaf(Composite):
    """A score compares. With ``until``, it does so until the other comparison holds.

    State, with ``until`` only: up to where it is worked out, whether it was true before the first
    instant kept, and the instants at which it turned, those before the horizon forgotten.
    """

    turns_itself = True

    def __init__(
        self,
        key: int,
        text: str,
        score: CompiledScore,
        parts: Sequence[Part],
        condition: ScoreCondition,
    ) -> None:
        super().__init__(key, text, parts)
        self.score: Final = score
        self.condition: Final = condition
        self._passes = COMPARE[condition.comparison.operator]
        self._threshold = condition.comparison.value
        self.until: Final[Comparison | None] = condition.until
        self._ends = COMPARE[condition.until.operator] if condition.until is not None else None
        self._end = condition.until.value if condition.until is not None else 0.0
        # What fades only falls: of the two, one can turn by that.
        bound = condition.comparison
        if condition.until is not None and bound.operator not in BELOW:
            bound = condition.until
        self._bound: Final = bound
        self._falls_into = condition.comparison.operator in BELOW
        self._leaves: list[Leaf] = []

    def listen(self, leaves: Iterable[Leaf]) -> None:
        """Learn by which leaves it changes; each is to tell of all that changes it."""
        self._leaves = list(leaves)
        for leaf in self._leaves:
            leaf.both = True

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        if self._ends is None:
            return at >= entity.born and self._passes(self.score.value(entity, at), self._threshold)
        upto, inside, turns = self._worked_out(entity)
        if at <= upto:
            return bool(bisect_right(turns, at) % 2 != inside)
        now = len(turns) % 2 != inside
        steps = self._walk(entity, upto, at, now)
        return steps[-1][1] if steps else now

    def revise(self, entity: Entity, low: int, high: int, horizon: int) -> None:
        """Work out anew, from ``low`` up to ``high``, when it turned; with ``until`` only."""
        if self._ends is None:
            return
        upto, inside, turns = self._worked_out(entity)
        upto = min(upto, low - 1)
        turns = turns[: bisect_right(turns, upto)]
        now = len(turns) % 2 != inside
        for at, holds in self._walk(entity, upto, high, now):
            if holds != now:
                turns.append(at)
                now = holds
        needless = bisect_left(turns, horizon)
        if not entity.leaves:  # of an entity that is known by events that no condition wants
            entity.leaves = {}
        entity.leaves[self.key] = [
            max(upto, high), inside != bool(needless % 2), turns[needless:]
        ]  # fmt: skip

    def _worked_out(self, entity: Entity) -> tuple[int, bool, list[int]]:
        state = entity.leaves.get(self.key)
        if state is None:
            return entity.born - 1, False, []
        upto, inside, turns = state
        return upto, inside, turns

    def _walk(self, entity: Entity, low: int, high: int, inside: bool) -> list[tuple[int, bool]]:
        """Instants in (low, high] at which it may turn, and what it is from each on."""
        assert self._ends is not None  # noqa: S101 - for the type checker
        found = self._stops(entity, low, high)
        found.update(self._falls(entity, low, high, found))
        if low < entity.born <= high:
            found.add(entity.born)
        steps: list[tuple[int, bool]] = []
        for at in sorted(found):
            value = self.score.value(entity, at)
            if inside:
                inside = not self._ends(value, self._end)
            else:
                inside = at >= entity.born and self._passes(value, self._threshold)
            steps.append((at, inside))
        return steps

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        words = str(self.condition.comparison)
        if self.until is not None:
            words += f" until {self.until}"
        value = self.score.value(entity, at)
        return Observation(value, False, words, None, self.holds(entity, at))

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`; its parts are asked themselves."""
        return self._ends is None and not self.score.fades

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        # With `until` it matters when it was over, whatever it is asked for now.
        asked = self.both or self._falls_into or self.until is not None
        return self.score.fades and asked

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`: only those at which fading alone turns it.

        Its parts are asked themselves.
        """
        if low >= high or not self.is_timed():
            return ()
        return self._falls(entity, low, high, self._stops(entity, low, high))

    def _stops(self, entity: Entity, low: int, high: int) -> set[int]:
        """When in (low, high] something other than fading changes it."""
        return {at for leaf in self._leaves for at in leaf.instants(entity, low, high)}

    def _falls(self, entity: Entity, low: int, high: int, stops: set[int]) -> list[int]:
        """When in (low, high], between the stops, fading alone turns it."""
        if low >= high or not self.score.fades:
            return []
        steps = [low, *sorted(stops - {low}), high + 1]
        found = [
            self._crossing(entity, max(begin, entity.born), end - 1)
            for begin, end in pairwise(steps)
        ]
        return [at for at in found if at is not None]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`: when fading alone turns it next."""
        if not self.is_timed():
            return None
        if self.until is not None and self.holds(entity, after) != (self._bound is self.until):
            return None  # what it is now is not ended by falling
        nexts = [leaf.next_instant(entity, after) for leaf in self._leaves]
        end = min((at for at in nexts if at is not None), default=AFTER_ALL)
        high = min(end - 1, after + _FARTHEST)
        return self._crossing(entity, max(after, entity.born), high)

    def _crossing(self, entity: Entity, low: int, high: int) -> int | None:
        """The first instant in (low, high] from which it has fallen below; nothing else happens."""
        if low >= high:
            return None
        comparison = self._bound
        compare, threshold = COMPARE[comparison.operator], comparison.value
        before = compare(self.score.value(entity, low), threshold)
        if before == (comparison.operator in BELOW):
            return None  # it has fallen already
        length = self.score.falls_to(entity, low, threshold)
        if length is not None and low + length > high + _NEAR:
            return None
        value = self.score.value
        # What never gets there by the numbers may yet do so by rounding.
        about = high if length is None else low + floor(length)
        begin, end = max(low, about - _NEAR), min(high, about + _NEAR)
        if begin >= end or compare(value(entity, begin), threshold) != before:
            begin = low
        if compare(value(entity, end), threshold) == before:
            end = high
            if compare(value(entity, end), threshold) == before:
                return None
        while end - begin > 1:
            middle = (begin + end) // 2
            if compare(value(entity, middle), threshold) == before:
                begin = middle
            else:
                end = middle
        return end
