"""The views on facts and raw events, on a small history worked out by hand.

Each holds for rows written once, and for rows written twice in another order and merged.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import (
    TABLES,
    ActivityRow,
    EventRow,
    FactRow,
    LeadRow,
    MilestoneRow,
    Row,
    TraitHistoryRow,
)
from streams.sinks.clickhouse import ClickHouseSink, connect
from streams.sinks.erasing import DERIVED
from streams.transport.timekeeper import wall_clock
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

MINUTE, DAY = 60_000, 86_400_000
NOW = wall_clock() // DAY * DAY
"""Midnight: what the tables forget by itself is told by the clock."""
JANUARY = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)


def january(day: float) -> int:
    return JANUARY + round((day - 1) * DAY)


def fact(role: str, at: int, account: str = "acme", user: str = "ann", **columns: Any) -> FactRow:
    event_id = columns.pop("event_id", f"{role}:{account}:{user}:{at}")
    return FactRow(role, at, account, user, event_id, role.title(), **columns)


def pays(
    day: float, amount: float | None, account: str = "acme", plan: str = "", **columns: Any
) -> FactRow:
    return fact("subscription", january(day), account, value=amount, plan=plan, **columns)


def ends(day: float, account: str = "acme") -> FactRow:
    return fact("subscription_ended", january(day), account)


def raw(minute: float, user: str = "ann", event: str = "Opened", **columns: Any) -> EventRow:
    at = NOW - 5 * DAY + round(minute * MINUTE)
    row = EventRow("acme", user, at, f"{user}:{event}:{minute}", event, "{}", "", invite=False)
    return row._replace(**columns)


def told(segment: str, at: int, account: str, user: str = "") -> MilestoneRow:
    return MilestoneRow(
        "aha", account, user, "h", at, f"m:{at}", "milestone.reached", at, at, "", False, "[]",
        segment=segment,
    )  # fmt: skip


def active(account: str, user: str, day: int, event: str, first: int, last: int) -> ActivityRow:
    return ActivityRow(account, user, day, event, "", last - first + 1, first, last)


SUBSCRIPTIONS: list[Row] = [
    # Begins, asks for more, changes the plan alone, goes down, is renewed, ends, comes back.
    pays(1, 100, plan="team", self_serve=True),
    pays(5, 150, self_serve=True),
    pays(7, None, plan="business"),
    pays(10, 120),
    pays(12, 120),
    ends(15),
    pays(20, 80, plan="team", self_serve=False),
    # The end of one and the beginning of the next are told of the same instant.
    pays(1, 10, "bolt"),
    ends(3, "bolt"),
    pays(3, 30, "bolt"),
    # Nothing is paid: no subscription, also where it was one before.
    pays(2, 0, "cove"),
    pays(4, 5, "cove"),
    pays(6, 0, "cove"),
    # No amount is ever told: it is one all the same.
    pays(2, None, "dune", plan="pro"),
    # A consumer, and an end of nothing.
    fact("subscription", january(3), "", "eve", value=9.5),
    ends(2, "fern"),
]
INVITES: list[Row] = [
    fact("invite_sent", NOW - 3 * DAY, user="ann", invitee="bob"),
    fact("invite_sent", NOW - 2 * DAY, user="bob", invitee="cid"),
    fact("invite_sent", NOW - DAY, user="ann", invitee="dan"),
    fact("invite_sent", NOW - DAY, "bolt", "eva", invitee="bob"),
    fact("invite_sent", NOW - DAY, "bolt", "eva", event_id="nobody named"),
    fact("invite_sent", NOW - 31 * DAY, "cove", "fay", invitee="gus"),
    fact("invite_accepted", NOW - DAY, user="bob"),
    fact("invite_accepted", NOW - DAY, user="ann", invitee="cid"),
    fact("invite_accepted", NOW - 30 * DAY, "cove", "gus"),
]
SESSIONS: list[Row] = [
    raw(0), raw(29.999), raw(59.99), raw(89.99), raw(200),
    raw(10, "bob"), raw(10, "bob", "Shared"),
    raw(20, "bob", "lead_contacted"),
    raw(300, ""),
]  # fmt: skip
PEOPLE: list[Row] = [
    active("acme", "ann", 20_000, "Opened", 20_000 * DAY + 5, 20_000 * DAY + 9),
    active("acme", "ann", 20_000, "Opened", 20_000 * DAY + 5, 20_000 * DAY + 7),
    active("acme", "ann", 20_003, "Shared", 20_003 * DAY, 20_003 * DAY),
    active("acme", "ann", 20_003, "lead_contacted", 20_003 * DAY, 20_003 * DAY),
    active("acme", "bob", 20_001, "lead_contacted", 20_001 * DAY, 20_001 * DAY),
    active("acme", "", 20_009, "Renewed", 20_009 * DAY, 20_009 * DAY),
    active("", "eve", 20_002, "Opened", 20_002 * DAY, 20_002 * DAY),
    fact("signed_up", january(3), user="ann", channel="paid"),
    fact("signed_up", january(9), user="ann", channel="organic"),
    fact("signed_up", january(2), user="bob"),
    fact("signed_up", january(8), "", "eve", channel="content"),
    told("small", 5, "acme"),
    told("large", 7, "acme"),
    told("small", 6, "acme"),
    told("trying", 9, "", "eve"),
    told("a user's", 9, "acme", "ann"),
    LeadRow("pqa", "bolt", "", "h", 1, "lead.qualified", "l", 4, 4, "", False, "[]", 4,
            segment="mid"),
]  # fmt: skip
OTHERS: list[Row] = [
    fact("exposure", january(2), experiment="price", variant="b"),
    fact("exposure", january(1), experiment="price", variant="a"),
    fact("exposure", january(1), user="bob", experiment="price", variant="b"),
    fact("exposure", january(4), user="bob", experiment="price", variant="b"),
    fact("spend", january(1), "", "us", channel="paid", value=100.0),
    fact("spend", january(31.9), "", "us", channel="paid", value=50.5),
    fact("spend", january(32), "", "us", channel="paid", value=7.0),
    fact("spend", january(5), "", "us", channel="content", value=None),
    TraitHistoryRow("acme", "", "plan", january(1), '"trial"'),
    TraitHistoryRow("acme", "", "plan", january(3), '"trial"'),
    TraitHistoryRow("acme", "", "plan", january(5), '"team"'),
    TraitHistoryRow("acme", "", "plan", january(7), '"trial"'),
    TraitHistoryRow("acme", "ann", "plan", january(6), "null"),
]
HISTORY = [*SUBSCRIPTIONS, *INVITES, *SESSIONS, *PEOPLE, *OTHERS]


@pytest.fixture(scope="module", params=["once", "twice"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    dsn = migrated(tmp_path_factory.mktemp(request.param))
    with closing(ClickHouseSink(dsn)) as sink:
        sink.write(HISTORY)
        sink.flush()
        if request.param == "twice":
            shuffled = random.Random(3).sample(HISTORY, len(HISTORY))
            for start in range(0, len(shuffled), 9):
                sink.write(shuffled[start : start + 9])
                sink.flush()
    with closing(connect(dsn)) as client:
        if request.param == "twice":
            for table in (*TABLES.values(), *DERIVED):
                client.command(f"OPTIMIZE TABLE {table} FINAL")
        yield client


def answer(client: Client, query: str) -> list[tuple[Any, ...]]:
    rows: Any = client.query(query).result_rows
    return [tuple(row) for row in rows]


def day(column: str) -> str:
    """Of January 2026, from 1."""
    return f"(toUnixTimestamp64Milli({column}) - {JANUARY}) / {DAY} + 1"


def test_a_subscription_lasts_until_the_next_or_its_end(client: Client) -> None:
    found = answer(
        client,
        f"SELECT account_id, user_id, {day('started_at')}, {day('ended_at')}, plan, mrr, self_serve"
        " FROM subscriptions ORDER BY account_id, started_at",
    )
    assert found == [
        ("", "eve", 3, None, "", 9.5, None),
        ("acme", "", 1, 5, "team", 100, True),
        ("acme", "", 5, 7, "team", 150, True),
        ("acme", "", 7, 10, "business", 150, None),
        ("acme", "", 10, 12, "business", 120, None),
        ("acme", "", 12, 15, "business", 120, None),
        ("acme", "", 20, None, "team", 80, False),
        ("bolt", "", 1, 3, "", 10, None),
        ("bolt", "", 3, None, "", 30, None),
        ("cove", "", 4, 6, "", 5, None),
        ("dune", "", 2, None, "pro", 0, None),
    ]


def test_movements_of_mrr_add_up_to_what_is_paid(client: Client) -> None:
    found = answer(
        client,
        f"SELECT account_id, {day('at')}, kind, amount, mrr_before, mrr, plan_before, plan,"
        " self_serve FROM mrr_movements ORDER BY account_id, at, kind",
    )
    assert found == [
        ("", 3, "new", 9.5, 0, 9.5, "", "", None),
        ("acme", 1, "new", 100, 0, 100, "", "team", True),
        ("acme", 5, "expansion", 50, 100, 150, "team", "team", True),
        ("acme", 10, "contraction", -30, 150, 120, "business", "business", None),
        ("acme", 15, "churn", -120, 120, 0, "business", "", None),
        ("acme", 20, "reactivation", 80, 0, 80, "", "team", False),
        ("bolt", 1, "new", 10, 0, 10, "", "", None),
        ("bolt", 3, "expansion", 20, 10, 30, "", "", None),
        ("cove", 4, "new", 5, 0, 5, "", "", None),
        ("cove", 6, "churn", -5, 5, 0, "", "", None),
        ("dune", 2, "new", 0, 0, 0, "", "pro", None),
    ]
    [[difference]] = answer(
        client,
        "SELECT (SELECT sum(amount) FROM mrr_movements)"
        " - (SELECT sum(mrr) FROM subscriptions WHERE ended_at IS NULL)",
    )
    assert difference == 0


def test_a_session_ends_with_half_an_hour_of_silence(client: Client) -> None:
    begin = NOW - 5 * DAY
    found = answer(
        client,
        "SELECT account_id, user_id, number,"
        f" (toUnixTimestamp64Milli(started_at) - {begin}) / {MINUTE},"
        f" (toUnixTimestamp64Milli(ended_at) - {begin}) / {MINUTE}, events"
        " FROM sessions ORDER BY user_id, number",
    )
    assert found == [
        ("acme", "ann", 1, 0, 59.99, 3),
        ("acme", "ann", 2, 89.99, 89.99, 1),
        ("acme", "ann", 3, 200, 200, 1),
        ("acme", "bob", 1, 10, 10, 2),
    ]


def test_an_invitation_is_accepted_by_who_was_named_and_forgotten_after_a_month(
    client: Client,
) -> None:
    client.command("OPTIMIZE TABLE fact_rows FINAL")
    found = answer(
        client,
        "SELECT account_id, inviter, invitee,"
        f" (toUnixTimestamp64Milli(accepted_at) - {NOW}) / {DAY}"
        " FROM invites ORDER BY account_id, at, invitee",
    )
    assert found == [
        ("acme", "ann", "bob", -1),
        ("acme", "bob", "cid", -1),
        ("acme", "ann", "dan", None),
        ("bolt", "eva", "", None),
        ("bolt", "eva", "bob", None),
        ("cove", "fay", "", None),
    ]


def test_people_are_those_who_were_seen_or_signed_up(client: Client) -> None:
    found = answer(
        client,
        "SELECT account_id, user_id, toUnixTimestamp64Milli(first_seen),"
        f" toUnixTimestamp64Milli(last_seen), {day('signed_up_at')}, toString(signup_week),"
        " channel, segment FROM people"
        " WHERE first_seen < '2026-01-08 00:00:00' AND user_id IN ('ann', 'bob', 'eve')"
        " ORDER BY ALL",
    )
    first = 20_000 * DAY + 5
    assert found == [
        ("", "eve", 20_002 * DAY, january(8), 8, "2026-01-05", "content", "trying"),
        ("acme", "ann", first, january(9), 3, "2025-12-29", "paid", "large"),
        ("acme", "bob", 20_001 * DAY, january(2), 2, "2025-12-29", "", "large"),
    ]


def test_accounts_have_the_sign_up_of_their_first_user_and_their_newest_segment(
    client: Client,
) -> None:
    found = answer(
        client,
        f"SELECT account_id, toUnixTimestamp64Milli(first_seen), toUnixTimestamp64Milli(last_seen),"
        f" {day('signed_up_at')}, toString(signup_week), channel, segment FROM accounts",
    )
    assert found == [
        ("acme", 20_000 * DAY + 5, january(9), 2, "2025-12-29", "paid", "large"),
    ]


def test_a_day_is_active_whatever_was_done_on_it_but_not_by_what_sales_tell(
    client: Client,
) -> None:
    assert answer(
        client, "SELECT toInt32(day), account_id, user_id FROM active_days ORDER BY ALL"
    ) == [
        (20_000, "acme", "ann"),
        (20_002, "", "eve"),
        (20_003, "acme", "ann"),
    ]


def test_the_first_variant_counts_and_that_there_were_more_is_seen(client: Client) -> None:
    found = answer(
        client,
        f"SELECT experiment, user_id, {day('at')}, variant, variants FROM exposures"
        " ORDER BY user_id",
    )
    assert found == [("price", "ann", 1, "a", 2), ("price", "bob", 1, "b", 1)]


def test_money_is_spent_by_month_and_channel(client: Client) -> None:
    found = answer(client, "SELECT toString(month), channel, spend FROM acquisition ORDER BY ALL")
    assert found == [
        ("2026-01-01", "content", 0),
        ("2026-01-01", "paid", 150.5),
        ("2026-02-01", "paid", 7),
    ]


def test_the_history_of_a_trait_has_each_change(client: Client) -> None:
    found = answer(
        client,
        f"SELECT account_id, user_id, name, value, {day('changed_at')}, {day('until')}"
        " FROM trait_history ORDER BY user_id, changed_at",
    )
    assert found == [
        ("acme", "", "plan", '"trial"', 1, 5),
        ("acme", "", "plan", '"team"', 5, 7),
        ("acme", "", "plan", '"trial"', 7, None),
        ("acme", "ann", "plan", "null", 6, None),
    ]


def test_events_and_facts_are_there_once_each(client: Client) -> None:
    assert answer(client, "SELECT count() FROM events") == [(len(SESSIONS),)]
    facts = len({row for row in HISTORY if isinstance(row, FactRow)})
    assert answer(client, "SELECT count() FROM facts") == [(facts,)]
