"""The event that the engine sees, whatever format it arrived in."""

from typing import Any, Final

IDENTIFY: Final = "identify"
"""Name of the event that carries a user's traits."""

GROUP: Final = "group"
"""Name of the event that carries an account's traits."""

ENTITY_DELETED: Final = "entity_deleted"
"""Name of the event that asks for the erasure of its account, or of its user."""


class Event:
    """One product event, normalised; never changed.

    Written out and not a dataclass: one is made for every record and read dozens of times, and a
    plain class is what can be compiled to a structure.

    Attributes:
        event_id: the producer's unique id, or the record's coordinates
            (``topic:partition:offset``).
        name: what happened.
        time: event time, milliseconds since 1970-01-01 UTC.
        account_id: the organisation; ``None`` for a user without one.
        user_id: who did it; ``None`` where only the account is known. One of the two ids is
            always there.
        properties: what the producer said of the event (``where:`` reads ``properties.…``).
        traits: of the user (``identify``) or the account (``group``); empty otherwise.
    """

    __slots__ = ("account_id", "event_id", "name", "properties", "time", "traits", "user_id")

    def __init__(
        self,
        event_id: str,
        name: str,
        time: int,
        account_id: str | None,
        user_id: str | None,
        properties: dict[str, Any],
        traits: dict[str, Any],
    ) -> None:
        self.event_id: Final = event_id
        self.name: Final = name
        self.time: Final = time
        self.account_id: Final = account_id
        self.user_id: Final = user_id
        self.properties: Final = properties
        self.traits: Final = traits

    def _fields(self) -> tuple[str, str, int, str | None, str | None, object, object]:
        return (
            self.event_id, self.name, self.time, self.account_id, self.user_id,
            self.properties, self.traits,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self._fields() == other._fields()

    def __repr__(self) -> str:
        return f"Event{self._fields()!r}"
