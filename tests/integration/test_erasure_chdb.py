"""Erasure in ClickHouse: nothing is left, whatever comes late, and who comes back stays."""

from contextlib import closing
from pathlib import Path

import orjson
import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import (
    ActivityRow,
    AuditRow,
    ComparisonRow,
    ErasingRow,
    EventRow,
    ExcludedRow,
    FactRow,
    FlagRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    Row,
    ShadowRow,
    StuckRow,
    TraitHistoryRow,
    TraitRow,
    TransitionRow,
)
from streams.sinks import Sink
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.erasing import (
    AGAIN_AFTER,
    HASHED,
    KEPT,
    LEARNT_EVERY,
    MENTIONS,
    TABLES,
    entity_hash,
)
from streams.sinks.memory import MemorySink
from streams.transport.timekeeper import wall_clock
from tests.contract.validating import errors
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000
NOW = wall_clock()
THROUGH = NOW - DAY


def rows(account: str, user: str, at: int) -> list[Row]:
    """A row of each kind, of a time."""
    whose = (account, user)
    told = ("h", 1, "i", at, at + 5, "e", False, "[]")
    contacts = (("ann", 1.0), ("bob", None))
    return [
        MilestoneRow("aha", *whose, "h", 1, "i", "milestone.reached", *told[3:]),
        TransitionRow("in", *whose, "h", 1, "milestone.entered", "i", *told[3:]),
        StuckRow("way", "aha", *whose, *told),
        LeadRow("pqa", *whose, "h", 1, "lead.qualified", *told[2:], at, contacts=contacts),
        HealthRow("usage", *whose, *told, "red", "green"),
        ActivityRow(*whose, at // DAY, "Used", "", 1, at, at),
        TraitRow(*whose, "plan", '"pro"', at),
        FlagRow("bots", *whose, "h", 1, "entity.flagged", *told[2:], True),
        ExcludedRow(*whose, at // DAY, "Used", "bots", "", 1, at, at),
        ShadowRow("aha2", *whose, "h", 1, "lead.qualified", "", *told[2:], contacts=contacts),
        ComparisonRow("fit", "fit2", "h", "aha", *whose, "h", 1, "milestone.reached", "i", "q",
                      at, at, 1.0, 2.0, ()),
        EventRow(*whose, at, "e", "Used", "{}", "", False),
        FactRow("invite_sent", at, *whose, "e", "Used", invitee="ann"),
        TraitHistoryRow(*whose, "plan", at, '"pro"'),
    ]  # fmt: skip


def erasing(account: str, user: str) -> ErasingRow:
    return ErasingRow(account, user, THROUGH, "id", THROUGH - 7, "privacy@example.com", 0)


class Place:
    """A ClickHouse, and the time that its sinks believe it is."""

    def __init__(self, folder: Path) -> None:
        self._dsn = migrated(folder)
        self.now = NOW

    def sink(self) -> ClickHouseSink:
        return ClickHouseSink(self._dsn, lambda: self.now)

    def write(self, *batches: list[Row]) -> None:
        with closing(self.sink()) as sink:
            _write(sink, *batches)

    def client(self) -> "closing[Client]":
        return closing(connect(self._dsn))

    def of(self, account: str, user: str | None = None) -> set[str]:
        """The tables that have anything of an account, or of a user."""
        which = "account_id = {account:String}" + (" AND user_id = {user:String}" if user else "")
        asked = {"account": account, "user": user or ""}
        with self.client() as client:
            return {
                table
                for table in TABLES
                if client.query(f"SELECT 1 FROM {table} WHERE {which}", asked).result_rows
            }

    def query(self, text: str) -> list[tuple[object, ...]]:
        with self.client() as client:
            return list(map(tuple, client.query(text).result_rows))


def _write(sink: Sink, *batches: list[Row]) -> None:
    for batch in batches:
        sink.write(batch)
        sink.flush()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_every_table_of_accounts_or_users_is_erased(place: Place) -> None:
    found = place.query(
        "SELECT DISTINCT table FROM system.columns JOIN system.tables AS tables"
        " ON tables.name = table AND tables.database = database"
        " WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
        " AND name IN ('account_id', 'user_id')"
    )
    assert {table for (table,) in found} == {*TABLES, *HASHED, *KEPT} - {"erasure_rows"}
    assert MENTIONS.keys() <= TABLES.keys()


def test_of_an_account_no_row_is_left_and_others_have_theirs(place: Place) -> None:
    place.write(rows("acme", "", THROUGH), rows("acme", "ann", THROUGH), rows("bolt", "ann", NOW))
    assert place.of("acme") == place.of("bolt") == set(TABLES)

    place.write([erasing("acme", "")])

    assert place.of("acme") == set()
    assert place.of("bolt") == set(TABLES)
    assert place.query(
        "SELECT entity, of, toUnixTimestamp64Milli(asked_at), asked_by,"
        " toUnixTimestamp64Milli(erased_at), rows FROM erasures"
    ) == [(entity_hash("acme", ""), "account", THROUGH - 7, "privacy@example.com", NOW, 39)]
    assert place.query(
        "SELECT count() FROM erasures WHERE entity = lower(hex(SHA256("
        "concat('account', char(0), 'acme', char(0), ''))))"
    ) == [(1,)]


def test_a_user_goes_and_the_rows_of_the_account_name_them_no_more(place: Place) -> None:
    place.write(rows("acme", "", NOW), rows("acme", "ann", THROUGH), rows("acme", "bob", THROUGH))

    place.write([erasing("acme", "ann")])

    assert place.of("acme", "ann") == set()
    assert place.of("acme", "bob") == set(TABLES)
    for table in ("lead_rows", "shadow_rows"):
        assert place.query(f"SELECT DISTINCT contacts.user_id FROM {table}") == [(["bob"],)]
    assert place.query("SELECT DISTINCT invitee FROM fact_rows") == [("",)]


def test_a_user_without_an_account_goes_and_one_of_an_account_of_the_same_name_stays(
    place: Place,
) -> None:
    place.write(rows("", "ann", THROUGH), rows("acme", "ann", THROUGH))
    place.write([erasing("", "ann")])
    assert place.of("", "ann") == set()
    assert place.of("acme", "ann") == set(TABLES)


def test_what_comes_late_is_not_let_in_also_by_another_sink_and_what_is_new_is(
    place: Place,
) -> None:
    old, new = rows("acme", "ann", THROUGH), rows("acme", "ann", NOW)
    place.write([erasing("acme", ""), *old])
    assert place.of("acme") == set()
    place.write(old, new)  # a sink that has just begun
    assert place.of("acme") == set(TABLES)
    assert place.query("SELECT first_seen = last_seen FROM people WHERE account_id = 'acme'") == [
        (True,)
    ]
    assert place.query("SELECT count() FROM events WHERE account_id = 'acme'") == [(1,)]


def audited(account: str, user: str, at: int) -> AuditRow:
    return AuditRow(
        id="i", type="milestone.reached", name="aha", kind="", account_id=account, user_id=user,
        is_pseudonymous=False, occurrence=1, occurred_at=at, detected_at=at, decided_by="e",
        late=False, definition_hash="h", model="", model_version="", score=None, features={},
        evidence="[]", segment="", rule="", team="", outcome="", reason="", action="",
        approver="", override_reason="", overridden_at=None,
    )  # fmt: skip


def test_the_record_of_decisions_stays_without_the_names(place: Place) -> None:
    old, late = audited("acme", "ann", THROUGH), audited("acme", "", THROUGH - 1)
    place.write([old, audited("bolt", "ann", THROUGH)])
    place.write([erasing("acme", ""), late, audited("acme", "bob", NOW)])
    account = entity_hash("acme", "")
    assert place.query(
        "SELECT account_id, user_id, is_pseudonymous FROM audit_rows FINAL ORDER BY ALL"
    ) == sorted(
        [
            (account, entity_hash("acme", "ann"), True), (account, "", True),
            ("acme", "bob", False), ("bolt", "ann", False),
        ]
    )  # fmt: skip


def test_read_again_it_deletes_nothing_that_is_new(place: Place) -> None:
    mark, old, new = erasing("acme", ""), rows("acme", "ann", THROUGH), rows("acme", "ann", NOW)
    place.write(old, [mark, *new])
    before = place.of("acme")
    place.write([mark, *new])
    assert place.of("acme") == before == set(TABLES)
    assert place.query("SELECT rows >= 14 FROM erasures") == [(True,)]
    assert place.query("SELECT count() FROM milestone_rows FINAL") == [(1,)]


def test_rows_of_a_sink_that_did_not_know_are_deleted_some_minutes_later(place: Place) -> None:
    with closing(place.sink()) as other:
        _write(other, rows("bolt", "", NOW))  # it learns of nobody, and soon does not ask again
        other.write([erasing("acme", "")])
        other.flush()
        other._eraser._marks.clear()
        _write(other, rows("acme", "ann", THROUGH))
    assert place.of("acme") == set(TABLES)

    place.now += AGAIN_AFTER - 1
    place.write(rows("bolt", "", NOW))
    assert place.of("acme") == set(TABLES)
    place.now += 1
    place.write(rows("bolt", "", NOW))
    assert place.of("acme") == set()
    assert place.query("SELECT is_done FROM erasing_rows FINAL") == [(True,)]


def test_a_sink_asks_again_whom_others_have_erased(place: Place) -> None:
    with closing(place.sink()) as sink:
        _write(sink, rows("bolt", "", NOW), [erasing("acme", "")])
        sink._eraser._marks.clear()
        place.now += LEARNT_EVERY
        _write(sink, rows("acme", "ann", THROUGH))
    assert place.of("acme") == set()


def test_the_sink_in_memory_does_the_same() -> None:
    sink = MemorySink()
    old, new = rows("acme", "ann", THROUGH), rows("acme", "ann", NOW)
    _write(sink, old, [erasing("acme", "")], old, new)
    assert {row for row in sink.rows.values() if getattr(row, "user_id", "") == "ann"} == set(new)


def test_who_is_being_erased_is_written_as_the_schema_says(place: Place) -> None:
    place.write([erasing("acme", "")])
    with place.client() as client:
        text = client.raw_query(
            "SELECT * FROM erasing_rows",
            fmt="JSONEachRow",
            settings={"date_time_output_format": "iso"},
        )
    assert not errors("clickhouse.erasing_rows", orjson.loads(text))
