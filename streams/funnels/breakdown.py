"""What an answer is broken down by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

from streams.definitions.model import Owner
from streams.engine.funnels import Attempt
from streams.engine.values import DAY

Grain = Literal["day", "week", "month"]
GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)

Known = Literal[Grain, "segment", "sign-up week"]
"""What ClickHouse knows of everybody, as :class:`Breakdown` names it."""

Label = str | None
"""A group; ``None`` for those of whom it is not known."""

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Puts everybody into one group."""

    name: str
    """What the groups are: ``properties.plan``, ``segment``, ``week``, ``sign-up week``."""
    label: Callable[[Owner, Attempt], Label]
    path: str | None = None
    """Of the value in the event that was the first step, where it is one."""
    is_time: bool = False
    """Whether the groups follow one another."""

    def arrange(self, sizes: Mapping[Label, int]) -> list[Label]:
        """The groups as they are shown."""
        return arrange(sizes, is_time=self.is_time)


def arrange(sizes: Mapping[Label, int], *, is_time: bool) -> list[Label]:
    """Groups as they are shown: by time, else the largest first.

    Args:
        sizes: how many are in each.
        is_time: whether they follow one another.
    """
    if is_time:
        return sorted(sizes, key=lambda label: (label is None, label or ""))
    return sorted(sizes, key=lambda label: (-sizes[label], label or ""))


def by_field(path: str) -> Breakdown:
    """By what the event that was the first step said."""
    return Breakdown(path, lambda _owner, attempt: attempt.label, path)


def by_period(grain: Grain) -> Breakdown:
    """By the day, week or month of the first step."""
    return Breakdown(grain, lambda _owner, attempt: period(attempt.times[0], grain), is_time=True)


def by_signup(signups: Mapping[Owner, int]) -> Breakdown:
    """By the week in which they signed up, as epoch milliseconds."""

    def label(owner: Owner, _attempt: Attempt) -> Label:
        signed_up = signups.get(owner)
        return None if signed_up is None else period(signed_up, "week")

    return Breakdown("sign-up week", label, is_time=True)


def by_segment(segments: Mapping[Owner, str]) -> Breakdown:
    """By the segment that the account is in, or the user without one."""

    def label(owner: Owner, _attempt: Attempt) -> Label:
        account_id, user_id = owner
        return segments.get((account_id, None if account_id is not None else user_id))

    return Breakdown("segment", label)


def period(time: int, grain: Grain) -> str:
    """The first UTC day of the period that a time is in; weeks begin on Mondays."""
    day = _EPOCH + timedelta(days=time // DAY)
    if grain == "week":
        day -= timedelta(days=day.weekday())
    elif grain == "month":
        day = day.replace(day=1)
    return day.isoformat()
