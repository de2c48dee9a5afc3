"""For how long raw events are kept."""

from contextlib import closing
from pathlib import Path

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
