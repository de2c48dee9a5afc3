"""Dates, lengths of time, numbers and values in plain words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000))
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def date_words(milliseconds: int) -> str:
    """``5 Jan 2026 09:10``, in UTC."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return str(milliseconds)
    month = _MONTHS[moment.month - 1]
    return f"{moment.day} {month} {moment.year} {moment.hour:02}:{moment.minute:02}"


def length_words(milliseconds: int) -> str:
    """``14 days``: the largest unit up to a day that leaves no rest."""
    for unit, length in _UNITS:
        if milliseconds % length == 0:
            return many(milliseconds // length, unit)
    return f"{milliseconds / 1000:g} seconds"


def last_words(milliseconds: int) -> str:
    """``the last 14 days``, ``the last day``."""
    return f"the last {length_words(milliseconds).removeprefix('1 ')}"


def about_words(milliseconds: int) -> str:
    """``3 days``, of what is longer than that by less than a day."""
    for unit, length in _UNITS:
        if milliseconds >= length:
            return many(milliseconds // length, unit)
    return "a moment"


def number_words(value: float, decimals: int = 2) -> str:
    """A number with its thousands apart, and no more than so many decimals."""
    rounded = round(value, decimals)
    return f"{int(rounded) if rounded == int(rounded) else rounded:,}"


def beside_words(value: float, other: float) -> str:
    """A number that stands beside another, with decimals enough to see which is larger."""
    for decimals in (2, 4, 6):
        rounded = round(value, decimals)
        if (rounded < other, rounded > other) == (value < other, value > other):
            return number_words(value, decimals)
    return f"{value:,}"


def many(count: float, noun: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{number_words(count)} {noun}{'' if count == 1 else 's'}"


def value_words(value: Any) -> str:
    """A property's value on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


def listed(words: Sequence[str]) -> str:
    """``a, b or c``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def date_of(text: str) -> str:
    """:func:`date_words` of a time as it is published."""
    return date_words(milliseconds(text))


def milliseconds(text: str) -> int:
    """Epoch milliseconds of a time as it is published."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def times_words(count: int) -> str:
    """``once``, ``2 times``."""
    return "once" if count == 1 else f"{count:,} times"
