"""How long an answer takes, and what of the tables was read for it."""

import time
from collections.abc import Mapping
from statistics import median
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.client import Client

from tests.benchmarks.warehouse.questions import Question

PATIENCE: Final = 20
"""Seconds after which a question is not asked once more."""

_COUNTED: Final = """
SELECT event, value FROM system.events
WHERE event IN
(
    'SelectedRows', 'SelectedBytes', 'SelectedMarks', 'SelectedMarksTotal', 'UserTimeMicroseconds',
    'SystemTimeMicroseconds'
)
"""


class Figures(NamedTuple):
    """What a question took."""

    kind: str
    name: str
    bound: float | None
    """Seconds; ``None``: there is none."""
    median: float
    """Seconds, of all the times that it was asked."""
    worst: float
    """Seconds."""
    runs: int
    cpu: float
    """Seconds of ClickHouse for one answer; on a machine that is busy with other things, too, it
    says more than the time."""
    rows: int
    """That were read, of all tables."""
    bytes: int
    """Likewise, as they are in memory."""
    granules: int
    """That the plan selects, of all tables and subqueries."""
    of_granules: int
    """That these tables have."""

    @property
    def is_slow(self) -> bool:
        """Whether it took longer than it may."""
        return self.bound is not None and self.median > self.bound


def measure(client: Client, question: Question, runs: int) -> Figures:
    """Ask so many times, less often where it takes long.

    What is read is counted by the whole ClickHouse: nobody else should ask it anything.
    """
    spent: list[float] = []
    before = _counted(client)
    while len(spent) < runs and sum(spent) < PATIENCE:
        begun = time.perf_counter()
        question.ask()
        spent.append(time.perf_counter() - begun)
    after = _counted(client)
    read = {name: (after[name] - before.get(name, 0)) // len(spent) for name in after}
    return Figures(
        question.kind,
        question.name,
        question.bound,
        median(spent),
        max(spent),
        len(spent),
        (read.get("UserTimeMicroseconds", 0) + read.get("SystemTimeMicroseconds", 0)) / 1e6,
        read.get("SelectedRows", 0),
        read.get("SelectedBytes", 0),
        read.get("SelectedMarks", 0),
        read.get("SelectedMarksTotal", 0),
    )


def _counted(client: Client) -> Mapping[str, int]:
    rows: Any = client.query(_COUNTED).result_rows
    return dict(rows)
