"""Facts: events that have a role, and what the role says of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from schemas.events import Event
from schemas.rows import EARLIEST, LATEST, FactRow
from streams.definitions.model import Role
from streams.definitions.roles import ATTRIBUTES, ROLES
from streams.engine.filters import Predicate, compile_filter
from streams.engine.values import getter, identity, names, number


class _Reading(NamedTuple):
    """A column, and how its value is found in an event."""

    column: str
    find: Callable[[Event], Any]
    convert: Callable[[Any], Any]


class _Played(NamedTuple):
    """A role that events play, compiled."""

    role: str
    events: tuple[str, ...]
    accepts: Predicate | None
    readings: tuple[_Reading, ...]


class Facts:
    """Knows the roles of events.

    Args:
        roles: of the definitions; those that events do not play are passed over.
    """

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._by_name: dict[str, list[_Played]] = {}
        self._by_pattern: list[_Played] = []
        self._invites: list[_Played] = []
        for name, role in roles.items():
            if role.event is None:
                continue
            where = role.event.where
            accepts = compile_filter(where) if where is not None else None
            played = _Played(name, role.event.events, accepts, tuple(_readings(role)))
            if ROLES[name].invites:
                self._invites.append(played)
            if any(event.endswith("*") for event in played.events):
                self._by_pattern.append(played)
            else:
                for event in played.events:
                    self._by_name.setdefault(event, []).append(played)

    def of(self, event: Event) -> list[FactRow]:
        """A row for each role that the event has."""
        return [_row(played, event) for played in self._candidates(event) if _plays(played, event)]

    def is_invite(self, event: Event) -> bool:
        """Whether the event tells of somebody who was invited."""
        return any(
            names(played.events, event.name) and _plays(played, event) for played in self._invites
        )

    def _candidates(self, event: Event) -> Iterable[_Played]:
        exact = self._by_name.get(event.name, ())
        if not self._by_pattern:
            return exact
        return (
            *exact,
            *(played for played in self._by_pattern if names(played.events, event.name)),
        )


def _plays(played: _Played, event: Event) -> bool:
    return played.accepts is None or played.accepts(event)


def _row(played: _Played, event: Event) -> FactRow:
    return FactRow(
        role=played.role,
        at=min(max(event.time, EARLIEST), LATEST),
        account_id=event.account_id or "",
        user_id=event.user_id or "",
        event_id=event.event_id,
        event=event.name,
        **{column: convert(find(event)) for column, find, convert in played.readings},
    )


def _readings(role: Role) -> Iterable[_Reading]:
    for name, path in role.attributes.items():
        attribute = ATTRIBUTES[name]
        yield _Reading(attribute.column, getter(path), _CONVERT[attribute.kind])
    if "feature" in ROLES[role.name].attributes and "feature" not in role.attributes:
        yield _Reading("feature", getter("event"), _text)


def _text(value: Any) -> str:
    return identity(value) or ""


def _number(value: Any) -> float | None:
    found = number(value)
    return None if found is None else float(found)


def _flag(value: Any) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(_text(value).casefold())


_CONVERT: Final[Mapping[str, Callable[[Any], Any]]] = {
    "number": _number,
    "text": _text,
    "flag": _flag,
}
