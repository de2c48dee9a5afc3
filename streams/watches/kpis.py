"""KPIs on a schedule: of all and of each segment, for Prometheus, and kept in ``watch_rows``."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Final

from schemas.rows import WatchRow
from streams.definitions.model import Definitions
from streams.errors import Unavailable
from streams.queries.kpis import Asked, Grain, Kpi, Point, answer, catalogue, most_recent
from streams.queries.roles import role_parameters
from streams.threads import in_thread
from streams.watches.metrics import KPI, KpiFound, WatchMetrics
from streams.watches.warehouse import Warehouse

logger = logging.getLogger(__name__)

_HOUR: Final = 3_600_000
_YEAR: Final[Mapping[Grain, int]] = {"week": 54, "month": 14, "quarter": 6}
"""Periods, with the one that is not over: enough to compare the newest with that a year before."""
_SHORTEST: Final[Mapping[Grain, int]] = {"week": 7, "month": 28, "quarter": 90}
"""Days."""


class Kpis:
    """Asks the KPIs that the definitions have the roles for, once an hour.

    Args:
        definitions: their roles and segments.
        warehouse: where they are asked and kept.
        metrics: told what was found.
    """

    def __init__(
        self, definitions: Definitions, warehouse: Warehouse, metrics: WatchMetrics
    ) -> None:
        self._roles = role_parameters(definitions)
        able = [kpi for kpi in catalogue().values() if not kpi.missing(definitions.roles)]
        self._questions = [
            (kpi, segment)
            for kpi in able
            for segment in ("", *definitions.segments)
            if not segment or not kpi.cannot_tell(["segment"])
        ]
        self._warehouse = warehouse
        self._metrics = metrics
        self._answered: int | None = None

    async def answer(self, at: int) -> None:
        """Ask all, unless that was done in the same hour.

        Args:
            at: instant of the schedule, epoch milliseconds.

        Raises:
            Unavailable: ClickHouse is away; one question that it refuses is counted instead.
        """
        hour = at // _HOUR
        if hour == self._answered:
            return
        refused = 0
        for kpi, segment in self._questions:
            # Each in its own thread: a stop waits for one of them, and not for all.
            try:
                await in_thread(partial(self._ask, kpi, segment, at))
            except Unavailable as error:
                await in_thread(self._warehouse.reach)
                logger.warning("KPI %s: %s", kpi.name, error)
                self._metrics.count_failure(KPI)
                refused += 1
        if not refused:
            self._metrics.answered(KPI)
        self._answered = hour

    def _ask(self, kpi: Kpi, segment: str, at: int) -> None:
        grain = kpi.header.grain
        number = _YEAR[grain] + math.ceil(kpi.header.settles / _SHORTEST[grain])
        asked = Asked(most_recent(at, grain, number), grain, at, segment=segment)
        with self._warehouse.client() as client:
            points = answer(client, kpi, self._roles, asked)
        over = [point for point in points if point.complete]
        self._warehouse.write(
            [
                WatchRow(
                    KPI, _labels(kpi, segment, point), point.period.end, point.value,
                    int(max(0, point.denominator or 0)),
                )
                for point in over
                if point.value is not None
            ]
        )  # fmt: skip
        self._metrics.show_kpi(kpi.name, segment, list(_newest(kpi, segment, over)))


def _newest(kpi: Kpi, segment: str, over: Sequence[Point]) -> Iterator[KpiFound]:
    """One of each group that has a value."""
    for _, group in groupby(over, key=lambda point: point.group):
        *_, before, newest = group
        if newest.value is None:
            continue
        change = (newest.value - before.value) / abs(before.value) if before.value else None
        labels = _labels(kpi, segment, newest)
        yield KpiFound(labels, newest.value, change, newest.denominator)


def _labels(kpi: Kpi, segment: str, point: Point) -> Mapping[str, str]:
    return {"kpi": kpi.name, "segment": segment, "group": point.group}
