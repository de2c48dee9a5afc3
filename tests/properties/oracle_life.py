"""The whole history of one account or user, and what a filter finds in it."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.events import GROUP, Event
from streams.definitions.model import EventFilter, Filter, SequenceCondition
from tests.properties.oracle_measures import matches
from tests.properties.oracle_sequences import completions


class Entity(NamedTuple):
    """An account (``user_id`` is ``None``), a user of an account, or a user without one."""

    account_id: str | None
    user_id: str | None


class Life:
    """The events of one account or user, in the order of their times."""

    def __init__(self, entity: Entity, history: Iterable[Event]) -> None:
        mine = events_of(entity, history)
        self.events = sorted(mine, key=lambda event: event.time)
        self._entity = entity
        self._done: dict[int, tuple[SequenceCondition, list[int]]] = {}
        self._found: dict[tuple[tuple[str, ...], int], tuple[Filter | None, list[Event]]] = {}

    def look(self, wanted: EventFilter) -> list[Event]:
        """The events that are meant."""
        # By identity, and the filter kept alive: in Python `eq 1` equals `eq true`.
        key = (wanted.events, id(wanted.where))
        if key not in self._found:
            found = [event for event in self.events if matches(event, wanted)]
            self._found[key] = (wanted.where, found)
        return self._found[key][1]

    def completions(self, wanted: SequenceCondition) -> list[int]:
        """When each match of the sequence is complete."""
        if id(wanted) not in self._done:
            self._done[id(wanted)] = (wanted, completions(wanted, self.events))
        return self._done[id(wanted)][1]

    def telling_traits(self) -> list[Event]:
        """Group events speak of the account, all others of the user (of a user without an
        account, these too)."""
        if self._entity.user_id is None:
            return [event for event in self.events if event.name == GROUP]
        loner = self._entity.account_id is None
        return [event for event in self.events if loner or event.name != GROUP]

    def is_known(self, at: int) -> bool:
        """Whether it has been seen."""
        return any(event.time <= at for event in self.events)


def events_of(entity: Entity, history: Iterable[Event]) -> list[Event]:
    """An account's events, whoever did them; a user's own events."""
    mine = [event for event in history if event.account_id == entity.account_id]
    if entity.user_id is None:
        return mine
    return [event for event in mine if event.user_id == entity.user_id]


def unique_events(history: Iterable[Event]) -> list[Event]:
    """One event for each id of an account (of a user, where there is no account)."""
    seen: dict[tuple[str | None, str | None, str], Event] = {}
    for event in history:
        scope = (event.account_id, None) if event.account_id else (None, event.user_id)
        seen.setdefault((*scope, event.event_id), event)
    return list(seen.values())
