"""Working time against a wall clock that is read at every minute."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from streams.definitions.model import DayHours, WorkingHours
from streams.engine.routing import BusinessHours

MINUTE = 60_000
DAY = 86_400_000
DAYS = 12
"""How long the wall clock is read, around the middle."""

CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Kolkata", "2026-06-01"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2019-02-17"),
    ("America/St_Johns", "2006-04-02"),
    ("America/St_Johns", "2006-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Europe/Lisbon", "1966-04-03"),
]
"""Zones, and days on or near which their clocks change."""


class Wall(NamedTuple):
    """What a wall clock shows, minute by minute."""

    start: int
    shown: list[datetime]


@cache
def wall(zone: str, day: str) -> Wall:
    middle = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000
    start = middle - DAYS // 2 * DAY
    shown = [
        datetime.fromtimestamp((start + minute * MINUTE) // 1000, ZoneInfo(zone)).replace(
            tzinfo=None
        )
        for minute in range(DAYS * 1440)
    ]
    return Wall(start, shown)


def working_minutes(read: Wall, hours: WorkingHours) -> list[bool]:
    """Whether each minute is worked: a day is, from when its beginning is first shown or past, to
    when its end is."""
    shown = read.shown
    worked = [False] * len(shown)
    day = min(shown).date()
    while day <= max(shown).date():
        span = hours.days[day.weekday()]
        if span is not None and day not in hours.holidays:
            midnight = datetime(day.year, day.month, day.day)
            for minute in range(
                first(shown, midnight + timedelta(minutes=span.start)),
                first(shown, midnight + timedelta(minutes=span.end)),
            ):
                worked[minute] = True
        day += timedelta(days=1)
    return worked


def first(shown: list[datetime], time: datetime) -> int:
    return next((minute for minute, one in enumerate(shown) if one >= time), len(shown))


minutes = st.one_of(st.integers(0, 1440), st.integers(0, 32).map(lambda tenth: tenth * 10))
spans = (
    st.tuples(minutes, minutes)
    .filter(lambda ends: ends[0] != ends[1])
    .map(lambda ends: DayHours(min(ends), max(ends)))
)
weeks = (
    st.lists(st.one_of(spans, st.none()), min_size=7, max_size=7)
    .filter(any)
    .map(lambda days: tuple(days))
)


@st.composite
def around_a_change(draw: st.DrawFn) -> tuple[Wall, WorkingHours, int, int]:
    """A wall clock, hours, and two instants in the inner days of what is read, in order."""
    zone, day = draw(st.sampled_from(CHANGES))
    around = date.fromisoformat(day)
    holidays = draw(st.frozensets(st.integers(-3, 3).map(lambda n: around + timedelta(n))))
    hours = WorkingHours(ZoneInfo(zone), draw(weeks), holidays)
    read = wall(zone, day)
    inner = st.integers(3 * DAY, (DAYS - 3) * DAY)
    near = st.integers(-3 * 60, 27 * 60).map(lambda n: DAYS // 2 * DAY + n * MINUTE)
    start, end = sorted(read.start + draw(st.one_of(inner, near)) for _ in range(2))
    return read, hours, start, end


def worked_by_the_wall(read: Wall, worked: list[bool], start: int, end: int) -> int:
    total = 0
    for minute in range((start - read.start) // MINUTE, (end - read.start) // MINUTE + 1):
        begins = read.start + minute * MINUTE
        if worked[minute]:
            total += max(0, min(begins + MINUTE, end) - max(begins, start))
    return total


@given(around_a_change())
def test_the_wall_clock_says_how_much_was_worked(case: tuple[Wall, WorkingHours, int, int]) -> None:
    read, hours, start, end = case
    wanted = worked_by_the_wall(read, working_minutes(read, hours), start, end)
    assert BusinessHours(hours).worked(start, end) == wanted


@given(around_a_change())
def test_the_wall_clock_says_when_it_is_over(case: tuple[Wall, WorkingHours, int, int]) -> None:
    read, hours, start, end = case
    worked = working_minutes(read, hours)
    length = worked_by_the_wall(read, worked, start, end)
    over = BusinessHours(hours).add(start, length)
    if length:
        assert over <= end
        assert worked_by_the_wall(read, worked, start, over) == length
        assert worked_by_the_wall(read, worked, start, over - 1) == length - 1
        return
    last = read.start + (len(worked) - 1440) * MINUTE
    if over < last:  # the days at the end are only partly read
        assert worked[(over - read.start) // MINUTE]
    assert worked_by_the_wall(read, worked, start, min(over, last)) == 0


instants = st.integers(-2_208_988_800_000, 253_000_000_000_000)
"""From 1900 to 9987."""

zones = st.sampled_from([zone for zone, _ in CHANGES])
lengths = st.integers(0, 100 * DAY)


@st.composite
def calendars(draw: st.DrawFn) -> BusinessHours:
    long = st.tuples(st.integers(0, 660), st.integers(840, 1440)).map(lambda ends: DayHours(*ends))
    days = draw(st.lists(st.one_of(long, st.none()), min_size=7, max_size=7).filter(any))
    return BusinessHours(WorkingHours(ZoneInfo(draw(zones)), tuple(days)))


@given(calendars(), instants, lengths)
def test_so_much_was_worked_when_it_is_over(hours: BusinessHours, at: int, length: int) -> None:
    over = hours.add(at, length)
    assert over >= at + length
    assert hours.worked(at, over) == length


@given(calendars(), instants, lengths, lengths)
def test_what_is_longer_or_begins_later_is_not_over_sooner(
    hours: BusinessHours, at: int, length: int, more: int
) -> None:
    over = hours.add(at, length)
    assert hours.add(at, length + more) >= over
    assert hours.add(at + more, length) >= over


@given(calendars(), instants, lengths, lengths)
def test_two_lengths_one_after_the_other_are_their_sum(
    hours: BusinessHours, at: int, first_length: int, second: int
) -> None:
    if second:
        together = hours.add(at, first_length + second)
        assert hours.add(hours.add(at, first_length), second) == together
    middle, end = at + first_length, at + first_length + second
    assert hours.worked(at, middle) + hours.worked(middle, end) == hours.worked(at, end)
