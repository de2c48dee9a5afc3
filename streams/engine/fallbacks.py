"""Scores that another one may stand for."""

from typing import Final

from schemas.qualifications import Contribution
from streams.definitions.model import Comparison
from streams.engine.entities import Entity
from streams.engine.leaves.parameters import ParameterLeaf
from streams.engine.sums import CompiledScore


class ReplaceableScore(CompiledScore):
    """A score for which its fallback stands while a parameter is 1.

    Args:
        own: what it is by itself.
        fallback: what stands for it.
        switch: the parameter.
    """

    def __init__(self, own: CompiledScore, fallback: CompiledScore, switch: ParameterLeaf) -> None:
        # No intercept, nor a model: both are asked of what is in force.
        super().__init__(own.name, own.terms, None, own.veto, own.force)
        self._own: Final = own
        self._fallback: Final = fallback
        self._switch: Final = switch
        self.fades = own.fades or fallback.fades
        self.rises = own.rises or fallback.rises

    def in_force(self, entity: Entity, at: int) -> CompiledScore:
        """The score that is asked at ``at``: its own, or the one that stands for it."""
        if self._switch.value(entity, at) == 1:
            return self._fallback.in_force(entity, at)
        return self._own

    def points(self, entity: Entity, at: int) -> float:
        """See :meth:`CompiledScore.points`."""
        return self.in_force(entity, at).points(entity, at)

    def value(self, entity: Entity, at: int) -> float:
        """See :meth:`CompiledScore.value`."""
        return self.in_force(entity, at).value(entity, at)

    def contributions(self, entity: Entity, at: int) -> list[Contribution]:
        """See :meth:`CompiledScore.contributions`."""
        return self.in_force(entity, at).contributions(entity, at)

    def falls_to(self, entity: Entity, at: int, threshold: float) -> float | None:
        """See :meth:`CompiledScore.falls_to`: no step of the parameter is in between."""
        return self.in_force(entity, at).falls_to(entity, at, threshold)

    def turns(self, entity: Entity, low: int, high: int, comparison: Comparison) -> int | None:
        """See :meth:`CompiledScore.turns`: no step of the parameter is in between."""
        return self.in_force(entity, low).turns(entity, low, high, comparison)
