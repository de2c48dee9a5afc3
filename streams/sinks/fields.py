"""Reads what came as JSON, field by field, with the path in every refusal."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from operator import contains
from typing import Any, TypeVar

import orjson

from schemas.dead_letters import Reason
from schemas.rows import EARLIEST, LATEST
from streams.errors import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LARGEST = 2**64 - 1

_T = TypeVar("_T")

Types = Collection[type]


def nearest_time(time: int) -> int:
    """The time, or the nearest to it that the columns can hold."""
    return min(max(time, EARLIEST), LATEST)


def json_text(value: Any, path: str) -> str:
    """The value as JSON.

    Raises:
        Rejected: it is too deep.
    """
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:  # it reads deeper than it writes
        raise Rejected(Reason.TOO_DEEP, path, str(error)) from None


def parse(value: bytes | None) -> "Fields":
    """The object that a record's value is.

    Raises:
        Rejected: it is none.
    """
    if not value:
        raise Rejected(Reason.EMPTY, "", "the record has no value")
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Rejected(Reason.NOT_JSON, "", str(error)) from None
    if not isinstance(parsed, dict):
        raise Rejected(Reason.NOT_AN_OBJECT, "", f"a JSON object is expected, not {parsed!r:.40}")
    return Fields(parsed)


class Fields:
    """Reads the fields of one object; every refusal names the field's path.

    Args:
        fields: the object.
        path: of the object, with a dot at its end; empty for the whole.
    """

    def __init__(self, fields: dict[str, Any], path: str = "") -> None:
        self._fields = fields
        self._path = path

    def has(self, name: str) -> bool:
        """Whether there is one of this name."""
        return name in self._fields

    def is_null(self, name: str) -> bool:
        """Whether it has no value; it must be there."""
        return self._value(name) is None

    def text(self, name: str) -> str:
        """A text."""
        return self._typed(name, str)

    def flag(self, name: str) -> bool:
        """True or false."""
        return self._typed(name, bool)

    def id(self, name: str) -> str:
        """A text, empty where it is null."""
        return "" if self.is_null(name) else self.text(name)

    def number(self, name: str) -> int:
        """A whole number that a column can hold."""
        number = self._typed(name, int)
        if not 0 <= number <= _LARGEST:
            raise self._refused(name, f"{number} is not a whole number from 0 to 2^64 - 1")
        return number

    def real(self, name: str) -> float:
        """A number."""
        value = self._value(name)
        if type(value) not in (int, float):
            raise self._refused(name, f"a number is expected, not {value!r:.40}")
        return float(value)

    def json(self, name: str) -> str:
        """Anything, as JSON."""
        return json_text(self._value(name), name)

    def time(self, name: str) -> int:
        """Epoch milliseconds; outside of what the column can hold, the nearest that it can."""
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
            time = (moment - _EPOCH) // _MILLISECOND
        except (ValueError, TypeError):
            raise self._refused(name, f"{text!r:.40} is not a UTC time") from None
        return nearest_time(time)

    def time_or_none(self, name: str) -> int | None:
        """A time, or null."""
        return None if self.is_null(name) else self.time(name)

    def object(self, name: str) -> "Fields":
        """An object."""
        return self._object(name, self._value(name))

    def objects(self, name: str) -> "list[Fields]":
        """A list of objects."""
        values = self._typed(name, list)
        return [self._object(f"{name}[{index}]", value) for index, value in enumerate(values)]

    def _object(self, place: str, value: Any) -> "Fields":
        if type(value) is not dict:
            raise self._refused(place, f"an object is expected, not {value!r:.40}")
        return Fields(value, f"{self._path}{place}.")

    def rows(self, name: str, kind: Callable[..., _T], allowed: Mapping[str, Types]) -> list[_T]:
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
