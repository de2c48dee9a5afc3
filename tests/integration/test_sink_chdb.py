"""The ClickHouse sink on the real engine: in this process, behind HTTP, and on a given server."""

import itertools
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from schemas.rows import (
    EARLIEST,
    LATEST,
    TABLES,
    ActivityRow,
    AuditRow,
    ComparisonRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    Row,
    ShadowRow,
    StuckRow,
    TraitRow,
    TransitionRow,
)
from streams.errors import MilepostError, Unavailable
from streams.queries import occurrences
from streams.sinks.clickhouse import ClickHouseSink, connect, unavailable
from streams.sinks.memory import MemorySink
from streams.sinks.migrations import migrate, migrations
from tests.services.reaper import Reaper
from tests.services.warehouse import ClickHouse, migrated, own_database

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.xdist_group(__name__),  # one server behind HTTP is enough
]

BACKENDS = ["chdb", "http", *(["server"] if "CLICKHOUSE_DSN" in os.environ else [])]


@pytest.fixture(scope="module")
def http_server(reaper: Reaper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    server = ClickHouse(reaper, tmp_path_factory.mktemp("clickhouse"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def http_database(http_server: ClickHouse) -> Iterator[str]:
    with own_database(http_server.dsn) as dsn:
        list(migrate(dsn))
        yield dsn


@pytest.fixture
def dsn(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[str]:
    """A migrated database without rows: in this process, behind HTTP, and on the server given."""
    if backend == "chdb":
        yield migrated(tmp_path)
    elif backend == "http":
        dsn = request.getfixturevalue("http_database")
        yield dsn
        empty(dsn)
    else:
        with own_database(os.environ["CLICKHOUSE_DSN"]) as dsn:
            list(migrate(dsn))
            yield dsn


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def empty(dsn: str) -> None:
    """Delete every row that a test has left."""
    with closing(connect(dsn)) as client:
        filled: Any = client.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase()"
            " AND total_rows > 0 AND name NOT LIKE 'milepost_%'"
        ).result_rows
        for [table] in filled:
            client.command(f"TRUNCATE TABLE {table}")


@pytest.fixture
def client(dsn: str) -> Iterator[Client]:
    client = connect(dsn)
    yield client
    client.close()


@pytest.fixture
def sink(dsn: str) -> Iterator[ClickHouseSink]:
    sink = ClickHouseSink(dsn)
    yield sink
    sink.close()


def milestone(occurred_at: int, account_id: str = "acme", **fields: Any) -> MilestoneRow:
    row = MilestoneRow(
        milestone="aha",
        account_id=account_id,
        user_id="",
        definition_hash="h1",
        occurrence=1,
        id=f"aha:{account_id}:{occurred_at}",
        type="milestone.reached",
        occurred_at=occurred_at,
        detected_at=occurred_at + 5,
        decided_by="e1",
        late=False,
        evidence='[{"observed":3}]',
    )
    return row._replace(**fields)


SCORED: dict[str, Any] = {
    "score": 71.5,
    "contributions": (("action", 80.0, 1.0), ("churning", -8.5, 0.25)),
    "segment": "enterprise",
    "model": "conversion",
    "model_version": "2026-11",
    "fell_back_to": "rules",
}


def transition(occurred_at: int, account_id: str = "acme", **fields: Any) -> TransitionRow:
    told = milestone(occurred_at, account_id, type="milestone.entered", decided_by="")
    return TransitionRow(**told._asdict())._replace(**fields)


def stuck(occurred_at: int, account_id: str = "acme", **fields: Any) -> StuckRow:
    told = milestone(occurred_at, account_id, decided_by="")._asdict()
    for name in ("type", "score", "contributions", "model", "model_version", "fell_back_to"):
        del told[name]
    return StuckRow(journey="self_serve", **told)._replace(**fields)


def lead(occurred_at: int, account_id: str = "acme", **fields: Any) -> LeadRow:
    told = milestone(occurred_at, account_id, type="lead.qualified")._asdict()
    del told["milestone"]
    return LeadRow(lead="pqa", opened_at=occurred_at, **told)._replace(**fields)


def health(occurred_at: int, account_id: str = "acme", **fields: Any) -> HealthRow:
    told = milestone(occurred_at, account_id, decided_by="")._asdict()
    del told["milestone"], told["type"]
    return HealthRow(health="usage", level="red", before="green", **told)._replace(**fields)


def shadow(occurred_at: int, account_id: str = "acme", **fields: Any) -> ShadowRow:
    told = milestone(occurred_at, account_id)._asdict()
    name = told.pop("milestone")
    return ShadowRow(name=f"{name}2", shadow_of=name, **told)._replace(**fields)


def comparison(occurred_at: int, account_id: str = "acme", **fields: Any) -> ComparisonRow:
    told = ("milestone.reached", f"i:{occurred_at}", "q", occurred_at, occurred_at + 5)
    row = ComparisonRow("fit", "fit2", "h2", "pql", account_id, "", "h", 1, *told, 1.0, 2.0, ())
    return row._replace(**fields)


WAYS = ("reached", "corrected")


def audit(occurred_at: int, account_id: str = "acme", **fields: Any) -> AuditRow:
    return AuditRow(
        "i1", "milestone.reached", "aha", "", account_id, "", False, 1, occurred_at,
        occurred_at + 5, "e1", False, "h1", "", "", 71.5, {"action": 1.0}, "[]", "", "", "", "",
        "", "", "", "", None,
    )._replace(**fields)  # fmt: skip


CONTACTS = (("ann", 64.5), ("bob", None))


def made_up_rows(seed: int) -> list[Row]:
    """A history in which most rows are replaced by later ones, as a worker would tell it."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for step in range(400):
        account, user = f"a{chance.randrange(8)}", f"u{chance.randrange(3)}"
        at = 1_000_000 - step * 10
        score = {**SCORED, "score": step / 4, "segment": f"s{step % 3}"} if step % 2 else {}
        rows.append(milestone(at, account, occurrence=chance.randrange(1, 4), **score))
        # What time decided is told again with another reading of the clock.
        entered, clock = chance.randrange(4), chance.randrange(9)
        rows.append(transition(entered, account, occurrence=entered, detected_at=clock))
        rows.append(
            transition(9, account, occurrence=entered, detected_at=clock, type="milestone.exited")
        )
        rows.append(stuck(entered, account, detected_at=clock))
        rows.append(lead(entered, account, occurrence=entered, detected_at=clock, **SCORED))
        rows.append(shadow(at, account, occurrence=entered, type=f"milestone.{WAYS[step % 2]}"))
        rows.append(comparison(at, account, occurrence=entered, value=float(clock)))
        rows.append(
            lead(9, account, occurrence=entered, detected_at=clock, type="lead.closed", due=7,
                 contacts=CONTACTS, rule="hot")
        )  # fmt: skip
        rows.append(health(entered, account, occurrence=entered, detected_at=clock, **SCORED))
        rows.append(
            lead(9, account, occurrence=entered, detected_at=clock, type="lead.routed",
                 action="reroute", rerouted_by=f"e{entered % 2}")
        )  # fmt: skip
        rows.append(audit(9, account, id=f"i{entered}", detected_at=clock))
        day = chance.randrange(20_000, 20_003)
        rows.append(ActivityRow(account, user, day, "Opened", "", step + 1, day, day + step))
        rows.append(TraitRow(account, user, "plan", f'"{step}"', step))
    return rows


TIMES = ("earliest", "due", "at")
"""Columns that are times, beside those whose names say so."""


def stored(client: Client) -> set[tuple[Any, ...]]:
    """Every row that readers see, times as epoch milliseconds."""
    found = set()
    for kind, table in TABLES.items():
        columns = ", ".join(
            f"toUnixTimestamp64Milli({name})" if name.endswith("_at") or name in TIMES
            else f"toInt32({name})" if name == "day" else name
            for name in kind._fields
        )  # fmt: skip
        rows: Any = client.query(f"SELECT {columns} FROM {table} FINAL").result_rows
        found |= {(table, *map(_plain, row)) for row in rows}
    return found


def _plain(value: Any) -> Any:
    """Contributions and contacts, which the client gives as lists of dictionaries, as in rows."""
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return tuple(tuple(each.values()) for each in value) if isinstance(value, list) else value


def expected(rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    sink = MemorySink()
    sink.write(rows)
    sink.flush()
    return set(map(as_stored, sink.rows.values()))


def as_stored(row: Row) -> tuple[Any, ...]:
    """A row as :func:`stored` has it."""
    return (TABLES[type(row)], *(_plain(v) if isinstance(v, dict) else v for v in row))


def write(sink: ClickHouseSink, rows: Sequence[Row], cut: int) -> None:
    """Write in flushes of ``cut`` rows."""
    for start in range(0, len(rows), cut):
        sink.write(rows[start : start + cut])
        sink.flush()


def test_written_twice_counts_once(sink: ClickHouseSink, client: Client) -> None:
    rows = made_up_rows(seed=1)
    write(sink, rows, cut=500)
    write(sink, rows, cut=500)
    assert stored(client) == expected(rows)


def test_a_replay_cut_at_other_boundaries_and_out_of_order_counts_once(
    sink: ClickHouseSink, client: Client
) -> None:
    rows = made_up_rows(seed=2)
    write(sink, rows, cut=311)
    write(sink, rows[1_400:], cut=97)
    write(sink, random.Random(3).sample(rows, len(rows)), cut=450)
    for table in TABLES.values():
        client.command(f"OPTIMIZE TABLE {table} FINAL")
    assert stored(client) == expected(rows)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_the_earliest_occurrence_stays_in_whatever_order_corrections_arrive(
    sink: ClickHouseSink, client: Client, order: list[int]
) -> None:
    told = [milestone(9_000), milestone(7_000), milestone(EARLIEST)]
    write(sink, [told[index] for index in order], cut=1)
    rows: Any = client.query(
        "SELECT id, toUnixTimestamp64Milli(occurred_at), evidence FROM milestones"
    ).result_rows
    assert list(rows) == [(f"aha:acme:{EARLIEST}", EARLIEST, '[{"observed":3}]')]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_score_and_segment_are_those_of_the_moment_that_stays(
    sink: ClickHouseSink, client: Client, order: list[int]
) -> None:
    told = [
        milestone(9_000),
        milestone(7_000, **SCORED),
        milestone(8_000, score=90.0, segment="paying"),
    ]
    write(sink, [told[index] for index in order], cut=1)
    for _ in range(2):
        [row] = client.query(
            "SELECT score, contributions, segment, model, model_version, fell_back_to "
            "FROM milestones"
        ).result_rows
        assert tuple(map(_plain, row)) == tuple(SCORED.values())
        client.command("OPTIMIZE TABLE milestone_rows FINAL")


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_what_two_definitions_say_of_one_moment_ends_the_same_in_every_order(
    sink: ClickHouseSink, client: Client, order: list[int]
) -> None:
    """One names a score, one does not: the whole row is that of one of them."""
    told = [milestone(9_000), milestone(9_000, definition_hash="h0", **SCORED)]
    write(sink, [told[index] for index in order], cut=1)
    [[definition, score]] = client.query(
        "SELECT definition_hash, score FROM milestones"
    ).result_rows
    assert (definition, score) == ("h0", 71.5)


def test_what_scores_are_made_of_can_be_asked_for(sink: ClickHouseSink, client: Client) -> None:
    write(sink, [milestone(1, **SCORED), transition(2, "bolt", **SCORED), milestone(3, "c")], cut=9)
    rows: Any = client.query(
        "SELECT part.component, sum(part.points), count() FROM milestones"
        " ARRAY JOIN contributions AS part WHERE segment = 'enterprise' GROUP BY ALL ORDER BY ALL"
    ).result_rows
    assert list(rows) == [("action", 160, 2), ("churning", -17, 2)]


def test_training_finds_what_was_seen_at_each_decision_and_what_became_of_it(
    sink: ClickHouseSink, client: Client
) -> None:
    seen = (("invites", -2.4, 0.0), ("logins", 0.5, 0.25))
    model = {"score": 71.5, "contributions": seen, "model": "conversion", "model_version": "7"}
    write(
        sink,
        [
            lead(1_000, **model),
            lead(9_000, **model, type="lead.closed", opened_at=1_000, outcome="converted"),
            lead(2_000, "bolt", **SCORED),
            lead(3_000, "cove", user_id="ann"),
        ],
        cut=2,
    )
    rows: Any = client.query(
        "SELECT account_id, user_id, model, model_version, score, features, outcome,"
        " toUnixTimestamp64Milli(decided_at), toUnixTimestamp64Milli(labelled_at), fell_back_to"
        " FROM training_examples ORDER BY account_id"
    ).result_rows
    told = {"action": 1.0, "churning": 0.25}
    assert list(rows) == [
        ("acme", "", "conversion", "7", 71.5, {"invites": 0, "logins": 0.25}, "converted", 1_000,
         9_000, ""),
        ("bolt", "", "conversion", "2026-11", 71.5, told, "", 2_000, None, "rules"),
        ("cove", "ann", "", "", None, {}, "", 3_000, None, ""),
    ]  # fmt: skip


def test_the_segment_that_somebody_got_stuck_in_is_kept(
    sink: ClickHouseSink, client: Client
) -> None:
    write(sink, [stuck(1, segment="paying"), stuck(2, "bolt")], cut=9)
    rows: Any = client.query("SELECT account_id, segment FROM stuck ORDER BY ALL").result_rows
    assert list(rows) == [("acme", "paying"), ("bolt", "")]


def test_an_occurrence_is_one_row_over_all_definitions_of_its_milestone(
    sink: ClickHouseSink, client: Client
) -> None:
    write(
        sink,
        [
            milestone(9_000),
            milestone(8_000, definition_hash="h2"),
            milestone(8_500, occurrence=2),
            milestone(8_500, user_id="ann"),
        ],
        cut=9,
    )
    rows: Any = client.query(
        "SELECT user_id, occurrence, definition_hash FROM milestones ORDER BY ALL"
    ).result_rows
    assert list(rows) == [("", 1, "h2"), ("", 2, "h1"), ("ann", 1, "h1")]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_two_values_of_one_moment_end_the_same_in_every_order(
    sink: ClickHouseSink, client: Client, order: list[int]
) -> None:
    said = [TraitRow("acme", "", "plan", value, 5) for value in ('"free"', '"paid"')]
    write(sink, [said[index] for index in order], cut=1)
    [[value]] = client.query("SELECT value FROM traits").result_rows
    assert value == '"paid"'


def test_a_day_is_summed_over_its_parts_by_user_and_by_account(
    sink: ClickHouseSink, client: Client
) -> None:
    rows = [
        ActivityRow("acme", "ann", 20_000, "Opened", "", 2, 10, 20),
        ActivityRow("acme", "ann", 20_000, "Opened", "", 3, 10, 30),
        ActivityRow("acme", "ann", 20_000, "Opened", "events:0:9", 1, 5, 5),
        ActivityRow("acme", "bob", 20_000, "Opened", "", 1, 40, 40),
        ActivityRow("acme", "", 20_000, "Opened", "", 7, 50, 60),
        ActivityRow("", "eve", 20_000, "Opened", "", 1, 1, 1),
    ]
    write(sink, rows, cut=2)
    times = "toUnixTimestamp64Milli(first_at), toUnixTimestamp64Milli(last_at)"
    users: Any = client.query(
        f"SELECT account_id, user_id, events, {times} FROM activity_daily_by_user ORDER BY ALL"
    ).result_rows
    assert list(users) == [
        ("", "eve", 1, 1, 1),
        ("acme", "", 7, 50, 60),
        ("acme", "ann", 4, 5, 30),
        ("acme", "bob", 1, 40, 40),
    ]
    accounts: Any = client.query(
        f"SELECT account_id, events, users, {times} FROM activity_daily_by_account"
    ).result_rows
    assert list(accounts) == [("acme", 12, 2, 5, 60)]


def test_text_with_nul_and_the_first_and_last_moment_come_back_as_written(
    sink: ClickHouseSink, client: Client
) -> None:
    text = "a\0'\"\\{b:String}\n\t😀" + "x" * 100_000
    rows: list[Row] = [
        milestone(EARLIEST, text, detected_at=LATEST, occurrence=2**64 - 1, evidence=text,
                  score=-1e308, contributions=((text, 1e308, 0.1),), segment=text),
        transition(EARLIEST, text, detected_at=LATEST, occurrence=2**64 - 1, evidence=text),
        transition(LATEST, text, detected_at=EARLIEST, evidence=text, type="milestone.exited"),
        stuck(EARLIEST, text, detected_at=LATEST, journey=text, evidence=text),
        lead(EARLIEST, text, detected_at=LATEST, lead=text, contacts=((text, -1e308), ("", None)),
             rule=text, team=text, owner=text, earliest=EARLIEST, due=LATEST, merged=2**64 - 1,
             contacted_at=EARLIEST, breached_at=LATEST, reason=text, kind=text, action=text,
             approver=text, override_reason=text, overridden_at=LATEST, rerouted_by=text),
        health(EARLIEST, text, detected_at=LATEST, health=text, level=text, before=text,
               milestone=text, evidence=text),
        audit(EARLIEST, text, detected_at=LATEST, name=text, features={text: 1e308, "": -0.5},
              evidence=text, reason=text, approver=text, overridden_at=EARLIEST),
        ActivityRow(text, text, -25_567, text, text, 2**64 - 1, EARLIEST, LATEST),
        ActivityRow("", "ann", 120_529, "", "", 0, LATEST, LATEST),
        TraitRow(text, "", text, text, LATEST),
    ]  # fmt: skip
    write(sink, rows, cut=10)
    assert stored(client) == set(map(as_stored, rows))
    [[first]] = client.query("SELECT toString(min(day)) FROM activity_rows").result_rows
    assert first == "1900-01-01"


def test_migrating_twice_applies_nothing_more(dsn: str) -> None:
    assert list(migrate(dsn)) == []


def test_a_migration_that_died_before_its_record_is_applied_again(dsn: str, client: Client) -> None:
    client.command("ALTER TABLE milepost_migrations DELETE WHERE number > 2 "
                   "SETTINGS mutations_sync = 2")  # fmt: skip
    assert list(migrate(dsn)) == migrations()[2:]


def test_what_was_kept_before_a_migration_is_there_after_it(tmp_path: Path) -> None:
    """Of a database of the release before: nothing is lost, and what it did not know is none."""
    dsn, folder = f"chdb://{tmp_path / 'data'}", tmp_path / "ddl"
    folder.mkdir()
    for migration in migrations()[:13]:
        (folder / f"{migration.name}.sql").write_text(migration.statement)
    list(migrate(dsn, folder))
    before = [milestone(5), transition(6, "bolt"), stuck(7, "cove")]
    with closing(connect(dsn)) as client:
        for row in before:
            columns = [name for name in row._fields if name not in SCORED]
            values = [getattr(row, name) for name in columns]
            client.insert(TABLES[type(row)], [values], column_names=columns)
        with pytest.raises(DatabaseError) as refused:
            occurrences(client, "acme", None)
        assert str(unavailable(dsn, refused.value)).endswith("; run: milepost migrate")
    with closing(ClickHouseSink(dsn)) as sink:
        sink.write([milestone(5, "dune", **SCORED)])
        with pytest.raises(Unavailable, match="run: milepost migrate"):
            sink.flush()
        assert list(migrate(dsn)) == migrations()[13:]
        assert sink.flush() == {"milestone_rows": 1}
    with closing(connect(dsn)) as client:
        assert stored(client) == expected([*before, milestone(5, "dune", **SCORED)])
        rows: Any = client.query(
            "SELECT account_id, score FROM milestones ORDER BY ALL"
        ).result_rows
    assert list(rows) == [("acme", None), ("bolt", None), ("dune", 71.5)]


def test_a_file_edited_after_it_was_applied_is_refused(dsn: str, tmp_path: Path) -> None:
    folder = tmp_path / "ddl"
    folder.mkdir()
    for migration in migrations():
        (folder / f"{migration.name}.sql").write_text(migration.statement)
    (folder / "0002_activity_rows.sql").write_text("SELECT 1")
    with pytest.raises(MilepostError, match="was applied as 0002_activity_rows, and the file"):
        list(migrate(dsn, folder))


def test_a_database_newer_than_this_release_is_refused(dsn: str, tmp_path: Path) -> None:
    folder = tmp_path / "ddl"
    folder.mkdir()
    first = migrations()[0]
    (folder / f"{first.name}.sql").write_text(first.statement)
    with pytest.raises(MilepostError, match="upgrade it"):
        list(migrate(dsn, folder))


def test_tables_that_are_missing_are_told_with_the_remedy(tmp_path: Path) -> None:
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    sink.write([milestone(0)])
    with pytest.raises(Unavailable, match="run: milepost migrate"):
        sink.flush()
    sink.close()


@pytest.fixture
def server(reaper: Reaper, tmp_path: Path) -> Iterator[ClickHouse]:
    server = ClickHouse(reaper, tmp_path)
    server.start()
    list(migrate(server.dsn))
    yield server
    server.kill()


def test_rows_written_while_clickhouse_is_away_are_there_when_it_is_back(
    server: ClickHouse,
) -> None:
    rows = made_up_rows(seed=4)
    sink = ClickHouseSink(server.dsn)
    write(sink, rows[:300], cut=300)
    server.kill()
    sink.write(rows[300:])
    with pytest.raises(Unavailable, match="does not answer"):
        sink.flush()
    server.start()
    assert sum(sink.flush().values()) == len(rows) - 300
    sink.close()
    client = connect(server.dsn)
    assert stored(client) == expected(rows)
    client.close()


def write_without_end(sink: ClickHouseSink, inserts: Sequence[Sequence[Row]]) -> None:
    for insert in itertools.cycle(inserts):
        sink.write(insert)
        sink.flush()


def test_clickhouse_killed_in_the_middle_of_inserts_ends_exact(server: ClickHouse) -> None:
    """Five times: rows go in without pause until the server is killed at a random moment."""
    chance = random.Random(5)
    rows: list[Row] = [milestone(10**6 - n, f"a{n % 20_000}") for n in range(60_000)]
    inserts = [rows[start : start + 4_000] for start in range(0, len(rows), 4_000)]
    sink = ClickHouseSink(server.dsn)
    for first in range(0, len(inserts), 3):
        server.kill_after(chance.uniform(0.1, 0.4))
        with pytest.raises(Unavailable):
            write_without_end(sink, inserts[first : first + 3])
        server.kill()
        server.start()
        assert sink.flush(), "nothing was left to write again"
        write(sink, inserts[first] + inserts[first + 1] + inserts[first + 2], cut=5_000)
    sink.close()
    client = connect(server.dsn)
    assert stored(client) == expected(rows)
    client.close()
