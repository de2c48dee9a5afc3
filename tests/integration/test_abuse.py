"""What abuse rules exclude, from events to the views of ClickHouse."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from schemas.encoding import as_json
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.files import Line
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.decode import activity_rows, qualification_rows
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

START = 1_577_836_800_000
RULES = """
version: 1
abuse:
  fake: {of: account, fake: true, when: {trait: domain, is: mailinator.com}}
  internal: {of: user, when: {trait: email, ends_with: "@us.example"}}
  old_limit: {of: user, event: A, most: 2, per: 1d}
  limit: {of: user, event: B, most: 1, per: 30d}
"""
DAY = 86_400_000
LATER = 4_000_000_000_000
"""No clock that a test runs by is there yet."""


def events() -> Iterator[dict[str, Any]]:
    yield {"event": "group", "account_id": "f1", "traits": {"domain": "mailinator.com"}}
    yield {"event": "group", "account_id": "f2", "traits": {"domain": "mailinator.com"}}
    for account in ("f1", "f2", "acme", "bolt"):
        for _ in range(4):
            yield {"event": "A", "account_id": account, "user_id": "ann"}
    yield {"event": "group", "account_id": "f2", "traits": {"domain": "f2.example"}}
    identify = {"event": "identify", "account_id": "acme", "user_id": "kim"}
    yield {**identify, "traits": {"email": "kim@us.example"}}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A database with all that comes of these events, written twice."""
    evaluator = Evaluator(
        Engine(loads(RULES)), topic="t", partition=0,
        load_account=lambda _: None, load_user=lambda _: None,
    )  # fmt: skip
    bodies = [
        {**one, "timestamp": START + n, "event_id": f"e{n}"} for n, one in enumerate(events())
    ]
    bodies += [
        {
            "event": "B",
            "account_id": "bolt",
            "user_id": "ann",
            "timestamp": LATER,
            "event_id": f"b{n}",
        }
        for n in range(2)
    ]
    for offset, body in enumerate(bodies):
        evaluator.apply([Line(orjson.dumps(body), offset, int(str(body["timestamp"])))])
    dsn = migrated(tmp_path)
    with closing(ClickHouseSink(dsn)) as sink:
        for _ in range(2):
            for told in evaluator.staged.qualifications:
                sink.write(qualification_rows(orjson.dumps(as_json(told))))
            for update in evaluator.staged.updates():
                sink.write(activity_rows(orjson.dumps(as_json(update))))
            sink.flush()
    with closing(connect(dsn)) as client:
        yield client


def test_the_views_tell_who_is_flagged_what_is_excluded_and_how_many_are_fake(
    client: Client,
) -> None:
    flags = client.query(
        "SELECT rule, account_id, user_id, fake, toUnixTimestamp64Milli(flagged_at), "
        "toUnixTimestamp64Milli(cleared_at), toUnixTimestamp64Milli(until) FROM flags ORDER BY ALL"
    )
    period = DAY * 30
    end = (LATER // period + 1) * period
    assert flags.result_rows == [
        ("fake", "f1", "", True, START, None, None),
        ("fake", "f2", "", True, START + 1, START + 18, None),
        ("internal", "acme", "kim", False, START + 19, None, None),
        ("limit", "bolt", "ann", False, LATER, None, end),
        ("old_limit", "acme", "ann", False, START + 12, START + DAY, START + DAY),
        ("old_limit", "bolt", "ann", False, START + 16, START + DAY, START + DAY),
    ]
    excluded = client.query(
        "SELECT rule, account_id, user_id, event, sum(events) FROM excluded_daily "
        "GROUP BY ALL ORDER BY ALL"
    )
    assert excluded.result_rows == [
        ("fake", "f1", "", "group", 1),
        ("fake", "f1", "ann", "A", 4),
        ("fake", "f2", "", "group", 1),
        ("fake", "f2", "ann", "A", 4),
        ("internal", "acme", "kim", "identify", 1),
        ("limit", "bolt", "ann", "B", 1),
        ("old_limit", "acme", "ann", "A", 2),
        ("old_limit", "bolt", "ann", "A", 2),
    ]
    counted = client.query(
        "SELECT account_id, sum(events) FROM activity_daily_by_user GROUP BY ALL ORDER BY ALL"
    )
    assert counted.result_rows == [("acme", 2), ("bolt", 3), ("f2", 1)]
    assert client.query("SELECT * FROM fake_accounts").result_rows == [(1, 4, 0.25)]


def test_a_rule_that_means_something_else_since_leaves_no_account_fake(client: Client) -> None:
    client.command(
        "INSERT INTO flag_rows (rule, account_id, definition_hash, occurrence, type, occurred_at, "
        "detected_at, fake) VALUES ('fake', 'f9', 'new', 1, 'entity.flagged', "
        "'2026-02-01 00:00:00.000', '2026-02-01 00:00:00.000', true)"
    )
    assert client.query("SELECT * FROM fake_accounts").result_rows == [(1, 5, 0.2)]


def test_without_accounts_the_share_of_fakes_is_none(tmp_path: Path) -> None:
    dsn = migrated(tmp_path)
    with closing(connect(dsn)) as client:
        assert client.query("SELECT * FROM fake_accounts").result_rows == [(0, 0, 0.0)]
