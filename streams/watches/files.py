"""SQL files that are watches: a header, then one query.

The file's name is that of the watch. The header has a line ``-- key: value`` for each of::

    help    what the value is, one sentence for people
    unit    ``ratio`` (shown in percent) or ``number``
    labels  columns that tell the answers apart, separated by commas; none: one answer
    sample  what ``sample_size`` counts
    period  how far back it looks, a duration such as ``90d``
    with    parts of queries that it builds on, from the folder ``parts``, in order

The query has its ``labels``, ``value`` (a number; no row where there is none) and ``sample_size``
as columns. It may use ``since`` and ``until``, the ends of its period, and the parameters of
:mod:`streams.watches.terms`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.definitions.values import parse_duration
from streams.errors import MilepostError

DECISIONS: Final = Path(__file__).with_name("decisions")
"""Watches over what was decided: leads and scores."""

UNITS: Final = ("ratio", "number")

_PARTS: Final = Path(__file__).with_name("parts")
_REQUIRED: Final = ("help", "unit", "sample", "period")
_OPTIONAL: Final = ("labels", "with")
_LINE = re.compile(r"-- (\w+): (.+)")
_PERIOD: Final = (
    "fromUnixTimestamp64Milli({since:Int64}, 'UTC') AS since",
    "fromUnixTimestamp64Milli({until:Int64}, 'UTC') AS until",
)
_PARAMETER = re.compile(r"\{(\w+):")


@dataclass(frozen=True, slots=True)
class Watch:
    """A question that is asked on a schedule."""

    name: str
    help: str
    unit: str
    labels: Sequence[str]
    sample: str
    """What the sample of an answer is made of."""
    period: int
    """Milliseconds that it looks back."""
    sql: str

    @property
    def parameters(self) -> frozenset[str]:
        """Names of those that the query takes."""
        return frozenset(_PARAMETER.findall(self.sql))


@dataclass(frozen=True, slots=True)
class Found:
    """One answer to a watch."""

    watch: str
    labels: Mapping[str, str]
    value: float
    sample_size: int
    """How many the value is of."""


def read_watches(folder: Path) -> list[Watch]:
    """Every watch of a folder, by name.

    Raises:
        MilepostError: a file's header is not one.
    """
    return [_read(path) for path in sorted(folder.glob("*.sql"))]


def _read(path: Path) -> Watch:
    text = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            break
        header[found[1]] = found[2]
    period = parse_duration(header.get("period", ""))
    missing = [name for name in _REQUIRED if name not in header]
    unknown = header.keys() - {*_REQUIRED, *_OPTIONAL}
    if missing or unknown or period is None or header["unit"] not in UNITS:
        raise MilepostError(
            f"{path}: its header has {', '.join(_REQUIRED)}, and may have {', '.join(_OPTIONAL)};"
            f" `unit` is {' or '.join(UNITS)}, and `period` a duration"
        )
    parts = [f"{name} AS\n(\n{_part(name)})" for name in _names(header.get("with", ""))]
    return Watch(
        name=path.stem,
        help=header["help"],
        unit=header["unit"],
        labels=_names(header.get("labels", "")),
        sample=header["sample"],
        period=period,
        sql="WITH\n" + ",\n".join([*_PERIOD, *parts]) + "\n" + text,
    )


def _part(name: str) -> str:
    return (_PARTS / f"{name}.sql").read_text(encoding="utf-8")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in map(str.strip, text.split(",")) if name)
