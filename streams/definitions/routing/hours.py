"""``hours:`` — when a team works: a zone, the days of the week, holidays."""

import re
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from streams.definitions import document
from streams.definitions.model import DayHours, WorkingHours
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(DAYS)
DAYS_PATTERN: Final = rf"^({_DAY})(-({_DAY}))?$"
SPAN_PATTERN: Final = (
    r"^([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*(?:([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00)$"
)
FIELDS: Final = ("zone", "holidays")

_EXAMPLE = "{zone: Europe/Berlin, mon-fri: 09:00-17:00}"
_MINUTES_OF_A_DAY = 24 * 60
_DAYS = re.compile(DAYS_PATTERN)
_SPAN = re.compile(SPAN_PATTERN, re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_hours(reader: Reader, node: document.Node) -> WorkingHours | None:
    """Read working hours; ``None`` once an error is reported."""
    before = reader.errors
    mapping = reader.mapping(node, "`hours`", _EXAMPLE)
    if mapping is None:
        return None
    days = _read_days(reader, mapping)
    zone = _read_zone(reader, mapping)
    holidays = _read_holidays(reader, mapping.entries.get("holidays"))
    if zone is None or reader.errors > before:
        return None
    return WorkingHours(zone, days, holidays)


def _read_zone(reader: Reader, mapping: document.Mapping) -> ZoneInfo | None:
    node = mapping.entries.get("zone")
    if node is None:
        reader.error(mapping, "`hours` lack `zone`: write `zone: Europe/Berlin`")
        return None
    name = reader.text(node, "`zone`")
    if name is None:
        return None
    known = _zones()
    if name not in known:
        message = f"there is no time zone {quote(name)}: it is a name such as `Europe/Berlin`"
        reader.unknown(node, message, name, known)
        return None
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    """All there are; finding them means reading hundreds of files."""
    return frozenset(available_timezones())


def _read_days(reader: Reader, mapping: document.Mapping) -> tuple[DayHours | None, ...]:
    days: list[DayHours | None] = [None] * len(DAYS)
    written = [name for name in mapping.entries if name not in FIELDS]
    for name in written:
        place = mapping.keys[name]
        found = _DAYS.fullmatch(name)
        if found is None:
            message = (
                f"{quote(name)} is not a field of `hours`: a day is one of {', '.join(DAYS)}, "
                "several are written `mon-fri`"
            )
            reader.unknown(place, message, name, (*FIELDS, *DAYS))
            continue
        span = _read_span(reader, mapping.entries[name], name)
        first, last = DAYS.index(found[1]), DAYS.index(found[3] or found[1])
        for number in range(first, last + 1 if last >= first else last + 1 + len(DAYS)):
            day = number % len(DAYS)
            if days[day] is not None:
                reader.error(place, f"{quote(DAYS[day])} is given twice: a day has one time")
            days[day] = span
    if not written:
        reader.error(mapping, f"`hours` have no working day: write `{_EXAMPLE}`")
    return tuple(days)


def _read_span(reader: Reader, node: document.Node, day: str) -> DayHours:
    """A wrong one stands for a whole day, so that what else is wrong is found, too."""
    found = _SPAN.fullmatch(node.text) if isinstance(node, document.Scalar) else None
    if found is None:
        reader.error(
            node,
            f"the hours of {quote(day)} are two times of a day, such as `09:00-17:00`, at most "
            f"`00:00-24:00`, not {kind_of(node)}",
        )
        return DayHours(0, _MINUTES_OF_A_DAY)
    start = int(found[1]) * 60 + int(found[2])
    end = int(found[3]) * 60 + int(found[4]) if found[3] else _MINUTES_OF_A_DAY
    if end <= start:
        reader.error(
            node,
            f"the hours of {quote(day)} end later than they begin, on the same day: what goes on "
            "after midnight belongs to the next day",
        )
        return DayHours(0, _MINUTES_OF_A_DAY)
    return DayHours(start, end)


def _read_holidays(reader: Reader, node: document.Node | None) -> frozenset[date]:
    if node is None:
        return frozenset()
    if not isinstance(node, document.Sequence):
        reader.error(
            node, f"`holidays` is a list of dates, such as `[2026-12-25]`, not {kind_of(node)}"
        )
        return frozenset()
    found = (_read_date(reader, item) for item in node.items)
    return frozenset(day for day in found if day is not None)


def _read_date(reader: Reader, node: document.Node) -> date | None:
    text = node.text if isinstance(node, document.Scalar) else ""
    with suppress(ValueError):  # 31 February
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    reader.error(node, f"a holiday is a date, such as `2026-12-25`, not {kind_of(node)}")
    return None
