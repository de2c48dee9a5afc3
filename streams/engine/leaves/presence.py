"""Which of many things are there at an instant, and when that changes."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from streams.engine.entities import Entity
from streams.engine.leaves.ordered import Ordered

_FEW: Final = 8
"""Things up to which looking at each is quicker than keeping them in order."""

Span = tuple[int, int | None]
"""From when until when (excluded) something is there; ``None``: no end is known."""

SpansOf = Callable[[list[int]], list[Span]]
"""When something with such times is there."""


class Presence:
    """The things that a leaf remembers by their times, from which follows when each is there.

    State: thing → times. Where an entity has many, what begins and what ends is kept in order
    beside them, in :attr:`Entity.orders`; a thing whose times change often is put in order no
    sooner than somebody asks.

    Args:
        key: the leaf's.
        spans_of: when something with such times is there.
        limit: things that may gather before it is worth while to look for those to forget.
    """

    def __init__(self, key: Any, spans_of: SpansOf, limit: int) -> None:
        self._key = key
        self._spans_of = spans_of
        self._limit = max(limit, _FEW)

    def times(self, entity: Entity) -> dict[Any, list[int]]:
        """The things with their times; to be changed by what follows here only."""
        found: dict[Any, list[int]] | None = entity.leaves.get(self._key)
        if found is None:
            found = entity.leaves[self._key] = {}
        return found

    def touch(self, entity: Entity, thing: Any) -> None:
        """The times of a thing are about to be changed in place."""
        order: Order | None = entity.orders.get(self._key)
        if order is not None:
            order.touch(thing, self.times(entity).get(thing))

    def put(self, entity: Entity, thing: Any, times: list[int]) -> None:
        """Give a thing its times; it may be new."""
        self.touch(entity, thing)
        self.times(entity)[thing] = times

    def drop(self, entity: Entity, thing: Any) -> None:
        """Forget a thing, if it is known."""
        if thing in self.times(entity):
            self.touch(entity, thing)
            del self.times(entity)[thing]

    def is_time_to_forget(self, entity: Entity) -> bool:
        """Whether there are so many things that it is worth while to look for some to forget.

        :meth:`forgot` is to follow.
        """
        size = len(self.times(entity))
        if size <= self._limit:
            return False
        order = self._in_order(entity)
        return order is not None and size > order.forget_at

    def forgot(self, entity: Entity) -> None:
        """Those to forget are dropped: look again when there are an eighth more."""
        order = self._in_order(entity)
        if order is not None:
            order.forget_at = len(self.times(entity)) * 9 // 8

    def count(self, entity: Entity, at: int) -> int:
        """How many things are there at an instant."""
        order = self._in_order(entity)
        if order is not None:
            return order.begins.rank(at) - order.ends.rank(at)
        found = 0
        for times in entity.leaves.get(self._key, {}).values():
            for begin, end in self._spans_of(times):
                if begin <= at and (end is None or at < end):
                    found += 1
        return found

    def begins(self, entity: Entity, low: int, high: int) -> list[int]:
        """When things begin to be there, after ``low`` and up to ``high``."""
        order = self._in_order(entity)
        if order is not None:
            return order.begins.between(low, high)
        return [begin for begin, _ in self._spans(entity) if low < begin <= high]

    def ends(self, entity: Entity, low: int, high: int) -> list[int]:
        """When things are there no more, after ``low`` and up to ``high``."""
        order = self._in_order(entity)
        if order is not None:
            return order.ends.between(low, high)
        return [end for _, end in self._spans(entity) if end is not None and low < end <= high]

    def next_begin(self, entity: Entity, after: int) -> int | None:
        """When the first thing after ``after`` begins to be there."""
        order = self._in_order(entity)
        if order is not None:
            found: int | None = order.begins.after(after)
            return found
        return min((begin for begin, _ in self._spans(entity) if begin > after), default=None)

    def next_end(self, entity: Entity, after: int) -> int | None:
        """When the first thing after ``after`` is there no more."""
        order = self._in_order(entity)
        if order is not None:
            found: int | None = order.ends.after(after)
            return found
        ends = (end for _, end in self._spans(entity) if end is not None and end > after)
        return min(ends, default=None)

    def has_between(self, entity: Entity, low: int, high: int) -> bool:
        """Whether any thing has a time after ``low`` and up to ``high``."""
        order = self._in_order(entity)
        if order is not None:
            found: int | None = order.points(self.times(entity)).after(low)
            return found is not None and found <= high
        known = entity.leaves.get(self._key, {}).values()
        return any(low < at <= high for times in known for at in times)

    def _spans(self, entity: Entity) -> Iterator[Span]:
        known = entity.leaves.get(self._key, {}).values()
        return (span for times in known for span in self._spans_of(times))

    def _in_order(self, entity: Entity) -> "Order | None":
        """What is kept in order, up to date; ``None`` where the things are few."""
        order: Order | None = entity.orders.get(self._key)
        if order is not None:
            order.update(self.times(entity))
        elif len(entity.leaves.get(self._key, ())) > _FEW:
            if not entity.orders:
                entity.orders = {}
            order = entity.orders[self._key] = Order(self._spans_of, list(self._spans(entity)))
        return order


class Order:
    """When things begin and end, in order.

    Attributes:
        begins: when things begin to be there.
        ends: when they are there no more.
        forget_at: with how many things it is next worth while to look for those to forget.
    """

    __slots__ = ("_points", "_spans_of", "_stale", "begins", "ends", "forget_at")

    def __init__(self, spans_of: SpansOf, spans: list[Span]) -> None:
        self.begins = Ordered(begin for begin, _ in spans)
        self.ends = Ordered(end for _, end in spans if end is not None)
        self.forget_at = 0
        self._spans_of = spans_of
        self._points: Ordered | None = None
        self._stale: dict[Any, list[int]] = {}
        """Thing → the times with which it is in order, where it has others by now."""

    def touch(self, thing: Any, times: list[int] | None) -> None:
        """A thing has other times than these from now on; ``None``: it was not there."""
        if thing not in self._stale:
            self._stale[thing] = [] if times is None else list(times)

    def points(self, times: dict[Any, list[int]]) -> Ordered:
        """All times of all things."""
        if self._points is None:
            self._points = Ordered(at for found in times.values() for at in found)
        return self._points

    def update(self, times: dict[Any, list[int]]) -> None:
        """Put all in order as it is now."""
        for thing, before in self._stale.items():
            self._replace(before, times.get(thing, []))
        self._stale.clear()

    def _replace(self, before: list[int], times: list[int]) -> None:
        old, new = self._spans_of(before), self._spans_of(times)
        for span in old:
            if span not in new:
                self.begins.remove(span[0])
                if span[1] is not None:
                    self.ends.remove(span[1])
        for span in new:
            if span not in old:
                self.begins.add(span[0])
                if span[1] is not None:
                    self.ends.add(span[1])
        if self._points is not None:
            for at in before:
                self._points.remove(at)
            for at in times:
                self._points.add(at)
