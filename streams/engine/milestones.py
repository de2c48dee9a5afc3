"""A milestone, compiled: what is asked of it, and when."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from streams.definitions.model import Milestone
from streams.engine.entities import Entity
from streams.engine.leaves import Leaf, UsersLeaf, UsersSoFarLeaf
from streams.engine.nodes import Composite, LiveLeaf, Node, Part
from streams.engine.scores import ScoreLeaf
from streams.engine.sums import CompiledScore


def state_key(text: str) -> int:
    """The key under which a state stands for whatever ``text`` says in full."""
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big")


class CompiledMilestone:
    """A milestone ready to be judged.

    Attributes:
        name: what is told of it; for a journey in which one may be stuck, the step.
        journey: its name, where this says that one is stuck in it.
        key: what it is known by in :attr:`Entity.reached`.
        place: among the milestones of its kind.
        bit: its own bit in bit sets of milestones.
        parts: its leaves, each once, for evidence.
        leaves: those that are asked when it may turn; those of a live milestone that it names.
        scores: of the leaves, those that compare a score.
        mode: reached ``once``; each time again, with ``repeat``; entered and exited, ``live``;
            opened and followed, as a ``lead``; at one level after another, as ``health``; or, of
            abuse rules, a ``flag`` or a ``cap``.
        repeat: after how long it may be reached again.
        shadow: whether nobody is told.
        shadow_of: the live one that it is compared with.
        compared: scores in the shadow to record beside the one that it tells; fingerprints of them.
        waits_for: keys of the milestones without which, told late, it is told late; its own among
            them where it may be held.
        may_be_held: whether there may be instants that are judged only when no event can come late.
        is_timed: whether it may turn without an event.
        dependents: places of the entity's own milestones that look at this one.
        watchers: leaves of account milestones that count the users who reached this one.
        impatient: those of them that do not wait until it is told.
        foretellers: milestones with such leaves, of which more may be known with this one.
        so_far: says for these what is known.
    """

    def __init__(
        self,
        milestone: Milestone,
        place: int,
        definition_hash: str,
        when: Node,
        parts: list[Part],
        lead: Leaf | None = None,
        mode: str | None = None,
    ) -> None:
        self.name: Final = milestone.name
        self.journey: str | None = None
        self.mode: Final = mode or _mode(milestone, lead)
        self._sees_all = self.mode in {"flag", "cap"}
        """Whether it sees events that do not count, so that nobody is unknown to it."""
        self.repeat: Final = milestone.repeat
        self.shadow: Final = milestone.shadow
        self.shadow_of: Final = milestone.shadow_of
        self.compared: tuple[tuple[CompiledScore, str], ...] = ()
        self.definition_hash: Final = definition_hash
        self.key: Final = state_key(f"{milestone.of}\0{milestone.name}\0{definition_hash}")
        self.place: Final = place
        self.bit: Final = 1 << place
        self.when: Final = when
        self.parts: Final = parts
        inner = asked(parts)
        self.leaves: Final = list(dict.fromkeys(part.leaf for part in inner))
        if lead is not None:
            self.leaves.append(lead)
        self.scores: Final = [leaf for leaf in self.leaves if isinstance(leaf, ScoreLeaf)]
        self._refutable = [part for part in inner if part.may_be_refuted]
        self.may_be_held: Final = self.mode == "repeat" or (
            self.mode == "once" and bool(self._refutable)
        )
        self.waits_for: tuple[int, ...] = (self.key,) if self.may_be_held else ()
        self.is_timed = False
        self.dependents: list[int] = []
        self.watchers: list[UsersLeaf] = []
        self.impatient: list[UsersSoFarLeaf] = []
        self.foretellers: list[CompiledMilestone] = []
        self.so_far: SoFarLeaf | None = None
        for leaf in self.leaves:
            leaf.milestones |= self.bit
            leaf.places += ((place, self.key),)
            if self.mode != "once":
                leaf.both = True
        for part in inner:
            if part.negated:
                part.leaf.both = True

    def holds(self, entity: Entity, at: int) -> bool:
        """Whether it is true at ``at``: never before the entity was first seen."""
        return (at >= entity.born or self._sees_all) and self.when.holds(entity, at)

    @property
    def remembers(self) -> bool:
        """Whether what it is now depends on what was true before, as of a score with ``until``."""
        return any(score.until is not None for score in self.scores)

    def is_held(self, entity: Entity) -> bool:
        """Whether an instant is judged only when no event can come late for it any more."""
        if not self.may_be_held:
            return False
        return self.mode == "repeat" or any(part.is_refutable(entity) for part in self._refutable)

    def is_open(self, entity: Entity) -> bool:
        """Whether it may yet turn without an event."""
        if not (self.is_timed or self.may_be_held):
            return False
        return self.mode != "once" or self.key not in entity.reached

    def previews(self) -> list[int]:
        """Places of the milestones of which it does not wait to be told."""
        return _previewed(self.parts)

    def next_instant(self, entity: Entity, after: int) -> int | None:
        """The first instant after ``after`` that is worth a judgement, by what is known now."""
        instants = [leaf.next_instant(entity, after) for leaf in self.leaves]
        return min((at for at in instants if at is not None), default=None)

    def instants(self, entity: Entity, low: int, high: int) -> list[int]:
        """``low``, and every instant up to ``high`` at which it may turn."""
        found = {low}
        if low < high:
            for leaf in self.leaves:
                found.update(leaf.instants(entity, low, high))
            if low < entity.born <= high:
                found.add(entity.born)
        return sorted(found)


def _mode(milestone: Milestone, lead: Leaf | None) -> str:
    if lead is not None:
        return "lead"
    if milestone.live:
        return "live"
    return "once" if milestone.repeat is None else "repeat"


def asked(parts: Sequence[Part]) -> list[Part]:
    """The parts, and those that they are made of; what turns only with its parts left out."""
    found = []
    for part in parts:
        leaf = part.leaf
        if isinstance(leaf, Composite):
            found += [Part(one.leaf, one.negated != part.negated) for one in asked(leaf.parts)]
        if not isinstance(leaf, Composite) or leaf.turns_itself:
            found.append(part)
    return found


def _previewed(parts: Sequence[Part]) -> list[int]:
    found: list[int] = []
    for part in parts:
        if isinstance(part.leaf, Composite):
            found += _previewed(part.leaf.parts)
        if isinstance(part.leaf, SoFarLeaf):
            found.append(part.leaf.milestone.place)
    return found


class SoFarLeaf(LiveLeaf):
    """A milestone that is told late was reached, by what is known now: live ones do not wait.

    It may turn with more than its parts do: it may turn out that somebody was known for longer.

    Args:
        key: see :class:`Leaf`.
        text: likewise.
        milestone: that is told late.
        node: its condition, with leaves of this kind for those that it waits for in turn.
        parts: of the node.
        lateness: how late an event may come, milliseconds.
    """

    turns_itself = True

    def __init__(
        self,
        key: int,
        text: str,
        milestone: CompiledMilestone,
        node: Node,
        parts: Sequence[Part],
        lateness: int,
    ) -> None:
        super().__init__(key, text, node, parts)
        self._lateness = lateness
        self.milestone: Final = milestone
        self._leaves = list(dict.fromkeys(part.leaf for part in asked(parts)))
        self.scores: Final = [leaf for leaf in self._leaves if isinstance(leaf, ScoreLeaf)]
        self._counts_users = any(isinstance(leaf, UsersSoFarLeaf) for leaf in self._leaves)

    def first(self, entity: Entity, upto: int) -> int | None:
        """When it was reached, as far as is known up to an instant."""
        occurred = entity.reached.get(self.milestone.key)
        if occurred is not None:
            return occurred if occurred <= upto else None
        timers = entity.timers
        unjudged = [timers[key] for key in self.milestone.waits_for if key in timers]
        if self._counts_users:  # of what these wait for, all that is older is told
            unjudged.append(entity.clock - self._lateness)
        if not unjudged or (low := max(min(unjudged), entity.born)) > upto:
            return None
        instants = {low}
        for leaf in self._leaves:
            instants.update(leaf.instants(entity, low, upto))
        for at in sorted(instants):
            if self.node.holds(entity, at):
                return at
        return None

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        return self.first(entity, at) is not None
