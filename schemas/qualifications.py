"""What subscribers receive: a milestone reached or corrected, with its evidence."""

from dataclasses import dataclass
from typing import Literal

QualificationType = Literal[
    "milestone.reached",
    "milestone.corrected",
    "milestone.entered",
    "milestone.exited",
    "journey.stuck",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One leaf of a milestone's condition, as it stood at ``occurred_at``."""

    condition: str
    """The leaf in the words of the definitions, on one line."""
    observed: float | int | bool
    """The measure over the window."""
    at_least: bool
    """True where the measure may be more than ``observed``: state keeps no more than the
    threshold needs."""
    threshold: str
    """What the measure is compared with, ``>= 3``."""
    window_start: int | None
    """Start of the window (excluded), epoch milliseconds; ``None`` for all time."""
    window_end: int
    """End of the window (included), epoch milliseconds."""
    holds: bool
    """Whether this leaf is true (in an ``any``, some may not be)."""
    history_since: int | None = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """A milestone that an account or a user reached, or the correction of its time."""

    id: str
    """Deterministic: the same input gives the same id, so repeats can be dropped."""
    type: QualificationType
    milestone: str
    account_id: str | None
    user_id: str | None
    occurrence: int
    """1 for the first time, 2 for the second, …"""
    occurred_at: int
    """Event time at which the condition first became true, epoch milliseconds."""
    detected_at: int
    """Time of the record that decided, epoch milliseconds (never a wall clock's reading)."""
    definition_hash: str
    """Fingerprint of the milestone's meaning."""
    decided_by: str | None
    """Id of the event that decided; ``None`` where the passing of time did."""
    late: bool
    """True where an event later than ``allowed_lateness`` decided: the time may be inexact."""
    journey: str | None
    evidence: tuple[Evidence, ...]
