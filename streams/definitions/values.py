"""The small values of the language: durations, times, numbers, comparisons, paths."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from streams.definitions.document import Node, Scalar
from streams.definitions.model import Comparison, Operator
from streams.definitions.problems import quote
from streams.definitions.reader import Reader, kind_of

SECOND = 1000
DAY = 86_400 * SECOND

UNITS = {
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
    "d": DAY,
    "w": 7 * DAY,
    "mo": 30 * DAY,
    "y": 365 * DAY,
}
"""Milliseconds of each unit."""

LONGEST_DURATION = 3650 * DAY
"""Ten years: beyond it a window is a mistake, and all time (no window) is meant."""

LARGEST_COUNT = 1_000_000
"""State keeps as many times as a count's threshold."""

LARGEST_NUMBER = 1e15
"""Up to here a sum of whole numbers is exact in a float."""

DURATION_PATTERN = r"^[0-9]{1,12}(s|m|h|d|w|mo|y)$"
COMPARISON_PATTERN = r"^\s*(>=|>|==|!=|<=|<)\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$"
BOUND_PATTERN = COMPARISON_PATTERN.replace("==|!=|", "")
PATH_PATTERN = r"^((properties|traits)(\.[^.]+)+|event|user_id|account_id)$"

_COMPARE: Mapping[Operator, Callable[[float, float], bool]] = {
    ">=": operator.ge, ">": operator.gt, "==": operator.eq,
    "!=": operator.ne, "<=": operator.le, "<": operator.lt,
}  # fmt: skip

_DURATION = re.compile(DURATION_PATTERN)
_PATH = re.compile(PATH_PATTERN)
_COMPARISON = re.compile(r"\s*(>=|>|==|!=|<=|<)\s*(\S{1,40})\s*")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_SUSPICIOUS_TIME = 100_000_000_000
"""March 1973: a number below it is more likely a year, or seconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def read_duration(
    reader: Reader, node: Node, what: str, *, setting: bool = False, endless: bool = False
) -> int | None:
    """``7d`` as milliseconds; a setting may be ``0s``; without what is endless all time counts."""
    if not isinstance(node, Scalar) or not _DURATION.fullmatch(node.text):
        reader.error(
            node,
            f"{what} is a duration, a whole number and a unit of {', '.join(UNITS)}, "
            f"such as `7d`, not {kind_of(node)}",
        )
        return None
    length = _length(node.text)
    if length == 0 and not setting:
        reader.error(node, f"{what} must be longer than nothing, not {quote(node.text)}")
        return None
    if length > LONGEST_DURATION:
        remedy = ": leave it out for all time" if endless else ""
        longest = format_duration(LONGEST_DURATION)
        reader.error(node, f"{what} is at most {longest}, not {quote(node.text)}{remedy}")
        return None
    return length


def parse_duration(text: str) -> int | None:
    """``7d`` in an event as milliseconds; ``None`` where that is none."""
    length = _length(text) if _DURATION.fullmatch(text) else LONGEST_DURATION + 1
    return length if length <= LONGEST_DURATION else None


def _length(text: str) -> int:
    digits = text.rstrip("smhdwoy")
    return int(digits) * UNITS[text[len(digits) :]]


def format_duration(milliseconds: int) -> str:
    """``604800000`` as ``7d``: the largest unit up to a day that leaves no rest."""
    for unit in ("d", "h", "m", "s"):
        if milliseconds % UNITS[unit] == 0:
            return f"{milliseconds // UNITS[unit]}{unit}"
    return f"{milliseconds}ms"


def read_time(reader: Reader, node: Node, what: str) -> int | None:
    """An ISO 8601 date or time (without a zone: UTC), or epoch milliseconds."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        number = parse_number(value)
        value = parse_time(value) if number is None else number
    if isinstance(value, bool) or not isinstance(value, int):
        reader.error(
            node,
            f"{what} is a date or time, such as `2026-01-31` or `2026-01-31T09:00:00Z`, "
            f"not {kind_of(node)}",
        )
        return None
    if not _is_number_in_bounds(reader, node, what, value):
        return None
    if 0 <= value < _SUSPICIOUS_TIME and not is_time(written(node)):
        reader.warning(
            node,
            f"{what} reads numbers as epoch milliseconds: {quote(written(node))} is "
            f"{format_time(value)}",
        )
    return value


def is_time(text: object) -> bool:
    """Whether this is text that is a date or time, and not a number."""
    return isinstance(text, str) and parse_number(text) is None and parse_time(text) is not None


def parse_time(text: str) -> int | None:
    """Epoch milliseconds of an ISO 8601 text; ``None`` where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


def format_time(milliseconds: int) -> str:
    """Epoch milliseconds as ISO 8601, or as they are where the calendar has no such year."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return str(milliseconds)
    precision = "milliseconds" if milliseconds % SECOND else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def parse_number(text: str) -> int | float | None:
    """A decimal number in text, whole ones as ``int``; ``None`` where it is none."""
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= LARGEST_NUMBER else value


