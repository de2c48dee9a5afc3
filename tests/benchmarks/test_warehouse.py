"""The benchmark of the warehouse answers and reports everything. How fast is not its business."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from streams.queries.kpis import catalogue
from streams.sinks.clickhouse import connect
from tests.benchmarks.warehouse.questions import BOUNDS, PANEL
from tests.services import grafana

pytestmark = pytest.mark.embedded

ACTIVITY = 100_000

MILESTONES_BY_TUPLE = """
SELECT milestone, account_id, user_id, occurrence, min((occurred_at, definition_hash, id)) AS first
FROM
(
    SELECT milestone, account_id, user_id, occurrence, occurred_at, definition_hash, id
    FROM milestone_rows
    UNION ALL
    SELECT milestone, account_id, user_id, occurrence, occurred_at, definition_hash, id
    FROM transition_rows
    WHERE type = 'milestone.entered'
)
GROUP BY milestone, account_id, user_id, occurrence
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.warehouse", "--activity", str(ACTIVITY),
               "--runs", "1", "--keep", str(folder), "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return dict(orjson.loads(done.stdout))


@pytest.fixture(scope="module")
def client(folder: Path, told: dict[str, Any]) -> Iterator[Client]:
    with closing(connect(f"chdb://{folder}")) as client:
        yield client


def test_every_panel_journey_and_kpi_is_answered_with_what_was_read(told: dict[str, Any]) -> None:
    asked = {(one["kind"], one["name"]) for one in told["answers"]}
    panels = {f"{one.board}: {one.title}" for one in grafana.queries()}
    assert panels <= {name for kind, name in asked if kind == PANEL}
    assert set(catalogue()) == {name for kind, name in asked if kind == "KPI"}
    assert {kind for kind, _ in asked} >= {*BOUNDS, "funnel", "retention", "view"}
    for one in told["answers"]:
        assert one["runs"] >= 1
        assert (one["bound"] is not None) == (one["kind"] in BOUNDS)
        assert 0 < one["granules"] <= one["of_granules"], one["name"]
        assert one["rows"] > 0


def test_a_product_has_what_belongs_to_its_activity(told: dict[str, Any]) -> None:
    rows = {name: one["rows"] for name, one in told["tables"].items()}
    assert rows["activity_rows"] == pytest.approx(ACTIVITY, rel=0.2)
    assert rows["milestone_rows"] == pytest.approx(0.05 * ACTIVITY, rel=0.2)
    assert all(rows.values())


def test_what_is_made_of_activity_says_the_same_as_activity(client: Client) -> None:
    [[by_day, by_user, counted]] = client.query(
        "SELECT (SELECT count() FROM active_days), (SELECT sum(length(days)) FROM presence),"
        " (SELECT uniqExact(day, account_id, user_id) FROM activity_rows)"
    ).result_rows
    assert by_day == by_user == counted


def test_occurrences_are_the_earliest_of_what_was_told(client: Client) -> None:
    [[different, rows]] = client.query(
        f"SELECT countIf(earliest.first != (occurred_at, definition_hash, id)), count()"
        f" FROM ({MILESTONES_BY_TUPLE}) AS earliest"
        f" FULL JOIN milestones USING (milestone, account_id, user_id, occurrence)"
    ).result_rows
    assert different == 0
    assert rows > 0.04 * ACTIVITY
