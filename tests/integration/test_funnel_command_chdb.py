"""``milepost funnel`` and ``milepost retention`` on embedded ClickHouse, counted by hand."""

import json
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.rows import ActivityRow, MilestoneRow
from streams.definitions import load
from streams.facts import Facts
from streams.files import Line
from streams.sinks.clickhouse import ClickHouseSink
from streams.sinks.events import EventRows
from streams.sinks.retention import keep_raw_events
from tests.services.commands import milepost
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_571_200_000  # Monday 5 January 2026
NOW = START + 90 * DAY

DEFINITIONS = """
version: 1
roles: {signed_up: {event: Joined}, activated: {milestone: shared}}
milestones:
  joined: {of: user, when: {event: Joined}}
  setup: {of: user, when: {event: Made}}
  shared: {of: user, when: {event: Shared}}
journeys:
  self_serve: {of: user, steps: [joined, setup, shared], within: 30d}
funnels:
  activation:
    of: user
    steps: [{event: Made}, {event: Shared, where: {properties.to: {ne: nobody}}}]
    within: 7d
"""


def sent(name: str, account: str, user: str, day: int, hour: int = 0, **said: str) -> bytes:
    return orjson.dumps(
        {"event": name, "timestamp": START + day * DAY + hour * HOUR, "account_id": account,
         "user_id": user, "event_id": f"{name}-{user}-{day}-{hour}", "properties": said}
    )  # fmt: skip


LINES = [
    # Joins in one week, makes something in the next.
    sent("Joined", "acme", "ann", 0), sent("Made", "acme", "ann", 8, via="web"),
    sent("Shared", "acme", "ann", 9),
    # Shares only with nobody in time; comes back on day 7.
    sent("Joined", "acme", "bob", 1), sent("Made", "acme", "bob", 1, 4, via="api"),
    sent("Shared", "acme", "bob", 2, to="nobody"), sent("Shared", "acme", "bob", 8, 3),
    # The second attempt is the best; twice in the topic.
    sent("Joined", "bolt", "cid", 7), sent("Made", "bolt", "cid", 7, 1, via="web"),
    sent("Made", "bolt", "cid", 20, via="api"), sent("Shared", "bolt", "cid", 21),
    sent("Shared", "bolt", "cid", 21),
    # Never signed up, and the newest event of all.
    sent("Made", "bolt", "dan", 39, via="web"), sent("Seen", "bolt", "dan", 40),
]  # fmt: skip


def reached(milestone: str, account: str, user: str, day: int, segment: str) -> MilestoneRow:
    at = START + day * DAY
    return MilestoneRow(
        milestone, account, user, "h", 1, f"{milestone}:{account}:{user}", "milestone.reached",
        at, at + 1, "e", False, "[]", segment=segment,
    )  # fmt: skip


