"""``sequence`` and ``after … no … for``: events in the order of their times."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import Any, Final

from schemas.events import Event
from streams.definitions.model import EventFilter, SequenceCondition
from streams.engine.chains import chain
from streams.engine.entities import AFTER_ALL, Entity
from streams.engine.filters import Predicate, compile_filter
from streams.engine.leaves.base import COMPARE, EventLeaf, Observation
from streams.engine.values import names

_SLACK: Final = 32

Seen = tuple[int, int]
"""When, and the bit set of the steps that the event may fill; above these bits, that of the absent
events that it is."""


class Spec:
    """A sequence, ready to be looked for.

    Attributes:
        length: how many events it has.
        gaps: number of steps filled → the bits of the events that must not come before the next.
        within: from the first to the last, included.
        strict: whether no other event may come in between.
        last: the bit of the event that must not follow at the end; 0 for none.
        wait: for how long it must not.
    """

    def __init__(self, condition: SequenceCondition) -> None:
        steps = [step.event for step in condition.steps if not step.absent]
        absent: list[EventFilter] = []
        self.length = len(steps)
        self.gaps: dict[int, int] = {}
        self.last = self.wait = 0
        filled = 0
        for step in condition.steps:
            if not step.absent:
                filled += 1
                continue
            bit = 1 << (self.length + len(absent))
            absent.append(step.event)
            if step.lasting is not None:
                self.last, self.wait = bit, step.lasting
            else:
                self.gaps[filled] = self.gaps.get(filled, 0) | bit
        self.within = condition.within if condition.within is not None else AFTER_ALL
        self.strict = condition.strict
        self.filters = [(each.events, _accepts(each)) for each in (*steps, *absent)]
        self.events = (
            ("*",) if self.strict else tuple(dict.fromkeys(n for e, _ in self.filters for n in e))
        )

    def mask(self, event: Event) -> int:
        """What an event may be in it."""
        found = 0
        for place, (events, accepts) in enumerate(self.filters):
            if names(events, event.name) and (accepts is None or accepts(event)):
                found |= 1 << place
        return found

    def may_share(self) -> bool:
        """Whether there may be events that can fill more than one of its steps."""
        wanted = [events for events, _ in self.filters[: self.length]]
        return any(
            _overlap(name, other)
            for place, events in enumerate(wanted)
            for name in events
            for others in wanted[:place]
            for other in others
        )


def _overlap(one: str, other: str) -> bool:
    stem, other_stem = one.rstrip("*"), other.rstrip("*")
    if one.endswith("*") and other_stem.startswith(stem):
        return True
    return one == other or (other.endswith("*") and stem.startswith(other_stem))


def _accepts(wanted: EventFilter) -> Predicate | None:
    return compile_filter(wanted.where) if wanted.where is not None else None


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
    """

    __slots__ = ("recent", "settled", "tip")

    def __init__(self, spec: Spec) -> None:
        self.settled = Walk(spec)
        self.recent: list[Seen] = []
        self.tip = self.settled

    def due(self) -> int | None:
        """When the first match is complete, if nothing comes any more."""
        if not self.recent:
            return self.settled.due()
        walk = self.tip.copy()
        last = self.recent[-1][0]
        walk.step(last, [mask for _, mask in self.recent[self._begin(last) :]])
        return walk.due()

    def _begin(self, time: int) -> int:
        return bisect_left(self.recent, (time, 0))

    def append(self, seen: Seen) -> None:
        """An event that is not older than any."""
        if self.recent and seen[0] > self.recent[-1][0]:
            if self.tip is self.settled:
                self.tip = self.settled.copy()
            self._read(self.tip, self._begin(self.recent[-1][0]), len(self.recent))
        self.recent.append(seen)

    def insert(self, seen: Seen) -> None:
        """An event that comes late."""
        insort(self.recent, seen)
        self._retrace()

    def settle(self, horizon: int) -> None:
        """Read for good what no event can come before any more."""
        end = min(self._begin(horizon), self._begin(self.recent[-1][0]))
        if end:
            self._read(self.settled, 0, end)
            del self.recent[:end]
            self._retrace()

    def _retrace(self) -> None:
        self.tip = self.settled.copy()
        if self.recent:
            self._read(self.tip, 0, self._begin(self.recent[-1][0]))

    def _read(self, walk: Walk, first: int, last: int) -> None:
        while first < last:
            time = self.recent[first][0]
            end = bisect_right(self.recent, (time, AFTER_ALL))
            walk.step(time, [mask for _, mask in self.recent[first : min(end, last)]])
            first = end


class SequenceLeaf(EventLeaf):
    """Whether a match was ever complete. State: :class:`Progress`."""

    packs = True

    def __init__(self, key: int, text: str, condition: SequenceCondition) -> None:
        self._spec = Spec(condition)
        super().__init__(key, text, EventFilter(self._spec.events))
        self._count = condition.count
        compare = COMPARE[condition.count.operator]
        self._so, self._before = (bool(compare(n, condition.count.value)) for n in (1, 0))
        refutes = bool(self._spec.gaps or self._spec.last or self._spec.strict)
        self.may_rise = self._so or refutes
        self.may_fall = self._before or refutes

    def add(self, entity: Entity, event: Event, horizon: int) -> bool:
        """See :meth:`EventLeaf.add`."""
        mask = self._spec.mask(event)
        if not mask and not self._spec.strict:
            return False
        progress: Progress | None = entity.leaves.get(self.key)
        if progress is None:
            progress = entity.leaves[self.key] = Progress(self._spec)
        if progress.settled.done is not None and event.time >= progress.settled.done:
            return False
        seen = (event.time, mask)
        due = progress.due()
        if progress.recent and event.time < progress.recent[-1][0]:
            progress.insert(seen)
        else:
            progress.append(seen)
        if len(progress.recent) % _SLACK == 0:
            progress.settle(horizon)
        return due != progress.due()

    def due(self, entity: Entity) -> int | None:
        """When the first match is complete, if nothing comes any more."""
        progress: Progress | None = entity.leaves.get(self.key)
        return None if progress is None else progress.due()

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        due = self.due(entity)
        return self._so if due is not None and due <= at else self._before

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        due = self.due(entity)
        happened = due is not None and due <= at
        holds = self._so if happened else self._before
        return Observation(int(happened), happened, str(self._count), None, holds)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        due = self.due(entity)
        return (due,) if due is not None and low < due <= high else ()

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        due = self.due(entity)
        return due if due is not None and due > after else None

    def is_exact(self) -> bool:
        """See :meth:`Leaf.is_exact`."""
        return True

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`."""
        return bool(self._spec.last)

    def dump(self, state: Progress) -> Any:
        """See :meth:`Leaf.dump`."""
        settled = state.settled
        return [settled.alive, settled.waiting, settled.done, state.recent]

    def load(self, data: Any) -> Progress:
        """See :meth:`Leaf.load`."""
        progress = Progress(self._spec)
        settled = progress.settled
        settled.alive, settled.waiting, settled.done, recent = data
        progress.recent = [(time, mask) for time, mask in recent]
        progress._retrace()
        return progress
