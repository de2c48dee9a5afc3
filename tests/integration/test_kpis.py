"""Every KPI, whatever the names from outside are: they are values, never SQL."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import FactRow, MilestoneRow
from streams.definitions import loads
from streams.queries.kpis import Asked, answer, catalogue, cover
from streams.queries.roles import role_parameters
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000
START = 20_454 * DAY
"""2026-01-01."""
PERIODS = cover(START, START + 90 * DAY, "month")
HOSTILE = [
    "'; DROP TABLE fact_rows --",
    "\\'; DROP TABLE fact_rows --",
    "{segment:String}",
    "') OR 1 = 1 OR ('' = '",
    "a\tb\nc\0d",
    "*/ SELECT 1 /*",
    "ünï; ✓",
]
NOBODY = role_parameters(loads("version: 1\nmilestones: {a: {of: user, when: {event: A}}}\n"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    dsn = migrated(tmp_path_factory.mktemp("kpis"))
    with closing(ClickHouseSink(dsn)) as sink:
        for number, name in enumerate(HOSTILE):
            at, account = START + DAY, f"account {number}"
            sink.write(
                [
                    FactRow("signed_up", at, account, "ann", f"s{number}", "Joined", channel=name),
                    MilestoneRow(
                        name, account, "ann", "h", 1, f"u{number}", "milestone.reached",
                        at + DAY, at + DAY, "", False, "[]",
                    ),
                    MilestoneRow(
                        "seen", account, "", "h", 1, f"a{number}", "milestone.reached",
                        at, at, "", False, "[]", segment=name,
                    ),
                ]
            )  # fmt: skip
        sink.flush()
    with closing(connect(dsn)) as client:
        yield client


def asked(**filters: str) -> Asked:
    return Asked(PERIODS, "month", PERIODS[-1].end + 99 * DAY, **filters)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_finds_who_has_it_and_nobody_else(client: Client, hostile: str) -> None:
    kpi = catalogue()["activation_rate"]
    roles = {
        **NOBODY,
        "signed_up_facts": ["signed_up"],
        "activated_milestones": [hostile],
        "activated_of": "user",
    }
    everybody = answer(client, kpi, roles, asked())[0]
    assert (everybody.numerator, everybody.denominator) == (1, len(HOSTILE))
    for filters in ({"segment": hostile}, {"channel": hostile}):
        alone = answer(client, kpi, roles, asked(**filters))[0]
        assert (alone.numerator, alone.denominator) == (1, 1), filters


@pytest.mark.parametrize("name", catalogue())
def test_every_kpi_takes_any_name_as_a_value(client: Client, name: str) -> None:
    hostile = HOSTILE[0]
    roles = {
        role: [hostile] if isinstance(value, list) else hostile for role, value in NOBODY.items()
    }
    points = answer(
        client, catalogue()[name], roles, asked(segment=hostile, cohort=hostile, channel=hostile)
    )
    assert not any(point.value for point in points)
    [[facts]] = client.query("SELECT count() FROM facts").result_rows
    assert facts == len(HOSTILE)


@pytest.mark.parametrize("name", catalogue())
def test_nothing_can_be_put_into_the_text_of_a_query(name: str) -> None:
    text = catalogue()[name].sql
    assert "$" not in text
    assert "%(" not in text
