"""One event at a time: state and event in, state and results out."""

from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import blake2b
from typing import NamedTuple

from schemas.events import Event
from schemas.qualifications import Evidence, Qualification, QualificationType
from streams.definitions.model import Definitions
from streams.engine.activity import Touched, count_activity, keep_traits
from streams.engine.compiler import CompiledMilestone, Plan
from streams.engine.entities import BEFORE_ALL, Entity, RecentIds, Root


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

    def new_root(self, account_id: str | None, user_id: str | None) -> Root:
        """The state of an account (or of a user without one) that was never seen."""
        return Root(account_id, user_id, RecentIds(self.dedupe_within))

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
        root.changed = True
        time, clock = event.time, root.clock
        if self.dedupe_within:
            now = time if time > clock else clock
            if root.recent.repeats(event.event_id, now):
                root.ignored.append((source, offset))
                return Outcome.DUPLICATE
            root.recent.remember(event.event_id, now)
        if user is None:
            plan = self.accounts if root.account_id is not None else self.users
            self._observe(root, root, plan, event, arrival, staged, {})
            self._count(root, root, event, staged)
        else:
            rises = self._apply_to_user(root, user, event, arrival, staged)
            self._observe(root, root, self.accounts, event, arrival, staged, rises)
        if time >= clock:
            return Outcome.ACCEPTED
        return Outcome.LATE if clock - time <= self.lateness else Outcome.TOO_LATE

    def _catch_up(
        self, root: Root, user: Entity | None, event: Event, arrival: Arrival, staged: Staged
    ) -> None:
        """The account has applied this record, its user perhaps not: states are written one by
        one, the account's first, and a crash may fall between.
        """
        if user is None or (arrival.source, arrival.offset) in root.ignored:
            return
        if self.dedupe_within and event.event_id not in root.recent.seen:
            root.recent.remember(event.event_id, max(root.clock, event.time))
            root.changed = True
        if user.offsets.get(arrival.source, -1) < arrival.offset:
            self._apply_to_user(root, user, event, arrival, staged)

    def _apply_to_user(
        self, root: Root, user: Entity, event: Event, arrival: Arrival, staged: Staged
    ) -> dict[int, int]:
        user.offsets[arrival.source] = arrival.offset
        user.revision += 1
        user.changed = True
        rises = self._observe(root, user, self.users, event, arrival, staged, {})
        self._count(root, user, event, staged)
        return rises

    def _count(self, root: Root, entity: Entity, event: Event, staged: Staged) -> None:
        """Daily activity and traits, kept with the user, or with the account for nobody's events."""
        count_activity(root, entity, event, self.lateness, staged.touched)
        if event.traits:
            keep_traits(root, entity, event, staged.touched)

    def _observe(
        self,
        root: Root,
        entity: Entity,
        plan: Plan,
        event: Event,
        arrival: Arrival,
        staged: Staged,
        rises: dict[int, int],
    ) -> dict[int, int]:
        """Let an entity's conditions see an event and judge those that it may have changed.

        Args:
            rises: for an account, key of a leaf → the time at which a user's milestone fed it.

        Returns:
            The same for the account that this entity is a user of.
        """
        time, before = event.time, entity.clock
        if time > before:
            entity.clock = time
        horizon = before - self.lateness
        work = self._feed(entity, plan, event, before, horizon)
        for key, occurred in rises.items():
            leaf = plan.leaves[key]
            for place in plan.places(leaf.milestones & ~entity.settled):
                work[place] = min(occurred, work.get(place, occurred))
        deadline = entity.deadline
        if deadline is not None and deadline <= entity.clock:
            for place in plan.timed:
                work[place] = min(before, work.get(place, before))
        if work:
            told = _Telling(root, entity, event, arrival, staged, before - time > self.lateness)
            fed = self._judge(plan, work, told)
        else:
            fed = {}
        if entity.pending:
            self._settle(entity, plan)
        if plan.timed:
            entity.deadline = _next_deadline(entity, plan)
        return fed

    def _feed(
        self, entity: Entity, plan: Plan, event: Event, before: int, horizon: int
    ) -> dict[int, int]:
        """Show the event to the leaves; give the places of the milestones to be judged, each with
        the earliest instant at which it may have turned true.
        """
        work: dict[int, int] = {}
        time = event.time
        for leaf in plan.leaves_for(event.name):
            open_milestones = leaf.milestones & ~entity.settled
            if not open_milestones:
                continue
            accepts = leaf.accepts
            if accepts is not None and not accepts(event):
                continue
            if leaf.add(entity, event, horizon) or time < before:
                for place in plan.places(open_milestones):
                    work[place] = time
        if work and time > before > BEFORE_ALL:
            for place in work:
                if plan.milestones[place].timed:
                    work[place] = before
        return work

    def _judge(self, plan: Plan, work: dict[int, int], told: "_Telling") -> dict[int, int]:
        """Judge milestones in order; each that is reached may give work to later ones."""
        entity = told.entity
        fed: dict[int, int] = {}
        while work:
            place = min(work)
            low = work.pop(place)
            milestone = plan.milestones[place]
            known = entity.reached.get(milestone.key)
            high = entity.clock if known is None else known - 1
            if high < low:
                continue
            found = milestone.first_true(entity, low, high)
            if found is None:
                continue
            entity.reached[milestone.key] = found
            if known is None:
                entity.pending.append(place)
            told.tell(milestone, found, corrected=known is not None)
            for dependent in milestone.dependents:
                work[dependent] = min(found, work.get(dependent, found))
            if entity.user_id is not None and told.root is not entity:
                self._feed_account(told.root, milestone, entity.user_id, found, fed)
        return fed

    def _feed_account(
        self,
        root: Root,
        milestone: CompiledMilestone,
        user_id: str,
        found: int,
        fed: dict[int, int],
    ) -> None:
        for leaf in milestone.watchers:
            if leaf.milestones & ~root.settled:
                leaf.add(root, user_id, found, root.clock - self.lateness)
                fed[leaf.key] = min(found, fed.get(leaf.key, found))

    def _settle(self, entity: Entity, plan: Plan) -> None:
        """Let go of what milestones needed whose time no event can change any more."""
        horizon = entity.clock - self.lateness
        settled = [p for p in entity.pending if entity.reached[plan.milestones[p].key] <= horizon]
        if not settled:
            return
        for place in settled:
            entity.pending.remove(place)
            entity.settled |= plan.milestones[place].bit
        for place in settled:
            for leaf in plan.milestones[place].leaves:
                if not leaf.milestones & ~entity.settled:
                    entity.leaves.pop(leaf.key, None)


