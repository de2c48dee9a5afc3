"""The events that the matches of a sequence may be made of, and the matches that there are."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter

from streams.engine.entities import AFTER_ALL, BEFORE_ALL
from streams.engine.leaves.keeping import Keeping
from streams.engine.leaves.ordered import Ordered
from streams.engine.leaves.searching import LooseSearch, Search, StrictSearch
from streams.engine.leaves.steps import Seen, Spec


class Pool:
    """Events, and the matches that are taken of them.

    Matches that an event may still change are found anew from the instant on that it is of; others
    are taken for good.

    Attributes:
        touches: what may be one of a match's events, or is so now; sorted.
        others: what cannot, but must not come in between; sorted.
        free: for each step, those of the touches that no match has.
        complete: when the matches are complete that are not taken for good, in order.
        taken: matches that no event can change any more.
        upto: all that were complete by then are among these.
        settle_at: with how many events it is next worth while to settle.
    """

    __slots__ = (
        "_ends", "_forbidden", "_matches", "_spec", "complete", "free", "others",
        "settle_at", "taken", "touches", "upto",
    )  # fmt: skip

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.settle_at = 0
        self.restore([], [], 0, BEFORE_ALL)

    def restore(self, touches: list[Seen], others: list[Seen], taken: int, upto: int) -> None:
        """Go on with these; no matches are found yet."""
        spec = self._spec
        self.touches, self.others, self.taken, self.upto = touches, others, taken, upto
        self.complete: list[int] = []
        self._matches: list[tuple[int, list[Seen]]] = []
        """Of each that is not taken for good the last instant, and the events."""
        self.free = [
            Ordered(seen for seen in touches if seen[1] >> step & 1) for step in range(spec.length)
        ]
        end_bit = 1 << (spec.length - 1)
        self._ends = sorted({time for time, mask in touches if mask & end_bit})
        self._forbidden = {
            bits: sorted(time for time, mask in (*touches, *others) if mask & bits)
            for bits in {*spec.gaps.values(), spec.last}
            if bits
        }
        """Bits of events that must not come somewhere → the times of those that did."""

    @property
    def size(self) -> int:
        """How many events it has."""
        return len(self.touches) + len(self.others)

    def next_forbidden(self, bits: int, time: int) -> int:
        """When the first of such events after ``time`` happened; the end of time for none."""
        times = self._forbidden[bits]
        place = bisect_right(times, time)
        return times[place] if place < len(times) else AFTER_ALL

    def last_forbidden(self, bits: int, time: int) -> int:
        """When the last of such events before ``time`` happened; the beginning of time for none."""
        times = self._forbidden[bits]
        place = bisect_left(times, time)
        return times[place - 1] if place else BEFORE_ALL

    def add(self, seen: Seen, cap: int) -> bool:
        """Put in an event; whether the times changed at which matches are complete."""
        spec = self._spec
        time, mask = seen
        self._insert(seen)
        # What must not follow refutes all matches that it follows, and nothing takes their place.
        first = bisect_left(self._matches, (time - spec.wait if mask & spec.last else time,))
        before = self.complete[first:]
        for _, events in self._matches[first:]:
            for event in events:
                self._free(event)
        del self._matches[first:], self.complete[first:]
        self.take(time, cap)
        return self.complete[first:] != before

    def _insert(self, seen: Seen) -> None:
        time, mask = seen
        steps = mask & ((1 << self._spec.length) - 1)
        insort(self.touches if steps else self.others, seen)
        self._free(seen)
        if mask >> (self._spec.length - 1) & 1:
            place = bisect_left(self._ends, time)
            if place == len(self._ends) or self._ends[place] != time:
                self._ends.insert(place, time)
        for bits, times in self._forbidden.items():
            if mask & bits:
                insort(times, time)

    def _free(self, seen: Seen) -> None:
        for step, free in enumerate(self.free):
            if seen[1] >> step & 1:
                free.add(seen)

    def _use(self, seen: Seen) -> None:
        for step, free in enumerate(self.free):
            if seen[1] >> step & 1:
                free.remove(seen)

    def take(self, since: int, cap: int) -> None:
        """Take the matches that end at ``since`` or later, as long as they are less than ``cap``.

        None of these are taken yet, all others are.
        """
        spec = self._spec
        for end in self._ends[bisect_left(self._ends, since) :]:
            if not self.is_open(end):
                continue
            while self.taken + len(self._matches) < cap:
                search: Search = (
                    StrictSearch(self, spec, end) if spec.strict else LooseSearch(self, spec, end)
                )
                events = search.find()
                if events is None:
                    break
                for event in events:
                    self._use(event)
                self._matches.append((end, events))
                self.complete.append(end + spec.wait)

    def is_open(self, end: int) -> bool:
        """Whether matches that end there are not taken for good, and nothing follows too soon."""
        spec = self._spec
        at = end + spec.wait
        return at > self.upto and not (spec.last and self.next_forbidden(spec.last, end) <= at)

    def settle(self, horizon: int, cap: int) -> None:
        """Take for good the matches that no event can change any more, and forget the rest."""
        over = bisect_left(self.complete, horizon)
        used = Counter(event for _, events in self._matches[:over] for event in events)
        taken, upto = self.taken + over, max(self.upto, horizon - 1)
        self.upto = upto
        if taken >= cap:
            self.restore([], [], taken, upto)
            return
        touches: list[Seen] = []
        others = list(self.others)
        for seen in self.touches:
            if used.get(seen):
                used[seen] -= 1
                others.append(seen)
            else:
                touches.append(seen)
        matches, complete = self._matches[over:], self.complete[over:]
        touches, others = Keeping(self, self._spec, horizon).sort(touches, sorted(others))
        self.restore(touches, others, taken, upto)
        self._matches, self.complete = matches, complete
        for _, events in matches:
            for event in events:
                self._use(event)