REACHED = [
    reached("joined", "acme", "ann", 0, "big"), reached("setup", "acme", "ann", 2, "big"),
    reached("shared", "acme", "ann", 5, "big"),
    reached("joined", "acme", "bob", 1, "big"), reached("setup", "acme", "bob", 3, "big"),
    reached("joined", "bolt", "cid", 7, "tiny"), reached("setup", "bolt", "cid", 7, "tiny"),
    # Too late.
    reached("shared", "bolt", "cid", 38, "tiny"),
    # The segment of an account counts, whatever its users are in.
    reached("joined", "acme", "", 0, "large"), reached("joined", "bolt", "", 7, "small"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("funnels")
    (folder / "product.yml").write_text(DEFINITIONS)
    (folder / "events.jsonl").write_bytes(b"\n".join(LINES))
    dsn = migrated(folder / "warehouse")
    keep_raw_events(dsn, 20_000)
    sink = ClickHouseSink(dsn)
    rows = EventRows(Facts(load(folder / "product.yml").roles), 1_000, now=lambda: NOW)
    for offset, line in enumerate(LINES):
        sink.write(rows(Line(line, offset, NOW), "events", 0))
    newest = START + 40 * DAY
    sink.write([*REACHED, ActivityRow("bolt", "dan", newest // DAY, "Seen", "", 1, newest, newest)])
    sink.flush()
    sink.close()
    return folder


def ask(folder: Path, *arguments: str, files: bool = False) -> "subprocess.CompletedProcess[str]":
    where = ["--events", "events.jsonl"] if files else ["--dsn", f"chdb://{folder}/warehouse"]
    return milepost(*arguments, "-d", "product.yml", *where, cwd=folder)


def answer(folder: Path, *arguments: str, files: bool = False) -> Any:
    ran = ask(folder, *arguments, "--json", files=files)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def counts(found: Any) -> dict[str | None, list[int]]:
    return {group["value"]: [step["count"] for step in group["steps"]] for group in found["groups"]}


def test_a_funnel_is_the_same_over_clickhouse_and_over_files(folder: Path) -> None:
    there = answer(folder, "funnel", "activation", "--by", "properties.via")
    assert there == answer(folder, "funnel", "activation", "--by", "properties.via", files=True)
    assert counts(there) == {"api": [2, 2], "web": [2, 1]}
    shared = there["steps"][1]
    assert (shared["count"], shared["dropped"], shared["of_first"]) == (3, 1, 0.75)
    assert shared["median_seconds"] == 86_400
    assert shared["p90_seconds"] == pytest.approx(86_400 * (1 + 0.8 * 143 / 24))
    # Dan began a day before the newest event: a day is over, three are not.
    assert shared["by_day"]["1"] == {"count": 2, "of": 4, "share": 0.5}
    assert shared["by_day"]["3"] == {"count": 2, "of": 3, "share": 2 / 3}
    assert shared["by_day"]["30"] == {"count": 2, "of": 2, "share": 1}


def test_cohorts_are_weeks_of_the_sign_up_and_periods_those_of_the_first_step(
    folder: Path,
) -> None:
    cohorts = answer(folder, "funnel", "activation", "--cohorts")
    assert cohorts == answer(folder, "funnel", "activation", "--cohorts", files=True)
    assert cohorts["by"] == "sign-up week"
    assert counts(cohorts) == {"2026-01-05": [2, 2], "2026-01-12": [1, 1], None: [1, 0]}
    ran = ask(folder, "funnel", "activation", "--over", "week")
    table = [line.split() for line in ran.stdout.splitlines() if line.startswith("2026-")]
    assert [(line[0], line[1]) for line in table] == [
        ("2026-01-05", "1"), ("2026-01-12", "1"), ("2026-01-19", "1"), ("2026-02-09", "1")
    ]  # fmt: skip
    assert "raw events from 2026-01-05T00:00:00.000Z to 2026-02-14T00:00:00.000Z" in ran.stderr


def test_the_segment_of_a_user_is_that_of_its_account(folder: Path) -> None:
    found = answer(folder, "funnel", "activation", "--by", "segment")
    assert counts(found) == {"large": [2, 2], "small": [2, 1]}


def test_a_journey_counts_milestones_in_order_and_judges_activation(folder: Path) -> None:
    found = answer(folder, "funnel", "self_serve", "--by", "segment")
    assert [step["count"] for step in found["steps"]] == [3, 3, 1]
    assert counts(found) == {"large": [2, 2, 1], "small": [1, 1, 0]}
    assert found["steps"][1]["median_seconds"] == 2 * 86_400
    assert found["steps"][2]["by_day"]["7"] == {"count": 1, "of": 3, "share": 1 / 3}
    judged = found["activation"]
    assert (judged["setup"], judged["aha"]) == ("setup", "shared")
    assert (judged["rate"], judged["verdict"]) == (1 / 3, "healthy")
    ran = ask(folder, "funnel", "self_serve", "--from", "2026-01-12")
    assert "activation, setup → shared: 0.0%, low (30% to 60% is healthy): the wrong" in ran.stdout


def test_retention_is_the_same_over_clickhouse_and_over_files(folder: Path) -> None:
    found = answer(folder, "retention")
    assert found == answer(folder, "retention", files=True)
    assert found["whole"]["size"] == 3
    # Bob comes 7 days and 3 hours after, Ann 8 and 9 days, Cid 13 and 14 days after.
    assert found["whole"]["bounded"]["7"] == {"count": 1, "of": 3, "share": 1 / 3}
    assert found["whole"]["unbounded"]["7"] == {"count": 3, "of": 3, "share": 1}
    assert found["whole"]["unbounded"]["30"] == {"count": 0, "of": 3, "share": 0}
    first, second = found["cohorts"]
    assert (first["week"], first["size"], second["week"]) == ("2026-01-05", 2, "2026-01-12")
    assert [week["count"] for week in first["weeks"][:3]] == [2, 0, 0]
    assert [week["of"] for week in second["weeks"][:5]] == [1, 1, 1, 0, 0]


def test_the_triangle_has_a_column_less_for_each_week_that_is_later(folder: Path) -> None:
    ran = ask(folder, "retention", "--back", "Shared", "--picture", "triangle.svg")
    assert ran.returncode == 0, ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert ["week", "began", "+1", "+2", "+3", "+4"] in lines
    assert ["2026-01-05", "2", "100%", "0%", "0%", "0%"] in lines
    assert ["2026-01-12", "1", "0%", "100%", "0%"] in lines
    assert "<svg" in (folder / "triangle.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["self_serve", "--by", "properties.via"], "by segment, --over or --cohorts"),
        (["self_serve", "--order", "strict"], "leave --order away"),
        (["self_sreve"], "did you mean `self_serve`?"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    folder: Path, arguments: list[str], said: str
) -> None:
    ran = ask(folder, "funnel", *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
