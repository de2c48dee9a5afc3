"""Health: how active accounts or users are now, apart from what they have reached."""

from dataclasses import dataclass
from typing import Final, get_args

from schemas.qualifications import HealthLevel
from streams.definitions.model.conditions import Condition, EntityKind

LEVELS: Final[tuple[HealthLevel, ...]] = get_args(HealthLevel)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Health:
    """Red while one condition holds, otherwise yellow while another does, otherwise green."""

    name: str
    of: EntityKind
    red: Condition | None
    """``None``: it is never red."""
    yellow: Condition | None
    """``None``: it is never yellow; one of both is there."""
    journey: str | None = None
    """With a change goes the furthest step of this journey; ``None``: the milestone that was
    reached last."""
    title: str | None = None
    description: str | None = None

    @property
    def levels(self) -> tuple[HealthLevel, ...]:
        """Those that it may have, from the best to the worst."""
        has = {"yellow": self.yellow is not None, "red": self.red is not None}
        return tuple(level for level in LEVELS if has.get(level, True))
