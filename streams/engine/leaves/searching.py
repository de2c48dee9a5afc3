"""Looks for the match of a sequence that ends at an instant and has the earliest events."""

from bisect import bisect_left, bisect_right
from typing import Any

from streams.engine.entities import AFTER_ALL, BEFORE_ALL
from streams.engine.leaves.ordered import Ordered
from streams.engine.leaves.steps import Seen, Spec


class Search:
    """Tries for each step the earliest event that is free, and goes back where that leads nowhere.

    Args:
        pool: a :class:`streams.engine.leaves.pool.Pool`.
        spec: the sequence.
        end: when the last event of the match is to be.
    """

    def __init__(self, pool: Any, spec: Spec, end: int) -> None:
        self.pool = pool
        self.spec = spec
        self.end = end
        self.chosen: list[Seen] = []

    def find(self) -> list[Seen] | None:
        """Its events, in the order of the steps; ``None`` where there is no match."""
        return self.chosen if self.extend(BEFORE_ALL) else None

    def extend(self, time: int) -> bool:
        """Choose an event for each step that has none yet, none of them before ``time``."""
        raise NotImplementedError

    def choose(self, at: int) -> bool:
        """Choose an event of an instant for the next step, and one for each that follows."""
        free: Ordered = self.pool.free[len(self.chosen)]
        seen = free.since((at, -1))
        while seen is not None and seen[0] == at:
            if free.count(seen) > self.chosen.count(seen):
                self.chosen.append(seen)
                if self.extend(at):
                    return True
                self.chosen.pop()
            seen = free.after(seen)
        return False


class LooseSearch(Search):
    """For a sequence that lets other events come in between.

    Where none of an instant leads to a match, none of a later instant does that the same events
    must not follow: whatever could follow the later one could follow the earlier one. So few are
    tried, however many there are.
    """

    def __init__(self, pool: Any, spec: Spec, end: int) -> None:
        super().__init__(pool, spec, end)
        self._bounds = [BEFORE_ALL] * (spec.length - 1) + [end]
        """For each step, since when what must not follow leaves its events a chance."""
        for step in range(spec.length - 1, 0, -1):
            if step in spec.gaps:
                bound = pool.last_forbidden(spec.gaps[step], self._bounds[step])
                self._bounds[step - 1] = bound
        self._bounds[0] = max(self._bounds[0], end - spec.within)
        self._vain = [(AFTER_ALL, AFTER_ALL)] * spec.length
        """For each step from when until when (excluded) all events are known to lead nowhere."""

    def extend(self, time: int) -> bool:
        """See :meth:`Search.extend`."""
        step = len(self.chosen)
        spec, pool = self.spec, self.pool
        if step == spec.length:
            return True
        # Those of the last one's instant are for themselves: it may itself be what they lack.
        if time >= self._bounds[step] and self.choose(time):
            return True
        limit = self.end
        if step in spec.gaps:
            limit = min(limit, pool.next_forbidden(spec.gaps[step], time))
        first = at = max(time + 1, self._bounds[step])
        while True:
            seen = pool.free[step].since((self._skip(step, at), -1))
            if seen is None or seen[0] > limit:
                return False
            at = self._skip(step, seen[0])
            if at == seen[0]:
                if self.choose(at):
                    return True
                at = self._next_chance(step, at)
                self._give_up(step, first, at)

    def _skip(self, step: int, at: int) -> int:
        """``at``, or when the first event after it was that is not known to lead nowhere."""
        first, last = self._vain[step]
        return last if first <= at < last else at

    def _give_up(self, step: int, first: int, last: int) -> None:
        known_first, known_last = self._vain[step]
        if first <= known_last and known_first <= last:
            first, last = min(first, known_first), max(last, known_last)
        self._vain[step] = first, last

    def _next_chance(self, step: int, at: int) -> int:
        """When the first event was that may do better in a step than those at ``at``."""
        following = step + 1
        bits = self.spec.gaps.get(following)
        if bits is None:
            return AFTER_ALL
        forbidden: int = self.pool.next_forbidden(bits, at)
        since = self._skip(following, max(forbidden, self._bounds[following]))
        seen = self.pool.free[following].since((since, -1))
        if seen is None:
            return AFTER_ALL
        before: int = self.pool.last_forbidden(bits, seen[0])
        return max(forbidden, before)


class StrictSearch(Search):
    """For a sequence that lets no other event come in between: only the last few may be its."""

    def __init__(self, pool: Any, spec: Spec, end: int) -> None:
        super().__init__(pool, spec, end)
        recent = {time for events in (pool.touches, pool.others) for time in self._before(events)}
        self._instants = sorted({*recent, end})

    def _before(self, events: list[Seen]) -> list[int]:
        """The times of more than can come between the first event's instant and the end."""
        first = bisect_left(events, (self.end - self.spec.within,))
        last = bisect_left(events, (self.end,))
        return [time for time, _ in events[max(first, last - self.spec.length) : last]]

    def extend(self, time: int) -> bool:
        """See :meth:`Search.extend`."""
        step = len(self.chosen)
        if step == self.spec.length:
            return self._is_whole()
        instants = self._instants
        if step:
            instants = instants[bisect_left(instants, time) :][:2]
        if step == self.spec.length - 1:
            instants = [at for at in instants if at == self.end]
        return any(self.choose(at) for at in instants)

    def _is_whole(self) -> bool:
        """Whether no other event comes between the first one's instant and the last one's."""
        first = self.chosen[0][0]
        between = sum(
            bisect_left(events, (self.end,)) - bisect_right(events, (first, AFTER_ALL))
            for events in (self.pool.touches, self.pool.others)
        )
        return max(between, 0) == sum(first < time < self.end for time, _ in self.chosen)
