"""What is told of live milestones, event by event as they arrive: the publishing rule."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from schemas.events import Event
from streams.definitions.model import Definitions
from tests.properties.oracle import Flip, Oracle
from tests.properties.oracle_life import Entity, events_of, unique_events

Word = Literal["milestone.entered", "milestone.exited"]


class Transition(NamedTuple):
    """An output of a live milestone."""

    type: Word
    occurrence: int
    at: int


class Membership(NamedTuple):
    """A live milestone of one entity."""

    entity: Entity
    milestone: str


def live_told(
    definitions: Definitions, arrivals: Sequence[Event], until: int
) -> dict[Membership, list[Transition]]:
    """All that is told of every live milestone, where events arrive in this order.

    After each arrival, and when the time is ``until``, the whole history as it is known then is
    judged anew. An account's clock is its newest event, a user's the newest of its own.
    """
    told: dict[Membership, list[Transition]] = {}
    for kind in ("account", "user"):
        live = [one.name for one in definitions.milestones.values() if one.live and one.of == kind]
        for entity in Oracle(definitions, arrivals).entities(kind) if live else []:
            views = list(_views(definitions, entity, arrivals, until))
            for name in live:
                transitions = tell(view.flips(entity, name) for view in views)
                if transitions:
                    told[Membership(entity, name)] = transitions
    return told


def tell(views: Iterable[list[Flip]]) -> list[Transition]:
    """What follows from one view of the flips after the other: nothing told is rewritten."""
    since: int | None = None
    inside, occurrence = False, 0
    told: list[Transition] = []
    for flips in views:
        changes = [flip for flip in flips if since is None or flip.at > since]
        if since is not None and holds_at(flips, since) != inside:
            changes.insert(0, Flip(since, not inside))
        for change in changes:
            since, inside = change
            occurrence += inside
            word: Word = "milestone.entered" if inside else "milestone.exited"
            told.append(Transition(word, occurrence, since))
    return told


def holds_at(flips: Iterable[Flip], at: int) -> bool:
    """What the flips up to an instant leave: a condition is false before the first."""
    return [False, *(flip.holds for flip in flips if flip.at <= at)][-1]


def _views(
    definitions: Definitions, entity: Entity, arrivals: Sequence[Event], until: int
) -> Iterator[Oracle]:
    """What is known after each arrival up to the clock of then, and in the end."""
    mine = events_of(entity, unique_events(arrivals))
    for count in range(1, len(mine) + 1):
        yield Oracle(definitions, mine[:count])
    yield Oracle(definitions, mine, until)
