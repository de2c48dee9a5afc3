"""The matrix compiled: which team and which owner a lead goes to, and by when."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from schemas.qualifications import LeadRoute
from streams.definitions.model import Routing, RoutingRule, Territories, WorkingHours
from streams.engine.filters import Test, compare_test
from streams.engine.leaves.base import COMPARE
from streams.engine.routing.hours import BusinessHours
from streams.engine.values import identity

Owners = Callable[[Mapping[str, Any]], tuple[str, ...]]
"""Those who take leads with these traits in turn."""


class Candidate(NamedTuple):
    """What is known of a lead when it qualifies."""

    key: bytes
    """Of its account or user. The same key has the same owner, wherever and whenever."""
    at: int
    """When it qualified, epoch milliseconds."""
    score: float | None
    segment: str | None
    traits: Mapping[str, Any]
    """Trait → value."""


class Router:
    """Routes leads by the rules of a file: the first one that fits counts."""

    def __init__(self, routing: Routing) -> None:
        calendars: dict[WorkingHours, BusinessHours] = {}
        for rule in routing.rules:
            if rule.hours is not None and rule.hours not in calendars:
                calendars[rule.hours] = BusinessHours(rule.hours)
        self._rules = [
            _CompiledRule(rule, None if rule.hours is None else calendars[rule.hours])
            for rule in routing.rules
        ]
        self._hours = {rule.name: rule.hours for rule in self._rules}

    def resume(self, rule: str, until: int) -> int:
        """When the contact is due of a lead that went by a rule and rests until then."""
        hours = self._hours.get(rule)
        return until if hours is None else hours.add(until, 0)

    def route(self, lead: Candidate) -> LeadRoute | None:
        """Where a lead goes; ``None`` where no rule fits it."""
        for rule in self._rules:
            if rule.fits(lead):
                return rule.route(lead)
        return None


class _CompiledRule:
    """A rule ready to be asked."""

    def __init__(self, rule: RoutingRule, hours: BusinessHours | None) -> None:
        self.name: Final = rule.name
        self.hours: Final = hours
        self._rule = rule
        self._traits: list[tuple[str, Test]] = [
            (condition.trait, compare_test(condition.has)) for condition in rule.traits
        ]
        self._owners = _owners(rule.owners)

    def fits(self, lead: Candidate) -> bool:
        """Whether the lead is one of those that the rule is for."""
        rule = self._rule
        if rule.segments is not None and lead.segment not in rule.segments:
            return False
        for wanted in rule.score:
            if lead.score is None or not COMPARE[wanted.operator](lead.score, wanted.value):
                return False
        return all(test(lead.traits.get(trait)) for trait, test in self._traits)

    def route(self, lead: Candidate) -> LeadRoute:
        """Where a lead goes that it fits; ``earliest`` is never after ``due``.

        Where the rule has hours, ``earliest`` is a working instant.
        """
        rule, hours = self._rule, self.hours
        earliest, due = lead.at + rule.floor, lead.at + rule.sla
        if hours is not None:
            earliest, due = hours.add(earliest, 0), hours.add(lead.at, rule.sla)
        owner = chosen(self._owners(lead.traits), lead.key)
        return LeadRoute(rule.name, rule.team, owner, earliest, max(earliest, due))


def _owners(owners: tuple[str, ...] | Territories) -> Owners:
    if not isinstance(owners, Territories):
        fixed = owners
        return lambda _traits: fixed
    trait, otherwise = owners.trait, owners.otherwise
    by_value = {identity(value): names for value, names in owners.of.items()}
    return lambda traits: by_value.get(identity(traits.get(trait)), otherwise)


def chosen(owners: tuple[str, ...], key: bytes) -> str | None:
    """The one of ``owners`` who takes the lead with this key; ``None`` where there are none.

    By rendezvous hashing: each has a rank for each key, and the highest takes it. Over many keys
    all take equally many, whatever the order in which they are listed. One who is added takes over
    no more than that share, and when one leaves only what that one had goes to others.
    """
    return max(owners, key=lambda owner: (_rank(owner, key), owner), default=None)


def _rank(owner: str, key: bytes) -> bytes:
    # The name is made as long as any other, so that no name and key look like others together.
    return blake2b(blake2b(owner.encode()).digest() + key, digest_size=8).digest()
