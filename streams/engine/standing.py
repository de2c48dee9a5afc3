"""How an entity stands with a milestone, as far as a state tells. Nothing is changed by looking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from schemas.qualifications import HealthLevel, LeadLife
from streams.definitions.model import LEVELS, Definitions
from streams.engine.compiler import Plan
from streams.engine.engine import Engine
from streams.engine.entities import BEFORE_ALL, Entity, Root
from streams.engine.explaining import Elsewhere, Explained, explain, explain_node
from streams.engine.health import GREEN
from streams.engine.leads import Book, LeadLeaf
from streams.engine.leaves import ReachedLeaf
from streams.engine.leaves.parameters import Parameter, ParameterLeaf
from streams.engine.milestones import CompiledMilestone
from streams.engine.rules import Flagged
from streams.engine.scores import ScoreLeaf
from streams.engine.state import decode_entity, decode_root

_FOR_EVER: Final = 1_000 * 366 * 86_400_000
"""As lateness: longer than there can be between two events, so that nothing is ever forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A milestone and an entity.

    Attributes:
        key: what the milestone is known by, in states and manifests.
        mode: ``once``, ``repeat``, ``live``, or ``lead`` for a lead.
        definition_hash: of its meaning.
        holds: a live one: it is true; a lead: it is open; any other: it was reached.
        occurrences: how often it was reached, or entered, or opened, as far as that is told.
        first: when first; ``None`` for never, and for leads.
        last: when last; of a live one, the last entry or exit; of a lead, its opening or close.
        coming: since when it is true though that is not told yet; ``None`` where nothing is due.
        told_at: when that is told, if no event comes late that says otherwise.
        at: the instant at which ``why`` looks at the conditions.
        why: the conditions; ``None`` where the state has let go of what they knew.
        life: of the newest lead; ``None`` where it never was one, and for milestones.
        closed_at: when that was closed; ``None`` where it is open, and for milestones.
    """

    key: int
    mode: str
    definition_hash: str
    holds: bool
    occurrences: int
    first: int | None
    last: int | None
    coming: int | None
    told_at: int | None
    at: int
    why: Explained | None
    life: LeadLife | None = None
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class HealthStanding:
    """A health and an entity.

    Attributes:
        key: what the health is known by, in states and manifests.
        definition_hash: of its meaning.
        level: at ``at``.
        since: when it was told to be that; ``None`` where that was never told, or not yet.
        changes: how many were told.
        at: the instant at which ``why`` looks at the conditions.
        why: the conditions of its levels but green, the worst first.
    """

    key: int
    definition_hash: str
    level: HealthLevel
    since: int | None
    changes: int
    at: int
    why: list[tuple[HealthLevel, Explained]]


class Explainer:
    """Reads states and says how their entities stand.

    It has an engine of its own: conditions are asked for each instant at which they turn, while a
    worker's engine asks only for those that may be told of.

    Args:
        definitions: those that the states are kept for.
        remembers_all: whether the states are of an engine like this one, which forgets nothing;
            a worker's forgets what no event can change any more.
    """

    def __init__(self, definitions: Definitions, *, remembers_all: bool = False) -> None:
        timing = definitions.timing
        if remembers_all:
            definitions = replace(definitions, timing=replace(timing, allowed_lateness=_FOR_EVER))
        self.definitions: Final = definitions
        self.engine: Final = Engine(definitions)
        self._lateness = timing.allowed_lateness
        self._remembers_all = remembers_all
        for plan in (self.engine.users, self.engine.accounts):
            for leaf in plan.leaves.values():
                leaf.both = True
        users, accounts = self.engine.users, self.engine.accounts
        own = _waiting(users, {})
        counted: dict[int, CompiledMilestone | None] = {
            leaf.key: None
            for one in users.milestones
            if one.is_timed or one.may_be_held or any(leaf.key in own for leaf in one.leaves)
            for leaf in one.watchers
        }
        self._elsewhere = own | _waiting(accounts, counted)

    def read(self, data: bytes, account_id: str | None, user_id: str | None) -> Entity | None:
        """The entity whose state that is; ``None`` for one that no event has named yet.

        Args:
            data: as :meth:`streams.evaluator.Evaluator.state_of` gives it.
            account_id: ``None`` for a user without an account.
            user_id: ``None`` for an account itself.
        """
        if account_id is not None and user_id is not None:
            entity = Entity(b"", user_id)
            decode_entity(data, entity, self.engine)
        else:
            entity = Root(b"", account_id, user_id, 0)
            decode_root(data, entity, self.engine, _no_chunk)
        return entity if entity.clock > BEFORE_ALL else None

    def flagged(self, entity: Entity, at: int) -> list[Flagged]:
        """The abuse rules by which events of an entity are excluded at ``at``."""
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.engine.accounts if is_account else self.engine.users
        return plan.rules.flagged(entity, at)

    def standing(self, entity: Entity, milestone: str, at: int) -> Standing:
        """How an entity stands with one of the milestones of its kind.

        Args:
            entity: what :meth:`read` gave.
            milestone: its name, or that of a lead of its kind.
            at: now; no earlier than the newest event of the entity.
        """
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.engine.accounts if is_account else self.engine.users
        compiled = plan.named(milestone)
        if compiled.mode == "lead":
            return self._of_lead(entity, plan.leads[compiled.place].leaf, compiled, at)
        coming = _coming(compiled, entity, at)
        told_at = coming
        if coming is not None and compiled.is_held(entity):
            told_at = coming + self._lateness + 1
        first = entity.reached.get(compiled.key)
        begun = min(entity.born, entity.clock)
        whole = begun if self._remembers_all else entity.clock - self._lateness
        seen_at = at
        if compiled.mode == "once" and first is not None:
            seen_at = first
        is_settled = compiled.mode == "once" and bool(entity.settled & compiled.bit)
        why = None
        if seen_at >= whole and not is_settled:
            why = explain(compiled, entity, seen_at, whole, self._elsewhere)
        count, last, _ = entity.occurrences.get(
            compiled.key, (int(first is not None), first, False)
        )
        holds = compiled.holds(entity, at) if compiled.mode == "live" else first is not None
        return Standing(
            compiled.key, compiled.mode, compiled.definition_hash, holds, count, first, last,
            coming, told_at, seen_at, why,
        )  # fmt: skip

    def health(self, entity: Entity, health: str, at: int) -> HealthStanding:
        """How an entity stands with one of the health entries of its kind; see :meth:`standing`."""
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.engine.accounts if is_account else self.engine.users
        milestone, compiled = plan.health_named(health)
        whole = entity.born if self._remembers_all else entity.clock - self._lateness
        why = [
            (level, explain_node(node, entity, at, whole, self._elsewhere))
            for level, node in compiled.conditions
        ]
        level = compiled.level(entity, at)
        changes, last, told = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, GREEN))
        since = last if changes and told == level else None
        return HealthStanding(
            milestone.key, milestone.definition_hash, LEVELS[level], since, changes, at, why
        )

    def _of_lead(
        self, entity: Entity, leaf: LeadLeaf, compiled: CompiledMilestone, at: int
    ) -> Standing:
        begun = min(entity.born, entity.clock)
        whole = begun if self._remembers_all else entity.clock - self._lateness
        why = explain(compiled, entity, at, whole, self._elsewhere)
        book: Book | None = entity.leaves.get(leaf.key)
        life = None if book is None else book.life
        if book is None or life is None:
            return Standing(
                compiled.key, compiled.mode, compiled.definition_hash, False, 0, None, None, None,
                None, at, why,
            )  # fmt: skip
        last = life.opened_at if book.closed_at is None else book.closed_at
        return Standing(
            compiled.key, compiled.mode, compiled.definition_hash, book.is_open, book.occurrence,
            None, last, None, None, at, why, life, book.closed_at,
        )  # fmt: skip


def take_told(entity: Entity, told: Entity) -> None:
    """Let an entity that remembers all have what was told of it, from one that forgets."""
    entity.reached = told.reached
    entity.occurrences = told.occurrences
    entity.timers = told.timers
    books = {key: state for key, state in told.leaves.items() if isinstance(state, Book)}
    kept = {key: state for key, state in entity.leaves.items() if not isinstance(state, Book)}
    entity.leaves = {**kept, **books}


def take_parameters(
    entity: Entity, told: Entity, plan: Plan, parameters: Mapping[str, Parameter]
) -> None:
    """Let an entity that remembers all know just as much of parameters as one that forgets.

    One that forgets nothing has everything due in the end, and would learn of more.

    Args:
        entity: remembers all.
        told: is judged as a worker's is.
        plan: the milestones of their kind.
        parameters: what their partition was told.
    """
    for leaf in plan.leaves.values() if plan.parameters else ():
        is_parameter = isinstance(leaf, ParameterLeaf) and bool(leaf.milestones & ~told.settled)
        # When a score with `until` turned is worked out anew.
        if (is_parameter or isinstance(leaf, ScoreLeaf)) and leaf.key in entity.leaves:
            del entity.leaves[leaf.key]
        if isinstance(leaf, ParameterLeaf) and is_parameter:
            known = told.leaves.get(leaf.key)
            if known is not None:
                leaf.adopt(entity, parameters[leaf.name], known[0] + 1, BEFORE_ALL)


def _waiting(plan: Plan, others: Elsewhere) -> dict[int, CompiledMilestone | None]:
    """The leaves for own milestones that may be reached without an event."""
    found = dict(others)
    for milestone in plan.milestones:  # each after those that it looks at
        for leaf in milestone.leaves:
            if isinstance(leaf, ReachedLeaf):
                named = plan.milestones[plan.place_of[leaf.reached]]
                inside = [one.key for one in named.leaves if one.key in found]
                if any(found[key] is None for key in inside):
                    found[leaf.key] = None
                elif inside or named.is_timed:
                    found[leaf.key] = named
    return found


def _coming(milestone: CompiledMilestone, entity: Entity, at: int) -> int | None:
    """The first instant at which it is true that was not judged yet."""
    unjudged = entity.timers.get(milestone.key)
    is_over = milestone.mode == "once" and milestone.key in entity.reached
    if unjudged is None or unjudged > at or is_over or milestone.mode == "live":
        return None
    count, last, inside = entity.occurrences.get(milestone.key, (0, BEFORE_ALL, False))
    for instant in milestone.instants(entity, unjudged, at):
        holds = milestone.holds(entity, instant)
        if holds and not inside and (not count or instant >= last + (milestone.repeat or 0)):
            return instant
        inside = holds
    return None


def _no_chunk(_root: Root, _chunk: int) -> bytes | None:
    """Recent event ids are not looked at."""
    return None
