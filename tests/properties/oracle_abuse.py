"""Abuse rules by brute force: every tick of time is looked at, with all events up to it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.events import GROUP, Event
from streams.definitions.model import (
    CapRule,
    Definitions,
    EventCondition,
    EventFilter,
    EventRule,
    FlagRule,
    Not,
    TraitCondition,
)

TICK = 10_000
"""Every time and every length is some of them. Events come at every other one, and what time alone
turns turns between them: of one instant it depends on which is looked at first."""
DAY = 86_400_000

Owner = tuple[str | None, str | None]
Told = tuple[str, str, Owner, int, int]
"""Type, rule, whose, occurrence, time."""


@dataclass
class Flag:
    """How one entity stands with one rule that flags."""

    times: int = 0
    inside: bool = False
    since: int | None = None
    until: int | None = None


@dataclass
class Entity:
    """Everything that one account or user did, counted or not."""

    events: list[Event] = field(default_factory=list)
    traits: dict[str, tuple[int, str]] = field(default_factory=dict)
    flags: dict[str, Flag] = field(default_factory=dict)
    periods: Counter[tuple[str, int]] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)
    looked: int | None = None


class AbuseOracle:
    """What becomes of events that come in order, each once."""

    def __init__(self, meaning: Definitions, history: list[Event], until: int) -> None:
        self._rules = list(meaning.abuse.values())
        self._entities: dict[Owner, Entity] = {}
        self.told: list[Told] = []
        self.counted: list[Event] = []
        self.excluded: Counter[tuple[Any, ...]] = Counter()
        for event in history:
            self._take(event)
        for owner in self._entities:
            self._pass(owner, until + TICK)

    def _pass(self, owner: Owner, time: int) -> None:
        """Look at all that lies between what it was looked at last and ``time``."""
        entity = self._entities[owner]
        begin = time if entity.looked is None else entity.looked + TICK
        for tick in range(begin, time, TICK):
            self._look(owner, tick)
        entity.looked = time

    def _take(self, event: Event) -> None:
        account, user = event.account_id, event.user_id
        owners: list[Owner] = [(account, user)] if user is not None else []
        if account is not None:
            owners.append((account, None))
        entities = [self._entities.setdefault(owner, Entity()) for owner in owners]
        for owner in owners:
            self._pass(owner, event.time)
        carrier = entities[-1 if event.name == GROUP and account is not None else 0]
        for name, value in event.traits.items():
            if (event.time, value) > carrier.traits.get(name, (0, "")):
                carrier.traits[name] = (event.time, value)
        found: list[str] = []
        for owner, entity in zip(owners, entities, strict=True):
            entity.events.append(event)
            self._look(owner, event.time)
            found += [name for name, one in entity.flags.items() if _is_on(one, event.time)]
        found += [one.name for one in self._rules if isinstance(one, EventRule)
                  if _wants(one.event, event)]  # fmt: skip
        for owner in owners:
            found += [] if found else self._limits(owner, event)
        if found:
            self.excluded[account, user, event.time // DAY, found[0], event.name] += 1
        else:
            self.counted.append(event)

    def _limits(self, owner: Owner, event: Event) -> list[str]:
        entity = self._entities[owner]
        for rule in self._rules:
            if not isinstance(rule, CapRule) or rule.of != _kind(owner):
                continue
            free = rule.unless is not None and _holds(rule.unless, entity, event.time)
            if free or not _wants(rule.event, event):
                continue
            period = rule.name, event.time // rule.per
            entity.periods[period] += 1
            if entity.periods[period] == rule.most + 1:
                entity.limited[rule.name] += 1
                self._tell("flagged", rule.name, owner, entity.limited[rule.name], event.time)
            if entity.periods[period] > rule.most:
                return [rule.name]
        return []

    def _look(self, owner: Owner, at: int) -> None:
        entity = self._entities[owner]
        for rule in self._rules:
            if not isinstance(rule, FlagRule) or rule.of != _kind(owner):
                continue
            one = entity.flags.setdefault(rule.name, Flag())
            self._clear(rule.name, owner, one, at)
            holds = _holds(rule.when, entity, at)
            if holds and not one.inside:
                if one.since is None:
                    one.times, one.since = one.times + 1, at
                    self._tell("flagged", rule.name, owner, one.times, at)
                one.until = None
            elif one.inside and not holds:
                one.until = at + rule.lasting
            one.inside = holds
            self._clear(rule.name, owner, one, at)

    def _clear(self, name: str, owner: Owner, one: Flag, at: int) -> None:
        if one.since is not None and one.until is not None and one.until <= at:
            self._tell("cleared", name, owner, one.times, one.until)
            one.since = None

    def _tell(self, kind: str, name: str, owner: Owner, times: int, at: int) -> None:
        self.told.append((f"entity.{kind}", name, owner, times, at))


def _kind(owner: Owner) -> str:
    return "account" if owner[1] is None else "user"


def _is_on(one: Flag, at: int) -> bool:
    return one.since is not None and (one.until is None or at < one.until)


def _wants(wanted: EventFilter, event: Event) -> bool:
    """The filters of these rules ask for one value of the property ``agent``."""
    named = wanted.events == ("*",) or event.name in wanted.events
    return named and (wanted.where is None or event.properties.get("agent") == "bot")


def _holds(condition: Any, entity: Entity, at: int) -> bool:
    if isinstance(condition, Not):
        return not _holds(condition.condition, entity, at)
    if isinstance(condition, TraitCondition):
        return entity.traits.get(condition.trait, (0, ""))[1] == condition.has.value
    assert isinstance(condition, EventCondition)
    wanted = EventFilter(condition.events)
    count = sum(
        _wants(wanted, one) and at - (condition.within or at + 1) < one.time
        for one in entity.events
    )
    comparison = condition.measure.comparison
    return count > comparison.value if comparison.operator == ">" else count >= comparison.value
