"""A score in the shadow beside the live one that it is compared with."""

from dataclasses import dataclass

from schemas.qualifications import Contribution, QualificationType


@dataclass(frozen=True, slots=True)
class ScoreComparison:
    """What a score in the shadow was when the live one was told with a milestone or a lead.

    For the sink alone: subscribers are told nothing of it.
    """

    id: str
    """Deterministic: the same input gives the same id."""
    qualification: str
    """Id of the qualification that told the live score."""
    told: QualificationType
    """Its type."""
    milestone: str
    """Its milestone, or lead."""
    account_id: str | None
    user_id: str | None
    occurrence: int
    occurred_at: int
    """The instant of both values, event time, epoch milliseconds."""
    detected_at: int
    """As of the qualification, epoch milliseconds."""
    definition_hash: str
    """Fingerprint of the meaning of the milestone, or lead."""
    score: str
    """Name of the live score."""
    value: float
    shadow: str
    """Name of the score in the shadow."""
    shadow_hash: str
    """Fingerprint of its meaning."""
    shadow_value: float
    contributions: tuple[Contribution, ...]
    """What ``shadow_value`` is made of, the most points first."""
