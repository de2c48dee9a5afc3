"""``milepost migrate`` as a user runs it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.sinks.migrations import migrations
from tests.services.waiting import free_port

Milepost = Callable[..., tuple[int, str, str]]


@pytest.fixture
def milepost(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Milepost:
    """Runs a command line; exit code, stdout and stderr."""
    for name in ("CLICKHOUSE_DSN", "MILEPOST_CLICKHOUSE_DSN", "MILEPOST_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["milepost", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.mark.embedded
def test_it_tells_each_migration_that_it_applies_and_then_that_there_is_none(
    milepost: Milepost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = f"chdb://{tmp_path / 'clickhouse'}"
    expected = "".join(f"{dsn}: applied {migration.name}\n" for migration in migrations())
    expected += f"{dsn}: decisions are kept for 730 days\n"
    assert milepost("migrate", "--dsn", dsn) == (0, "", expected)
    monkeypatch.setenv("CLICKHOUSE_DSN", dsn)
    assert milepost("migrate") == (0, "", f"{dsn}: up to date\n")
    monkeypatch.setenv("MILEPOST_AUDIT_DAYS", "90")
    assert milepost("migrate") == (0, "", f"{dsn}: decisions are kept for 90 days\n")
    assert milepost("migrate") == (0, "", f"{dsn}: up to date\n")


@pytest.mark.embedded
def test_a_plan_says_what_would_be_applied_and_changes_nothing(
    milepost: Milepost, tmp_path: Path
) -> None:
    dsn = f"chdb://{tmp_path / 'clickhouse'}"
    code, out, err = milepost("migrate", "--plan", "--dsn", dsn)
    assert (code, out) == (0, "")
    planned = err.splitlines()
    assert planned[:-2] == [
        f"{dsn}: would apply {migration.name}: {migration.summary}" for migration in migrations()
    ]
    assert planned[-1] == f"{dsn}: decisions would be kept for 730 days"
    assert not (tmp_path / "clickhouse").exists()
    milepost("migrate", "--dsn", dsn)
    assert milepost("migrate", "--plan", "--dsn", dsn) == (0, "", f"{dsn}: up to date\n")


@pytest.mark.embedded
def test_machines_read_each_change_as_a_line(milepost: Milepost, tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}"
    for arguments, applied in ((["--plan"], False), ([], True)):
        code, out, _ = milepost("migrate", *arguments, "--json", "--dsn", dsn)
        lines = [json.loads(line) for line in out.splitlines()]
        assert code == 0
        assert [line["migration"] for line in lines if "migration" in line] == [
            migration.name for migration in migrations()
        ]
        assert {line["applied"] for line in lines} == {applied}
        assert lines[-1] == {"keeps": "decisions", "days": 730, "applied": applied}


def test_every_migration_says_what_it_is_for() -> None:
    summaries = {migration.name: migration.summary for migration in migrations()}
    assert [name for name, summary in summaries.items() if not summary] == []


def test_a_server_that_is_away_is_the_answer_no(milepost: Milepost) -> None:
    place = f"127.0.0.1:{free_port()}/growth"
    assert milepost("migrate", "--dsn", f"clickhouse://u:secret@{place}") == (
        1, "", f"error: clickhouse://{place}: does not answer: Connection refused\n",
    )  # fmt: skip


def test_a_dsn_that_is_none_is_wrong_usage_and_is_not_shown(milepost: Milepost) -> None:
    code, out, err = milepost("migrate", "--dsn", "http://u:secret@ch.example")
    assert (code, out) == (2, "")
    assert "expected clickhouse://" in err
    assert "secret" not in err
