"""Working time by the calendar: what is over when, day by day and where clocks change."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from streams.definitions.model import DayHours, WorkingHours
from streams.engine.routing import BusinessHours

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ALL_DAY = DayHours(0, 1440)


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def at(text: str, zone: str = "Europe/Berlin") -> int:
    """A time on a wall, or with an offset of its own, as epoch milliseconds."""
    moment = datetime.fromisoformat(text)
    return ms(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def span(text: str) -> DayHours:
    """``09:00-17:00``."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return DayHours(start, end)


def hours(
    times: str = "09:00-17:00",
    days: str = "mon tue wed thu fri",
    zone: str = "Europe/Berlin",
    holidays: tuple[str, ...] = (),
) -> BusinessHours:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return BusinessHours(
        WorkingHours(
            ZoneInfo(zone),
            tuple(span(times) if day in days.split() else None for day in week),
            frozenset(map(date.fromisoformat, holidays)),
        )
    )


EVERY_DAY = "mon tue wed thu fri sat sun"


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-01-05T10:00", 4 * HOUR, "2026-01-05T14:00"),
        ("2026-01-05T15:00", 4 * HOUR, "2026-01-06T11:00"),
        ("2026-01-09T15:00", 4 * HOUR, "2026-01-12T11:00"),
        ("2026-01-10T12:00", 4 * HOUR, "2026-01-12T13:00"),
        ("2026-01-05T07:00", 1, "2026-01-05T09:00:00.001"),
        ("2026-01-05T10:00", 16 * HOUR, "2026-01-07T10:00"),
        ("2026-01-05T10:00", 40 * HOUR, "2026-01-12T10:00"),
    ],
)
def test_time_passes_only_while_somebody_works(start: str, length: int, end: str) -> None:
    assert hours().add(at(start), length) == at(end)


def test_what_is_over_when_a_day_ends_is_over_then() -> None:
    assert hours().add(at("2026-01-05T09:00"), 8 * HOUR) == at("2026-01-05T17:00")
    assert hours().add(at("2026-01-05T09:00"), 8 * HOUR + 1) == at("2026-01-06T09:00:00.001")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-05T08:59:59.999", "2026-01-05T09:00"),
        ("2026-01-05T09:00", "2026-01-05T09:00"),
        ("2026-01-05T16:59:59.999", "2026-01-05T16:59:59.999"),
        ("2026-01-05T17:00", "2026-01-06T09:00"),
        ("2026-01-09T17:00", "2026-01-12T09:00"),
    ],
)
def test_no_time_at_all_is_over_at_the_first_working_instant(start: str, end: str) -> None:
    assert hours().add(at(start), 0) == at(end)


def test_nobody_works_on_holidays() -> None:
    closed = hours(holidays=("2026-12-24", "2026-12-25", "2026-12-27"))
    assert closed.add(at("2026-12-23T16:00"), 2 * HOUR) == at("2026-12-28T10:00")
    assert closed.worked(at("2026-12-23T00:00"), at("2026-12-29T00:00")) == 16 * HOUR


def test_days_may_have_hours_of_their_own() -> None:
    days = (span("09:00-17:00"), None, None, None, span("09:00-12:00"), None, None)
    two = BusinessHours(WorkingHours(ZoneInfo("Europe/Berlin"), days))
    assert two.add(at("2026-01-09T11:00"), 2 * HOUR) == at("2026-01-12T10:00")
    assert two.worked(at("2026-01-05T00:00"), at("2026-01-12T00:00")) == 11 * HOUR


def test_a_day_on_which_the_clock_is_put_forward_has_an_hour_less() -> None:
    night = hours("00:00-06:00", EVERY_DAY)
    start, end = at("2026-03-29T00:00"), at("2026-03-29T06:00")
    assert night.worked(start, end) == 5 * HOUR
    assert night.add(start, 3 * HOUR) == at("2026-03-29T04:00")


def test_a_day_on_which_the_clock_is_put_back_has_an_hour_more() -> None:
    night = hours("00:00-06:00", EVERY_DAY)
    start, end = at("2026-10-25T00:00"), at("2026-10-25T06:00")
    assert night.worked(start, end) == 7 * HOUR
    assert night.add(start, 4 * HOUR) == at("2026-10-25T03:00")


