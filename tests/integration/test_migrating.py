"""Migrations from two places at once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streams.errors import Unavailable
from streams.sinks import migrating
from streams.sinks.clickhouse import connect
from streams.sinks.migrating import Claim, only_one
from streams.sinks.migrations import migrate, migrations
from tests.services.reaper import Reaper
from tests.services.waiting import wait_until
from tests.services.warehouse import ClickHouse, own_database

pytestmark = pytest.mark.embedded


@pytest.fixture
def dsn(reaper: Reaper, tmp_path: Path) -> Iterator[str]:
    server = ClickHouse(reaper, tmp_path)
    server.start()
    with own_database(server.dsn) as dsn:
        yield dsn
    server.kill()


@pytest.fixture
def claims(tmp_path: Path) -> Iterator[tuple[Claim, Claim]]:
    dsn = f"chdb://{tmp_path}"
    with closing(connect(dsn)) as one, closing(connect(dsn)) as other:
        with only_one(one, lambda _who: None):
            pass
        yield Claim(one), Claim(other)


def test_two_runs_at_once_apply_each_migration_once(dsn: str) -> None:
    command = [sys.executable, "-m", "streams", "migrate", "--dsn", dsn]
    runs = [
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for _ in range(3)
    ]
    said = [run.communicate(timeout=120)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], said
    lines = [line for text in said for line in text.splitlines()]
    applied = [line.rpartition(" ")[2] for line in lines if ": applied " in line]
    assert sorted(applied) == [migration.name for migration in migrations()]
    assert list(migrate(dsn)) == []


def test_who_comes_second_is_told_who_holds_the_claim_and_waits(
    claims: tuple[Claim, Claim],
) -> None:
    first, second = claims
    assert first.try_to_hold() is None
    who = second.try_to_hold()
    assert who is not None
    assert "process" in who
    first.check()
    first.release()
    assert second.try_to_hold() is None
    second.check()


def test_of_two_who_claim_before_either_looks_none_goes_on(claims: tuple[Claim, Claim]) -> None:
    first, second = claims
    first.renew()
    second.renew()
    assert first.try_to_hold() is not None
    assert second.try_to_hold() is None  # as the first has stepped back


def test_the_claim_of_one_who_died_is_over_after_a_while(
    claims: tuple[Claim, Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    died, second = claims
    monkeypatch.setattr(migrating, "LEASE", 2)
    assert died.try_to_hold() is None
    assert second.try_to_hold() is not None
    wait_until(lambda: second.try_to_hold() is None, within=60, what="the claim to be over")
    with pytest.raises(Unavailable, match="run: milepost migrate"):
        died.check()


def test_a_claim_is_renewed_while_its_holder_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_RENEW_EVERY", 0.01)
    dsn = f"chdb://{tmp_path}"
    with closing(connect(dsn)) as one, closing(connect(dsn)) as other:
        renewed = "SELECT max(renewed) FROM milepost_migrating"
        with only_one(one, lambda _who: None) as claim:
            wait_until(lambda: int(other.command(renewed)) > 3, within=60, what="renewals")  # type: ignore[arg-type]
            claim.check()
