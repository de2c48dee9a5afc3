"""Records of ``plg.qualifications`` and ``plg.activity`` as rows of ClickHouse."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import contains
from types import NoneType
from typing import Any, Final, TypeVar

import orjson

from schemas.activity import DailyActivity, DayCount, TraitChange
from schemas.dead_letters import Reason
from schemas.encoding import ACTIVITY_VERSION
from schemas.rows import (
    EARLIEST,
    LATEST,
    ActivityRow,
    MilestoneRow,
    Row,
    StuckRow,
    TraitRow,
    TransitionRow,
)
from streams.errors import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = 86_400_000
_LARGEST = 2**64 - 1

_T = TypeVar("_T")

_Types = Collection[type]

_TEXT: Final = (str,)
_ID: Final = (str, NoneType)
_INTEGER: Final = (int,)
_ACTIVITY: Final[Mapping[str, _Types]] = dict(
    zip(
        DailyActivity._fields,
        (_ID, _ID, _INTEGER, _TEXT, (dict,)),
        strict=True,
    )
)
_TRAIT: Final[Mapping[str, _Types]] = dict(
    zip(
        TraitChange._fields,
        (_ID, _ID, _TEXT, (str, int, float, bool, NoneType, list, dict), _INTEGER),
        strict=True,
    )
)


def qualification_rows(value: bytes | None) -> list[Row]:
    """The row of one qualification; none for a type that is not kept.

    Raises:
        Rejected: the bytes are not what the worker publishes; the path names the field.
    """
    fields = _Fields(_parse(value))
    match fields.text("type"):
        case "milestone.reached" | "milestone.corrected" as kind:
            return [MilestoneRow(type=kind, **_occurrence(fields), **_score(fields))]
        case "milestone.entered" | "milestone.exited" as kind:
            return [TransitionRow(type=kind, **_occurrence(fields), **_score(fields))]
        case "journey.stuck":
            return [StuckRow(journey=fields.text("journey"), **_occurrence(fields))]
        case _:
            return []


def _occurrence(fields: "_Fields") -> dict[str, Any]:
    """The columns that rows of all qualifications have."""
    return {
        "milestone": fields.text("milestone"),
        "account_id": fields.id("account_id"),
        "user_id": fields.id("user_id"),
        "definition_hash": fields.text("definition_hash"),
        "occurrence": fields.number("occurrence"),
        "id": fields.text("id"),
        "occurred_at": fields.time("occurred_at"),
        "detected_at": fields.time("detected_at"),
        "decided_by": fields.id("decided_by"),
        "late": fields.flag("late"),
        "evidence": fields.json("evidence"),
        "segment": fields.text("segment") if fields.has("segment") else "",
    }


def _score(fields: "_Fields") -> dict[str, Any]:
    """The columns of a score; those of none where the condition named none."""
    if not fields.has("score"):
        return {}
    parts = fields.objects("contributions")
    return {
        "score": fields.real("score"),
        "contributions": tuple(
            (part.text("component"), part.real("points"), part.real("signal")) for part in parts
        ),
    }


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
    rows: list[Row] = []
    for index, day in enumerate(update.rows("activity", DailyActivity, _ACTIVITY)):
        rows += _day_rows(day, f"activity[{index}].events")
    for index, trait in enumerate(update.rows("traits", TraitChange, _TRAIT)):
        rows.append(
            TraitRow(
                account_id=trait.account_id or "",
                user_id=trait.user_id or "",
                name=trait.name,
                value=_json(trait.value, f"traits[{index}].value"),
                changed_at=_time(trait.at),
            )
        )
    return rows


def _day_rows(activity: DailyActivity, path: str) -> Iterator[ActivityRow]:
    day = min(max(activity.day, EARLIEST // _DAY), LATEST // _DAY)
    counts: Mapping[str, Any] = activity.events
    for event, numbers in counts.items():
        if type(numbers) is not list or [type(one) for one in numbers] != [int, int, int]:
            detail = f"{', '.join(DayCount._fields)} are expected, not {numbers!r:.40}"
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}", detail)
        count, first_at, last_at = numbers
        if count < 1:
            raise Rejected(Reason.WRONG_TYPE, f"{path}.{event}.count", f"{count} is less than 1")
        yield ActivityRow(
            account_id=activity.account_id or "",
            user_id=activity.user_id or "",
            day=day,
            event=event,
            part=activity.part,
            events=count,
            first_at=_time(first_at),
            last_at=_time(last_at),
        )


def _time(time: int) -> int:
    """The time, or the nearest to it that the columns can hold."""
    return min(max(time, EARLIEST), LATEST)


def _json(value: Any, path: str) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:  # it reads deeper than it writes
        raise Rejected(Reason.TOO_DEEP, path, str(error)) from None


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
    """Reads the fields of one object; every refusal names the field's path.

    Args:
        fields: the object.
        path: of the object, with a dot at its end; empty for the whole.
    """

    def __init__(self, fields: dict[str, Any], path: str = "") -> None:
        self._fields = fields
        self._path = path

    def has(self, name: str) -> bool:
        return name in self._fields

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

    def real(self, name: str) -> float:
        value = self._value(name)
        if type(value) not in (int, float):
            raise self._refused(name, f"a number is expected, not {value!r:.40}")
        return float(value)

    def json(self, name: str) -> str:
        return _json(self._value(name), name)

    def time(self, name: str) -> int:
        """Epoch milliseconds; outside of what the column can hold, the nearest that it can."""
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
            time = (moment - _EPOCH) // _MILLISECOND
        except (ValueError, TypeError):
            raise self._refused(name, f"{text!r:.40} is not a UTC time") from None
        return _time(time)

    def objects(self, name: str) -> "list[_Fields]":
        found = []
        for index, value in enumerate(self._typed(name, list)):
            place = f"{name}[{index}]"
            if type(value) is not dict:
                raise self._refused(place, f"an object is expected, not {value!r:.40}")
            found.append(_Fields(value, f"{self._path}{place}."))
        return found

    def rows(self, name: str, kind: Callable[..., _T], allowed: Mapping[str, _Types]) -> list[_T]:
        """Arrays of values, each as a ``kind`` of which ``allowed`` tells the fields."""
        rows = self._typed(name, list)
        types = allowed.values()
        for index, row in enumerate(rows):
            if type(row) is not list or len(row) != len(types):
                raise self._refused(
                    f"{name}[{index}]", f"an array of {', '.join(allowed)} is expected"
                )
            if all(map(contains, types, map(type, row))):
                continue
            for (field, those), value in zip(allowed.items(), row, strict=True):
                if type(value) not in those:
                    raise self._refused(f"{name}[{index}].{field}", f"not {value!r:.40}")
        return [kind(*row) for row in rows]

    def _value(self, name: str) -> Any:
        try:
            return self._fields[name]
        except KeyError:
            path = f"{self._path}{name}"
            raise Rejected(Reason.MISSING_FIELD, path, "the field is missing") from None

    def _typed(self, name: str, kind: type[_T]) -> _T:
        value = self._value(name)
        if type(value) is not kind:  # not isinstance: True is no number
            raise self._refused(name, f"{kind.__name__} is expected, not {value!r:.40}")
        return value

    def _refused(self, name: str, detail: str) -> Rejected:
        return Rejected(Reason.WRONG_TYPE, f"{self._path}{name}", detail)
