"""Which events do not count: asked of every event, before any milestone sees it."""

from typing import Final, NamedTuple

from schemas.events import Event
from schemas.qualifications import Flag
from streams.definitions.model import Definitions
from streams.engine.compiler import Plan
from streams.engine.entities import BEFORE_ALL, Entity, Root
from streams.engine.judging import judge
from streams.engine.leaves import EventLeaf
from streams.engine.modes import Hearing, Work
from streams.engine.occasion import Occasion
from streams.engine.rules import CompiledCap, CompiledEventRule, event_rules

_NAMES_REMEMBERED: Final = 10_000


class _OfKind(NamedTuple):
    """What the rules of one kind of entity have to do with events of one name."""

    leaves: tuple[EventLeaf, ...]
    caps: tuple[CompiledCap, ...]


class _OfName(NamedTuple):
    """What all rules have to do with them."""

    users: _OfKind
    accounts: _OfKind
    alone: tuple[CompiledEventRule, ...]


class Abuse:
    """The abuse rules of a file, compiled. Holds no state of any entity.

    Of several rules that exclude an event the first counts it: those that flag its user, those
    that flag its account, those about single events, the limits of users, those of accounts. What
    is excluded before it comes to a limit does not use it up.
    """

    def __init__(self, definitions: Definitions, users: Plan, accounts: Plan) -> None:
        self._users = users
        self._accounts = accounts
        self._alone = event_rules(definitions)
        self._names: dict[str, _OfName] = {}

    def judge(self, root: Root, user: Entity | None, event: Event, occasion: Occasion) -> None:
        """Let the rules see an event of an account, or a user, and say which one excludes it.

        Its traits are kept already, its time has not passed yet. What there is to tell goes to
        the occasion, and the rule to :attr:`Occasion.excluded_by`.
        """
        wanted = self._names.get(event.name) or self._wanted(event.name)
        if root.account_id is None:
            occasion.excluded_by = (
                self._flagged(root, self._users, wanted.users, event, occasion)
                or _alone(wanted, event)
                or _capped(root, self._users, wanted.users, event, occasion)
            )
            return
        rule = self._flagged(root, self._accounts, wanted.accounts, event, occasion)
        found = None
        if user is not None:
            found = self._flagged(user, self._users, wanted.users, event, occasion)
        found = found or rule or _alone(wanted, event)
        if found is None and user is not None:
            found = _capped(user, self._users, wanted.users, event, occasion)
        if found is None:
            found = rule = _capped(root, self._accounts, wanted.accounts, event, occasion)
        self._accounts.rules.records.note(root, occasion.source, occasion.offset, rule)
        occasion.excluded_by = found

    def judge_again(self, root: Root, user: Entity, event: Event, occasion: Occasion) -> None:
        """The same for a user whose account has seen the event before a restart.

        The account may have seen more since: what was for it to say of the event is what was noted
        of it then.
        """
        wanted = self._names.get(event.name) or self._wanted(event.name)
        rules = self._accounts.rules
        rule = rules.records.find(root, occasion.source, occasion.offset)
        is_limit = any(cap.milestone.name == rule for cap in rules.caps)
        found = self._flagged(user, self._users, wanted.users, event, occasion)
        found = found or (None if is_limit else rule) or _alone(wanted, event)
        if found is None:
            found = _capped(user, self._users, wanted.users, event, occasion)
        occasion.excluded_by = found or rule

    def _wanted(self, name: str) -> _OfName:
        users, accounts = (
            _OfKind(
                plan.rules.listeners.for_name(name),
                tuple([cap for cap in plan.rules.caps if cap.wanted.has(name)]),
            )
            for plan in (self._users, self._accounts)
        )
        alone = tuple([rule for rule in self._alone if rule.wanted.has(name)])
        found = _OfName(users, accounts, alone)
        if len(self._names) < _NAMES_REMEMBERED:
            self._names[name] = found
        return found

    def _flagged(
        self, entity: Entity, plan: Plan, wanted: _OfKind, event: Event, occasion: Occasion
    ) -> str | None:
        """Show the event to an entity's rules; the first of those by which it is flagged then."""
        leaves = wanted.leaves
        if event.traits:
            leaves += plan.rules.listeners.for_traits(event, plan is self._accounts)
        before = entity.clock
        now = entity.clock = max(before, event.time)
        work = _work(entity, plan, leaves, event, before)
        if work:
            hearing = Hearing(entity, plan, occasion, work, now, now - plan.lateness - 1)
            hearing.since, hearing.horizon = event.time, before - plan.lateness - 1
            hearing.late = before - event.time > plan.lateness
            judge(hearing)
        entity.clock = before  # the milestones have yet to see the event
        for place, rule in plan.rules.flags.items():
            if rule.leaf.since(entity, now) is not None:
                return plan.milestones[place].name
        return None


def _work(
    entity: Entity, plan: Plan, leaves: tuple[EventLeaf, ...], event: Event, before: int
) -> Work:
    """The rules that an event may have turned, or whose time has come with it."""
    time, flags = event.time, plan.rules.flags
    work: Work = dict.fromkeys(flags, time) if before == BEFORE_ALL else {}
    if leaves and not entity.leaves:
        entity.leaves = {}
    for leaf in leaves:
        if leaf.accepts is not None and not leaf.accepts(event):
            continue
        if leaf.add(entity, event, before - plan.lateness - 1) or entity.passed > time:
            for place, _ in leaf.places:
                work[place] = time
    if entity.deadline is not None and entity.deadline <= entity.clock:
        for place in flags:
            instant = entity.timers.get(plan.milestones[place].key)
            if instant is not None and instant <= entity.clock:
                work[place] = min(instant, work.get(place, instant))
    return work


def _alone(wanted: _OfName, event: Event) -> str | None:
    """The first rule about single events that excludes this one."""
    for rule in wanted.alone:
        if rule.wanted.accepts is None or rule.wanted.accepts(event):
            return rule.name
    return None


def _capped(
    entity: Entity, plan: Plan, wanted: _OfKind, event: Event, occasion: Occasion
) -> str | None:
    """The first limit that the event is beyond; what is within one counts for the next."""
    time, now = event.time, max(entity.clock, event.time)
    for cap in wanted.caps:
        accepts = cap.wanted.accepts
        if accepts is not None and not accepts(event):
            continue
        if cap.unless is not None and cap.unless.holds(entity, now):
            continue
        number = cap.leaf.count(entity, time, now - plan.lateness)
        if number <= cap.most:
            continue
        if number == cap.most + 1:
            hearing = Hearing(entity, plan, occasion, {}, now, now - plan.lateness - 1)
            hearing.since = time
            flag = Flag(cap.milestone.name, False, cap.leaf.end(time))
            occurrence = cap.leaf.occurrence(entity)
            hearing.tell(cap.milestone, "entity.flagged", occurrence, time, flag=flag)
        return cap.milestone.name
    return None
