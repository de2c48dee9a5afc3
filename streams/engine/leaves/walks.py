"""How far an entity is in a sequence, whatever the order in which its events came."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from streams.engine.chains import chain
from streams.engine.entities import AFTER_ALL, BEFORE_ALL
from streams.engine.leaves.steps import Seen, Spec

_SLACK: Final = 32


class Walk:
    """The attempts at a sequence, as far as the history was read.

    For each number of steps filled the attempt that began last is enough: it can do whatever one
    that began earlier can, and has more time left. At the end, the first that waits is enough:
    what ends its waiting ends that of all.

    Attributes:
        alive: steps filled → when that attempt began.
        waiting: since when a whole one has waited for what must not come.
        done: when the first was complete.
    """

    __slots__ = ("_spec", "alive", "done", "waiting")

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.alive: dict[int, int] = {}
        self.waiting: int | None = None
        self.done: int | None = None

    def copy(self) -> "Walk":
        """Another that goes on from here."""
        other = Walk(self._spec)
        other.alive = dict(self.alive)
        other.waiting, other.done = self.waiting, self.done
        return other

    def due(self) -> int | None:
        """When the first is complete, if nothing comes any more."""
        if self.done is None and self.waiting is not None:
            return self.waiting + self._spec.wait
        return self.done

    def step(self, time: int, masks: Sequence[int]) -> None:
        """Read the events of one instant, later than all before."""
        if self.done is not None:
            return
        present = 0
        for mask in masks:
            present |= mask
        if self._is_over(time, present):
            return
        spec = self._spec
        after: dict[int, int] = {}
        for depth, begun in self.alive.items():
            if time - begun <= spec.within:
                self._go_on(after, depth, begun, masks, present)
        for target in range(1, len(chain(masks, 0, spec.length)) + 1):
            _keep(after, target, time)
        if after.pop(spec.length, None) is not None:
            if not spec.last:
                self.done = time
            elif self.waiting is None:
                self.waiting = time
        self.alive = after

    def _is_over(self, time: int, present: int) -> bool:
        """Whether a whole one has waited long enough; it waits no more for what has come."""
        if self.waiting is not None:
            if time > self.waiting + self._spec.wait:
                self.done = self.waiting + self._spec.wait
                return True
            if present & self._spec.last:
                self.waiting = None
        return False

    def _go_on(
        self, after: dict[int, int], depth: int, begun: int, masks: Sequence[int], present: int
    ) -> None:
        """What may become of an attempt with the events of an instant."""
        spec = self._spec
        if not spec.strict and not present & spec.gaps.get(depth, 0):
            _keep(after, depth, begun)
        reach = len(chain(masks, depth, spec.length))
        for target in range(depth + 1, depth + reach + 1):
            # Of a strict attempt that goes on, no event may be left over in between.
            if target == spec.length or not spec.strict or target - depth == len(masks):
                _keep(after, target, begun)


def _keep(alive: dict[int, int], depth: int, begun: int) -> None:
    if begun > alive.get(depth, -AFTER_ALL):
        alive[depth] = begun


class Progress:
    """How far an entity is in a sequence.

    Attributes:
        settled: has read all up to the horizon.
        recent: the events since, sorted.
        tip: has read all of these but those of the last instant, which more may join.
        settle_at: with how many recent events it is next worth while to settle.
    """

    __slots__ = (
        "_due", "_is_due_known", "_marks", "_spec", "recent", "settle_at", "settled", "tip",
    )  # fmt: skip

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.settled = Walk(spec)
        self.recent: list[Seen] = []
        self.tip = self.settled
        self.settle_at = _SLACK
        self._due: int | None = None
        self._is_due_known = True
        self._marks: list[tuple[int, Walk]] = []
        """Instants on the way, and what had read all before each: late events begin there."""

    def due(self) -> int | None:
        """When the first match is complete, if nothing comes any more."""
        if not self._is_due_known:
            self._is_due_known = True
            walk = self.tip
            if self.recent:
                walk = walk.copy()
                last = self.recent[-1][0]
                walk.step(last, [mask for _, mask in self.recent[self._begin(last) :]])
            self._due = walk.due()
        return self._due

    def _begin(self, time: int) -> int:
        return bisect_left(self.recent, (time, 0))

    def add(self, seen: Seen) -> None:
        """Read an event, at the end or where it belongs."""
        recent = self.recent
        self._is_due_known = False
        if recent and seen < recent[-1]:
            first = bisect_left(recent, seen)
            if recent[first : first + self._spec.length + 1].count(seen) > self._spec.length:
                return  # there are enough of its kind for every step
            recent.insert(first, seen)
            if seen[0] < recent[-1][0]:
                self._retrace(seen[0])
            return
        if recent and seen[0] > recent[-1][0]:
            self._advance(recent[-1][0])
        elif len(recent) > self._spec.length and recent[-1 - self._spec.length] == seen:
            return
        recent.append(seen)

    def _advance(self, last: int) -> None:
        """Let the tip read the instant ``last``, as a later one begins."""
        if self.tip is self.settled:
            self.tip = self.settled.copy()
        self._go_on(self._begin(last), len(self.recent))

    def settle(self, horizon: int) -> None:
        """Read for good what no event can come before any more."""
        end = min(self._begin(horizon), self._begin(self.recent[-1][0]))
        if end:
            place = 0
            while place < end:
                place = self._read(self.settled, place)
            del self.recent[:end]
            first = self.recent[0][0]
            self._marks = [mark for mark in self._marks if mark[0] >= first]
        self.settle_at = len(self.recent) * 9 // 8 + _SLACK

    def restore(self, recent: list[Seen]) -> None:
        """Go on from :attr:`settled` with these."""
        self.recent = recent
        self._is_due_known = False
        self._retrace(BEFORE_ALL)

    def _retrace(self, time: int) -> None:
        """Read anew what is not before ``time``."""
        while self._marks and self._marks[-1][0] > time:
            self._marks.pop()
        first, walk = self._marks[-1] if self._marks else (BEFORE_ALL, self.settled)
        self.tip = walk.copy()
        if self.recent:
            self._go_on(self._begin(first), self._begin(self.recent[-1][0]))

    def _go_on(self, first: int, last: int) -> None:
        """Let the tip read on, with a mark now and then."""
        marked = self._begin(self._marks[-1][0]) if self._marks else 0
        while first < last:
            if first - marked >= _SLACK:
                marked = first
                self._marks.append((self.recent[first][0], self.tip.copy()))
            first = self._read(self.tip, first)

    def _read(self, walk: Walk, first: int) -> int:
        """Read the instant that begins at a place; where the next one does."""
        time = self.recent[first][0]
        end = bisect_right(self.recent, (time, AFTER_ALL))
        walk.step(time, [mask for _, mask in self.recent[first:end]])
        return end
