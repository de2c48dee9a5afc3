"""The rows as types, the tables as DDL made them, and the schemas of rows are the same."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import (
    EARLIEST,
    LATEST,
    TABLES,
    ActivityRow,
    AuditRow,
    ComparisonRow,
    ErasureRow,
    EventRow,
    ExcludedRow,
    FactRow,
    FlagRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    ParameterRow,
    Row,
    ShadowRow,
    StuckRow,
    TraitHistoryRow,
    TraitRow,
    TransitionRow,
    WatchRow,
)
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.transport.timekeeper import wall_clock
from tests.contract.validating import errors
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000
NOW = wall_clock()
"""Of what is not kept for ever."""
ROWS: list[Row] = [
    MilestoneRow("aha", "acme", "", "h", 1, "i1", "milestone.reached", 0, 1, "e", False, "[]"),
    MilestoneRow("aha", "", "ann", "h", 2**40, "i2", "milestone.corrected", EARLIEST, LATEST,
                 "", True, "[]"),
    TransitionRow("active", "acme", "ann", "h", 1, "milestone.entered", "i1", 0, 1, "e", False,
                  "[]"),
    TransitionRow("active", "", "ann", "h", 2**40, "milestone.exited", "i2", EARLIEST, LATEST, "",
                  True, "[]"),
    MilestoneRow("pql", "acme", "", "h", 1, "i1", "milestone.reached", 0, 1, "e", False, "[]",
                 72.5, (("action", 40.0, 1.0), ("churning\0", -7.5, 0.25)), "enterprise", "rules"),
    TransitionRow("pql", "acme", "", "h", 1, "milestone.exited", "i1", 0, 1, "e", False, "[]",
                  0.0, (), "paying"),
    StuckRow("way", "aha", "acme", "", "h", 1, "i1", 0, LATEST, "", False, "[]"),
    StuckRow("way", "pql", "acme", "", "h", 1, "i1", 0, LATEST, "", False, "[]", "paying"),
    LeadRow("pqa", "acme", "", "h", 1, "lead.qualified", "i1", 0, 1, "e", False, "[]", 0),
    LeadRow("pqa", "", "ann", "h", 2**40, "lead.closed", "i2", EARLIEST, LATEST, "", True, "[]",
            EARLIEST, 72.5, (("action", 40.0, 1.0),), "enterprise", (("ann", 1.5), ("b\0b", None)),
            "hot", "sales", "jo", EARLIEST, LATEST, 7, 8, 2**53, "disqualified", "too\0small"),
    HealthRow("usage", "acme", "", "h", 1, "i1", 0, 1, "e", False, "[]", "yellow", "green"),
    HealthRow("usage", "", "ann", "h", 2**40, "i2", EARLIEST, LATEST, "", True, "[]", "red",
              "yellow", "aha", 72.5, (("action", 40.0, 1.0),), "enterprise"),
    ShadowRow("aha2", "acme", "ann", "h", 1, "milestone.reached", "aha", "i1", 0, 1, "e", False,
              "[]"),
    ShadowRow("pqa2", "", "ann", "h", 2**40, "lead.closed", "", "i2", EARLIEST, LATEST, "", True,
              "[]", 72.5, (("action", 40.0, 1.0),), "enterprise", EARLIEST,
              (("ann", 1.5), ("b\0b", None)), "hot", "sales", "jo", EARLIEST, LATEST, 7, 8, 2**53,
              "disqualified", "too\0small"),
    ComparisonRow("fit", "fit2", "h2", "pql", "acme", "", "h", 1, "milestone.reached", "i1", "q1",
                  0, 1, 71.5, -8.5, (("action", -8.5, 1.0),)),
    LeadRow("pqa", "acme", "", "h", 1, "lead.routed", "i3", 0, 1, "e", False, "[]", 0, kind="pqa",
            action="reroute", approver="kim\0", override_reason="away", overridden_at=LATEST,
            rerouted_by="e"),
    AuditRow("i1", "milestone.reached", "aha", "", "acme", "", False, 1, 0, 1, "e", False, "h", "",
             "", None, {}, "[]", "", "", "", "", "", "", "", "", None),
    AuditRow("i2", "lead.closed", "pqa", "eql", "", "ann", True, 2**53, EARLIEST, LATEST, "", True,
             "h", "m", "2", 72.5, {"action": 0.5, "b\0": -1e300}, "[]", "enterprise", "hot",
             "sales", "disqualified", "small", "close", "kim", "small", EARLIEST),
    ActivityRow("acme", "ann", 0, "x\0", "", 1, 0, 1),
    ActivityRow("", "ann", LATEST // DAY, "x", "p", 2**53, EARLIEST, LATEST),
    TraitRow("acme", "", "plan", '"trial"', 7),
    TraitRow("", "ann", "plan", "null", EARLIEST),
    FlagRow("bots", "acme", "", "h", 1, "entity.flagged", "i1", 0, 1, "e", False, "[]", True),
    FlagRow("cap", "", "ann", "h", 2**40, "entity.cleared", "i2", EARLIEST, LATEST, "", True, "[]",
            False, LATEST, "paying"),
    ExcludedRow("acme", "ann", 0, "x\0", "bots", "", 1, 0, 1),
    ExcludedRow("", "ann", LATEST // DAY, "x", "cap\0", "p", 2**53, EARLIEST, LATEST),
    EventRow("acme", "ann", NOW, "e1", "x\0", '{"a":1}', "", False),
    EventRow("", "ann", NOW, "e2", "identify", "{}", '{"a":1}', True),
    FactRow("signed_up", EARLIEST, "acme", "", "e1", "x\0"),
    FactRow("subscription", NOW, "", "ann", "e1", "x", 2.5, "pro", "paid", "e", "v", "f", True,
            False, "bob"),
    TraitHistoryRow("acme", "", "plan", EARLIEST, '"trial"'),
    TraitHistoryRow("", "ann", "plan", LATEST, "null"),
    ErasureRow("i", "e", "user", EARLIEST, "", LATEST, 2**53),
    WatchRow("lead_precision", {"lead": "pqa\0"}, NOW, 0.82, 2**53),
    WatchRow("fake_accounts", {}, NOW, -1.5e300, 0),
    ParameterRow("baseline:usage", EARLIEST, 12.5, 2**53),
    ParameterRow("fallback:fit\0", LATEST, 1.0, 58, 0.31),
]  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    dsn = migrated(tmp_path)
    # chDB has one path a process: whatever opens one closes it, also when it fails.
    with closing(ClickHouseSink(dsn)) as sink:
        sink.write(ROWS)
        sink.flush()
    with closing(connect(dsn)) as client:
        yield client


def test_stored_rows_are_as_their_schemas_say(client: Client) -> None:
    for kind, table in TABLES.items():
        text = client.raw_query(
            f"SELECT * FROM {table}",
            fmt="JSONEachRow",
            settings={
                "date_time_output_format": "iso",
                "output_format_json_quote_64bit_integers": 0,
            },
        )
        stored = [orjson.loads(line) for line in text.splitlines()]
        assert len(stored) == len([row for row in ROWS if type(row) is kind])
        for row in stored:
            assert not errors(f"clickhouse.{table}", row)


def test_a_row_has_the_columns_of_its_table_in_their_order(client: Client) -> None:
    for kind, table in TABLES.items():
        described = client.query(f"DESCRIBE TABLE {table}").named_results()
        given = [column["name"] for column in described if not column["default_type"]]
        assert given == list(kind._fields)
