"""Values of options, read as the same values are read in definitions and events."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import typer

from streams.decoding.times import LATEST, event_time
from streams.definitions.document import Place, Scalar
from streams.definitions.problems import did_you_mean, quote
from streams.definitions.reader import Reader
from streams.errors import Rejected, UsageError

Parser = Callable[[str], Any]


def time(name: str) -> Parser:
    """ISO 8601, UTC where it names no zone, or epoch milliseconds."""

    def parse(text: str) -> int:
        try:
            return event_time(text, name, recorded_at=LATEST)
        except Rejected as refusal:
            raise typer.BadParameter(refusal.detail) from None

    return parse


def check_span(start: int | None, end: int | None) -> None:
    """Refuse a span of ``--from`` and ``--to`` that is empty; ``None``: not given."""
    if start is not None and end is not None and end <= start:
        raise UsageError("--to must be later than --from: nothing is in between")


def week(text: str) -> str:
    """``2026-W03``, or a day of that week, as the date of its Monday."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{quote(text)} is not a week, such as 2026-W03") from None
    return (day - timedelta(days=day.weekday())).isoformat()


def defined(read: Callable[[Reader, Scalar, str], Any], name: str) -> Parser:
    """Whatever ``read`` takes in a definitions file, with its words where it does not."""

    def parse(text: str) -> Any:
        reader = Reader(name)
        found = read(reader, Scalar(Place(), text, text), name)
        if reader.problems:
            raise typer.BadParameter(reader.problems[0].message)
        return found

    return parse


def one_of(*known: str) -> Parser:
    """One of these words."""

    def parse(text: str) -> str:
        if text not in known:
            guess = did_you_mean(text, known)
            raise typer.BadParameter(f"{quote(text)} is not one of {', '.join(known)}{guess}")
        return text

    return parse
