"""How an entity stands with a milestone, as far as a state tells. Nothing is changed by looking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from streams.definitions.model import Definitions
from streams.engine.compiler import Plan
from streams.engine.engine import Engine
from streams.engine.entities import BEFORE_ALL, Entity, Root
from streams.engine.explaining import Elsewhere, Explained, explain
from streams.engine.leaves import ReachedLeaf
from streams.engine.leaves.parameters import Parameter, ParameterLeaf
from streams.engine.milestones import CompiledMilestone
from streams.engine.scores import ScoreLeaf
from streams.engine.state import decode_entity, decode_root

_FOR_EVER: Final = 1_000 * 366 * 86_400_000
"""As lateness: longer than there can be between two events, so that nothing is ever forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A milestone and an entity.

    Attributes:
        key: what the milestone is known by, in states and manifests.
        mode: ``once``, ``repeat`` or ``live``.
        definition_hash: of its meaning.
        holds: a live one: it is true; any other: it was reached.
        occurrences: how often it was reached, or entered, as far as that is told.
        first: when first; ``None`` for never.
        last: when last; of a live one, the last entry or exit.
        coming: since when it is true though that is not told yet; ``None`` where nothing is due.
        told_at: when that is told, if no event comes late that says otherwise.
        at: the instant at which ``why`` looks at the conditions.
        why: the conditions; ``None`` where the state has let go of what they knew.
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

    def standing(self, entity: Entity, milestone: str, at: int) -> Standing:
        """How an entity stands with one of the milestones of its kind.

        Args:
            entity: what :meth:`read` gave.
            milestone: its name.
            at: now; no earlier than the newest event of the entity.
        """
        is_account = isinstance(entity, Root) and entity.account_id is not None
        plan = self.engine.accounts if is_account else self.engine.users
        compiled = plan.named(milestone)
        coming = _coming(compiled, entity, at)
        told_at = coming
        if coming is not None and compiled.is_held(entity):
            told_at = coming + self._lateness + 1
        first = entity.reached.get(compiled.key)
        whole = entity.born if self._remembers_all else entity.clock - self._lateness
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


def take_told(entity: Entity, told: Entity) -> None:
    """Let an entity that remembers all have what was told of it, from one that forgets."""
    entity.reached = told.reached
    entity.occurrences = told.occurrences
    entity.timers = told.timers


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