def _next_deadline(entity: Entity, plan: Plan) -> int | None:
    found: int | None = None
    for place in plan.timed:
        milestone = plan.milestones[place]
        if milestone.key in entity.reached:
            continue
        for leaf in milestone.leaves:
            due = leaf.deadline(entity) if leaf.timed else None
            if due is not None and (found is None or due < found):
                found = due
    return found


@dataclass(slots=True)
class _Telling:
    """The one event that is being applied, as far as results speak of it."""

    root: Root
    entity: Entity
    event: Event
    arrival: Arrival
    staged: Staged
    too_late: bool

    def tell(self, milestone: CompiledMilestone, occurred: int, *, corrected: bool) -> None:
        entity, root = self.entity, self.root
        kind: QualificationType = "milestone.corrected" if corrected else "milestone.reached"
        of_user = entity.user_id
        self.staged.qualifications.append(
            Qualification(
                id=_id(kind, milestone, root.account_id, of_user, 1, occurred),
                type=kind,
                milestone=milestone.name,
                account_id=root.account_id,
                user_id=of_user,
                occurrence=1,
                occurred_at=occurred,
                detected_at=self.arrival.recorded_at,
                definition_hash=milestone.definition_hash,
                decided_by=self.event.event_id,
                late=self.too_late,
                evidence=tuple(
                    Evidence(leaf.text, seen.observed, seen.at_least, seen.threshold,
                             seen.window_start, occurred, seen.holds)
                    for leaf in milestone.leaves
                    for seen in (leaf.observe(entity, occurred),)
                ),
            )
        )  # fmt: skip


def _id(
    kind: QualificationType,
    milestone: CompiledMilestone,
    account_id: str | None,
    user_id: str | None,
    occurrence: int,
    occurred_at: int,
) -> str:
    """The same for the same input: what happened, to whom, by which definition, for which time.

    A correction is told apart from others of the same occurrence by the time that it gives.
    """
    parts = [kind, milestone.name, milestone.definition_hash, account_id, user_id, str(occurrence)]
    if kind == "milestone.corrected":
        parts.append(str(occurred_at))
    digest = blake2b(digest_size=16)
    for part in parts:
        data = b"" if part is None else part.encode("utf-8", "surrogatepass")
        digest.update(b"-" if part is None else b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()
