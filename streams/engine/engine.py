"""One event at a time: state and event in, state and results out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions.model import Definitions
from streams.engine.activity import Touched, count_activity, keep_traits
from streams.engine.compiler import Plan
from streams.engine.entities import Entity, Root
from streams.engine.judging import Occasion, observe, pass_time


class Outcome(Enum):
    """What became of an event."""

    ACCEPTED = auto()
    LATE = auto()
    """Accepted; behind the newest, within ``allowed_lateness``: exact all the same."""
    TOO_LATE = auto()
    """Accepted; further behind than that: counted where it still can be."""
    DUPLICATE = auto()
    ALREADY_APPLIED = auto()


@dataclass(slots=True)
class Staged:
    """What a commit cycle has to tell so far."""

    qualifications: list[Qualification] = field(default_factory=list)
    touched: Touched = field(default_factory=Touched)


class Arrival(NamedTuple):
    """Where and when the record came from that is being applied."""

    source: int
    offset: int
    recorded_at: int


class Engine:
    """Definitions, compiled. Holds no state of any entity and may be shared."""

    def __init__(self, definitions: Definitions) -> None:
        self.lateness = definitions.timing.allowed_lateness
        self.dedupe_within = definitions.timing.dedupe_within
        self.users = Plan("user", definitions)
        self.accounts = Plan("account", definitions)
        self.users.connect(self.users, definitions)
        self.accounts.connect(self.users, definitions)

    @property
    def may_hold_back(self) -> bool:
        """Whether any milestone may have to wait until no event can come late any more."""
        return bool(self.users.may_be_held or self.accounts.may_be_held)

    def apply(
        self, root: Root, user: Entity | None, event: Event, arrival: Arrival, staged: Staged
    ) -> Outcome:
        """Move an account (or a user without one) on by one event.

        Args:
            root: the account; or the user, where the event names no account.
            user: the account's user whom the event names; ``None`` where it names none, and for
                a user without an account.
            event: of this account or user.
            arrival: where the record stands; records of one source come in the order of offsets.
            staged: is added to.
        """
        source, offset = arrival.source, arrival.offset
        if root.offsets.get(source, -1) >= offset:
            self._catch_up(root, user, event, arrival, staged)
            return Outcome.ALREADY_APPLIED
        root.offsets[source] = offset
        root.revision += 1
        time, clock = event.time, root.clock
        if self.dedupe_within:
            now = time if time > clock else clock
            if not root.recent.admit(event.event_id, now):
                root.ignored.append((source, offset))
                if user is not None:
                    _pass(user, arrival)
                return Outcome.DUPLICATE
        occasion = Occasion(root, staged.qualifications, event.event_id, arrival.recorded_at)
        if user is None:
            observe(root, self.plan_of(root), event, occasion)
            self._count(root, root, event, staged)
        else:
            rises = self._apply_to_user(user, event, arrival, staged, occasion)
            observe(root, self.accounts, event, occasion, rises)
        if time >= clock:
            return Outcome.ACCEPTED
        return Outcome.LATE if clock - time <= self.lateness else Outcome.TOO_LATE

    def _catch_up(
        self, root: Root, user: Entity | None, event: Event, arrival: Arrival, staged: Staged
    ) -> None:
        """Let the user have a record that the account has applied already.

        States are written one by one, the account's first: a crash may fall between.
        """
        if user is None:
            return
        if (arrival.source, arrival.offset) in root.ignored:
            _pass(user, arrival)
            return
        if self.dedupe_within:
            root.recent.admit(event.event_id, max(root.clock, event.time))
        if user.offsets.get(arrival.source, -1) < arrival.offset:
            occasion = Occasion(root, staged.qualifications, event.event_id, arrival.recorded_at)
            self._apply_to_user(user, event, arrival, staged, occasion)

    def _apply_to_user(
        self, user: Entity, event: Event, arrival: Arrival, staged: Staged, occasion: Occasion
    ) -> dict[int, int]:
        _pass(user, arrival)
        rises = observe(user, self.users, event, occasion)
        self._count(occasion.root, user, event, staged)
        return rises

    def _count(self, root: Root, entity: Entity, event: Event, staged: Staged) -> None:
        """Daily activity and traits: kept with the user, or the account for nobody's events."""
        count_activity(root, entity, event, self.lateness, staged.touched)
        if event.traits:
            keep_traits(root, entity, event, staged.touched)

    def plan_of(self, root: Root) -> Plan:
        """The milestones that a root is judged by."""
        return self.accounts if root.account_id is not None else self.users

    def finish(self, root: Root, users: Iterable[Entity], until: int, staged: Staged) -> None:
        """No event comes any more: judge what had waited for late ones, up to ``until``.

        Args:
            root: the account; or the user without one.
            users: those of the account's users whose ``deadline`` is not after ``until``.
            until: the time now, epoch milliseconds.
            staged: is added to.
        """
        occasion = Occasion(root, staged.qualifications, None, until)
        rises: dict[int, int] = {}
        for user in users:
            for key, occurred in pass_time(user, self.users, until, occasion).items():
                rises[key] = min(occurred, rises.get(key, occurred))
        pass_time(root, self.plan_of(root), until, occasion, rises)


def _pass(user: Entity, arrival: Arrival) -> None:
    """Note that the user is past a record, whether it counted or was a duplicate."""
    if user.offsets.get(arrival.source, -1) < arrival.offset:
        user.offsets[arrival.source] = arrival.offset
        user.revision += 1
