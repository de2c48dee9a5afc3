"""KPIs of usage in SQL and the same in plain Python, over a history that nobody wrote by hand.

``KPI_SEED`` chooses another one.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from streams.definitions import loads
from streams.queries.kpis import GRAINS, Asked, answer, catalogue, cover
from streams.queries.roles import role_parameters
from streams.sinks.clickhouse import connect
from tests.integration.test_kpis_oracle import FILTERS, Stored, facts, rounded, said
from tests.properties import engagement_oracle, usage_oracle
from tests.properties.kpi_histories import NOW, START
from tests.properties.kpi_world import World
from tests.properties.usage_histories import DEFINITIONS, usage
from tests.services.persisted import persist
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

ORACLES = usage_oracle.ORACLES | engagement_oracle.ORACLES
LOADED = loads(DEFINITIONS)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    seed = int(os.environ.get("KPI_SEED", "20260112"))
    print(f"KPI_SEED={seed}")  # noqa: T201 - to run it again
    acts = usage(Random(seed), customers=90)
    dsn = migrated(tmp_path_factory.mktemp("kpis"))
    with closing(connect(dsn)) as client:
        # What is forgotten by itself is forgotten by the clock, and this history is old.
        client.command("SYSTEM STOP TTL MERGES")
        persist(dsn, LOADED, [act.sent(number) for number, act in enumerate(acts)], NOW)
        yield Stored(acts, client)


@pytest.mark.parametrize("name", ORACLES)
def test_both_ways_to_count_agree(name: str, stored: Stored) -> None:
    kpi = catalogue()[name]
    told = set()
    for filters in FILTERS[::2]:
        if not set(filters) <= set(kpi.header.filters):
            continue
        for grain in GRAINS if not filters else (kpi.header.grain,):
            periods = cover(START, NOW, grain)
            asked = Asked(periods, grain, NOW, **filters)
            points = answer(stored.client, kpi, role_parameters(LOADED), asked)
            world = World(stored.acts, **filters)
            rows = [row for window in periods for row in ORACLES[name](world, window)]
            expected = {row[:2]: tuple(map(rounded, row[2:])) for row in rows}
            found = {(point.period.start, point.group): facts(point) for point in points}
            assert said(found) == said(expected), (filters, grain)
            told |= set(said(found).values())
    assert len(told) > 5, "the history tells nothing apart"
