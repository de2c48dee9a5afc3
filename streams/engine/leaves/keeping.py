"""Which events of a sequence are worth keeping: those that a match to come may still look at."""

from bisect import bisect_left, bisect_right
from typing import Any

from streams.engine.leaves.steps import Seen, Spec


class Keeping:
    """What to keep of a pool of which all matches complete before ``horizon`` are taken for good.

    Nothing that is said of an event here changes by events at ``horizon`` or later.

    Args:
        pool: a :class:`streams.engine.leaves.pool.Pool`.
        spec: the sequence.
        horizon: no event comes before it any more.
    """

    def __init__(self, pool: Any, spec: Spec, horizon: int) -> None:
        self._pool = pool
        self._spec = spec
        self._horizon = horizon

    def sort(self, touches: list[Seen], others: list[Seen]) -> tuple[list[Seen], list[Seen]]:
        """Of what a match may be made of, and of the others, what is to be kept as which."""
        if self._spec.strict:
            bound = self._bound(touches, others)
            return touches[bisect_left(touches, bound) :], others[bisect_left(others, bound) :]
        steps = self._useful(touches)
        useful = {seen for step in steps for seen in step}
        wanted = self._wanted(useful)
        kept = [seen for seen in touches if seen in useful]
        needless = [seen for seen in touches if seen not in useful]
        return kept, [seen for seen in sorted(others + needless) if self._forbids(seen, wanted)]

    def _bound(self, touches: list[Seen], others: list[Seen]) -> tuple[int]:
        """Before it is nothing that a strict match can reach."""
        end_bit = 1 << (self._spec.length - 1)
        ends = (time for time, mask in touches if mask & end_bit and self._pool.is_open(time))
        first = min(self._horizon, next(ends, self._horizon))
        times = sorted(time for time, _ in (*touches, *others))
        reach = max(0, bisect_left(times, first) - self._spec.length)
        return (times[reach] if times else first,)

    def _useful(self, touches: list[Seen]) -> list[list[Seen]]:
        """For each step the events that the steps before lead to, and that lead to a match."""
        spec = self._spec
        oldest = self._horizon - spec.wait - spec.within
        steps: list[list[Seen]] = []
        for step in range(spec.length):
            fits = [seen for seen in touches if seen[1] >> step & 1 and seen[0] >= oldest]
            if step:
                before = [time for time, _ in steps[-1]]
                fits = [seen for seen in fits if self._follows(step, seen[0], before)]
            steps.append(fits)
        for step in range(spec.length - 1, -1, -1):
            after = [time for time, _ in steps[step + 1]] if step + 1 < spec.length else []
            steps[step] = [seen for seen in steps[step] if self._leads_on(step, seen[0], after)]
        return steps

    def _follows(self, step: int, time: int, before: list[int]) -> bool:
        """Whether an event of the step before comes, or may come, before an event at ``time``."""
        if time >= self._horizon:
            return True
        place = bisect_right(before, time)
        if not place:
            return False
        bits = self._spec.gaps.get(step)
        return bits is None or before[place - 1] >= self._pool.last_forbidden(bits, time)

    def _leads_on(self, step: int, time: int, after: list[int]) -> bool:
        """Whether an event of the next step comes, or may come, after an event at ``time``."""
        if step == self._spec.length - 1:
            return bool(self._pool.is_open(time))
        bits = self._spec.gaps.get(step + 1)
        if bits is None:
            return True
        end: int = self._pool.next_forbidden(bits, time)
        place = bisect_left(after, time)
        return end >= self._horizon or (place < len(after) and after[place] <= end)

    def _wanted(self, useful: set[Seen]) -> set[tuple[int, int]]:
        """What must not come, as (bits, time): of each kind the first after an event it concerns.

        An event that is useful for one step must not seem to be so for another.
        """
        spec = self._spec
        kinds = [(step - 1, bits) for step, bits in spec.gaps.items()]
        if spec.last:
            kinds.append((spec.length - 1, spec.last))
        return {
            (bits, self._pool.next_forbidden(bits, time))
            for step, bits in kinds
            for time, mask in useful
            if mask >> step & 1
        }

    def _forbids(self, seen: Seen, wanted: set[tuple[int, int]]) -> bool:
        time, mask = seen
        return any(
            mask & bits and (time >= self._horizon or (bits, time) in wanted)
            for bits in (*self._spec.gaps.values(), self._spec.last)
        )
