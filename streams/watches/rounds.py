"""One round of everything that is watched: ask, write down, settle, send, show."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from schemas.rows import ParameterRow, WatchRow
from streams.definitions.model import Definitions
from streams.errors import Unavailable
from streams.threads import in_thread
from streams.watches.files import Found, Watch
from streams.watches.kpis import Kpis
from streams.watches.metrics import WatchMetrics
from streams.watches.parameters import WRONG, Parameters
from streams.watches.stream import Stream
from streams.watches.terms import terms
from streams.watches.warehouse import Warehouse

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round has found and set."""

    at: int
    """Instant of the schedule, epoch milliseconds."""
    answers: Mapping[str, Sequence[Found]]
    """By watch; without those that ClickHouse did not answer."""
    failures: Sequence[str]
    """Those that it did not."""
    parameters: Sequence[ParameterRow]
    """The newest value of each that has one."""


class Watcher:
    """Asks all watches, round by round.

    Args:
        watches: what is asked.
        definitions: what it is asked of.
        warehouse: where it is asked, by one thread at a time.
        stream: where parameters go; ``None`` where the definitions leave none to it.
        metrics: told what was found.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        definitions: Definitions,
        warehouse: Warehouse,
        stream: Stream | None,
        metrics: WatchMetrics,
    ) -> None:
        self._watches = watches
        self._terms = terms(definitions)
        self._warehouse = warehouse
        self._parameters = Parameters(definitions, warehouse)
        self._kpis = Kpis(definitions, warehouse, metrics)
        self._stream = stream
        self._metrics = metrics

    async def round(self, at: int) -> Round:
        """Do all there is to do for an instant of the schedule; safe to repeat.

        Raises:
            Unavailable: ClickHouse is away.
            MilepostError: a record that no retry will get through to Kafka.
        """
        done = await in_thread(partial(self._look, at))
        for name, found in done.answers.items():
            self._metrics.show(name, found)
        for name in done.failures:
            self._metrics.count_failure(name)
        if self._stream is not None:
            await self._stream.send(done.parameters)
        for row in done.parameters:
            self._metrics.set_parameter(row.name, row.value)
        return done

    async def kpis(self, at: int) -> None:
        """See :meth:`streams.watches.kpis.Kpis.answer`."""
        await self._kpis.answer(at)

    def _look(self, at: int) -> Round:
        """All that is done in ClickHouse."""
        self._warehouse.reach()
        answers: dict[str, list[Found]] = {}
        failures = []
        for watch in self._watches:
            try:
                answers[watch.name] = self._ask(watch, at)
            except Unavailable as error:  # one question may be too much for it, and others not
                self._warehouse.reach()
                logger.warning("watch %s: %s", watch.name, error)
                failures.append(watch.name)
        self._warehouse.write(
            [
                WatchRow(found.watch, found.labels, at, found.value, found.sample_size)
                for found in (one for several in answers.values() for one in several)
            ]
        )
        settled = self._parameters.settle(at, answers.get(WRONG))
        return Round(at, answers, failures, settled)

    def _ask(self, watch: Watch, at: int) -> list[Found]:
        known = {**self._terms, "since": at - watch.period, "until": at}
        parameters = {name: known[name] for name in watch.parameters}
        return [
            Found(
                watch.name,
                {label: str(row[label]) for label in watch.labels},
                row["value"],
                row["sample_size"],
            )
            for row in self._warehouse.ask(watch.sql, parameters)
            if math.isfinite(row["value"])
        ]
