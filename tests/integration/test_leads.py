"""Leads in ClickHouse: what was told of them, in whatever order and how often, what became of
them, and how many were contacted in time."""

import itertools
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.qualifications import Contact, LeadLife, LeadRoute
from schemas.rows import LeadRow, Row, TransitionRow
from streams.queries import Occurrence, occurrences, summary
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.migrations import migrate

pytestmark = pytest.mark.embedded

QUALIFIED, ROUTED, BREACHED, CLOSED = (
    "lead.qualified", "lead.routed", "lead.sla_breached", "lead.closed",
)  # fmt: skip
HOUR, DAY = 3_600_000, 86_400_000
HOT: dict[str, Any] = {"rule": "hot", "team": "sales", "owner": "jo", "earliest": 20, "due": 50}


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    dsn = f"chdb://{tmp_path}"
    list(migrate(dsn))
    return dsn


@pytest.fixture
def client(dsn: str) -> Iterator[Client]:
    with closing(connect(dsn)) as client:
        yield client


@pytest.fixture
def sink(dsn: str) -> Iterator[ClickHouseSink]:
    with closing(ClickHouseSink(dsn)) as sink:
        yield sink


def told(kind: str, at: int, account: str = "acme", occurrence: int = 1, **fields: Any) -> LeadRow:
    row = LeadRow(
        "pqa", account, "", "h1", occurrence, kind, f"{kind}:{at}", at, at + 1, "e1", False,
        '[{"observed":3}]', at,
    )  # fmt: skip
    return row._replace(**fields)


def routed(account: str, due: int, *, rule: str = "hot", team: str = "sales") -> list[Row]:
    """A lead that was opened an hour before it is due, and given to a team."""
    route = {"rule": rule, "team": team, "due": due, "opened_at": due - HOUR}
    return [told(QUALIFIED, due - HOUR, account), told(ROUTED, due - HOUR, account, **route)]


def over(kind: str, account: str, due: int, **fields: Any) -> LeadRow:
    """What came of a lead of `routed`."""
    at = fields.get("breached_at", due)
    row = told(kind, at, account, rule="hot", team="sales", due=due, opened_at=due - HOUR)
    return row._replace(**fields)


def write(sink: ClickHouseSink, *rows: Row) -> None:
    """Each row in an insert of its own, as the worst of restarts would have it."""
    for row in rows:
        sink.write([row])
        sink.flush()


def asked(client: Client, query: str) -> list[tuple[Any, ...]]:
    return list(client.query(query).result_rows)


STORY = (
    told(QUALIFIED, 10, score=72.5, contributions=(("action", 72.5, 1.0),), segment="paying",
         contacts=(("ann", 64.0), ("bob", None))),
    told(ROUTED, 10, opened_at=10, **HOT),
    told(BREACHED, 60, opened_at=10, **{**HOT, "due": 60}, breached_at=60, decided_by=""),
    told(CLOSED, 80, opened_at=10, score=3.0, segment="other", **{**HOT, "due": 60},
         breached_at=60, contacted_at=70, merged=2, outcome="disqualified", reason="too small"),
)  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_a_lead_is_one_row_in_every_order_of_arrival_and_twice(
    sink: ClickHouseSink, client: Client, order: tuple[int, ...]
) -> None:
    rows = [STORY[index] for index in order]
    write(sink, *rows, *rows)
    for _ in range(2):
        [row] = client.query("SELECT * FROM leads").named_results()
        times = {name: ms(at) for name, at in row.items() if name.endswith("_at") or name == "due"}
        assert times == {
            "qualified_at": 10, "due": 60, "contacted_at": 70, "breached_at": 60, "closed_at": 80,
        }  # fmt: skip
        assert ms(row["earliest"]) == 20
        assert {name: value for name, value in row.items() if name not in {*times, "earliest"}} == {
            "lead": "pqa", "account_id": "acme", "user_id": "", "definition_hash": "h1",
            "occurrence": 1, "score": 72.5, "segment": "paying", "evidence": '[{"observed":3}]',
            "contributions": [{"component": "action", "points": 72.5, "signal": 1.0}],
            "contacts": [{"user_id": "ann", "score": 64.0}, {"user_id": "bob", "score": None}],
            "rule": "hot", "team": "sales", "owner": "jo", "outcome": "disqualified",
            "reason": "too small", "merged": 2,
        }  # fmt: skip
        client.command("OPTIMIZE TABLE lead_rows FINAL")


