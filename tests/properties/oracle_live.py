"""What is told of live milestones, event by event as they arrive: the publishing rule."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

from schemas.events import Event
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Condition,
    Definitions,
    MilestoneCondition,
    Not,
    ScoreCondition,
    SegmentCondition,
)
from tests.properties.oracle import Flip, Oracle
from tests.properties.oracle_life import Entity, events_of, unique_events
from tests.properties.oracle_scores import inner_conditions

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
    judged anew. An account's clock is its newest event, a user's the newest of its own; but where
    accounts look at what their users reach, time passes for these with their account's clock.
    """
    told: dict[Membership, list[Transition]] = {}
    for kind in ("account", "user"):
        live = [one.name for one in definitions.milestones.values() if one.live and one.of == kind]
        for entity in Oracle(definitions, arrivals).entities(kind) if live else []:
            seen = list(views(definitions, entity, arrivals, until))
            for name in live:
                transitions = tell(
                    [partial(_flips, definitions, entity, name, *view) for view in seen]
                )
                if transitions:
                    told[Membership(entity, name)] = transitions
    return told


def tell(views: Iterable[Callable[[int | None], list[Flip]]]) -> list[Transition]:
    """What follows from one view of the flips after the other: nothing told is rewritten.

    Each view says the flips up to its time, or up to that of the last transition if that is later.
    """
    since: int | None = None
    inside, occurrence = False, 0
    told: list[Transition] = []
    for view in views:
        flips = view(since)
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


def _flips(
    definitions: Definitions,
    entity: Entity,
    milestone: str,
    known: Sequence[Event],
    clock: int,
    since: int | None,
) -> list[Flip]:
    until = clock if since is None else max(clock, since)
    return Oracle(definitions, known, until).flips(entity, milestone)


def views(
    definitions: Definitions, entity: Entity, arrivals: Sequence[Event], until: int
) -> list[tuple[list[Event], int]]:
    """What is known after each arrival, at the clock of then, and in the end."""
    events = unique_events(arrivals)
    mine = events_of(entity, events)
    passing = events_of(Entity(entity.account_id, None), events) if entity.account_id else mine
    found: list[tuple[list[Event], int]] = []
    known: list[Event] = []
    clock = -(2**62)
    for event in passing:
        if event in mine:
            known.append(event)
            found.append((list(known), max(one.time for one in known)))
        clock = max(clock, event.time)
        if known and entity.user_id is not None and counts_users(definitions):
            found.append((list(known), clock))
    return [*found, (mine, until)]


def counts_users(definitions: Definitions) -> bool:
    """Whether accounts look at what their users reach."""
    return any(
        isinstance(leaf, MilestoneCondition) and leaf.users is not None
        for milestone in definitions.milestones.values()
        for leaf in leaves(milestone.when)
    )


def waits_for_users(definitions: Definitions) -> set[str]:
    """Milestones that count users by one that repeats, or name one that does."""
    found: set[str] = set()
    for _ in definitions.milestones:
        for name, milestone in definitions.milestones.items():
            for leaf in leaves(milestone.when):
                if not isinstance(leaf, MilestoneCondition):
                    continue
                named = definitions.milestones[leaf.milestone]
                if leaf.milestone in found or (leaf.users is not None and named.repeat is not None):
                    found.add(name)
    return found


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions in it that have none inside."""
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from leaves(one)
        case Not(inner) | SegmentCondition(_, inner):
            yield from leaves(inner)
        case ScoreCondition(score):
            for one in inner_conditions(score):
                yield from leaves(one)
        case _:
            yield condition
