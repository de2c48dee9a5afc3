"""Sequences: every match there is, then those that are taken."""

from collections.abc import Iterator, Sequence

from schemas.events import Event
from streams.definitions.model import SequenceCondition
from tests.properties.oracle_measures import lying_in, matches

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
    for match in _assignments(fitting, events, condition.within, ()):
        if not _disturbed(condition, events, match) and not _mixed(condition, events, match):
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


def _disturbed(condition: SequenceCondition, events: Sequence[Event], match: Match) -> bool:
    """Whether an event came that must not come there: strictly between two steps, or after the
    last one in a time whose end is included."""
    times = [events[place].time for place in match]
    passed = 0
    for step in condition.steps:
        if not step.absent:
            passed += 1
            continue
        begin = times[passed - 1]
        unwanted = [event for event in events if matches(event, step.event)]
        if step.lasting is None:
            if any(begin < event.time < times[passed] for event in unwanted):
                return True
        elif lying_in(unwanted, begin, begin + step.lasting):
            return True
    return False


def _mixed(condition: SequenceCondition, events: Sequence[Event], match: Match) -> bool:
    """Whether the match is to be strict, and another event came strictly between its ends."""
    begin, end = events[match[0]].time, events[match[-1]].time
    return condition.strict and any(
        begin < event.time < end for place, event in enumerate(events) if place not in match
    )


def _completion(condition: SequenceCondition, events: Sequence[Event], match: Match) -> int:
    return events[match[-1]].time + (condition.steps[-1].lasting or 0)


def _mask(condition: SequenceCondition, event: Event) -> int:
    """A bit for each event step that the event fits, then one for each step that is absent."""
    filled = [step.event for step in condition.steps if not step.absent]
    absent = [step.event for step in condition.steps if step.absent]
    return sum(1 << bit for bit, step in enumerate(filled + absent) if matches(event, step))
