"""Event time: ISO 8601 or epoch milliseconds, as producers write it."""

import math
from datetime import UTC, datetime
from typing import Any, Final

from schemas.dead_letters import Reason
from streams.errors import Rejected

DAY: Final = 86_400_000
"""How far an event may be ahead of its record's own time, in milliseconds."""

EARLIEST: Final = -2_208_988_800_000
"""1900-01-01 UTC: a time before it is a mistake, not an event."""

LATEST: Final = 253_402_300_799_999
"""The end of the year 9999, the last that ISO 8601 text can hold."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN: Final = 40
"""How much of a wrong time its dead letter quotes."""


def event_time(value: Any, path: str, recorded_at: int) -> int:
    """Epoch milliseconds of a JSON value; what is finer than a millisecond is cut off.

    Text is ISO 8601 (without a zone: UTC), or, where it is more than 8 digits and nothing else,
    epoch milliseconds; 8 digits are a date. A number is epoch milliseconds.

    Args:
        value: the field as JSON gave it.
        path: the field's path, for the dead letter.
        recorded_at: Kafka's time of the record, epoch milliseconds.

    Raises:
        Rejected: missing, not a time, before 1900, or more than a day after ``recorded_at``.
    """
    if type(value) is not str:
        time = _from_number(value, path)
    elif len(value) > 8 and value.isdecimal():
        # Past 20 digits no number is a time, and Python refuses to read thousands of them.
        time = int(value[:20])
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = _from_lower_case(value, path)
        try:
            since = moment - _EPOCH
        except TypeError:  # it has no zone
            since = moment.replace(tzinfo=UTC) - _EPOCH
        # By hand, as dividing by a timedelta takes three times as long.
        time = since.days * DAY + since.seconds * 1000 + since.microseconds // 1000
    if time > recorded_at + DAY or time < EARLIEST or time > LATEST:
        raise _out_of_range(time, value, path, recorded_at)
    return time


def _from_lower_case(text: str, path: str) -> datetime:
    """RFC 3339 allows ``z`` for ``Z``, which ``fromisoformat`` does not know."""
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise Rejected(
            Reason.BAD_TIMESTAMP,
            path,
            f"{text[:_SHOWN]!r} is neither ISO 8601 nor epoch milliseconds",
        ) from None


def _from_number(value: Any, path: str) -> int:
    if type(value) is int:
        return value
    if type(value) is float:
        return math.floor(value)
    if value is None:
        raise Rejected(Reason.MISSING_FIELD, path, "an event needs its time")
    raise Rejected(
        Reason.WRONG_TYPE, path, "a time is ISO 8601 text or a number of epoch milliseconds"
    )


def _out_of_range(time: int, value: Any, path: str, recorded_at: int) -> Rejected:
    shown = repr(value)[: _SHOWN + 2]
    if time < EARLIEST:
        return Rejected(Reason.BAD_TIMESTAMP, path, f"{shown} is before the year 1900")
    if time > LATEST:
        return Rejected(Reason.FUTURE_TIMESTAMP, path, f"{shown} is after the year 9999")
    if recorded_at < 0:
        return Rejected(
            Reason.BAD_TIMESTAMP, path, "the record has no Kafka time to judge its event time by"
        )
    return Rejected(
        Reason.FUTURE_TIMESTAMP,
        path,
        f"{shown} is more than a day ahead of the record's Kafka time",
    )
