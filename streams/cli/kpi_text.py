"""Numbers of KPIs in words and pictures."""

from collections.abc import Sequence
from typing import Final

from streams.queries.kpis import Header, Point, Standing

_NONE: Final = "–"
_BARS: Final = "▁▂▃▄▅▆▇█"


_UNITS: Final = {"percent": " %", "days": " d"}


def number_text(value: float | None, header: Header) -> str:
    """The value with its unit."""
    if value is None:
        return _NONE
    return f"{_digits(value, header)}{_UNITS.get(header.unit, '')}"


def _digits(value: float, header: Header) -> str:
    return f"{value:.1f}" if header.unit in _UNITS else plain(value)


def spark(values: Sequence[float | None]) -> str:
    """A bar for each value, between the least and the greatest; a space where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    last = len(_BARS) - 1
    return "".join(
        " "
        if value is None
        else _BARS[round((value - low) / (high - low) * last) if high > low else last // 2]
        for value in values
    )


def plain(value: float | None) -> str:
    """The number alone, as exact as it is worth reading."""
    if value is None:
        return _NONE
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1_000 else f"{value:,.2f}"


def quotient(point: Point) -> str:
    """What is behind the value: ``3 / 12``."""
    if point.denominator is None:
        return ""
    count = plain(point.denominator)
    return count if point.numerator is None else f"{plain(point.numerator)} / {count}"


def change_text(change: float | None, header: Header) -> str:
    """The change since the period before, in green where it is for the better."""
    if change is None:
        return ""
    if not change:
        return "="
    style = "green" if (change > 0) == (header.better == "higher") else "red"
    arrow = "▲" if change > 0 else "▼"
    return f"[{style}]{arrow} {_digits(abs(change), header)}[/]"


def coloured(text: str, place: Standing) -> str:
    """The text in green from the published median on, in red below all that is published."""
    if place.above is None:
        return f"[red]{text}[/]"
    return f"[green]{text}[/]" if place.above >= 50 else f"[yellow]{text}[/]"


def in_words(place: Standing) -> str:
    """``between 25th and 50th``."""
    if place.above is None:
        return f"below {place.below}th"
    if place.below is None:
        return f"at or above {place.above}th"
    return f"between {place.above}th and {place.below}th"


def in_short(place: Standing) -> str:
    """``25–50``."""
    if place.above is None:
        return f"<{place.below}"
    return f"≥{place.above}" if place.below is None else f"{place.above}–{place.below}"
