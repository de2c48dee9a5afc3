"""Overrides as events say them: what somebody decides about a lead, whatever its condition says."""

from dataclasses import replace
from enum import Enum
from typing import Any, Final, NamedTuple

from schemas.events import Event
from schemas.qualifications import LeadLife, LeadOutcome, LeadOverride, OverrideAction

OVERRIDDEN: Final = "lead_overridden"

LONGEST_TEXT: Final = 1_000
"""Characters that are kept of what people say."""

_ACTIONS: Final[dict[Any, OverrideAction]] = {
    "qualify": "qualify",
    "close": "close",
    "reroute": "reroute",
}
_OUTCOMES: Final[dict[Any, LeadOutcome]] = {
    "converted": "converted",
    "disqualified": "disqualified",
}


class Refusal(Enum):
    """Why an override is not heard. The values are labels of a metric."""

    UNKNOWN_LEAD = "unknown_lead"
    """``lead`` is missing, or names no lead of the account or user that the event is of."""
    UNKNOWN_ACTION = "unknown_action"
    NO_APPROVER = "no_approver"
    NO_REASON = "no_reason"
    NO_TEAM = "no_team"
    """To reroute takes a team or an owner."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """To close takes an outcome."""
    IS_OPEN = "is_open"
    """There was a lead then: nothing is to be qualified."""
    NOT_OPEN = "not_open"
    """There was none then: nothing is to be closed, or rerouted."""
    NOT_ROUTED = "not_routed"
    """No rule took the lead, so nothing says by when it would be due."""
    SUPERSEDED = "superseded"
    """It came late, and is of before the override by which the lead has its team."""


class Order(NamedTuple):
    """An override that says all that it takes."""

    override: LeadOverride
    team: str | None
    """Where it reroutes; ``None``: the team stays."""
    owner: str | None
    """Where it reroutes; ``None``: the team as a whole."""
    outcome: LeadOutcome | None
    """Where it closes."""

    def over(self, life: LeadLife) -> LeadLife:
        """The life of a lead that it closes or reroutes; closing counts as a contact."""
        at, route, outcome = self.override.at, life.route, self.outcome
        if outcome is not None:
            contacted_at = at if life.contacted_at is None else min(at, life.contacted_at)
            return replace(
                life, contacted_at=contacted_at, outcome=outcome, reason=self.override.reason,
                override=self.override,
            )  # fmt: skip
        if route is not None:
            team = route.team if self.team is None else self.team
            route = replace(route, team=team, owner=self.owner)
        return replace(life, route=route, override=self.override)


def read_order(event: Event) -> Order | Refusal:
    """What an override asks for, or why it cannot be heard."""
    properties = event.properties
    action = properties.get("action")
    approver, reason = _text(properties.get("approver")), _text(properties.get("reason"))
    team, owner = _text(properties.get("team")), _text(properties.get("owner"))
    outcome = properties.get("outcome")
    if type(properties.get("lead")) is not str:
        return Refusal.UNKNOWN_LEAD
    if type(action) is not str or action not in _ACTIONS:
        return Refusal.UNKNOWN_ACTION
    if approver is None:
        return Refusal.NO_APPROVER
    if reason is None:
        return Refusal.NO_REASON
    if action == "reroute" and team is None and owner is None:
        return Refusal.NO_TEAM
    if action != "close":
        outcome = None
    elif type(outcome) is not str or outcome not in _OUTCOMES:
        return Refusal.UNKNOWN_OUTCOME
    override = LeadOverride(_ACTIONS[action], approver, reason, event.time)
    return Order(override, team, owner, None if outcome is None else _OUTCOMES[outcome])


def is_rerouted(life: LeadLife) -> bool:
    """Whether the newest override of a lead is the one by which it has its team."""
    return life.override is not None and life.override.action == "reroute"


def _text(value: Any) -> str | None:
    """Text that says something."""
    if type(value) is not str:
        return None
    return value.strip()[:LONGEST_TEXT] or None
