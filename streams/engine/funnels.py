"""How far an entity came in a funnel: the best of its attempts.

The rules, as the documentation has them: an attempt begins with an event that is the first step,
and its time runs from there, the bound included. One event fills one step. Events of the same time
may serve in any order; where several could be the first step, it is the one whose label sorts
first. Of all attempts the one that came furthest counts; of those the one that was there first; of
those the one that began last; and of those the one that came to the second step first, and so on.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from schemas.events import Event
from streams.definitions.model import EventFilter, Funnel
from streams.engine.chains import augment, chain
from streams.engine.filters import Predicate, compile_filter
from streams.engine.values import getter, identity, names

FOREVER: Final = 2**62


class Touch:
    """An event as a funnel sees it.

    Attributes:
        time: epoch milliseconds.
        steps: bit set of the steps that it may fill.
        excluded: bit set of the exclusions that it is.
        label: what the answer is broken down by.
    """

    __slots__ = ("excluded", "label", "steps", "time")

    def __init__(self, time: int, steps: int, excluded: int, label: str | None = None) -> None:
        self.time: Final = time
        self.steps: Final = steps
        self.excluded: Final = excluded
        self.label: Final = label

    def place(self) -> tuple[int, bool, str, int, int]:
        """What events are sorted by: nothing that depends on how they came."""
        return self.time, self.label is None, self.label or "", self.steps, self.excluded


class Matcher:
    """Tells which events a funnel looks at, and as what."""

    def __init__(self, funnel: Funnel, label: str | None) -> None:
        self._steps = [_compiled(step) for step in funnel.steps]
        self._exclude = [_compiled(one.event) for one in funnel.exclude]
        self._label = getter(label) if label is not None else None
        self._all = funnel.order == "strict"
        self._start = funnel.start if funnel.start is not None else -FOREVER
        self._end = funnel.end if funnel.end is not None else FOREVER

    def touch(self, event: Event) -> Touch | None:
        """The event as the funnel sees it; ``None`` where it does not matter."""
        if not self._start <= event.time < self._end:
            return None
        steps, excluded = _bits(self._steps, event), _bits(self._exclude, event)
        if not (steps or excluded or self._all):
            return None
        label = identity(self._label(event)) if steps and self._label is not None else None
        return Touch(event.time, steps, excluded, label)


_Compiled = tuple[tuple[str, ...], Predicate | None]


def _compiled(wanted: EventFilter) -> _Compiled:
    return wanted.events, compile_filter(wanted.where) if wanted.where is not None else None


def _bits(filters: Sequence[_Compiled], event: Event) -> int:
    found = 0
    for place, (events, accepts) in enumerate(filters):
        if names(events, event.name) and (accepts is None or accepts(event)):
            found |= 1 << place
    return found


class Attempt:
    """How far it came.

    Attributes:
        times: when each step was filled, in the order of the steps (of an unordered funnel: in the
            order of time).
        label: of the event that filled the first.
    """

    __slots__ = ("label", "times")

    def __init__(self, times: tuple[int, ...], label: str | None) -> None:
        self.times: Final = times
        self.label: Final = label


def best_attempt(funnel: Funnel, touches: Iterable[Touch]) -> Attempt | None:
    """The best attempt in the whole history of one entity; ``None`` where none ever began.

    Args:
        funnel: what is looked for.
        touches: all that may matter, in any order; of a strict funnel every event there is.
    """
    history = sorted(touches, key=Touch.place)
    if funnel.order == "unordered":
        return _best_unordered(funnel, history)
    walk = _Walk(funnel)
    for time, group in groupby(history, lambda touch: touch.time):
        walk.step(time, list(group))
    return walk.best


class _Walk:
    """The attempts of one history, as far as it was read.

    For each number of steps the attempt that began last is enough: it can do whatever one that
    began earlier can, and has more time left. So the work is the same for each event.
    """

    def __init__(self, funnel: Funnel) -> None:
        self._length = len(funnel.steps)
        self._within = funnel.within if funnel.within is not None else FOREVER
        self._strict = funnel.order == "strict"
        self._exclude = [(one.first, one.last) for one in funnel.exclude]
        self._alive: dict[int, Attempt] = {}
        """Steps filled → the attempt that may go on."""
        self.best: Attempt | None = None

    def step(self, time: int, group: list[Touch]) -> None:
        """Read the events of one instant."""
        masks = [touch.steps for touch in group]
        present = 0
        for touch in group:
            present |= touch.excluded
        after: dict[int, Attempt] = {}
        for depth, attempt in self._alive.items():
            if time > attempt.times[0] + self._within:
                continue
            if not self._strict and not self._ends(depth, depth, present):
                _keep(after, depth, attempt)
            for target in range(depth + 1, depth + len(chain(masks, depth, self._length)) + 1):
                longer = Attempt(attempt.times + (time,) * (target - depth), attempt.label)
                self._offer(longer)
                # Of a strict attempt that goes on, no event may be left over in between.
                leftover = self._strict and target - depth < len(group)
                if not leftover and not self._ends(depth, target, present):
                    _keep(after, target, longer)
        begun = chain(masks, 0, self._length)
        for target in range(1, len(begun) + 1):
            fresh = Attempt((time,) * target, group[begun[0]].label)
            self._offer(fresh)
            _keep(after, target, fresh)
        self._alive = after

    def _ends(self, before: int, now: int, present: int) -> bool:
        """Whether an excluded event falls between two steps, one filled earlier and one not yet.

        One of the same time as a step may have come on its other side.
        """
        return bool(present) and any(
            present >> place & 1 and first <= before and now < last
            for place, (first, last) in enumerate(self._exclude)
        )

    def _offer(self, attempt: Attempt) -> None:
        best = self.best
        if best is None or len(attempt.times) > len(best.times):
            self.best = attempt
        elif len(attempt.times) == len(best.times) and attempt.times[-1] == best.times[-1]:
            self.best = attempt if _is_before(attempt.times, best.times) else best


def _keep(alive: dict[int, Attempt], depth: int, attempt: Attempt) -> None:
    known = alive.get(depth)
    if known is None or _is_before(attempt.times, known.times):
        alive[depth] = attempt


def _is_before(times: tuple[int, ...], others: tuple[int, ...]) -> bool:
    """Of two attempts that came as far: began later, or then and came to a step earlier."""
    return times < others if times[0] == others[0] else times[0] > others[0]


def _best_unordered(funnel: Funnel, touches: Sequence[Touch]) -> Attempt | None:
    """Windows from each event on: the first that fills the most steps, made as short as can be."""
    within = funnel.within if funnel.within is not None else FOREVER
    ends = [touch.time for touch in touches if touch.excluded]
    useful = [touch for touch in touches if touch.steps]
    window = _Window(len(funnel.steps))
    best, place = 0, (0, 0)
    end = wall = 0
    for begin, first in enumerate(useful):
        while wall < len(ends) and ends[wall] <= first.time:
            wall += 1
        limit = first.time + within
        if wall < len(ends):
            limit = min(limit, ends[wall])
        while end < len(useful) and useful[end].time <= limit:
            window.add(useful[end].steps)
            end += 1
        filled = window.filled()
        if filled > best:
            best, place = filled, (begin, end)
        window.remove(first.steps)
    if not best:
        return None
    return _shortest(useful[place[0] : place[1]], best, len(funnel.steps))


def _shortest(touches: Sequence[Touch], best: int, length: int) -> Attempt:
    """The attempt in this window: over as early as can be, and begun as late."""
    window = _Window(length)
    end = 0
    while window.filled() < best:
        window.add(touches[end].steps)
        end += 1
    while end < len(touches) and touches[end].time == touches[end - 1].time:
        window.add(touches[end].steps)
        end += 1
    begin = 0
    while True:
        window.remove(touches[begin].steps)
        if window.filled() < best:
            break
        begin += 1
    window = _Window(length)
    times: list[int] = []
    for touch in touches[begin:end]:
        window.add(touch.steps)
        if window.filled() > len(times):
            times.append(touch.time)
    # Each event of that time is in one of the attempts that are this long.
    label = next(touch.label for touch in touches if touch.time == times[0])
    return Attempt(tuple(times), label)


class _Window:
    """The events of a window by the steps that they may fill."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._counts: dict[int, int] = {}

    def add(self, steps: int) -> None:
        self._counts[steps] = self._counts.get(steps, 0) + 1

    def remove(self, steps: int) -> None:
        self._counts[steps] -= 1

    def filled(self) -> int:
        """How many steps can be filled, each by an event of its own."""
        masks = tuple(
            mask
            for mask in sorted(self._counts)
            for _ in range(min(self._counts[mask], mask.bit_count()))
        )
        return _most_filled(masks, self._length)


@lru_cache(maxsize=4096)
def _most_filled(masks: tuple[int, ...], length: int) -> int:
    filled: dict[int, int] = {}
    return sum(augment(step, masks, filled, set()) for step in range(length))
