"""KPIs on small histories, each answer worked out by hand.

A case in ``kpis/`` is ``NAME.yml``; more of them for the same KPI are ``NAME.how_it_differs.yml``.
It holds definitions, events (time, name, account, user, properties, traits; ``-`` is none), the
time that it is, and what is asked. An expected row names the fields that the case is about; every
period that is asked for is there, and every group.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from ruamel.yaml import YAML

from schemas.rows import TABLES
from streams.definitions import loads
from streams.queries.kpis import Asked, Point, answer, catalogue, cover
from streams.queries.roles import role_parameters
from streams.sinks.clickhouse import connect
from streams.sinks.erasing import DERIVED
from tests.services.persisted import persist
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

CASES = sorted((Path(__file__).parent / "kpis").glob("*.yml"))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Client]]:
    dsn = migrated(tmp_path_factory.mktemp("kpis"))
    with closing(connect(dsn)) as client:
        # What is forgotten by itself is forgotten by the clock, and these histories are old.
        client.command("SYSTEM STOP TTL MERGES")
        yield dsn, client


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_kpi_is_what_was_worked_out_by_hand(path: Path, warehouse: tuple[str, Client]) -> None:
    dsn, client = warehouse
    case = YAML(typ="safe").load(path)
    for table in (*TABLES.values(), *DERIVED):
        client.command(f"TRUNCATE TABLE {table}")
    definitions = loads(f"version: 1\n{case['definitions']}")
    kpi, now = catalogue()[kpi_of(path)], milliseconds(case["now"])
    assert not kpi.missing(definitions.roles)
    persist(dsn, definitions, list(events(case["events"])), now)
    for asked in case["asked"]:
        grain = asked.get("grain", kpi.header.grain)
        periods = cover(milliseconds(asked["from"]), milliseconds(asked["to"]), grain)
        filters = {each: str(asked[each]) for each in ("segment", "cohort", "channel")
                   if each in asked}  # fmt: skip
        points = answer(
            client, kpi, role_parameters(definitions), Asked(periods, grain, now, **filters)
        )
        expected = asked["expected"]
        found = [
            {field: as_row(point)[field] for field in row}
            for row, point in zip(expected, points, strict=True)
        ]
        assert found == [{field: comparable(one) for field, one in row.items()} for row in expected]
        assert all(set(point.details) <= set(kpi.header.details) for point in points)


def test_every_kpi_has_a_case_and_every_case_a_kpi() -> None:
    assert set(map(kpi_of, CASES)) == set(catalogue())


def kpi_of(path: Path) -> str:
    return path.stem.partition(".")[0]


def as_row(point: Point) -> dict[str, Any]:
    numbers = {"value": point.value, "numerator": point.numerator,
               "denominator": point.denominator, **point.details}  # fmt: skip
    return {
        "period": datetime.fromtimestamp(point.period.start / 1000, UTC).date().isoformat(),
        "group": point.group,
        "complete": point.complete,
        **{name: comparable(number) for name, number in numbers.items()},
    }


def comparable(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return round(float(value), 6)


def events(lines: list[list[Any]]) -> Iterator[dict[str, Any]]:
    for number, (at, name, account, user, *said) in enumerate(lines):
        ids = {"account_id": account, "user_id": user}
        yield {
            "event": name,
            "timestamp": milliseconds(at),
            "event_id": f"e{number}",
            **{field: one for field, one in ids.items() if one != "-"},
            **dict(zip(("properties", "traits"), said, strict=False)),
        }


def milliseconds(at: datetime | date) -> int:
    time = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)
