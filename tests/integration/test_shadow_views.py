"""The views that compare what is in the shadow, on rows that are worked out by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import ComparisonRow, LeadRow, MilestoneRow, Row, ShadowRow, TransitionRow
from streams.explain.history import as_told, from_history
from streams.explain.page import page
from streams.queries import occurrences
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

HOUR = 3_600_000
DAY = 24 * HOUR


def reached(account: str, at: int, name: str = "pql", **fields: Any) -> MilestoneRow:
    row = MilestoneRow(
        name,
        account,
        "",
        "h",
        1,
        f"{name}:{account}",
        "milestone.reached",
        at,
        at,
        "e",
        False,
        "[]",
    )
    return row._replace(**fields)


def hidden(account: str, at: int, name: str = "pql_2", of: str = "pql", **fields: Any) -> ShadowRow:
    row = ShadowRow(
        name, account, "", "h2", 1, "milestone.reached", of, f"{name}:{account}", at, at, "e",
        False, "[]",
    )  # fmt: skip
    return row._replace(**fields)


def lead(account: str, at: int, kind: str = "qualified", outcome: str = "") -> LeadRow:
    return LeadRow(
        "pqa", account, "", "h", 1, f"lead.{kind}", f"{kind}:{account}", at, at, "e", False, "[]",
        opened_at=at, outcome=outcome,
    )  # fmt: skip


def hidden_lead(account: str, at: int, kind: str = "qualified", outcome: str = "") -> ShadowRow:
    return hidden(
        account, at, "pqa_2", "pqa", type=f"lead.{kind}", opened_at=at, outcome=outcome,
        id=f"2:{kind}:{account}",
    )  # fmt: skip


def compared(account: str, at: int, value: float, shadow: float, **fields: Any) -> ComparisonRow:
    row = ComparisonRow(
        "fit", "fit_2", "f2", "pql", account, "", "h", 1, "milestone.reached", account, "q", at,
        at, value, shadow, (),
    )  # fmt: skip
    return row._replace(**fields)


MILESTONES: list[Row] = [
    hidden("both", 10 * HOUR),
    hidden("both", 8 * HOUR, type="milestone.corrected", id="corrected"),
    reached("both", 12 * HOUR),
    hidden("behind", 20 * HOUR),
    reached("behind", 19 * HOUR),
    hidden("late", 30 * HOUR),
    reached("late", 36 * HOUR),
    reached("only-live", 9 * HOUR),
    hidden("only-shadow", 11 * HOUR),
    reached("before-the-shadow", HOUR),
    hidden("edited", HOUR, definition_hash="of before", detected_at=0),
    hidden("of-nothing", HOUR, "free", of=""),
    reached("another", 12 * HOUR, "other"),
    reached("ann-s", 12 * HOUR, user_id="ann"),
]
LEADS: list[Row] = [
    hidden_lead("both", 8 * HOUR),
    hidden_lead("both", 8 * HOUR, "closed", "converted"),
    lead("both", 9 * HOUR),
    lead("both", 9 * HOUR, "closed", "converted"),
    lead("only-live", 9 * HOUR),
    lead("only-live", 9 * HOUR, "closed", "converted"),
    lead("live-in-vain", 9 * HOUR),
    lead("live-in-vain", 9 * HOUR, "closed", "disqualified"),
    hidden_lead("only-shadow", 10 * HOUR),
    hidden_lead("shadow-sold", 10 * HOUR),
    hidden_lead("shadow-sold", 10 * HOUR, "closed", "converted"),
]
SCORES: list[Row] = [
    compared("a", 0, 10, 20),
    compared("b", HOUR, 20, 10),
    compared("c", 2 * HOUR, 30, 60),
    compared("c", 3 * HOUR, 99, 99),  # told again: the earliest stays
    compared("a", DAY, 5, 6, occurrence=2),
    compared("a", DAY, 0, 99, shadow_hash="of before", detected_at=0),
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    dsn = migrated(tmp_path)
    sink = ClickHouseSink(dsn)
    for rows in (MILESTONES + LEADS + SCORES, SCORES + LEADS + MILESTONES[::-1]):
        sink.write(rows)
        sink.flush()
    sink.close()
    client = connect(dsn)
    yield client
    client.close()


def rows(client: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(query).result_rows]


def test_a_milestone_beside_its_shadow(client: Client) -> None:
    # Ahead by 4, 6 and -1 hours; the user ann reached the live one alone, as did only-live.
    assert rows(
        client,
        "SELECT shadow, live, toUnixTimestamp64Milli(since), both, only_live, only_shadow, "
        "median_lead_seconds FROM shadow_milestones",
    ) == [("pql_2", "pql", 8 * HOUR, 3, 2, 1, 4 * 3600.0)]


def test_who_reached_which_of_the_two_and_when(client: Client) -> None:
    times = ", ".join(f"toUnixTimestamp64Milli({name})" for name in ("shadow_at", "live_at"))
    found = rows(client, f"SELECT account_id, user_id, {times} FROM shadow_milestone_pairs")
    assert sorted(found) == [
        ("ann-s", "ann", None, 12 * HOUR),
        ("before-the-shadow", "", None, HOUR),
        ("behind", "", 20 * HOUR, 19 * HOUR),
        ("both", "", 8 * HOUR, 12 * HOUR),
        ("late", "", 30 * HOUR, 36 * HOUR),
        ("only-live", "", None, 9 * HOUR),
        ("only-shadow", "", 11 * HOUR, None),
    ]


def test_a_live_milestone_is_compared_by_its_entries(tmp_path: Path, client: Client) -> None:
    entered = TransitionRow(
        "active", "acme", "", "h", 1, "milestone.entered", "i", 2 * DAY, 2 * DAY, "e", False, "[]"
    )
    sink = ClickHouseSink(f"chdb://{tmp_path}")
    sink.write(
        [
            entered,
            hidden("acme", DAY, "active_2", "active", type="milestone.entered"),
            hidden("acme", DAY + 1, "active_2", "active", type="milestone.exited", id="x"),
        ]
    )
    sink.flush()
    sink.close()
    counts = "both, only_live, only_shadow, median_lead_seconds"
    assert rows(client, f"SELECT {counts} FROM shadow_milestones WHERE shadow = 'active_2'") == [
        (1, 0, 0, 86_400.0)
    ]


def test_leads_beside_their_shadow_and_what_became_of_them(client: Client) -> None:
    assert rows(
        client,
        "SELECT shadow, live, both, only_live, only_shadow, both_converted, only_live_converted, "
        "only_shadow_converted, median_lead_seconds FROM shadow_leads",
    ) == [("pqa_2", "pqa", 1, 2, 2, 1, 1, 1, 3600.0)]


def test_scores_beside_their_shadow_day_by_day(client: Client) -> None:
    # Deviations (-10, 0, 10) and (-10, -20, 30): 400 / sqrt(200 * 1400).
    [first, second] = rows(client, "SELECT * FROM shadow_scores ORDER BY day")
    assert [str(first[0]), *first[1:7]] == ["1970-01-01", "fit", "fit_2", 3, 20, 30, 10]
    assert first[7] == pytest.approx(400 / (200 * 1400) ** 0.5)
    assert [str(second[0]), *second[1:]] == ["1970-01-02", "fit", "fit_2", 1, 5, 6, 1, None]


def test_an_explanation_knows_what_was_told_in_the_shadow_and_says_so(client: Client) -> None:
    told = [as_told(one, ("both", None)) for one in occurrences(client, "both", None)]
    found = {(one["milestone"], one["type"], one.get("shadow")) for one in told}
    assert found == {
        ("pql", "milestone.reached", None),
        ("pql_2", "milestone.corrected", True),
        ("pqa", "lead.qualified", None),
        ("pqa", "lead.closed", None),
        ("pqa_2", "lead.qualified", True),
        ("pqa_2", "lead.closed", True),
    }
    assert {"lead" in one for one in told if one["milestone"] == "pqa_2"} == {True}
    answer = from_history(("both", None), told, 2 * DAY, None)
    marked = {one["milestone"]: one["shadow"] for one in answer["milestones"]}
    assert marked == {"pql": False, "pql_2": True, "pqa": False, "pqa_2": True}
    shown = list(page(answer, told=True))
    assert "✓ pql_2, in the shadow: reached on 1 Jan 1970 08:00" in shown


@pytest.mark.parametrize(
    "view", ["milestones", "memberships", "inside", "stuck", "leads", "sla_daily"]
)
def test_no_other_view_has_anything_of_the_shadow(client: Client, view: str) -> None:
    columns = ("milestone", "journey", "lead")
    names = [name for name in columns if name in client.query(f"SELECT * FROM {view}").column_names]
    for name in names:
        found = rows(client, f"SELECT DISTINCT {name} FROM {view}")
        assert {one for (one,) in found} <= {"pql", "other", "pqa"}
