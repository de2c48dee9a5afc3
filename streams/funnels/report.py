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

_LENGTHS: Final = [days * DAY for days in DAYS]


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
        observed = bisect_right(_LENGTHS, until - begun)
        for place in range(observed):
            old_enough[place] += 1
        counts[0] += 1
        for step in range(1, len(times)):
            counts[step] += 1
            waits[step].append(times[step] - times[step - 1])
            for place in range(bisect_left(_LENGTHS, times[step] - begun), observed):
                by_day[step][place] += 1
    return tuple(
        _step(
            name,
            counts[place],
            counts[place - 1] if place else None,
            counts[0],
            sorted(waits[place]),
            {
                days: Portion(*each)
                for days, *each in zip(DAYS, by_day[place], old_enough, strict=True)
            }
            if place
            else {},
        )
        for place, name in enumerate(names)
    )


def _step(
    name: str,
    count: int,
    previous: int | None,
    first: int,
    waits: Sequence[int],
    by_day: Mapping[int, Portion],
) -> Step:
    return Step(
        name,
        count,
        0 if previous is None else previous - count,
        None if previous is None else Portion(count, previous).share,
        Portion(count, first).share,
        percentile(waits, 0.5),
        percentile(waits, 0.75),
        percentile(waits, 0.9),
        by_day,
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
