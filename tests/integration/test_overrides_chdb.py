"""Overrides and the record of decisions in ClickHouse: what is kept, what counts, for how long."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import AuditRow, LeadRow, Row, WatchRow
from streams.queries import occurrences
from streams.queries.audit import decisions
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.migrations import migrate, migrations
from streams.sinks.pseudonyms import Pseudonyms
from streams.sinks.retention import keep_decisions
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000
PLAIN, KEYED = Pseudonyms(""), Pseudonyms("0123456789abcdef")


def lead(kind: str, at: int, **fields: Any) -> LeadRow:
    row = LeadRow(
        "pqa", "acme", "", "h", 1, f"lead.{kind}", f"{kind}-{at}", START + at, START + at, "e",
        False, "[]", START, rule="hot", team="sales", owner="jo", earliest=START,
        due=START + 4 * HOUR, kind="eql",
    )  # fmt: skip
    return row._replace(**fields)


def rerouted(at: int, team: str, **fields: Any) -> LeadRow:
    override = {
        "action": "reroute", "approver": "kim", "override_reason": "away",
        "overridden_at": START + at, "rerouted_by": f"e-{team}", "decided_by": f"e-{team}",
    }  # fmt: skip
    return lead("routed", at, team=team, owner="", **override, **fields)


OPENED = [lead("qualified", 0), lead("routed", 0)]
BREACHED = {"breached_at": START + 4 * HOUR}
CARRIED = {
    "action": "reroute", "approver": "kim", "override_reason": "away",
    "overridden_at": START + HOUR,
}  # fmt: skip


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    return f"chdb://{tmp_path / 'data'}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with closing(connect(migrated(tmp_path / "data"))) as client:
        yield client


def write(dsn: str, *rows: Row) -> None:
    with closing(ClickHouseSink(dsn)) as sink:
        for row in rows:
            sink.write([row])
            sink.flush()


def asked(client: Client, columns: str, view: str = "leads") -> list[tuple[Any, ...]]:
    rows: Any = client.query(f"SELECT {columns} FROM {view} ORDER BY ALL").result_rows
    return list(rows)


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_routes_the_newest_counts_in_whatever_order_they_come(
    dsn: str, client: Client, order: int
) -> None:
    rows = [*OPENED, rerouted(HOUR, "field"), rerouted(2 * HOUR, "desk"), rerouted(HOUR, "field")]
    write(dsn, *rows[::order])
    for _ in range(2):
        assert asked(client, "count()", "lead_rows FINAL") == [(4,)]
        columns = "rule, team, owner, action, approver, override_reason, kind"
        assert asked(client, columns) == [("hot", "desk", "", "reroute", "kim", "away", "eql")]
        client.command("OPTIMIZE TABLE lead_rows FINAL")


def test_a_breach_counts_for_the_team_that_had_it_then_and_once(dsn: str, client: Client) -> None:
    write(
        dsn, *OPENED, rerouted(HOUR, "field"),
        lead("sla_breached", 4 * HOUR, team="field", owner="", **BREACHED, **CARRIED),
        rerouted(5 * HOUR, "desk", **BREACHED),
    )  # fmt: skip
    assert asked(client, "team, breached_team, isNotNull(breached_at)") == [("desk", "field", 1)]
    assert asked(client, "team, due, held, breached", "sla_daily") == [("field", 1, 0, 1)]


def test_one_that_comes_late_counts_for_the_route_though_more_was_told_before(
    dsn: str, client: Client
) -> None:
    breached = lead("sla_breached", 4 * HOUR, decided_by="", **BREACHED)
    write(dsn, *OPENED, breached, rerouted(3 * HOUR, "field", detected_at=START + DAY, **BREACHED))
    assert asked(client, "team, approver, breached_team") == [("field", "kim", "sales")]


def test_what_is_known_of_an_open_lead_is_in_none_of_its_rows_lost(
    dsn: str, client: Client
) -> None:
    write(
        dsn, *OPENED,
        rerouted(2 * HOUR, "field", contacted_at=START + HOUR, due=START + DAY, merged=2),
    )  # fmt: skip
    columns = "toUnixTimestamp64Milli(contacted_at), toUnixTimestamp64Milli(due), merged, outcome"
    assert asked(client, columns) == [(START + HOUR, START + DAY, 2, "")]


def test_rows_from_before_overrides_stay_right(tmp_path: Path, dsn: str) -> None:
    """Of a database of the release before, in which more is written after the migration."""
    folder = tmp_path / "ddl"
    folder.mkdir()
    before = [one for one in migrations() if one.number <= 21]
    for migration in before:
        (folder / f"{migration.name}.sql").write_text(migration.statement)
    list(migrate(dsn, folder))
    closed = lead("closed", 6 * HOUR, outcome="converted", contacted_at=START + HOUR)
    with closing(connect(dsn)) as client:
        new = (
            "model", "model_version", "kind", "action", "approver", "override_reason",
            "overridden_at", "rerouted_by", "fell_back_to",
        )  # fmt: skip
        for row in [*OPENED, closed]:
            columns = [name for name in row._fields if name not in new]
            values = [getattr(row, name) for name in columns]
            client.insert("lead_rows", [values], column_names=columns)
        old = asked(client, "*")
        assert len(list(migrate(dsn))) == len(migrations()) - len(before)
        found = asked(client, "*")
        assert [row[:22] for row in found] == old
        assert found[0][22:] == ("", "", "pqa", "", "", "", None, "", "")
        write(dsn, *OPENED, closed)  # told again, by a sink of now
        client.command("OPTIMIZE TABLE lead_rows FINAL")
        assert asked(client, "count()", "lead_rows") == [(3,)]
        assert [row[:22] for row in asked(client, "*")] == old
        [told, *_] = [one for one in occurrences(client, "acme", None) if one.lead]
        assert told.lead is not None
        assert told.lead.override is None


def test_what_was_told_of_an_override_comes_back_as_it_was_told(dsn: str, client: Client) -> None:
    write(dsn, *OPENED, rerouted(HOUR, "field"))
    told = [one.lead for one in occurrences(client, "acme", None)]
    overrides = [None if one is None else one.override for one in told]
    assert [one and (one.action, one.approver, one.reason, one.at) for one in overrides] == [
        None, None, ("reroute", "kim", "away", START + HOUR),
    ]  # fmt: skip
    assert {one and one.kind for one in told} == {"eql"}


def decision(at: int, pseudonyms: Pseudonyms = PLAIN, **fields: Any) -> AuditRow:
    row = AuditRow(
        pseudonyms.of("decision", f"d{at}"), "lead.routed", "pqa", "pqa",
        pseudonyms.of("account", "acme"), "", pseudonyms.are_kept, 1, at, at, "e", False, "h",
        "", "", 71.5, {"action": 0.5}, '[{"holds":true}]', "", "hot", "sales", "", "", "", "", "",
        None,
    )  # fmt: skip
    return row._replace(**fields)


def test_decisions_are_found_by_id_or_by_pseudonym_and_never_by_the_other(
    dsn: str, client: Client
) -> None:
    override = {"action": "reroute", "approver": "kim", "override_reason": "away"}
    write(
        dsn, decision(START), decision(START + 1, overridden_at=START + 1, **override),
        decision(START + 2, overridden_at=START + 1, **override), decision(START + 3, name="pqb"),
        decision(START, KEYED), decision(START, KEYED),
    )  # fmt: skip
    found = decisions(client, "acme", None, pseudonyms=PLAIN, name="pqa")
    assert [(one.id, one.is_override) for one in found] == [
        (f"d{START}", False), (f"d{START + 1}", True), (f"d{START + 2}", False),
    ]  # fmt: skip
    assert (found[0].features, found[0].evidence) == ({"action": 0.5}, [{"holds": True}])
    assert found[1].overridden_at == START + 1
    assert len(decisions(client, "acme", None, pseudonyms=PLAIN, until=START + 1)) == 2
    assert len(decisions(client, "acme", None, pseudonyms=KEYED)) == 1
    assert decisions(client, KEYED.of("account", "acme"), None, pseudonyms=PLAIN) == []
    assert decisions(client, "acme", "ann", pseudonyms=PLAIN) == []


def test_a_decision_knows_how_fair_the_lead_had_been_found_by_then(
    dsn: str, client: Client
) -> None:
    def parity(value: float, at: int, lead: str = "pqa") -> WatchRow:
        return WatchRow("lead_parity", {"lead": lead}, at, value, 90)

    write(
        dsn, parity(0.95, START + 1_000), parity(0.5, START + 3_000), parity(0.1, START, "pqb"),
        *(decision(START + 1_000 * number) for number in range(4)),
    )  # fmt: skip
    found = asked(client, "occurred_at, parity, bias_check", "audit")
    assert [told[1:] for told in found] == [
        (None, ""), (0.95, "pass"), (0.95, "pass"), (0.5, "fail"),
    ]  # fmt: skip


def test_decisions_are_kept_for_so_many_days(dsn: str, client: Client) -> None:
    [[now]] = client.query("SELECT toUnixTimestamp64Milli(now64(3))").result_rows
    assert keep_decisions(dsn, 30)
    assert not keep_decisions(dsn, 30)
    write(dsn, decision(now - 31 * DAY), decision(now - 29 * DAY), decision(now))
    client.command("OPTIMIZE TABLE audit_rows FINAL")
    assert asked(client, "count()", "audit") == [(2,)]
    assert keep_decisions(dsn, 10_000)
    write(dsn, decision(now - 31 * DAY), decision(now + 60 * 365 * DAY))
    client.command("OPTIMIZE TABLE audit_rows FINAL")
    assert asked(client, "count()", "audit") == [(4,)]
