"""Event time: ISO 8601 and epoch milliseconds, and how far from the record's own it may be."""

import math
from typing import Any

import pytest

from schemas.dead_letters import Reason
from streams.decoding.times import DAY, EARLIEST, LATEST, event_time
from streams.errors import Rejected

NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z
HOUR = 3_600_000


def reason(value: Any, recorded_at: int = NOW) -> Reason:
    with pytest.raises(Rejected) as caught:
        event_time(value, "timestamp", recorded_at)
    assert caught.value.path == "timestamp"
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:00:00.000000Z",
        "2026-01-01t00:00:00z",
        "2026-01-01 00:00:00",
        "2026-01-01T00:00",
        "2026-01-01",
        "20260101",
        "20260101T000000Z",
        "2026-W01-4",
        "2026-01-01T02:00:00+02:00",
        "2025-12-31T19:00:00-05:00",
        "2025-12-31T18:30-0530",
    ],
)
def test_iso_8601_in_its_forms_is_the_same_moment(text: str) -> None:
    assert event_time(text, "timestamp", NOW) == NOW


def test_a_time_without_a_zone_is_utc() -> None:
    assert event_time("2025-07-01T12:00:00", "timestamp", NOW) == event_time(
        "2025-07-01T12:00:00Z", "timestamp", NOW
    )


def test_what_is_finer_than_a_millisecond_is_cut_off() -> None:
    assert event_time("2025-12-31T23:59:59.999999Z", "timestamp", NOW) == NOW - 1
    assert event_time("1969-12-31T23:59:59.999999Z", "timestamp", NOW) == -1
    assert event_time(NOW - 0.25, "timestamp", NOW) == NOW - 1
    assert event_time(-0.25, "timestamp", NOW) == -1


def test_a_number_is_epoch_milliseconds_and_so_is_the_text_of_one() -> None:
    for value in (NOW, float(NOW), str(NOW)):
        assert event_time(value, "timestamp", NOW) == NOW


def test_a_number_whose_digits_also_read_as_a_date_and_time_is_a_number() -> None:
    # 2024-03-11T02:11:40Z; read as basic ISO 8601 it were the year 1710.
    assert event_time("1710123100000", "timestamp", NOW) == 1_710_123_100_000


def test_1970_is_a_time_as_any_other() -> None:
    assert event_time(0, "timestamp", NOW) == 0
    assert event_time("1970-01-01T00:00:00Z", "timestamp", NOW) == 0


def test_1900_is_the_first_year() -> None:
    assert event_time("1900-01-01T00:00:00Z", "timestamp", NOW) == EARLIEST
    assert reason("1899-12-31T23:59:59.999Z") is Reason.BAD_TIMESTAMP
    assert reason(EARLIEST - 1) is Reason.BAD_TIMESTAMP
    assert reason("0001-01-01T00:00:00+23:59") is Reason.BAD_TIMESTAMP


def test_a_day_ahead_of_the_record_is_accepted_and_a_millisecond_more_is_not() -> None:
    assert event_time(NOW + DAY, "timestamp", NOW) == NOW + DAY
    assert reason(NOW + DAY + 1) is Reason.FUTURE_TIMESTAMP


@pytest.mark.parametrize(
    "value",
    [
        "2200-01-01T00:00:00Z",
        7_258_118_400_000,
        "7258118400000",
        "9999-12-31T23:59:59.999999-23:59",
        10**18,
        2**63,
        1.7e308,
        "9" * 10_000,
    ],
)
def test_the_year_2200_and_beyond_is_the_future(value: Any) -> None:
    assert reason(value) is Reason.FUTURE_TIMESTAMP


def test_the_future_is_told_by_the_record_and_not_by_a_clock() -> None:
    in_2200 = 7_258_118_400_000
    assert event_time(in_2200, "timestamp", in_2200 - DAY) == in_2200
    assert reason(NOW, NOW - DAY - 1) is Reason.FUTURE_TIMESTAMP


def test_no_record_can_bring_a_time_past_the_year_9999() -> None:
    assert event_time(LATEST, "timestamp", 2**63) == LATEST
    assert reason(LATEST + 1, 2**63) is Reason.FUTURE_TIMESTAMP


def test_a_record_without_a_time_of_its_own_cannot_be_judged() -> None:
    assert reason(NOW, recorded_at=-1) is Reason.BAD_TIMESTAMP


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "2026", "2026-13-01", "2025-02-29", "2026-01-01T25:00", "12:00", "-1",
     "1e12", "2026-01-01T00:00:00Z ", "2026-01-01T00:00:00 UTC", "\0", "٢٠٢٦-٠١-٠١"],
)  # fmt: skip
def test_text_that_is_no_time_is_refused(text: str) -> None:
    assert reason(text) is Reason.BAD_TIMESTAMP


@pytest.mark.parametrize("value", [True, False, [], {}, [NOW]])
def test_what_is_neither_text_nor_number_has_the_wrong_type(value: Any) -> None:
    assert reason(value) is Reason.WRONG_TYPE


def test_no_time_is_a_missing_field() -> None:
    assert reason(None) is Reason.MISSING_FIELD


def test_the_refusal_quotes_no_more_than_a_little_of_the_value() -> None:
    with pytest.raises(Rejected) as caught:
        event_time("x" * 1_000_000, "timestamp", NOW)
    assert len(caught.value.detail) < 200


def test_a_float_is_floored_as_a_whole_number_of_milliseconds() -> None:
    assert event_time(1.9, "timestamp", NOW) == math.floor(1.9)
