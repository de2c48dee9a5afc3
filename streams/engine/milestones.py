"""A milestone, compiled: what is asked of it, and when."""

from hashlib import sha256
from typing import Final

from streams.definitions.model import Milestone
from streams.engine.entities import Entity
from streams.engine.leaves import UsersLeaf, UsersSoFarLeaf
from streams.engine.nodes import LiveLeaf, Node, Part


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
        mode: reached ``once``; each time again, with ``repeat``; or entered and exited, ``live``.
        repeat: after how long it may be reached again.
        may_be_held: whether there may be instants that are judged only when no event can come late.
        is_timed: whether it may turn without an event.
        dependents: places of the entity's own milestones that look at this one.
        watchers: leaves of account milestones that count the users who reached this one.
        impatient: those of them that do not wait until it is told.
    """

    def __init__(
        self, milestone: Milestone, place: int, definition_hash: str, when: Node, parts: list[Part]
    ) -> None:
        self.name: Final = milestone.name
        self.journey: str | None = None
        self.mode: Final[str] = (
            "live" if milestone.live else "repeat" if milestone.repeat is not None else "once"
        )
        self.repeat: Final = milestone.repeat
        self.definition_hash: Final = definition_hash
        self.key: Final = state_key(f"{milestone.of}\0{milestone.name}\0{definition_hash}")
        self.place: Final = place
        self.bit: Final = 1 << place
        self.when: Final = when
        self.parts: Final = parts
        asked = _asked(parts)
        self.leaves: Final = list(dict.fromkeys(part.leaf for part in asked))
        self._refutable = [part for part in asked if part.may_be_refuted]
        self.may_be_held: Final = self.mode == "repeat" or (
            self.mode == "once" and bool(self._refutable)
        )
        self.is_timed = False
        self.dependents: list[int] = []
        self.watchers: list[UsersLeaf] = []
        self.impatient: list[UsersSoFarLeaf] = []
        for leaf in self.leaves:
            leaf.milestones |= self.bit
            leaf.places += ((place, self.key),)
            if self.mode != "once":
                leaf.both = True
        for part in asked:
            if part.negated:
                part.leaf.both = True

    def holds(self, entity: Entity, at: int) -> bool:
        """Whether it is true at ``at``: never before the entity was first seen."""
        return at >= entity.born and self.when.holds(entity, at)

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


def _asked(parts: list[Part]) -> list[Part]:
    """The parts, those of a live milestone in place of the leaf that stands for it."""
    found = []
    for part in parts:
        if isinstance(part.leaf, LiveLeaf):
            inner = _asked(list(part.leaf.parts))
            found += [Part(one.leaf, one.negated != part.negated) for one in inner]
        else:
            found.append(part)
    return found


class SoFarLeaf(LiveLeaf):
    """A milestone that is told late was reached, by what is known now: live ones do not wait."""

    def __init__(self, key: int, text: str, milestone: CompiledMilestone) -> None:
        super().__init__(key, text, milestone.when, milestone.parts)
        self._milestone = milestone

    def holds(self, entity: Entity, at: int) -> bool:
        """See :meth:`Leaf.holds`."""
        milestone = self._milestone
        occurred = entity.reached.get(milestone.key)
        if occurred is not None:
            return occurred <= at
        unjudged = entity.timers.get(milestone.key)
        if unjudged is None or unjudged > at:
            return False
        instants = milestone.instants(entity, unjudged, at)
        return any(milestone.holds(entity, instant) for instant in instants)
