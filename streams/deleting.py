"""Asks for the erasure of an account or a user: the event that the workers act on."""

import uuid
from typing import Any

import orjson

from schemas.encoding import time_text
from schemas.events import ENTITY_DELETED
from streams.settings import Settings
from streams.transport.connection import decide_idempotence, wait_for_broker
from streams.transport.sender import Delivery, Outgoing, Sender
from streams.transport.timekeeper import wall_clock


def deletion_of(account_id: str | None, user_id: str | None, asked_by: str) -> dict[str, Any]:
    """The event in the native format, of now.

    Args:
        account_id: with all its users, unless one is named; ``None`` for a user without one.
        user_id: ``None`` for the whole account.
        asked_by: stands in the record of the erasure.
    """
    event: dict[str, Any] = {
        "event": ENTITY_DELETED,
        "timestamp": time_text(wall_clock()),
        "event_id": str(uuid.uuid4()),
    }
    if account_id is not None:
        event["account_id"] = account_id
    if user_id is not None:
        event["user_id"] = user_id
    return event | {"properties": {"asked_by": asked_by}}


async def send(settings: Settings, event: dict[str, Any]) -> None:
    """Put it among the events of its account, in their order.

    Raises:
        Unavailable: no broker answers.
        MilepostError: the topic of events cannot be written.
    """
    connection = settings.connection()
    await wait_for_broker(connection, settings.connect_timeout)
    idempotent = await decide_idempotence(connection, settings.idempotence)
    sender = Sender(connection, Delivery(idempotent))
    await sender.start()
    key = event.get("account_id") or event["user_id"]
    try:
        await sender.send([Outgoing(settings.events_topic, key.encode(), orjson.dumps(event), [])])
    finally:
        await sender.stop()
