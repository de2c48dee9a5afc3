"""What a funnel's best attempt is, by trying them all: written from the documentation alone."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from streams.definitions.model import Funnel


class Seen(NamedTuple):
    """An event: when, which steps it may fill (from 0), which exclusions it is."""

    time: int
    steps: frozenset[int]
    excluded: frozenset[int]


def best(funnel: Funnel, history: Sequence[Seen]) -> list[int] | None:
    """When each step was filled, in the attempt that counts.

    The furthest; of these the first that was there; of these the one that began last; of these the
    one that came to the second step first, and so on.
    """
    attempts = unordered(funnel, history) if funnel.order == "unordered" else walks(funnel, history)
    return min(attempts, key=lambda times: (-len(times), times[-1], -times[0], times), default=None)


def walks(funnel: Funnel, history: Sequence[Seen]) -> Iterator[list[int]]:
    """Every attempt at steps that have an order, as the times of its events."""
    for length in range(1, len(funnel.steps) + 1):
        for chosen in permutations(range(len(history)), length):
            events = [history[place] for place in chosen]
            times = [event.time for event in events]
            fits = all(step in event.steps for step, event in enumerate(events))
            if not fits or times != sorted(times) or not in_time(funnel, times):
                continue
            if any(ended(history, times, place, funnel) for place in range(len(funnel.exclude))):
                continue
            others = [event for place, event in enumerate(history) if place not in chosen]
            if funnel.order == "strict" and between(others, times[0], times[-1]):
                continue
            yield times


def unordered(funnel: Funnel, history: Sequence[Seen]) -> Iterator[list[int]]:
    """Every attempt at steps that have none."""
    for length in range(1, len(funnel.steps) + 1):
        for events in combinations(history, length):
            times = sorted(event.time for event in events)
            steps = permutations(range(len(funnel.steps)), length)
            filled = any(
                all(step in event.steps for step, event in zip(way, events, strict=True))
                for way in steps
            )
            unwanted = [event for event in history if event.excluded]
            if filled and in_time(funnel, times) and not between(unwanted, times[0], times[-1]):
                yield times


def in_time(funnel: Funnel, times: Sequence[int]) -> bool:
    return funnel.within is None or times[-1] - times[0] <= funnel.within


def ended(history: Sequence[Seen], times: Sequence[int], place: int, funnel: Funnel) -> bool:
    """Whether an excluded event came between the steps that it must not come between."""
    exclusion = funnel.exclude[place]
    if len(times) < exclusion.first:
        return False
    unwanted = [event for event in history if place in event.excluded]
    last = min(exclusion.last, len(times))
    return between(unwanted, times[exclusion.first - 1], times[last - 1])


def between(events: Sequence[Seen], begin: int, end: int) -> bool:
    """Events of the same time may come in any order: only strictly between is between."""
    return any(begin < event.time < end for event in events)
