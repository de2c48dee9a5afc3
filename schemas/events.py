"""The event that the engine sees, whatever format it arrived in."""

from typing import Any, Final, NamedTuple

IDENTIFY: Final = "identify"
"""Name of the event that carries a user's traits."""

GROUP: Final = "group"
"""Name of the event that carries an account's traits."""


class Event(NamedTuple):
    """One product event, normalised.

    A tuple and not a dataclass: one is made for every record, and a named tuple is the
    cheapest frozen object Python makes.
    """

    event_id: str
    """The producer's unique id, or the record's coordinates (``topic:partition:offset``)."""
    name: str
    """What happened."""
    time: int
    """Event time, milliseconds since 1970-01-01 UTC."""
    account_id: str | None
    """The organisation; ``None`` for a user without one."""
    user_id: str | None
    """Who did it; ``None`` where only the account is known. One of the two ids is always there."""
    properties: dict[str, Any]
    """What the producer said of the event (``where:`` reads ``properties.…``)."""
    traits: dict[str, Any]
    """Traits of the user (``identify``) or the account (``group``); empty otherwise."""
