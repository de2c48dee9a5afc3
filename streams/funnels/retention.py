"""Who comes back after how long: by day 1, 7, 14, 30, and week after week as a triangle.

Days and weeks are counted from somebody's own first event, 24 hours a day. Somebody came back on
day N with an event from N days after the first and before N + 1; bounded retention asks for that
day, unbounded retention for that day or any later. Week N likewise. Nobody is counted whose day or
week was not over when the events end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from schemas.events import Event
from streams.definitions.model import EntityKind, EventFilter
from streams.engine.filters import Predicate, compile_filter
from streams.engine.values import DAY, names
from streams.funnels.breakdown import period
from streams.funnels.report import Portion

DAYS: Final = (1, 7, 14, 30)
WEEKS: Final = 12
"""Weeks after the first that the triangle shows."""

_WEEK: Final = 7 * DAY
_FIRST, _BACK = 1, 2


@dataclass(frozen=True, slots=True)
class Return:
    """What is asked."""

    of: EntityKind
    first: EventFilter
    """Whoever did this is counted, from the first time on."""
    back: EventFilter
    """Whoever does this has come back."""
    start: int | None = None
    """Only those whose first time was from then on, epoch milliseconds."""
    end: int | None = None
    """Only those whose first time was before then."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who began in the same week, or all of them."""

    size: int
    bounded: dict[int, Portion]
    """Day → who came on it."""
    unbounded: dict[int, Portion]
    """Day → who came on it or later."""
    weeks: tuple[Portion, ...]
    """Who came in the first week after the first one, the second, …"""


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """The answer."""

    asked: Return
    whole: Cohort
    cohorts: dict[str, Cohort]
    """The Monday of their week → who began in it, the oldest first."""


Mark = tuple[int, int]
"""Time of an event, and what it is: a first one, one of coming back, or both."""


class Spotter:
    """Tells which events matter."""

    def __init__(self, asked: Return) -> None:
        self._kinds = [(_FIRST, *_compiled(asked.first)), (_BACK, *_compiled(asked.back))]

    def mark(self, event: Event) -> Mark | None:
        """What the event is; ``None`` where it does not matter."""
        kind = 0
        for bit, events, accepts in self._kinds:
            if names(events, event.name) and (accepts is None or accepts(event)):
                kind |= bit
        return (event.time, kind) if kind else None


def _compiled(wanted: EventFilter) -> tuple[tuple[str, ...], Predicate | None]:
    return wanted.events, compile_filter(wanted.where) if wanted.where is not None else None


@dataclass(slots=True)
class _Counts:
    size: int = 0
    bounded: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in DAYS])
    unbounded: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in DAYS])
    weeks: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(WEEKS)])

    def add(self, days: frozenset[int], observed: int) -> None:
        """Somebody who came on these days, of so many that are over."""
        self.size += 1
        last = max(days, default=0)
        for place, day in enumerate(DAYS):
            if day < observed:
                _count(self.bounded[place], day in days)
                _count(self.unbounded[place], last >= day)
        weeks = {day // 7 for day in days}
        for week in range(1, min(WEEKS, observed // 7 - 1) + 1):
            _count(self.weeks[week - 1], week in weeks)

    def cohort(self) -> Cohort:
        return Cohort(
            self.size,
            {day: Portion(*each) for day, each in zip(DAYS, self.bounded, strict=True)},
            {day: Portion(*each) for day, each in zip(DAYS, self.unbounded, strict=True)},
            tuple(Portion(*each) for each in self.weeks),
        )


def _count(portion: list[int], came: bool) -> None:
    portion[0] += came
    portion[1] += 1


class RetentionTally:
    """Takes one history after the other; what it keeps grows with the weeks only.

    Args:
        asked: what is asked.
        until: how far the histories reach, epoch milliseconds.
    """

    def __init__(self, asked: Return, until: int) -> None:
        self._asked = asked
        self._until = until
        self._whole = _Counts()
        self._cohorts: dict[str, _Counts] = {}

    def add(self, marks: Iterable[Mark]) -> None:
        """The marks of one account or user, in any order."""
        listed = list(marks)
        begun = min((time for time, kind in listed if kind & _FIRST), default=None)
        asked = self._asked
        if (
            begun is None
            or (asked.start is not None and begun < asked.start)
            or (asked.end is not None and begun >= asked.end)
        ):
            return
        days = frozenset((time - begun) // DAY for time, kind in listed if kind & _BACK)
        observed = (self._until - begun) // DAY
        cohort = self._cohorts.setdefault(period(begun, "week"), _Counts())
        for counts in (self._whole, cohort):
            counts.add(days, observed)

    def report(self) -> RetentionReport:
        """The answer to all that were taken."""
        cohorts = {week: self._cohorts[week].cohort() for week in sorted(self._cohorts)}
        return RetentionReport(self._asked, self._whole.cohort(), cohorts)
