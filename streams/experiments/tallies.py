"""What is asked of an experiment, and what is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from streams.definitions.model import EntityKind
from streams.experiments.statistics import Proportion

RETENTION_DAYS: Final = (7, 30)
"""Days after the exposure on which it is looked who is still there."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Times are epoch milliseconds."""

    experiment: str
    milestone: str
    of: EntityKind
    """Whose milestone it is: of these the first exposure counts."""
    within: int
    """Milliseconds from the exposure to the milestone, included."""
    now: int
    """What lies after it has not happened; whose time is not over by then does not count yet."""
    start: int | None = None
    """Only those exposed first since then."""
    end: int | None = None
    """Only those exposed first before then."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of those who saw one variant first, how many did what."""

    variant: str
    exposed: int
    """Saw this variant and no other."""
    mixed: int
    """Saw another one as well: left out of everything else."""
    before: int
    """Of the exposed, had reached the milestone before: left out of what was reached."""
    waiting: int
    """Of the rest, whose time to reach it is not over."""
    reached: Proportion
    """Of those whose time is over, who reached it in time."""
    retained: Mapping[int, Proportion]
    """Day after the exposure → of the exposed whose day is over, who was active on it."""


def nobody(variant: str) -> Tally:
    """Of a variant that nobody saw."""
    none = Proportion(0, 0)
    return Tally(variant, 0, 0, 0, 0, none, dict.fromkeys(RETENTION_DAYS, none))


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment that somebody was exposed to."""

    name: str
    variants: tuple[str, ...]
    """By name."""
    users: int
    accounts: int
    first_at: int
    """Epoch milliseconds of the first exposure."""
    last_at: int
    """Likewise of the last."""
