"""What the worker tells the sink about daily activity and traits: absolute, so twice is once.

The worker tells of most of the events that it reads, so a row is a plain tuple there and an array
in JSON, the counts in it are the ones it keeps itself, and nothing is turned into text. Who reads
rows names their fields again: ``DailyActivity(*row)``, ``TraitChange(*row)``.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from pydantic import Field

AccountId = Annotated[
    str | None,
    Field(min_length=1, description="Null for a user without an account."),
]
UserId = Annotated[
    str | None,
    Field(min_length=1, description="Null for what is the account's own."),
]


class DayCount(NamedTuple):
    """How often one event happened on one day."""

    count: Annotated[  # type: ignore[assignment] # hides a method of tuples that nobody calls
        int, Field(ge=1, description="Grows only: a higher count replaces a lower one.")
    ]
    first_at: Annotated[int, Field(description="Earliest event time, epoch milliseconds.")]
    last_at: Annotated[int, Field(description="Newest event time, epoch milliseconds.")]


class DailyActivity(NamedTuple):
    """What one entity did on one UTC day: totals so far, of the events that happened again."""

    account_id: AccountId
    user_id: UserId
    day: Annotated[int, Field(description="UTC day, counted from 1970-01-01.")]
    part: Annotated[
        str,
        Field(
            description="Empty for the running total of the day. An event that came after its day "
            "was closed is a part of its own, named by the event's id, and what came after an "
            "erasure on that day is one, too: the day's total is the sum over its parts."
        ),
    ]
    events: Annotated[dict[str, DayCount], Field(description="Event name to how often.")]


class ExcludedActivity(NamedTuple):
    """What an abuse rule excluded of one entity on one UTC day: totals so far, as of activity."""

    account_id: AccountId
    user_id: UserId
    day: Annotated[int, Field(description="UTC day, counted from 1970-01-01.")]
    part: Annotated[str, Field(description="As of activity.")]
    rule: Annotated[str, Field(description="Name of the rule.")]
    events: Annotated[dict[str, DayCount], Field(description="Event name to how often.")]


class TraitChange(NamedTuple):
    """One trait as an event said it."""

    account_id: AccountId
    user_id: UserId
    name: Annotated[str, Field(description="Of the trait.")]
    value: Annotated[Any, Field(description="Any JSON value.")]
    at: Annotated[int, Field(description="Event time, epoch milliseconds: the newest wins.")]


ActivityTuple = tuple[str | None, str | None, int, str, dict[str, list[int]]]
"""The fields of :class:`DailyActivity`, in its order."""

TraitTuple = tuple[str | None, str | None, str, Any, int]
"""The fields of :class:`TraitChange`, in its order."""

ExcludedKey = tuple[str | None, str | None, int, str, str]
"""Those of :class:`ExcludedActivity` that tell rows apart."""

ExcludedTuple = tuple[str | None, str | None, int, str, str, dict[str, list[int]]]
"""The fields of :class:`ExcludedActivity`, in its order."""


@dataclass(frozen=True, slots=True)
class ActivityUpdate:
    """Some of what changed in a commit cycle of one partition of the events, accounts mixed."""

    activity: list[ActivityTuple]
    traits: list[TraitTuple]
    excluded: list[ExcludedTuple] = field(default_factory=list)
