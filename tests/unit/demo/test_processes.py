"""Children of the demo: watched while it runs, gone when it is."""

import sys
from pathlib import Path

import pytest

from streams.demo.processes import Family, answers, free_port
from streams.errors import Unavailable
from tests.services.waiting import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_what_a_child_says_is_in_its_log(tmp_path: Path) -> None:
    child = Family(tmp_path).start("talker", [sys.executable, "-c", "print('hello')"])
    assert child.process.wait(60) == 0
    assert child.log.read_text() == "hello\n"


def test_a_child_that_ends_by_itself_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    family = Family(tmp_path)
    child = family.start("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    assert child.process.wait(60) == 3
    with pytest.raises(Unavailable, match=rf"worker ended with code 3: see {child.log}"):
        family.check()


def test_running_children_are_no_error_and_close_ends_them(tmp_path: Path) -> None:
    family = Family(tmp_path)
    children = [family.start(name, SLEEP) for name in ("one", "two")]
    family.check()
    family.close()
    assert [child.process.returncode for child in children] == [-15, -15]


def test_a_child_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.demo.processes._PATIENCE", 0.2)
    family = Family(tmp_path)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    child = family.start("deaf", [sys.executable, "-c", f"{deaf}; time.sleep(600)"])
    wait_until(lambda: child.log.read_text(), within=60, what="the child's first word")
    family.stop(child)
    assert child.process.returncode == -9


def test_nobody_answers_at_a_free_port() -> None:
    assert not answers(f"127.0.0.1:{free_port()}")