def read_number(reader: Reader, node: Node, what: str) -> int | float | None:
    """A finite number, also as text."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        value = parse_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        reader.error(node, f"{what} must be a number, not {kind_of(node)}")
        return None
    return value if _is_number_in_bounds(reader, node, what, value) else None


def _is_number_in_bounds(reader: Reader, node: Node, what: str, value: int | float) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        reader.error(node, f"{what} must be a finite number, not {kind_of(node)}")
        return False
    if abs(value) > LARGEST_NUMBER:
        reader.error(
            node, f"{what}: numbers go up to {LARGEST_NUMBER:,.0f} either way, not {kind_of(node)}"
        )
        return False
    return True


def read_flag(reader: Reader, node: Node, what: str) -> bool | None:
    """``true`` or ``false``."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    reader.error(node, f"{what} is true or false, not {kind_of(node)}")
    return None


def read_path(reader: Reader, node: Node, what: str) -> str | None:
    """``properties.role``: a field of the event that a condition may look at."""
    path = reader.text(node, what)
    if path is None or is_path(reader, node, path):
        return path
    return None


def is_path(reader: Reader, at: Node, path: str) -> bool:
    """Whether ``path`` names a field of an event; reports it where not."""
    if _PATH.fullmatch(path) and path.isprintable():
        return True
    message = (
        f"{quote(path)} is not a path: one starts with `properties.` or `traits.`, "
        "or is `event`, `user_id` or `account_id`"
    )
    if re.fullmatch(r"[\w ]+", path) and path not in ("properties", "traits"):
        message += f", did you mean {quote('properties.' + path)}?"
    reader.error(at, message)
    return False


def read_comparison(reader: Reader, node: Node, what: str) -> Comparison | None:
    """``>= 3``."""
    match = None
    if isinstance(node, Scalar) and isinstance(node.value, str):
        match = _COMPARISON.fullmatch(node.value)
    if match is None:
        hint = ""
        if isinstance(node, Scalar) and isinstance(node.value, int | float):
            hint = "" if isinstance(node.value, bool) else f': write `">= {node.text}"`'
        reader.error(
            node,
            f"{what} is compared with one of >= > == != <= < and a number, "
            f'such as `">= 3"`, not {kind_of(node)}{hint}',
        )
        return None
    sign, digits = match.groups()
    value = parse_number(digits)
    if value is None:
        reader.error(node, f"{what} is compared with a finite number, not {quote(digits)}")
        return None
    if not _is_number_in_bounds(reader, node, what, value):
        return None
    return Comparison(cast(Operator, sign), value)


def read_count_comparison(
    reader: Reader, node: Node, what: str, most: int | None = None
) -> Comparison | None:
    """A comparison of a whole number from 0 to ``most``, which some such numbers pass, not all."""
    comparison = read_comparison(reader, node, what)
    if comparison is None:
        return None
    shown = written(node)
    word = settled(comparison, math.inf if most is None else most)
    if word is not None:
        remedy = _remedy(comparison.operator, word, most)
        reader.error(node, f"{what} {quote(comparison)} is {word} true: {remedy}")
        return None
    rounded = math.ceil if comparison.operator in (">=", "<") else math.floor
    whole = Comparison(comparison.operator, rounded(comparison.value))
    if whole.value > LARGEST_COUNT:
        reader.error(node, f"{what} is compared with at most {LARGEST_COUNT:,}, not {quote(shown)}")
        return None
    if whole.value != comparison.value:
        reader.warning(node, f"{what} is a whole number: {quote(shown)} means {quote(whole)}")
    return whole


def settled(comparison: Comparison, most: float) -> Literal["always", "never"] | None:
    """Whether all whole numbers from 0 to ``most`` pass, or none."""
    below = math.floor(comparison.value)
    numbers = (0, below - 1, below, below + 1, below + 2, most)  # it changes at the threshold only
    compare = _COMPARE[comparison.operator]
    passed = {compare(number, comparison.value) for number in numbers if 0 <= number <= most}
    return ("always" if True in passed else "never") if len(passed) == 1 else None


def _remedy(sign: Operator, word: str, most: int | None) -> str:
    if most is None and sign in (">=", ">"):
        return "ask for at least `>= 1`"
    if most is None and sign in ("<=", "<") and word == "never":
        return "for none at all ask for `== 0`"
    return "it is a whole number from 0" + (f" to {most}" if most is not None else "")


def written(node: Node) -> str:
    """A scalar as it was written."""
    return node.text if isinstance(node, Scalar) else ""
