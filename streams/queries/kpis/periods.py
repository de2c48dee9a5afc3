"""Weeks, months and quarters, in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

Grain = Literal["week", "month", "quarter"]

GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = {"month": 1, "quarter": 3}
_LONGEST: Final = {"week": 7, "month": 31, "quarter": 92}
"""Days; so many after the first of a period lie in the next one."""


class Period(NamedTuple):
    """From ``start`` on and before ``end``, epoch milliseconds."""

    start: int
    end: int


def cover(start: int, end: int, grain: Grain) -> tuple[Period, ...]:
    """The whole periods that together cover ``start`` to ``end``, the oldest first.

    Weeks begin on Mondays.

    Args:
        start: epoch milliseconds.
        end: likewise; not part of it.
        grain: how long a period is.
    """
    periods = []
    begin = _begin(_EPOCH + timedelta(milliseconds=start), grain)
    while (at := _milliseconds(begin)) < end:
        following = _begin(
            begin + timedelta(days=7 if grain == "week" else 31 * _MONTHS[grain]), grain
        )
        periods.append(Period(at, _milliseconds(following)))
        begin = following
    return tuple(periods)


def most_recent(end: int, grain: Grain, number: int) -> tuple[Period, ...]:
    """So many periods, the last of which has the moment before ``end`` in it."""
    return cover(end - number * _LONGEST[grain] * 86_400_000, end, grain)[-number:]


def _begin(time: datetime, grain: Grain) -> datetime:
    day = time.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[grain]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)


def label(period: Period, grain: Grain) -> str:
    """``2026-W03``, ``2026-01`` or ``2026-Q1``."""
    begin = _EPOCH + timedelta(milliseconds=period.start)
    if grain == "week":
        year, week, _ = begin.isocalendar()
        return f"{year}-W{week:02}"
    if grain == "month":
        return f"{begin.year}-{begin.month:02}"
    return f"{begin.year}-Q{(begin.month + 2) // 3}"
