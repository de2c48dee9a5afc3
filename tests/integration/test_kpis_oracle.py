"""KPIs in SQL and the same in plain Python, over a history that nobody wrote by hand.

``KPI_SEED`` chooses another one.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any, NamedTuple

import pytest
from clickhouse_connect.driver.client import Client

from streams.definitions import loads
from streams.queries.kpis import GRAINS, Asked, Point, answer, catalogue, cover
from streams.queries.roles import role_parameters
from streams.sinks.clickhouse import connect
from tests.properties.kpi_histories import DEFINITIONS, NOW, START, Act, history
from tests.properties.kpi_oracle import ORACLES
from tests.properties.kpi_world import World
from tests.services.persisted import persist
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

LOADED = loads(DEFINITIONS)
FILTERS: list[dict[str, str]] = [
    {},
    {"segment": "large"},
    {"segment": "small", "channel": "paid"},
    {"channel": "organic"},
    {"cohort": "2026-01-05"},
]


class Stored(NamedTuple):
    acts: list[Act]
    client: Client


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    seed = int(os.environ.get("KPI_SEED", "20260112"))
    print(f"KPI_SEED={seed}")  # noqa: T201 - to run it again
    acts = history(Random(seed), customers=150)
    dsn = migrated(tmp_path_factory.mktemp("kpis"))
    persist(dsn, LOADED, [act.sent(number) for number, act in enumerate(acts)], NOW)
    with closing(connect(dsn)) as client:
        yield Stored(acts, client)


@pytest.mark.parametrize("name", ORACLES)
def test_both_ways_to_count_agree(name: str, stored: Stored) -> None:
    kpi = catalogue()[name]
    told = set()
    for chosen in FILTERS:
        if not set(chosen) <= set(kpi.header.filters):
            continue
        for grain in GRAINS if not chosen else (kpi.header.grain,):
            periods = cover(START, NOW, grain)
            points = answer(
                stored.client,
                kpi,
                role_parameters(LOADED),
                Asked(periods, grain, NOW, **chosen),
            )
            world = World(stored.acts, **chosen)
            rows = [row for window in periods for row in ORACLES[name](world, window)]
            expected = {row[:2]: tuple(map(rounded, row[2:])) for row in rows}
            found = {(point.period.start, point.group): facts(point) for point in points}
            found |= {
                (point.period.start, "retained"): (rounded(kept), None, None)
                for point in points
                if (kept := point.details.get("retained_k")) is not None
            }
            assert said(found) == said(expected), (chosen, grain)
            told |= set(said(found).values())
    assert len(told) > 5, "the history tells nothing apart"


def said(found: dict[Any, Any]) -> dict[Any, Any]:
    """Without the periods in which there was nothing to count."""
    return {place: row for place, row in found.items() if any(row)}


def facts(point: Point) -> tuple[float | None, ...]:
    mean = point.details.get("mean", point.numerator)
    return tuple(map(rounded, (point.value, mean, point.denominator)))


def rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), 6)
