"""Parameters: numbers that are set in the stream of events.

A partition keeps every step that it is told. An entity takes the newest ones over with its next
event, or when something of it is due; from then on its own state has them, and what it is judged
by follows from its own state alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from streams.engine.entities import Entity
from streams.engine.leaves.base import Leaf, Observation

MOST_STEPS: Final = 1_000
"""Steps of a parameter that a partition keeps, the newest: years of one that is set every day."""

_NOTHING_SEEN: Final = -1


class Step(NamedTuple):
    """What a parameter is from an instant on."""

    at: int
    """Event time, milliseconds since 1970-01-01 UTC."""
    value: float
    offset: int
    """Of the record that said so, in the partition's own topic."""


def _time(step: Step) -> int:
    return step.at


class Parameter:
    """A parameter as a partition was told of it.

    Attributes:
        steps: in the order of their times.
        newest: offset of the newest record among them.
        revision: how many steps it was ever told; grows only.
        changed: whether it differs from what was last written.
    """

    __slots__ = ("changed", "newest", "revision", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.newest = _NOTHING_SEEN
        self.revision = 0
        self.changed = False

    def set(self, at: int, value: float, offset: int) -> bool:
        """Take in a step; false for one of an instant that is known, or forgotten, already.

        The first of an instant stays: the same record read again, or sent again, changes nothing.
        """
        steps = self.steps
        place = bisect_left(steps, at, key=_time)
        if place < len(steps) and steps[place].at == at:
            return False
        if not place and len(steps) == MOST_STEPS:
            return False
        steps.insert(place, Step(at, value, offset))
        del steps[:-MOST_STEPS]
        self.newest = max(self.newest, offset)
        self.revision += 1
        self.changed = True
        return True


class ParameterLeaf(Leaf):
    """What an entity knows of a parameter; it turns where that has a step.

    State: the offset of the newest step taken over, the value up to the horizon (``None``: what it
    starts with), and the times and values of the steps after that.

    Args:
        key: see :class:`Leaf`.
        text: likewise.
        name: of the parameter.
        start: its value before it was set first.
    """

    may_rise = False

    def __init__(self, key: int, text: str, name: str, start: float) -> None:
        super().__init__(key, text)
        self.name: Final = name
        self.start: Final = start

    def adopt(self, entity: Entity, parameter: Parameter, before: int, horizon: int) -> int | None:
        """Take over what the entity does not know yet.

        Args:
            entity: which takes it over.
            parameter: as the partition knows it.
            before: offset of the record at hand; what was said after it is yet to come. A record
                that is read again, by a partition that is ahead of it, finds what it found first.
            horizon: no instant before it will be asked about.

        Returns:
            From when on the parameter is otherwise, not before the horizon; ``None`` where it is
            not.
        """
        state = entity.leaves.get(self.key)
        seen: int = _NOTHING_SEEN if state is None else state[0]
        if parameter.newest <= seen:
            return None
        steps = parameter.steps
        if parameter.newest >= before:
            steps = [step for step in steps if step.offset < before]
        since = min([step.at for step in steps if step.offset > seen], default=None)
        if since is None:
            return None
        later = bisect_right(steps, horizon, key=_time)
        base = None if state is None else state[1]
        if later:
            base = steps[later - 1].value
        if not entity.leaves:
            entity.leaves = {}
        entity.leaves[self.key] = [
            max([step.offset for step in steps]),
            base,
            [step.at for step in steps[later:]],
            [step.value for step in steps[later:]],
        ]
        return max(since, horizon)

    def value(self, entity: Entity, at: int) -> float:
        """What it is at ``at``, by what the entity knows."""
        state = entity.leaves.get(self.key)
        if state is None:
            return self.start
        place = bisect_right(state[2], at)
        found: float | None = state[3][place - 1] if place else state[1]
        return self.start if found is None else found

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`: whether it is anything but 0."""
        return self.value(entity, at) != 0

    def observe(self, entity: Entity, at: int) -> Observation:
        """See :meth:`Leaf.observe`."""
        value = self.value(entity, at)
        return Observation(value, False, "!= 0", None, value != 0)

    def instants(self, entity: Entity, low: int, high: int) -> Iterable[int]:
        """See :meth:`Leaf.instants`."""
        times = self._times(entity)
        return times[bisect_right(times, low) : bisect_right(times, high)]

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """See :meth:`Leaf.next_instant`."""
        times = self._times(entity)
        place = bisect_right(times, after)
        return times[place] if place < len(times) else None

    def is_timed(self) -> bool:
        """See :meth:`Leaf.is_timed`: a step may lie ahead of the entity's time."""
        return True

    def _times(self, entity: Entity) -> list[int]:
        state: Any = entity.leaves.get(self.key)
        found: list[int] = [] if state is None else state[2]
        return found
