"""What became of the records of one partition, in plain integers that metrics read at scrape."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.dead_letters import Reason
from schemas.qualifications import Qualification
from streams.engine import Outcome
from streams.engine.orders import Refusal

LATENESS_BOUNDS: Final = (
    0, 1_000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000,
)  # fmt: skip
"""Upper bounds of the lateness that is counted, milliseconds."""


@dataclass(slots=True, eq=False)
class Counts:
    """What became of the records since the evaluator was made.

    Each has exactly one result: ``accepted``, ``too_late``, ``duplicates``, ``already_applied``,
    ``erased``, ``deletions``, ``forwarded``, ``parameters`` or ``dead``.
    """

    read: int = 0
    accepted: int = 0
    late: int = 0
    """Of the accepted: behind the newest event of their account, no further than is allowed."""
    too_late: int = 0
    duplicates: int = 0
    already_applied: int = 0
    erased: int = 0
    """Of a time through which their account, or user, was erased: not counted."""
    deletions: int = 0
    """Asked for the erasure of an account or a user."""
    forwarded: int = 0
    parameters: int = 0
    """Events that set a parameter."""
    dead: dict[Reason, int] = field(default_factory=dict)
    qualifications: dict[tuple[str, str], int] = field(default_factory=dict)
    """(milestone, type) → how many."""
    excluded: dict[str, int] = field(default_factory=dict)
    """Abuse rule → events that it excluded, those that came late among them."""
    shadows: dict[tuple[str, str], int] = field(default_factory=dict)
    """The same of what is in the shadow."""
    lateness: list[int] = field(default_factory=lambda: [0] * (len(LATENESS_BOUNDS) + 1))
    """Accepted and too late events by the bound that their lateness does not pass."""
    lateness_ms: int = 0
    cache_hits: int = 0
    cache_misses: int = 0
    hot_states: int = 0
    overrides_refused: dict[Refusal, int] = field(default_factory=dict)
    timers_fired: int = 0
    """Entities that were judged because their time had come."""
    timers_pending: int = 0

    def add_outcome(self, outcome: Outcome, behind: int) -> None:
        """What became of an event that was ``behind`` its account's newest, where not in order."""
        match outcome:
            case Outcome.LATE:
                self.add_late(behind, allowed=True)
            case Outcome.TOO_LATE:
                self.add_late(behind, allowed=False)
            case Outcome.DUPLICATE:
                self.duplicates += 1
            case Outcome.ALREADY_APPLIED:
                self.already_applied += 1
            case Outcome.ERASED:
                self.erased += 1
            case _:
                self.deletions += 1

    def add_late(self, behind: int, *, allowed: bool) -> None:
        """An event was ``behind`` milliseconds behind its account's newest."""
        if allowed:
            self.accepted += 1
            self.late += 1
        else:
            self.too_late += 1
        self.lateness[bisect_left(LATENESS_BOUNDS, behind)] += 1
        self.lateness_ms += behind

    def add_qualifications(self, told: Iterable[Qualification]) -> None:
        """These were decided."""
        _count(self.qualifications, told)

    def add_shadows(self, told: Iterable[Qualification]) -> None:
        """These were decided in the shadow."""
        _count(self.shadows, told)

    def add_refused(self, refused: Mapping[Refusal, int]) -> None:
        """So many overrides of leads were not heard, by why."""
        for reason, count in refused.items():
            self.overrides_refused[reason] = self.overrides_refused.get(reason, 0) + count

    def settle(
        self, cache_hits: int, cache_misses: int, hot_states: int, timers_pending: int
    ) -> None:
        """Once a commit: what it would cost too much to count for every event."""
        self.cache_hits, self.cache_misses = cache_hits, cache_misses
        self.hot_states, self.timers_pending = hot_states, timers_pending
        self.lateness[0] = self.accepted + self.too_late - sum(self.lateness[1:])


def _count(counted: dict[tuple[str, str], int], told: Iterable[Qualification]) -> None:
    for one in told:
        key = (one.milestone, one.type)
        counted[key] = counted.get(key, 0) + 1
