"""What comes back of leads, as events say it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from schemas.events import Event
from schemas.qualifications import LeadOutcome
from streams.definitions.values import parse_duration
from streams.engine.entities import AFTER_ALL, BEFORE_ALL
from streams.engine.filters import moment
from streams.engine.orders import LONGEST_TEXT, OVERRIDDEN, Refusal, read_order

CONTACTED: Final = "lead_contacted"
SNOOZED: Final = "lead_snoozed"
OUTCOMES: Final[Mapping[str, LeadOutcome]] = {
    "lead_converted": "converted",
    "lead_disqualified": "disqualified",
}
_CLOSES: Final = {outcome: event for event, outcome in OUTCOMES.items()}
FEEDBACK: Final = (CONTACTED, SNOOZED, *OUTCOMES, OVERRIDDEN)
"""Events that tell what became of a lead, or is to become of it."""


class Feedback(NamedTuple):
    """What has come back of a lead."""

    at: int
    event: str
    detail: Any
    """A reason; until when a lead is snoozed; an
    :class:`~streams.engine.orders.Order`."""


def read_feedback(event: Event, *, is_own: bool) -> Feedback | None:
    """What an event brings; ``None`` for an override that cannot be heard.

    Args:
        event: one of :data:`FEEDBACK`.
        is_own: whether it is of the lead itself; ``False``: of the one that it is the shadow of.
            Of what somebody decides about that one, only the outcome says something of the shadow.
    """
    if event.name != OVERRIDDEN:
        return Feedback(event.time, event.name, _detail(event))
    order = read_order(event)
    if isinstance(order, Refusal):
        return None
    if is_own:
        return Feedback(event.time, event.name, order)
    if order.outcome is None:
        return None
    return Feedback(event.time, _CLOSES[order.outcome], order.override.reason)


def _detail(event: Event) -> Any:
    properties = event.properties
    if event.name == SNOOZED:
        until = moment(properties.get("until"))
        length = properties.get("for")
        if until is None and type(length) is str:
            milliseconds = parse_duration(length)
            until = None if milliseconds is None else event.time + milliseconds
        return int(until) if until is not None and BEFORE_ALL < until < AFTER_ALL else None
    reason = properties.get("reason")
    return None if reason is None else str(reason)[:LONGEST_TEXT]
