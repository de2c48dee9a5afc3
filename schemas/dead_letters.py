"""A record that cannot be an event, kept with its reason."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a record was refused; a label of the dead-letter metric, so the set is closed."""

    EMPTY = "empty"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    BAD_TIMESTAMP = "bad_timestamp"
    FUTURE_TIMESTAMP = "future_timestamp"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The refused record: where it stood, why it was refused, and its bytes as they came."""

    reason: Reason
    path: str
    """Path of the field at fault, ``properties.at``; empty for the record as a whole."""
    detail: str
    """One sentence for a person."""
    topic: str
    """Topic, or the file's name."""
    partition: int
    """Partition; 0 for a file."""
    offset: int
    """Offset, or the line's number in a file."""
    key: bytes | None
    original: bytes | None
