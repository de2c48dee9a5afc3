"""The reference load is what it says, and the benchmark runs. How fast is not a test's business."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest

from streams.definitions import load as load_definitions
from tests.benchmarks import load, timers
from tests.benchmarks.throughput import DEFINITIONS
from tests.services.brokers import CHECKOUT


def test_the_same_seed_makes_the_same_load() -> None:
    assert list(load.records(2_000, 100)) == list(load.records(2_000, 100))


def test_accounts_are_of_zipf_size_and_none_is_without_events() -> None:
    sizes = load.volumes(load.EVENTS, load.ACCOUNTS)

    assert sum(sizes) == load.EVENTS
    assert len(sizes) == load.ACCOUNTS
    assert min(sizes) >= 1
    assert sizes[0] / sizes[9] == pytest.approx(10**load.EXPONENT, rel=0.1)


def test_small_accounts_have_one_to_three_users_and_large_ones_in_proportion() -> None:
    users: dict[str, set[str]] = {}
    sizes: Counter[str] = Counter()
    for record in load.records(20_000, 500):
        event = orjson.loads(record.value)
        users.setdefault(event["account_id"], set()).add(event["user_id"])
        sizes[event["account_id"]] += 1

    for account, size in sizes.items():
        assert 1 <= len(users[account]) <= max(3, size // load.EVENTS_PER_USER)


def test_there_are_forty_event_names_and_twelve_milestones_that_name_them() -> None:
    definitions = load_definitions(DEFINITIONS)

    assert len(set(load.NAMES)) == 40
    assert len(definitions.milestones) == 12


@pytest.mark.embedded
@pytest.mark.slow
def test_the_benchmark_measures_all_three_on_one_topic(tmp_path: Path) -> None:
    options = (
        "--events 5000 --accounts 200 --broker embedded --tutorial-events 500 --rounds 1 --json"
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *options.split()],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert done.returncode in {0, 1}, done.stderr  # 1: slower than it must be, on a small load
    figures = orjson.loads(done.stdout)
    assert figures["worker_events_per_second"] > 0
    assert figures["floor_events_per_second"] > 0
    assert figures["tutorial_events_per_second"] > 0
    assert figures["qualifications"] > 0


def test_the_timers_that_are_measured_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    timers.run(timers=800, events=400, accounts=20, rounds=1, json=True)

    assert orjson.loads(capsys.readouterr().out)["timers"] == 800
