"""A funnel's answer: how many came to each step, how long it took, and by when they had come."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.definitions.conditions.events import describe_events
from streams.definitions.model import EntityKind, Funnel, FunnelOrder, Owner
from streams.engine.funnels import Attempt
from streams.engine.values import DAY
from streams.funnels.breakdown import Breakdown, Label

DAYS: Final = (1, 3, 7, 14, 30)
"""So many days after their first step it is looked who had come to a later one."""

LENGTHS: Final = [days * DAY for days in DAYS]
"""The same in milliseconds."""

_PERCENTILES: Final = (0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of those who could."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; ``None`` of nobody."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and who came to it."""

    name: str
    count: int
    """How many accounts or users filled it, and all before it."""
    dropped: int
    """How many filled the step before it, and not this one; 0 for the first."""
    of_previous: float | None
    """Their share of those who filled the step before; ``None`` for the first, and of nobody."""
    of_first: float | None
    """Their share of those who filled the first."""
    median_ms: float | None
    """Half of them took no longer from the step before; ``None`` for the first, and of nobody."""
    p75_ms: float | None
    """Three quarters of them took no longer."""
    p90_ms: float | None
    """Nine of ten took no longer."""
    by_day: Mapping[int, Portion]
    """Days → who had filled it by so many days after the first step, of those whose first step is
    that long ago; empty for the first."""


@dataclass(frozen=True, slots=True)
class Report:
    """A funnel's or a journey's answer."""

    name: str
    of: EntityKind
    order: FunnelOrder
    steps: tuple[Step, ...]
    by: str | None = None
    """What it is broken down by."""
    groups: Mapping[Label, tuple[Step, ...]] | None = None
    """The same by that; the largest group first, periods in their order."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Who came to one step, as it was counted."""

    count: int
    waits: Sequence[float | None]
    """Median, 75th and 90th percentile of the milliseconds since the step before; of the first step
    they say nothing."""
    by_day: Sequence[int]
    """For each of `DAYS` who had come by then, of those whose first step is so long ago."""


class Attempts:
    """The times of many attempts, in 8 bytes a step and one more an attempt."""

    __slots__ = ("_depths", "_times")

    def __init__(self) -> None:
        self._depths = array("B")
        self._times = array("q")

    def add(self, times: Sequence[int]) -> None:
        """Remember when the steps were filled, one at least."""
        self._depths.append(len(times))
        self._times.extend(times)

    def __len__(self) -> int:
        return len(self._depths)

    def __iter__(self) -> Iterator[Sequence[int]]:
        begin = 0
        for depth in self._depths:
            yield self._times[begin : begin + depth]
            begin += depth


class Tally:
    """Takes the best attempt of each account or user, and answers in the end.

    Args:
        breakdown: what the answer is broken down by.
    """

    def __init__(self, breakdown: Breakdown | None) -> None:
        self._breakdown = breakdown
        self._all = Attempts()
        self._groups: dict[Label, Attempts] = {}

    def add(self, owner: Owner, attempt: Attempt) -> None:
        """Count somebody."""
        self._all.add(attempt.times)
        if self._breakdown is not None:
            label = self._breakdown.label(owner, attempt)
            self._groups.setdefault(label, Attempts()).add(attempt.times)

    def report(
        self, name: str, of: EntityKind, order: FunnelOrder, steps: Sequence[str], until: int
    ) -> Report:
        """The answer to all that were taken.

        Args:
            name: of the funnel or journey.
            of: whose steps these are.
            order: of the steps.
            steps: what each is called.
            until: how far the histories reach, epoch milliseconds.
        """
        whole = count_steps(self._all, steps, until)
        if self._breakdown is None:
            return Report(name, of, order, whole)
        groups = {
            label: count_steps(self._groups[label], steps, until)
            for label in self._breakdown.arrange({k: len(v) for k, v in self._groups.items()})
        }
        return Report(name, of, order, whole, self._breakdown.name, groups)


def count_steps(
    attempts: Iterable[Sequence[int]], names: Sequence[str], until: int
) -> tuple[Step, ...]:
    """What attempts, each the times of its steps, are as steps."""
    counts = [0] * len(names)
    waits = [array("q") for _ in names]
    old_enough = [0] * len(DAYS)
    by_day = [[0] * len(DAYS) for _ in names]
    for times in attempts:
        begun = times[0]
        observed = bisect_right(LENGTHS, until - begun)
        for place in range(observed):
            old_enough[place] += 1
        counts[0] += 1
        for step in range(1, len(times)):
            counts[step] += 1
            waits[step].append(times[step] - times[step - 1])
            for place in range(bisect_left(LENGTHS, times[step] - begun), observed):
                by_day[step][place] += 1
    return steps_of(
        names,
        [
            Filled(
                counts[place],
                [percentile(each, part) for part in _PERCENTILES],
                by_day[place] if place else old_enough,
            )
            for place, each in enumerate(map(sorted, waits))
        ],
    )


def steps_of(names: Sequence[str], filled: Sequence[Filled]) -> tuple[Step, ...]:
    """What was counted of each step, as steps.

    Args:
        names: of all steps.
        filled: of the steps that anybody came to, from the first on.
    """
    nobody = Filled(0, (None, None, None), (0,) * len(DAYS))
    whole = [*filled, *[nobody] * (len(names) - len(filled))]
    return tuple(
        _step(name, one, whole[place - 1] if place else None, whole[0])
        for place, (name, one) in enumerate(zip(names, whole, strict=True))
    )


def _step(name: str, one: Filled, previous: Filled | None, first: Filled) -> Step:
    of_first = Portion(one.count, first.count).share
    if previous is None:
        return Step(name, one.count, 0, None, of_first, None, None, None, {})
    median, p75, p90 = one.waits
    return Step(
        name,
        one.count,
        previous.count - one.count,
        Portion(one.count, previous.count).share,
        of_first,
        median,
        p75,
        p90,
        {days: Portion(*each) for days, *each in zip(DAYS, one.by_day, first.by_day, strict=True)},
    )


def percentile(values: Sequence[int], part: float) -> float | None:
    """The value below which that part of them lies, in between where it falls between two.

    Args:
        values: sorted.
        part: from 0 to 1.
    """
    if not values:
        return None
    place = part * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def step_names(funnel: Funnel) -> list[str]:
    """What each step is called; where they have no order, by how many there are."""
    if funnel.order == "unordered":
        return [
            f"any {number} of {len(funnel.steps)}" for number in range(1, len(funnel.steps) + 1)
        ]
    return [describe_events(step.events, step.where) for step in funnel.steps]
