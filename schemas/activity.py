"""What the worker tells the sink about daily activity and traits: absolute, so twice is once."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class DailyActivity(NamedTuple):
    """How often one entity did one thing on one UTC day, all told so far."""

    user_id: str | None
    day: int
    """Days since 1970-01-01."""
    event: str
    count: int  # type: ignore[assignment] # hides a method of tuples that nobody calls
    """Grows only: a row with a higher count replaces one with a lower."""
    first_at: int
    """Epoch milliseconds."""
    last_at: int
    """Epoch milliseconds."""
    part: str
    """Empty for the day's running total. An event that came after its day was closed is a part
    of its own, named by the event's id; a day's total is the sum over parts."""


@dataclass(frozen=True, slots=True)
class TraitChange:
    """One trait as an event said it."""

    user_id: str | None
    """``None`` for a trait of the account."""
    name: str
    value: Any
    at: int
    """Event time, epoch milliseconds: the newest wins."""


@dataclass(frozen=True, slots=True)
class ActivityUpdate:
    """All that changed for one account (or one user without an account) in a commit cycle."""

    account_id: str | None
    activity: tuple[DailyActivity, ...]
    traits: tuple[TraitChange, ...]