def ms(moment: Any) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


LIFE = (
    "SELECT account_id, occurrence, team, toUnixTimestamp64Milli(due),"
    " toUnixTimestamp64Milli(breached_at), toUnixTimestamp64Milli(closed_at), outcome"
    " FROM leads ORDER BY ALL"
)


def test_what_has_not_happened_is_none(sink: ClickHouseSink, client: Client) -> None:
    write(sink, *STORY[:2], told(QUALIFIED, 15, "bolt"))
    assert asked(client, LIFE) == [
        ("acme", 1, "sales", 50, None, None, ""), ("bolt", 1, "", None, None, None, ""),
    ]  # fmt: skip


def test_a_lead_that_is_opened_again_is_a_row_of_its_own(
    sink: ClickHouseSink, client: Client
) -> None:
    write(sink, *STORY, told(QUALIFIED, 90, occurrence=2))
    assert asked(client, LIFE) == [
        ("acme", 1, "sales", 60, 60, 80, "disqualified"), ("acme", 2, "", None, None, None, ""),
    ]  # fmt: skip


def test_what_is_told_of_one_instant_is_taken_in_the_order_of_a_life(
    sink: ClickHouseSink, client: Client
) -> None:
    at_once = [row._replace(occurred_at=10, detected_at=11) for row in STORY]
    write(sink, *reversed(at_once))
    assert asked(client, LIFE) == [("acme", 1, "sales", 60, 60, 10, "disqualified")]
    assert [one.type for one in occurrences(client, "acme", None)] == [
        QUALIFIED, ROUTED, BREACHED, CLOSED,
    ]  # fmt: skip


def test_a_lead_whose_beginning_has_not_come_is_none(sink: ClickHouseSink, client: Client) -> None:
    write(sink, *STORY[1:])
    assert asked(client, LIFE) == []


def test_leads_of_two_definitions_are_apart(sink: ClickHouseSink, client: Client) -> None:
    write(sink, *STORY, told(QUALIFIED, 15, definition_hash="h2"))
    assert [row[4] for row in asked(client, LIFE)] == [None, 60]


SLA = (
    "SELECT toInt32(day), lead, rule, team, due, held, breached, adherence"
    " FROM sla_daily ORDER BY ALL"
)


def test_a_lead_that_was_due_is_held_unless_a_breach_was_told(
    sink: ClickHouseSink, client: Client
) -> None:
    """That it was contacted is told when it is closed, which may be long after, or never."""
    write(
        sink,
        *routed("open", DAY + 5), *routed("missed", DAY + 6), *routed("met", DAY + 7),
        *routed("later", 2 * DAY), *routed("other", DAY, team="success", rule="warm"),
        over(BREACHED, "missed", DAY + 6, breached_at=DAY + 6),
        over(CLOSED, "met", DAY + 7, contacted_at=DAY, outcome="converted"),
        told(QUALIFIED, DAY, "unrouted"),
    )  # fmt: skip
    assert asked(client, SLA) == [
        (1, "pqa", "hot", "sales", 3, 2, 1, 2 / 3),
        (1, "pqa", "warm", "success", 1, 1, 0, 1.0),
        (2, "pqa", "hot", "sales", 1, 1, 0, 1.0),
    ]


