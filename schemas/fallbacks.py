"""What subscribers are told where a score is replaced by its fallback."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

FallbackType = Literal["score.fell_back", "score.recovered"]

FALLBACK_TYPES: Final[Mapping[FallbackType, str]] = {
    "score.fell_back": "Too many leads of a score were wrong: its fallback counts in its place.",
    "score.recovered": "A score that had fallen back counts by itself again.",
}
"""Each type with what it says, for people."""


@dataclass(frozen=True, slots=True)
class FallbackSwitch:
    """A score fell back, or recovered."""

    type: FallbackType
    score: str
    """Its name in the definitions."""
    fallback: str
    """The score that counts, or counted, in its place."""
    occurred_at: int
    """From when on, epoch milliseconds."""
    value: float
    """Share of the judged leads that were wrong, 0 to 1."""
    above: float
    """Share above which the score falls back."""
    judged: int
    """How many leads were judged."""

    @property
    def id(self) -> str:
        """Deterministic: the same switch has the same id, so repeats can be dropped."""
        return f"{self.type}:{self.score}@{self.occurred_at}"
