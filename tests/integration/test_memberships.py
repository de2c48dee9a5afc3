"""Live milestones in ClickHouse: entries and exits as they are told, in whatever order and how
often, and what readers then see."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import MilestoneRow, Row, StuckRow, TransitionRow
from streams.queries import Occurrence, journey_counts, occurrences, summary
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

ENTERED, EXITED = "milestone.entered", "milestone.exited"
ODD = "a\0'\"\\{b:String}\n\t😀; DROP TABLE milestone_rows --"


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    return migrated(tmp_path)


@pytest.fixture
def client(dsn: str) -> Iterator[Client]:
    with closing(connect(dsn)) as client:
        yield client


@pytest.fixture
def sink(dsn: str) -> Iterator[ClickHouseSink]:
    with closing(ClickHouseSink(dsn)) as sink:
        yield sink


def told(kind: str, occurrence: int, at: int, account: str = "acme", **fields: Any) -> Row:
    row = TransitionRow(
        "active", account, "", "h1", occurrence, kind, f"{kind}:{occurrence}:{at}",
        at, at + 1, "e1", False, '[{"observed":3}]',
    )  # fmt: skip
    return row._replace(**fields)


def write(sink: ClickHouseSink, *rows: Row) -> None:
    """Each row in an insert of its own, as the worst of restarts would have it."""
    for row in rows:
        sink.write([row])
        sink.flush()


def memberships(client: Client) -> list[tuple[Any, ...]]:
    return list(
        client.query(
            "SELECT account_id, occurrence, toUnixTimestamp64Milli(entered_at),"
            " toUnixTimestamp64Milli(exited_at) FROM memberships ORDER BY ALL"
        ).result_rows
    )


def inside(client: Client) -> list[tuple[Any, ...]]:
    return list(
        client.query(
            "SELECT account_id, occurrence, toUnixTimestamp64Milli(entered_at)"
            " FROM inside ORDER BY ALL"
        ).result_rows
    )


STORY = (told(ENTERED, 1, 10), told(EXITED, 1, 20), told(ENTERED, 2, 30))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_memberships_are_the_same_in_every_order_of_arrival_and_twice(
    sink: ClickHouseSink, client: Client, order: tuple[int, ...]
) -> None:
    rows = [STORY[index] for index in order]
    write(sink, *rows, *rows)
    for _ in range(2):
        assert memberships(client) == [("acme", 1, 10, 20), ("acme", 2, 30, None)]
        assert inside(client) == [("acme", 2, 30)]
        client.command("OPTIMIZE TABLE transition_rows FINAL")


def test_an_exit_ends_the_membership(sink: ClickHouseSink, client: Client) -> None:
    write(sink, *STORY, told(EXITED, 2, 40), told(ENTERED, 1, 15, "bolt"))
    assert memberships(client)[1:] == [("acme", 2, 30, 40), ("bolt", 1, 15, None)]
    assert inside(client) == [("bolt", 1, 15)]


def test_an_exit_and_an_entry_at_one_instant_are_told_apart(
    sink: ClickHouseSink, client: Client
) -> None:
    """A late event may move one instant from outside to inside again, or from inside to out."""
    write(sink, told(ENTERED, 1, 10), told(EXITED, 1, 20), told(ENTERED, 2, 20))
    assert inside(client) == [("acme", 2, 20)]
    write(sink, told(EXITED, 2, 20))
    assert inside(client) == []


def test_an_exit_whose_entry_has_not_come_is_no_membership(
    sink: ClickHouseSink, client: Client
) -> None:
    write(sink, told(EXITED, 1, 20))
    assert memberships(client) == inside(client) == []


@pytest.mark.parametrize("order", [(5, 3, 8), (8, 5, 3), (3, 8, 5)])
def test_of_two_readings_of_the_clock_the_earliest_stays_in_every_order(
    sink: ClickHouseSink, client: Client, order: tuple[int, ...]
) -> None:
    write(sink, *(told(ENTERED, 1, 2, detected_at=at) for at in order))
    for _ in range(2):
        [[at]] = client.query("SELECT detected_at FROM transition_rows FINAL").result_rows
        assert at.timestamp() == 0.003
        client.command("OPTIMIZE TABLE transition_rows FINAL")


def test_nobody_is_inside_a_definition_that_is_no_longer_in_use(
    sink: ClickHouseSink, client: Client
) -> None:
    other = {"milestone": "dormant", "definition_hash": "h0"}
    write(
        sink,
        told(ENTERED, 1, 10),
        told(ENTERED, 1, 11, "bolt"),
        told(ENTERED, 1, 10, "bolt", definition_hash="h2", detected_at=50),
        told(ENTERED, 1, 12, "cove", **other),
    )
    assert inside(client) == [("bolt", 1, 10), ("cove", 1, 12)]
    write(sink, told(EXITED, 1, 60, "acme", detected_at=61))
    assert inside(client) == [("bolt", 1, 11), ("cove", 1, 12)]


def test_every_entry_is_an_occurrence_for_journeys_and_totals(
    sink: ClickHouseSink, client: Client
) -> None:
    signed_up = MilestoneRow(
        "signed_up", "acme", "", "h", 1, "i", "milestone.reached", 5, 6, "e", False, "[]"
    )
    write(sink, signed_up, *STORY)
    counts = journey_counts(client, ["signed_up", "active"], of="account")
    assert [(step.count, step.median_wait) for step in counts] == [(1, None), (1, 5)]
    assert summary(client).milestones == {"active": 2, "signed_up": 1}


def test_being_stuck_is_one_row_a_journey_step_and_entity(
    sink: ClickHouseSink, client: Client
) -> None:
    row = StuckRow("way", "aha", "acme", "", "h", 1, "i", 70, 80, "", False, "[]")
    write(sink, row, row._replace(detected_at=90), row._replace(journey="other"), row)
    found: Any = client.query(
        "SELECT journey, milestone, toUnixTimestamp64Milli(detected_at) FROM stuck ORDER BY ALL"
    ).result_rows
    assert list(found) == [("other", "aha", 80), ("way", "aha", 80)]


HISTORY = (
    MilestoneRow(
        "aha", "acme", "", "h", 1, "i1", "milestone.reached", 5, 6, "e", False, '[{"observed":1}]'
    ),
    MilestoneRow("aha", "acme", "", "h", 1, "i2", "milestone.corrected", 4, 9, "e", False, "[]"),
    MilestoneRow("aha", "acme", "ann", "h", 1, "i3", "milestone.reached", 4, 9, "e", False, "[]"),
    MilestoneRow("aha", "bolt", "", "h", 1, "i4", "milestone.reached", 4, 9, "e", False, "[]"),
    *STORY,
    told(
        EXITED,
        2,
        30,
        decided_by="",
        score=12.5,
        contributions=(("action", 12.5, 0.5),),
        fell_back_to="rules",
    ),
    StuckRow("way", "aha", "acme", "", "j", 1, "i5", 25, 26, "", False, "[]", "paying"),
)


def test_the_occurrences_of_an_entity_are_all_that_was_told_of_it_the_newest_last(
    sink: ClickHouseSink, client: Client
) -> None:
    write(sink, *reversed(HISTORY), *HISTORY)
    found = occurrences(client, "acme", None)
    assert [(one.milestone, one.type, one.occurred_at) for one in found] == [
        ("aha", "milestone.corrected", 4),
        ("active", ENTERED, 10),
        ("active", EXITED, 20),
        ("aha", "journey.stuck", 25),
        ("active", ENTERED, 30),
        ("active", EXITED, 30),
    ]
    assert found[3] == Occurrence(
        milestone="aha", type="journey.stuck", journey="way", occurrence=1, occurred_at=25,
        detected_at=26, definition_hash="j", id="i5", decided_by=None, late=False, evidence=[],
        score=None, contributions=[], segment="paying",
    )  # fmt: skip
    assert found[0].score is None
    assert (found[-1].score, found[-1].segment, found[-1].fell_back_to) == (12.5, None, "rules")
    assert found[0].fell_back_to is None
    assert found[-1].contributions == [{"component": "action", "points": 12.5, "signal": 0.5}]
    assert found[1].evidence == [{"observed": 3}]
    assert (found[1].decided_by, found[1].journey, found[-1].decided_by) == ("e1", None, None)


def test_occurrences_can_be_of_one_milestone_and_up_to_a_time(
    sink: ClickHouseSink, client: Client
) -> None:
    write(sink, *HISTORY)
    assert len(occurrences(client, "acme", None, milestone="active")) == 4
    assert [one.id for one in occurrences(client, "acme", None, until=20)][-1] == f"{EXITED}:1:20"
    assert len(occurrences(client, "acme", None, milestone="active", until=19)) == 1
    assert occurrences(client, "acme", None, until=-(10**18)) == []
    assert [one.id for one in occurrences(client, "acme", "ann", until=10**18)] == ["i3"]
    assert occurrences(client, None, "ann") == []


def test_names_are_parameters_whatever_is_in_them(sink: ClickHouseSink, client: Client) -> None:
    write(sink, told(ENTERED, 1, 5, ODD, milestone=ODD))
    assert len(occurrences(client, ODD, None, milestone=ODD)) == 1
    assert occurrences(client, f"{ODD}' OR 1 = 1 --", None) == []