def test_a_lead_counts_once_its_time_is_over(sink: ClickHouseSink, client: Client) -> None:
    tomorrow = round(time.time() * 1000) + DAY
    write(sink, *routed("open", tomorrow), *routed("closed", tomorrow))
    write(sink, over(CLOSED, "closed", tomorrow, contacted_at=tomorrow, outcome="converted"))
    assert asked(client, SLA) == []


@pytest.mark.parametrize(("contacted_at", "held"), [(DAY, 1), (DAY + 1, 0), (None, 0)])
def test_a_breach_is_none_where_a_contact_by_then_turns_up_later(
    sink: ClickHouseSink, client: Client, contacted_at: int | None, held: int
) -> None:
    closed = over(CLOSED, "acme", DAY, contacted_at=contacted_at, outcome="converted")
    write(sink, *routed("acme", DAY), over(BREACHED, "acme", DAY, breached_at=DAY))
    write(sink, closed._replace(breached_at=DAY, occurred_at=3 * DAY))
    assert [row[5:7] for row in asked(client, SLA)] == [(held, 1 - held)]


def test_a_lead_that_is_snoozed_after_its_breach_counts_when_it_was_breached(
    sink: ClickHouseSink, client: Client
) -> None:
    tomorrow = round(time.time() * 1000) + DAY
    snoozed = over(CLOSED, "acme", tomorrow, breached_at=DAY, contacted_at=DAY + 9)
    write(sink, *routed("acme", DAY), over(BREACHED, "acme", DAY, breached_at=DAY), snoozed)
    assert asked(client, SLA) == [(1, "pqa", "hot", "sales", 1, 0, 1, 0.0)]


def test_what_a_definition_no_longer_in_use_left_open_does_not_count(
    sink: ClickHouseSink, client: Client
) -> None:
    """Nothing is told of it any more, not even a breach."""
    write(sink, *routed("open", DAY), *routed("over", DAY))
    write(sink, over(CLOSED, "over", DAY, contacted_at=5, outcome="converted"))
    assert [row[4:6] for row in asked(client, SLA)] == [(2, 2)]
    write(sink, told(QUALIFIED, 2 * DAY, definition_hash="h2"))
    assert [row[4:6] for row in asked(client, SLA)] == [(1, 1)]


def test_what_was_told_of_leads_stands_among_all_that_was_told_of_an_entity(
    sink: ClickHouseSink, client: Client
) -> None:
    entered = TransitionRow(
        "active", "acme", "", "h", 1, "milestone.entered", "i", 30, 31, "e", False, "[]"
    )
    write(sink, *reversed(STORY), entered, told(QUALIFIED, 5, "bolt"))
    found = occurrences(client, "acme", None)
    assert [one.type for one in found] == [QUALIFIED, ROUTED, entered.type, BREACHED, CLOSED]
    assert found[0] == Occurrence(
        milestone="pqa", type=QUALIFIED, journey=None, occurrence=1, occurred_at=10, detected_at=11,
        definition_hash="h1", id="lead.qualified:10", decided_by="e1", late=False,
        evidence=[{"observed": 3}], score=72.5, segment="paying",
        contributions=[{"component": "action", "points": 72.5, "signal": 1.0}],
        lead=LeadLife(opened_at=10, contacts=(Contact("ann", 64.0), Contact("bob", None))),
    )  # fmt: skip
    assert found[2].lead is None
    assert found[-1].lead == LeadLife(
        opened_at=10, route=LeadRoute("hot", "sales", "jo", 20, 60), contacted_at=70,
        breached_at=60, merged=2, outcome="disqualified", reason="too small",
    )  # fmt: skip
    assert len(occurrences(client, "acme", None, milestone="pqa", until=60)) == 3
    assert occurrences(client, "acme", None, milestone="pqa", until=9) == []


def test_a_lead_is_no_milestone(sink: ClickHouseSink, client: Client) -> None:
    write(sink, *STORY)
    assert summary(client).milestones == {}
