"""The steps of a sequence, and what an event may be in it."""

from schemas.events import Event
from streams.definitions.model import EventFilter, SequenceCondition
from streams.engine.entities import AFTER_ALL
from streams.engine.filters import Predicate, compile_filter
from streams.engine.values import names

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