def test_lord_howe_changes_by_half_an_hour() -> None:
    zone = "Australia/Lord_Howe"
    night = hours("00:00-06:00", EVERY_DAY, zone)
    short, long = (at(f"{day}T00:00", zone) for day in ("2026-10-04", "2026-04-05"))
    assert night.worked(short, short + DAY // 2) == 5 * HOUR + 30 * MINUTE
    assert night.worked(long, long + DAY // 2) == 6 * HOUR + 30 * MINUTE


def test_a_time_that_is_leapt_over_is_the_moment_of_the_leap() -> None:
    leap = at("2026-03-29T01:00Z")
    assert hours("02:30-04:00", "sun").add(at("2026-03-29T00:00"), 0) == leap
    assert hours("02:30-04:00", "sun").worked(leap - DAY, leap + DAY) == HOUR
    assert hours("01:00-02:30", "sun").worked(leap - DAY, leap + DAY) == HOUR
    assert hours("02:00-03:00", "sun").worked(leap - DAY, leap + DAY) == 0


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    first = at("2026-10-25T00:30Z")
    assert hours("02:30-04:00", "sun").add(at("2026-10-25T00:00"), 0) == first
    assert hours("02:30-04:00", "sun").worked(first - DAY, first + DAY) == 2 * HOUR + 30 * MINUTE
    assert hours("01:00-02:30", "sun").worked(first - DAY, first + DAY) == HOUR + 30 * MINUTE


def test_a_midnight_that_does_not_exist_is_the_moment_after_it() -> None:
    zone = "America/Sao_Paulo"  # from 2018-11-03, 24:00, to 2018-11-04, 01:00
    leap = at("2018-11-04T03:00Z")
    sunday = hours("00:00-24:00", "sun", zone)
    assert sunday.add(leap - DAY, 0) == leap
    assert sunday.worked(leap - DAY, leap + 2 * DAY) == 23 * HOUR


def test_a_day_that_was_left_out_has_no_hours() -> None:
    samoa = hours("09:00-17:00", EVERY_DAY, "Pacific/Apia")  # had no 30 December 2011
    before = at("2011-12-29T16:00", "Pacific/Apia")
    assert samoa.add(before, 2 * HOUR) == at("2011-12-31T10:00", "Pacific/Apia")


def test_a_day_that_begins_twice_begins_the_first_time() -> None:
    zone = "America/St_Johns"  # at 00:01 of 2006-10-29 it was 23:01 of the day before
    saturday, sunday = (hours("00:00-24:00", day, zone) for day in ("sat", "sun"))
    midnight = at("2006-10-29T02:30Z")
    assert sunday.add(midnight - DAY, 0) == midnight
    assert saturday.worked(midnight - 2 * DAY, midnight + DAY) == DAY
    assert sunday.worked(midnight - DAY, midnight + 2 * DAY) == 25 * HOUR


@pytest.mark.parametrize("year", [1900, 1969, 2037, 2500, 9990])
def test_hours_hold_long_ago_and_far_ahead(year: int) -> None:
    monday = date(year, 6, 1) + timedelta(days=-date(year, 6, 1).weekday() % 7)
    start = at(f"{monday}T15:00")
    assert hours().add(start, 4 * HOUR) == at(f"{monday + timedelta(days=1)}T11:00")


def test_where_the_calendar_ends_all_time_is_working_time() -> None:
    sundays = hours(days="sun", zone="Pacific/Kiritimati")
    for beyond in (-(2**50), 2**50):
        assert sundays.add(beyond, 5 * HOUR) == beyond + 5 * HOUR
        assert sundays.worked(beyond, beyond + DAY) == DAY
    for edge in ("0002-01-01T00:00Z", "9999-01-01T00:00Z", "9999-12-31T23:59Z"):
        start = at(edge) - 30 * DAY
        assert sundays.worked(start, sundays.add(start, 50 * DAY)) == 50 * DAY


def test_nothing_is_worked_backwards() -> None:
    assert hours().worked(at("2026-01-06T12:00"), at("2026-01-05T12:00")) == 0


def test_a_year_of_working_time_asks_the_zone_a_few_times_a_day() -> None:
    zone = Counting("Europe/Berlin")
    week = (*[DayHours(540, 1020)] * 5, None, None)
    year = 365 * DAY
    start = at("2026-01-05T09:00")
    end = BusinessHours(WorkingHours(zone, week)).add(start, year)
    assert end - start > 4 * year
    assert zone.asked < 5 * (end - start) / DAY


class Counting(ZoneInfo):
    """A zone that counts how often it is asked."""

    asked = 0

    @override
    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        type(self).asked += 1
        return super().utcoffset(moment)


def test_a_zone_is_any_that_there_is() -> None:
    zone: tzinfo = ZoneInfo("Asia/Kolkata")
    assert zone.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=5, minutes=30)
    assert hours(zone="Asia/Kolkata").add(at("2026-01-05T03:29Z"), 0) == at("2026-01-05T03:30Z")
