"""Sequences: every match there is, then those that are taken."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.events import Event
from streams.definitions.model import SequenceCondition
from tests.properties.oracle_measures import matches

Match = tuple[int, ...]
"""Places of the events that fill the event steps."""


def completions(condition: SequenceCondition, events: Sequence[Event]) -> list[int]:
    """When each match that is taken is complete, in order.

    One after the other: the one complete first, of these the one whose events come first by time
    and by what they fit; the events of one that is taken fill no other.
    """
    masks = [_mask(condition, event) for event in events]

    def precedence(match: Match) -> tuple[int, list[tuple[int, int]]]:
        filled = [(events[place].time, masks[place]) for place in match]
        return _completion(condition, events, match), filled

    used: set[int] = set()
    found = []
    for match in sorted(all_matches(condition, events), key=precedence):
        if used.isdisjoint(match):
            used.update(match)
            found.append(_completion(condition, events, match))
    return found


def all_matches(condition: SequenceCondition, events: Sequence[Event]) -> Iterator[Match]:
    """Every assignment of distinct events to the event steps that nothing forbids."""
    wanted = [step.event for step in condition.steps if not step.absent]
    fitting = [[matches(event, step) for event in events] for step in wanted]
    gaps = list(_gaps(condition, events))
    for match in _assignments(fitting, events, condition.within, ()):
        times = [events[place].time for place in match]
        if any(gap.disturbs(times) for gap in gaps):
            continue
        if not (condition.strict and _mixed(events, match)):
            yield match


def _assignments(
    fitting: list[list[bool]], events: Sequence[Event], within: int | None, chosen: Match
) -> Iterator[Match]:
    if len(chosen) == len(fitting):
        yield chosen
        return
    for place, fits in enumerate(fitting[len(chosen)]):
        if not fits or place in chosen:
            continue
        if chosen:
            if events[place].time < events[chosen[-1]].time:
                continue
            if within is not None and events[place].time - events[chosen[0]].time > within:
                continue
        yield from _assignments(fitting, events, within, (*chosen, place))


class Gap(NamedTuple):
    """An event that must not come after one of the event steps."""

    step: int
    lasting: int | None
    """How long after it, the end included; ``None``: until the next step, without its time."""
    unwanted: list[int]
    """When such events came."""

    def disturbs(self, times: list[int]) -> bool:
        begin = times[self.step]
        if self.lasting is not None:
            return any(begin < time <= begin + self.lasting for time in self.unwanted)
        return any(begin < time < times[self.step + 1] for time in self.unwanted)


def _gaps(condition: SequenceCondition, events: Sequence[Event]) -> Iterator[Gap]:
    passed = -1
    for step in condition.steps:
        if step.absent:
            unwanted = [event.time for event in events if matches(event, step.event)]
            yield Gap(passed, step.lasting, unwanted)
        else:
            passed += 1


def _mixed(events: Sequence[Event], match: Match) -> bool:
    """Whether an event that is not one of the match's came strictly between its ends."""
    begin, end = events[match[0]].time, events[match[-1]].time
    return any(begin < event.time < end for place, event in enumerate(events) if place not in match)


def _completion(condition: SequenceCondition, events: Sequence[Event], match: Match) -> int:
    return events[match[-1]].time + (condition.steps[-1].lasting or 0)


def _mask(condition: SequenceCondition, event: Event) -> int:
    """A bit for each event step that the event fits, then one for each step that is absent."""
    filled = [step.event for step in condition.steps if not step.absent]
    absent = [step.event for step in condition.steps if step.absent]
    return sum(1 << bit for bit, step in enumerate(filled + absent) if matches(event, step))
