"""``milepost retention`` over files as a user sees it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.services.commands import milepost


def line(name: str, user: str, day: str) -> str:
    return json.dumps({"event": name, "timestamp": f"2026-01-{day}T10:00:00Z", "user_id": user})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events.jsonl").write_text(f"{line('Joined', 'ann', '05')}\n")
    more = [line("Opened", "ann", "06"), line("Shared", "ann", "13"), line("Joined", "bob", "20")]
    (tmp_path / "more.jsonl").write_text("\n".join(more))
    milestones = "{a: {of: user, when: {event: A}}}"
    (tmp_path / "product.yml").write_text(f"version: 1\nmilestones: {milestones}\n")
    return tmp_path


def retention(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return milepost("retention", *arguments, cwd=folder)


def test_first_and_back_say_who_is_counted_and_who_came_back(folder: Path) -> None:
    files = ("--events", "events.jsonl", "more.jsonl", "--json")
    found = json.loads(retention(folder, "--first", "Joined", *files).stdout)
    assert found["whole"]["size"] == 2
    assert found["whole"]["bounded"]["1"] == {"count": 1, "of": 1, "share": 1.0}
    assert found["cohorts"][0]["weeks"][0] == {"count": 1, "of": 1, "share": 1.0}
    opened = ("--first", "Joined", "--back", "Open*", "--to", "2026-01-20", *files)
    found = json.loads(retention(folder, *opened).stdout)
    assert found["whole"]["size"] == 1
    assert found["whole"]["unbounded"]["7"] == {"count": 0, "of": 1, "share": 0.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "events.jsonl"], "from which event on? Name it (--first"),
        (["-d", "product.yml", "--events", "events.jsonl"], "from which event on? Name it"),
        (["--first", "Joined"], "over which events? Name files"),
        (["--first", "A", "--events", "events.jsonl", "--dsn", "chdb://x"], "--events or --dsn"),
        (["--first", "A", "--from", "2026-02-01", "--to", "2026-01-01"], "--to must be later"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    folder: Path, arguments: list[str], said: str
) -> None:
    ran = retention(folder, *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
