"""For how long raw events are kept."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.rows import EventRow
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.retention import keep_raw_events
from streams.transport.timekeeper import wall_clock
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000


def test_raw_events_go_when_their_time_is_over_and_invitations_sooner(tmp_path: Path) -> None:
    dsn = migrated(tmp_path)
    ages = {"young": 29, "invited": 31, "middle": 89, "old": 91}
    now = wall_clock()
    with closing(ClickHouseSink(dsn)) as sink:
        for user, days in ages.items():
            at, invite = now - days * DAY, user == "invited"
            sink.write([EventRow("acme", user, at, user, "Opened", "{}", "", invite)])
            sink.flush()

    def kept() -> set[str]:
        with closing(connect(dsn)) as client:
            client.command("OPTIMIZE TABLE event_rows FINAL")
            return {user for (user,) in client.query("SELECT user_id FROM events").result_rows}

    assert kept() == {"young", "middle"}
    assert keep_raw_events(dsn, 90) is False
    assert keep_raw_events(dsn, 60) is True
    assert kept() == {"young"}
    assert keep_raw_events(dsn, 60) is False


def test_events_by_their_names_are_those_that_are_there(tmp_path: Path) -> None:
    dsn = migrated(tmp_path)
    now = wall_clock()
    rows = [
        EventRow(f"a{nth % 7}", f"u{nth}", now - age * DAY, f"e{nth}", name, "{}", "", False)
        for age in (1, 40, 80, 89, 95)
        for nth, name in enumerate(["A", "B", "A", "C"] * 50)
    ]
    with closing(ClickHouseSink(dsn)) as sink:
        for part in (rows, rows[::3], rows[100:]):  # some come again
            sink.write(part)
            sink.flush()
    by_name = "SELECT account_id, user_id, at FROM event_rows WHERE event = 'A'"
    with closing(connect(dsn)) as client:

        def assert_same(count: int, force: int = 1) -> None:
            found: Any = client.query(by_name, settings={"force_optimize_projection": force})
            plain: Any = client.query(by_name, settings={"optimize_use_projections": 0})
            assert sorted(found.result_rows) == sorted(plain.result_rows)
            assert len(found.result_rows) == count

        client.command("OPTIMIZE TABLE event_rows FINAL")
        assert_same(100 * 4)  # each once, and the oldest are gone
        client.command("DELETE FROM event_rows WHERE account_id = 'a3'")
        left = [row for row in rows if row.event == "A" and row.account_id != "a3"]
        assert_same(len(left) // 5 * 4, force=0)
        client.command("OPTIMIZE TABLE event_rows FINAL")
        assert_same(len(left) // 5 * 4)
        assert keep_raw_events(dsn, 60) is True
        client.command("OPTIMIZE TABLE event_rows FINAL")
        assert_same(len(left) // 5 * 2)
