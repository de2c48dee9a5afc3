"""One event at a time: state and event in, state and results out."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from schemas.events import Event
from streams.definitions.model import Definitions
from streams.engine.activity import count_activity, keep_traits
from streams.engine.compiler import Plan
from streams.engine.entities import Entity, Root
from streams.engine.judging import Rises, observe, pass_time
from streams.engine.leaves import EventLeaf
from streams.engine.leaves.base import Observation
from streams.engine.occasion import Occasion


class Outcome(Enum):
    """What became of an event."""

    ACCEPTED = auto()
    LATE = auto()
    """Accepted; behind the newest, within ``allowed_lateness``: exact all the same."""
    TOO_LATE = auto()
    """Accepted; further behind than that: counted where it still can be."""
    DUPLICATE = auto()
    ALREADY_APPLIED = auto()


_NAMES_REMEMBERED: Final = 10_000
"""Event names whose route is remembered; names come from outside and may be without number."""


class Route:
    """Where events of one name go.

    Attributes:
        name: one text for all of them, so that what is kept under it is kept under one object.
        users: leaves of users that want them.
        accounts: leaves of accounts that want them.
    """

    __slots__ = ("accounts", "name", "users")

    def __init__(
        self, name: str, users: tuple[EventLeaf, ...], accounts: tuple[EventLeaf, ...]
    ) -> None:
        self.name: Final = name
        self.users: Final = users
        self.accounts: Final = accounts


class Engine:
    """Definitions, compiled. Holds no state of any entity and may be shared."""

    def __init__(self, definitions: Definitions) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self.dedupe_within = definitions.timing.dedupe_within
        self.users = Plan("user", definitions)
        self.accounts = Plan("account", definitions)
        self.users.connect(self.users, definitions)
        self.accounts.connect(self.users, definitions)
        self._routes: dict[str, Route] = {}

    @property
    def may_hold_back(self) -> bool:
        """Whether any milestone may have to wait until no event can come late any more."""
        return bool(self.users.may_be_held or self.accounts.may_be_held)

    def plan_of(self, root: Root) -> Plan:
        """The milestones that a root is judged by."""
        return self.accounts if root.account_id is not None else self.users

    def observe(self, entity: Entity, milestone: str, at: int) -> list[tuple[str, Observation]]:
        """What each condition of a milestone of this entity amounts to at ``at``, in words."""
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.accounts if is_account else self.users
        (compiled,) = [one for one in plan.milestones if one.name == milestone]
        return [(leaf.text, leaf.observe(entity, at)) for leaf in compiled.leaves]

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
        if user is None:
            leaves = route.accounts if root.account_id is not None else route.users
            observe(root, self.plan_of(root), leaves, event, occasion)
            self._count(root, event, route, occasion)
        else:
            rises = self._apply_to_user(user, event, route, occasion)
            observe(root, self.accounts, route.accounts, event, occasion, rises)
        if time >= clock:
            return Outcome.ACCEPTED
        return Outcome.LATE if clock - time <= self.lateness else Outcome.TOO_LATE

    def _catch_up(self, root: Root, user: Entity | None, event: Event, occasion: Occasion) -> None:
        """Let the user, and the chunks of ids, have a record that the account has applied already.

        States are written one by one, the account's first: a crash may fall between.
        """
        if (occasion.source, occasion.offset) not in root.ignored:
            if self.dedupe_within:
                root.recent.admit(event.event_id, max(root.clock, event.time))
            if user is not None:
                self._apply_to_user(user, event, self._route(event.name), occasion)
        elif user is not None:
            user.advance(occasion.source, occasion.offset)

    def _route(self, name: str) -> Route:
        found = self._routes.get(name)
        if found is None:
            found = Route(name, self.users.leaves_for(name), self.accounts.leaves_for(name))
            if len(self._routes) < _NAMES_REMEMBERED:
                self._routes[name] = found
        return found

    def _apply_to_user(
        self, user: Entity, event: Event, route: Route, occasion: Occasion
    ) -> Rises | None:
        if not user.advance(occasion.source, occasion.offset):
            return None
        rises = observe(user, self.users, route.users, event, occasion)
        self._count(user, event, route, occasion)
        return rises

    def _count(self, holder: Entity, event: Event, route: Route, occasion: Occasion) -> None:
        """Daily activity and traits: kept with the user, or the account for nobody's events."""
        count_activity(holder, event, route.name, self.lateness, occasion)
        if event.traits:
            keep_traits(holder, event, occasion)

    def pass_time(
        self, root: Root, users: Iterable[Entity], occasion: Occasion, *, settled: int
    ) -> None:
        """Judge all of these that is due at ``occasion.recorded_at``, the time now.

        What is not due stays; no deadline of these is before or at the time now afterwards.

        Args:
            root: the account; or the user without one.
            users: those of the account's users whose ``deadline`` has come.
            occasion: says the time now; takes the results.
            settled: the last instant for which no event can come late any more.
        """
        rises: Rises = {}
        for user in users:
            fed = pass_time(user, self.users, settled, occasion) or {}
            for key, occurred in fed.items():
                rises[key] = min(occurred, rises.get(key, occurred))
        pass_time(root, self.plan_of(root), settled, occasion, rises)
