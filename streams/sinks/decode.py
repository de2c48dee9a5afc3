"""Records of ``plg.qualifications`` and ``plg.activity`` as rows of ClickHouse."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import orjson

from schemas.dead_letters import Reason
from schemas.encoding import ACTIVITY_VERSION
from schemas.rows import EARLIEST, LATEST, ActivityRow, MilestoneRow, Row, TraitRow
from streams.errors import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_DAY = 86_400_000
_LARGEST = 2**64 - 1

_T = TypeVar("_T")


def qualification_rows(value: bytes | None) -> list[Row]:
    """The row of one qualification; none for a type that is not a milestone's.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    fields = _Fields(_parse(value))
    kind = fields.text("type")
    if not kind.startswith("milestone."):
        return []
    return [
        MilestoneRow(
            milestone=fields.text("milestone"),
            account_id=fields.id("account_id"),
            user_id=fields.id("user_id"),
            definition_hash=fields.text("definition_hash"),
            occurrence=fields.number("occurrence"),
            id=fields.text("id"),
            type=kind,
            occurred_at=fields.time("occurred_at"),
            detected_at=fields.time("detected_at"),
            decided_by=fields.id("decided_by"),
            late=fields.flag("late"),
            evidence=fields.json("evidence"),
        )
    ]


def activity_rows(value: bytes | None) -> list[Row]:
    """The rows of one activity update: daily activity, then traits.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    update = _Fields(_parse(value))
    version = update.number("version")
    if version != ACTIVITY_VERSION:
        raise Rejected(
            Reason.WRONG_TYPE, "version", f"{version} is not known here; upgrade the sink"
        )
    account_id = update.id("account_id")
    rows: list[Row] = [
        ActivityRow(
            account_id=account_id,
            user_id=fields.id("user_id"),
            day=fields.day("day"),
            event=fields.text("event"),
            part=fields.text("part"),
            events=fields.number("count"),
            first_at=fields.time("first_at"),
            last_at=fields.time("last_at"),
        )
        for fields in update.objects("activity")
    ]
    rows.extend(
        TraitRow(
            account_id=account_id,
            user_id=fields.id("user_id"),
            name=fields.text("name"),
            value=fields.json("value"),
            changed_at=fields.time("at"),
        )
        for fields in update.objects("traits")
    )
    return rows


def _parse(value: bytes | None) -> dict[str, Any]:
    if not value:
        raise Rejected(Reason.EMPTY, "", "the record has no value")
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Rejected(Reason.NOT_JSON, "", str(error)) from None
    if not isinstance(parsed, dict):
        raise Rejected(Reason.NOT_AN_OBJECT, "", f"a JSON object is expected, not {parsed!r:.40}")
    return parsed


class _Fields:
    """Reads the fields of one object; every refusal names the field's path."""

    def __init__(self, fields: dict[str, Any], place: str = "") -> None:
        self._fields = fields
        self._place = place

    def text(self, name: str) -> str:
        return self._typed(name, str)

    def flag(self, name: str) -> bool:
        return self._typed(name, bool)

    def id(self, name: str) -> str:
        return "" if self._value(name) is None else self.text(name)

    def number(self, name: str) -> int:
        number = self._typed(name, int)
        if not 0 <= number <= _LARGEST:
            raise self._refused(name, f"{number} is not a whole number from 0 to 2^64 - 1")
        return number

    def json(self, name: str) -> str:
        try:
            return orjson.dumps(self._value(name)).decode()
        except orjson.JSONEncodeError as error:  # it reads deeper than it writes
            raise Rejected(Reason.TOO_DEEP, self._place + name, str(error)) from None

    def time(self, name: str) -> int:
        """Epoch milliseconds; outside of what the column can hold, the nearest that it can."""
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
            time = (moment - _EPOCH) // _MILLISECOND
        except (ValueError, TypeError):
            raise self._refused(name, f"{text!r:.40} is not a UTC time") from None
        return min(max(time, EARLIEST), LATEST)

    def day(self, name: str) -> int:
        """Days since 1970-01-01, within what the column can hold."""
        text = self.text(name)
        try:
            day = date.fromisoformat(text).toordinal() - _EPOCH_DAY
        except ValueError:
            raise self._refused(name, f"{text!r:.40} is not a date") from None
        return min(max(day, EARLIEST // _DAY), LATEST // _DAY)

    def objects(self, name: str) -> "list[_Fields]":
        values = self._typed(name, list)
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise self._refused(f"{name}[{index}]", "an object is expected")
        return [
            _Fields(value, f"{self._place}{name}[{index}].") for index, value in enumerate(values)
        ]

    def _value(self, name: str) -> Any:
        try:
            return self._fields[name]
        except KeyError:
            raise Rejected(
                Reason.MISSING_FIELD, self._place + name, "the field is missing"
            ) from None

    def _typed(self, name: str, kind: type[_T]) -> _T:
        value = self._value(name)
        if type(value) is not kind:  # not isinstance: True is no number
            raise self._refused(name, f"{kind.__name__} is expected, not {value!r:.40}")
        return value

    def _refused(self, name: str, detail: str) -> Rejected:
        return Rejected(Reason.WRONG_TYPE, self._place + name, detail)
