"""One event at a time: state and event in, state and results out."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Final

from schemas.events import Event
from schemas.qualifications import HealthLevel
from streams.definitions.model import Definitions
from streams.engine.abuse import Abuse
from streams.engine.activity import count_activity, keep_traits
from streams.engine.compiler import Plan
from streams.engine.entities import Entity, Root
from streams.engine.explaining import Explained, explain, explain_node
from streams.engine.judging import observe, pass_time
from streams.engine.leaves import EventLeaf
from streams.engine.modes import Rises
from streams.engine.occasion import Occasion
from streams.engine.orders import OVERRIDDEN, Refusal, read_order


class Outcome(Enum):
    """What became of an event."""

    ACCEPTED = auto()
    LATE = auto()
    """Accepted; behind the newest, within ``allowed_lateness``: exact all the same."""
    TOO_LATE = auto()
    """Accepted; further behind than that: counted where it still can be."""
    DUPLICATE = auto()
    ALREADY_APPLIED = auto()
    ERASED = auto()
    """Of a time through which its account, or its user, was erased: not counted."""
    DELETION = auto()
    """Erased its account, or its user."""


_NAMES_REMEMBERED: Final = 10_000
"""Event names whose route is remembered; names come from outside and may be without number."""


class Route:
    """Where events of one name go.

    Attributes:
        name: one text for all of them, so that what is kept under it is kept under one object.
        users: leaves of users that want them.
        accounts: leaves of accounts that want them.
        overrides: whether they override leads.
    """

    __slots__ = ("accounts", "name", "overrides", "users")

    def __init__(
        self, name: str, users: tuple[EventLeaf, ...], accounts: tuple[EventLeaf, ...]
    ) -> None:
        self.name: Final = name
        self.users: Final = users
        self.accounts: Final = accounts
        self.overrides: Final = name == OVERRIDDEN


class Engine:
    """Definitions, compiled. Holds no state of any entity and may be shared."""

    def __init__(self, definitions: Definitions) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self.dedupe_within = definitions.timing.dedupe_within
        self.users = Plan("user", definitions)
        self.accounts = Plan("account", definitions, self.users)
        self._abuse = Abuse(definitions, self.users, self.accounts) if definitions.abuse else None
        self._awaits_users = bool(self.users.timed) and any(
            milestone.watchers for milestone in self.users.milestones
        )
        """Whether the passing of time may change what an account knows of its users."""
        self.parameters: Final = frozenset(
            leaf.name for plan in (self.users, self.accounts) for leaf in plan.parameters
        )
        """Names of the parameters that definitions look at."""
        self._routes: dict[str, Route] = {}

    @property
    def is_timed(self) -> bool:
        """Whether there is any milestone for which something may be to judge without an event."""
        return bool(self.users.timed or self.accounts.timed)

    def plan_of(self, root: Root) -> Plan:
        """The milestones that a root is judged by."""
        return self.accounts if root.account_id is not None else self.users

    def explain(self, entity: Entity, milestone: str, at: int) -> Explained:
        """Why a milestone of this entity holds at ``at``, or what is missing.

        Args:
            entity: whose it is.
            milestone: its name.
            at: no earlier than what the entity's state remembers; its clock, or later.
        """
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.accounts if is_account else self.users
        return explain(plan.named(milestone), entity, at, entity.clock - self.lateness)

    def explain_health(
        self, entity: Entity, health: str, at: int
    ) -> list[tuple[HealthLevel, Explained]]:
        """The conditions of a health of this entity, each with its level, the worst first.

        Args:
            entity: whose it is.
            health: its name.
            at: see :meth:`explain`.
        """
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.accounts if is_account else self.users
        conditions = plan.health_named(health)[1].conditions
        whole = entity.clock - self.lateness
        return [(level, explain_node(node, entity, at, whole)) for level, node in conditions]

    def apply(self, root: Root, user: Entity | None, event: Event, occasion: Occasion) -> Outcome:
        """Move an account (or a user without one) on by one event.

        Args:
            root: the account; or the user, where the event names no account.
            user: the account's user whom the event names; ``None`` where it names none, and for
                a user without an account.
            event: of this account or user.
            occasion: where the event came from; takes the results. The records of one source come
                in the order of their offsets.
        """
        source, offset = occasion.source, occasion.offset
        occasion.traits_before = occasion.excluded_by = None
        if not root.advance(source, offset):
            self._catch_up(root, user, event, occasion)
            return Outcome.ALREADY_APPLIED
        time, clock = event.time, root.clock
        if self.dedupe_within and not root.recent.admit(
            event.event_id, time if time > clock else clock
        ):
            root.ignored += ((source, offset),)
            if user is not None:
                user.advance(source, offset)
            return Outcome.DUPLICATE
        route = self._routes.get(event.name) or self._route(event.name)
        if route.overrides:
            self._refuse(root, user, event, occasion)
        if user is None:
            leaves = route.accounts if root.account_id is not None else route.users
            plan = self.plan_of(root)
            late_rises = None
            if event.traits:
                keep_traits(root, event, occasion)
            if self._abuse is not None:
                self._abuse.judge(root, None, event, occasion)
            if root.waiting:
                late_rises = self._let_users_catch_up(root, max(time, clock), occasion, {})
            self._observe(root, plan, leaves, event, occasion, late_rises)
            self._count(root, plan, event, route.name, occasion)
        else:
            rises = self._apply_to_user(root, user, event, route, occasion)
            if self._awaits_users:
                root.await_user(user)
                if root.waiting:
                    now = time if time > clock else clock
                    rises = self._let_users_catch_up(root, now, occasion, rises or {})
            self._observe(root, self.accounts, route.accounts, event, occasion, rises)
        if time >= clock:
            return Outcome.ACCEPTED
        return Outcome.LATE if clock - time <= self.lateness else Outcome.TOO_LATE

    def forget(self, root: Root, reached: Mapping[int, int]) -> None:
        """Let go of what is noted of records that are committed: source → offset of the last."""
        if self._abuse is not None:
            self.accounts.rules.records.forget(root, reached)

    def _refuse(self, root: Root, user: Entity | None, event: Event, occasion: Occasion) -> None:
        """Count an override that no lead hears: it must not be lost without a word."""
        order = read_order(event)
        plans = [self.plan_of(root), *([] if user is None else [self.users])]
        names = {plan.milestones[place].name for plan in plans for place in plan.leads}
        if isinstance(order, Refusal):
            occasion.staged.refuse(order)
        elif event.properties.get("lead") not in names:
            occasion.staged.refuse(Refusal.UNKNOWN_LEAD)

    def _catch_up(self, root: Root, user: Entity | None, event: Event, occasion: Occasion) -> None:
        """Let the user, and the chunks of ids, have a record that the account has applied already.

        States are written one by one, the account's first: a crash may fall between.
        """
        if (occasion.source, occasion.offset) not in root.ignored:
            if self.dedupe_within:
                root.recent.admit(event.event_id, max(root.clock, event.time))
            if user is not None:
                route = self._route(event.name)
                self._apply_to_user(root, user, event, route, occasion, again=True)
                if self._awaits_users:
                    root.await_user(user)
        elif user is not None:
            user.advance(occasion.source, occasion.offset)

    def _route(self, name: str) -> Route:
        found = self._routes.get(name)
        if found is None:
            users, accounts = self.users.listeners, self.accounts.listeners
            found = Route(name, users.for_name(name), accounts.for_name(name))
            if len(self._routes) < _NAMES_REMEMBERED:
                self._routes[name] = found
        return found

    def _apply_to_user(
        self,
        root: Root,
        user: Entity,
        event: Event,
        route: Route,
        occasion: Occasion,
        *,
        again: bool = False,
    ) -> Rises | None:
        if not user.advance(occasion.source, occasion.offset):
            return None
        if event.traits:
            keep_traits(user, event, occasion)
        if self._abuse is not None:
            judge = self._abuse.judge_again if again else self._abuse.judge
            judge(root, user, event, occasion)
        rises = self._observe(user, self.users, route.users, event, occasion, None)
        self._count(user, self.users, event, route.name, occasion)
        return rises

    def _count(
        self, holder: Entity, plan: Plan, event: Event, name: str, occasion: Occasion
    ) -> None:
        """Count an event: as activity, or as excluded."""
        if occasion.excluded_by is None:
            count_activity(holder, event, name, self.lateness, occasion)
        else:
            plan.rules.counts.count(holder, event, name, self.lateness, occasion)

    def _observe(
        self,
        entity: Entity,
        plan: Plan,
        leaves: tuple[EventLeaf, ...],
        event: Event,
        occasion: Occasion,
        rises: Rises | None,
    ) -> Rises | None:
        counts = occasion.excluded_by is None
        if not counts:
            leaves = ()
        if event.traits:
            leaves += plan.listeners.for_traits(event, plan is self.accounts)
        return observe(entity, plan, leaves, event, occasion, rises, counts=counts)

    def _let_users_catch_up(self, root: Root, time: int, occasion: Occasion, rises: Rises) -> Rises:
        """Judge what is due for the account's users before the account is: it counts them.

        Also where the event came late: for the account, time has passed beyond it.
        """
        settled = time - self.lateness - 1
        decided_by, occasion.decided_by = occasion.decided_by, None
        for user_id in root.pop_due(time):
            user = occasion.find_user(root, user_id)
            _merge(rises, pass_time(user, self.users, time, settled, occasion))
            root.await_user(user)
        occasion.decided_by = decided_by
        return rises

    def pass_time(
        self, root: Root, users: Iterable[Entity], occasion: Occasion, settled: int
    ) -> None:
        """Judge what has become due though no event came.

        Args:
            root: the account; or the user without one.
            users: those of the account's users for whom something is due.
            occasion: says the time now (``recorded_at``); takes the results.
            settled: the last instant for which no event can come late any more.
        """
        now = occasion.recorded_at
        occasion.traits_before = None
        rises: Rises = {}
        for user in users:
            _merge(rises, pass_time(user, self.users, now, settled, occasion))
            if self._awaits_users:
                root.await_user(user)
        pass_time(root, self.plan_of(root), now, settled, occasion, rises)


def _merge(rises: Rises, more: Rises | None) -> None:
    for key, at in (more or {}).items():
        rises[key] = min(at, rises.get(key, at))
