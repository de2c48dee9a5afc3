"""What the worker tells the sink about daily activity and traits: absolute, so twice is once.

The worker makes a row for most of the events that it reads, so a row is a plain tuple there and an
array in JSON, and nothing is turned into text. Who reads rows names their fields again:
``DailyActivity(*row)``, ``TraitChange(*row)``.
"""

from dataclasses import dataclass
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


class DailyActivity(NamedTuple):
    """How often one entity did one thing on one UTC day, all told so far."""

    account_id: AccountId
    user_id: UserId
    day: Annotated[int, Field(description="UTC day, counted from 1970-01-01.")]
    event: Annotated[str, Field(description="The event's name.")]
    count: Annotated[  # type: ignore[assignment] # hides a method of tuples that nobody calls
        int, Field(ge=1, description="Grows only: a higher count replaces a lower one.")
    ]
    first_at: Annotated[int, Field(description="Earliest event time, epoch milliseconds.")]
    last_at: Annotated[int, Field(description="Newest event time, epoch milliseconds.")]
    part: Annotated[
        str,
        Field(
            description="Empty for the running total of the day. An event that came after its day "
            "was closed is a part of its own, named by the event's id: the day's total is the sum "
            "over its parts."
        ),
    ]


class TraitChange(NamedTuple):
    """One trait as an event said it."""

    account_id: AccountId
    user_id: UserId
    name: Annotated[str, Field(description="Of the trait.")]
    value: Annotated[Any, Field(description="Any JSON value.")]
    at: Annotated[int, Field(description="Event time, epoch milliseconds: the newest wins.")]


ActivityTuple = tuple[str | None, str | None, int, str, int, int, int, str]
"""The fields of :class:`DailyActivity`, in its order."""

TraitTuple = tuple[str | None, str | None, str, Any, int]
"""The fields of :class:`TraitChange`, in its order."""


@dataclass(frozen=True, slots=True)
class ActivityUpdate:
    """Some of what changed in a commit cycle of one partition of the events, accounts mixed."""

    activity: list[ActivityTuple]
    traits: list[TraitTuple]
