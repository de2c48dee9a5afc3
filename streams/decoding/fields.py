"""The rules that every format's fields obey, and the event made of them."""

from typing import Any, Final, NamedTuple

from schemas.dead_letters import Reason
from schemas.events import GROUP, IDENTIFY, Event
from streams.decoding.times import event_time
from streams.errors import Rejected

_EXACT: Final = 2**53
"""From here on a float, and so a JSON number past 64 bits, has lost digits."""


class Paths(NamedTuple):
    """Where a format keeps each field of the event: what a dead letter points at."""

    name: str
    time: str
    event_id: str
    account_id: str
    user_id: str
    properties: str
    traits: str

    def under(self, prefix: str) -> "Paths":
        """The same fields inside the object at ``prefix``."""
        return Paths(*[f"{prefix}.{path}" for path in self])


class Fields(NamedTuple):
    """What a format holds for each field of the event, as JSON gave it."""

    name: Any
    time: Any
    event_id: Any
    account_id: Any
    user_id: Any
    properties: Any
    traits: Any


def to_event(
    fields: tuple[Any, Any, Any, Any, Any, Any, Any],
    paths: Paths,
    recorded_at: int,
    coordinates: tuple[str, int, int],
) -> Event:
    """The event of these fields.

    Args:
        fields: the values, in the order of ``Fields``.
        paths: where each stood.
        recorded_at: Kafka's time of the record, epoch milliseconds.
        coordinates: topic, partition and offset, the id of an event that has none.

    Raises:
        Rejected: a field is missing, or is not what it must be.
    """
    name, time, event_id, account_id, user_id, properties, traits = fields
    if type(name) is not str or not name:
        raise _bad_name(name, paths.name)
    time = event_time(time, paths.time, recorded_at)
    # Nearly every id is text already; a call for each would cost more than the rest.
    if type(account_id) is not str or not account_id:
        account_id = identifier(account_id, paths.account_id)
    if type(user_id) is not str or not user_id:
        user_id = identifier(user_id, paths.user_id)
    if account_id is None and user_id is None:
        detail = f"an event names its {paths.account_id} or its {paths.user_id}; this one neither"
        raise Rejected(Reason.MISSING_FIELD, paths.account_id, detail)
    if type(event_id) is not str or not event_id:
        event_id = identifier(event_id, paths.event_id)
        if event_id is None:
            event_id = "%s:%d:%d" % coordinates  # noqa: UP031 - takes the tuple as it is
    if type(properties) is not dict:
        properties = _object(properties, paths.properties)
    if type(traits) is not dict:
        traits = _object(traits, paths.traits)
    if traits:
        traits = _owned_traits(name, traits, account_id, user_id, paths)
    return Event(event_id, name, time, account_id, user_id, properties, traits)


def identifier(value: Any, path: str) -> str | None:
    """An id as text; ``None`` where there is none (absent, ``null`` or empty text).

    A number becomes its text, and 7.0 is the same number as 7.

    Raises:
        Rejected: not an id, or a number too large to have kept its digits.
    """
    if value is None or value == "":
        return None
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is not float:
        raise Rejected(Reason.WRONG_TYPE, path, "an id is text or a number")
    if abs(value) >= _EXACT:
        raise Rejected(
            Reason.WRONG_TYPE, path, "a number this large loses digits; send the id as text"
        )
    return str(int(value)) if value.is_integer() else str(value)


def _bad_name(name: Any, path: str) -> Rejected:
    if name is None or name == "":
        return Rejected(Reason.MISSING_FIELD, path, "an event needs the name of what happened")
    return Rejected(Reason.WRONG_TYPE, path, "the name of an event is text")


def _object(value: Any, path: str) -> dict[str, Any]:
    if value is None:
        return {}
    raise Rejected(Reason.WRONG_TYPE, path, "must be an object")


def _owned_traits(
    name: str, traits: dict[str, Any], account_id: str | None, user_id: str | None, paths: Paths
) -> dict[str, Any]:
    """Traits belong to the user of an identify and the account of a group, and nowhere else."""
    if name == IDENTIFY:
        owner, path = user_id, paths.user_id
    elif name == GROUP:
        owner, path = account_id, paths.account_id
    else:
        return {}
    if owner is None:
        raise Rejected(Reason.MISSING_FIELD, path, f"{name} has traits, and does not say whose")
    return traits
