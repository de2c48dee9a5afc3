"""``milepost demo`` as a newcomer runs it: real processes, nothing prepared."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from streams.queries.kpis import catalogue
from tests.generators import ROOT
from tests.services.waiting import wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

DEMO = [sys.executable, "-m", "streams", "demo"]
ON_A_TERMINAL = [
    sys.executable,
    "-c",
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
]
ENOUGH = 240


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings that would break a demo that listened to them, and a temp folder of its own."""
    return {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "KAFKA_BOOTSTRAP": "nowhere.invalid:1",
        "CLICKHOUSE_DSN": "clickhouse://nowhere.invalid:1/default",
        "MILEPOST_APP_ID": "another",
        "TERM": "xterm",
        "COLUMNS": "120",
        "LINES": "40",
    }


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Starts a demo, on a terminal of its own if need be, that does not outlive the test."""
    demos: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, terminal: bool = False) -> "subprocess.Popen[bytes]":
        demo = subprocess.Popen(
            [*(ON_A_TERMINAL if terminal else ()), *DEMO, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        demos.append(demo)
        return demo

    yield start
    for demo in demos:
        if demo.poll() is None:
            for process in psutil.Process(demo.pid).children(recursive=True):
                process.kill()
            demo.kill()
        demo.communicate()


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""  # it has just ended


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children(demo: "subprocess.Popen[bytes]", *names: str) -> list[psutil.Process]:
    """Its running children, once there is one of each name."""

    def found() -> list[psutil.Process]:
        family = psutil.Process(demo.pid).children(recursive=True)
        lines = [command(child) for child in family]
        return family if all(any(name in line for line in lines) for name in names) else []

    wait_until(found, within=ENOUGH, what=f"the demo's {', '.join(names)}")
    return found()


def test_what_went_in_is_what_came_out_and_can_be_asked_afterwards(
    start: Start, tmp_path: Path
) -> None:
    kept = tmp_path / "story"
    story = ("--speed", "6", "--accounts", "150", "--seed", "3", "--keep", str(kept))
    demo = start(*story, "--json")
    out, said = demo.communicate(timeout=ENOUGH)
    assert said == b""
    summary = json.loads(out)
    assert [check for check in summary["checks"] if not check["agrees"]] == []
    assert demo.returncode == 0
    excluded = summary["clickhouse"]["excluded"]
    assert set(excluded) == {"internal", "too_fast"}
    counted = summary["clickhouse"]["events"]
    assert summary["events"]["unique"] == counted + sum(excluded.values())
    assert counted > 5_000
    assert summary["events"]["repeated"] > 50
    assert len(summary["dead_letters"]) >= 5
    assert summary["milestones"]["signed_up"] > summary["milestones"]["pql"] > 0
    leads = summary["leads"]
    assert leads["qualified"] == summary["clickhouse"]["leads"]
    assert sum(leads["routed"].values()) == leads["qualified"]["pqa"] > 0
    assert 0.5 < leads["contacted_in_time_share"] < 1
    assert leads["breached"] > 0
    assert set(leads["closed"]) == {"converted", "disqualified"}
    kpis = summary["clickhouse"]["kpis"]
    assert set(kpis) == set(catalogue())
    assert [name for name, groups in kpis.items() if not groups] == [], "each KPI has a value"
    shares = [name for name, one in catalogue().items() if one.header.unit == "percent"]
    odd = {"expansion_mrr", "net_churn", *(name for name in shares if name.endswith("_lift"))}
    within = [value for name in set(shares) - odd for value in kpis[name].values()]
    assert all(0 <= value <= 100 for value in within), "no share is more than all"
    assert list(tmp_path.iterdir()) == [kept], "nothing else is left behind"
    database = (
        "--dsn",
        f"chdb://{kept}/clickhouse",
        "-d",
        f"{ROOT}/deploy/definitions/product.yml",
    )
    asked = [*DEMO[:-1], "kpi", "activation_rate", *database, "--json"]
    told = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    assert [point["value"] for point in told["kpis"][0]["points"] if point["value"]] != []
    again = start(*story)
    assert b"is not empty" in again.communicate(timeout=ENOUGH)[1]
    assert again.returncode == 2


def test_on_a_terminal_ctrl_c_ends_the_story_with_its_summary(start: Start, tmp_path: Path) -> None:
    demo = start("--accounts", "60", terminal=True)
    assert demo.stdin
    assert demo.stdout
    os.set_blocking(demo.stdout.fileno(), False)
    screen = b""

    def shows(text: str) -> bool:
        nonlocal screen
        screen += demo.stdout.read() or b"" if demo.stdout else b""
        return text in screen.decode(errors="replace")

    wait_until(lambda: shows("Ctrl-C ends it"), within=ENOUGH, what="the story")
    wait_until(lambda: shows("count of Account Created"), within=ENOUGH, what="a reason")
    family = psutil.Process(demo.pid).children(recursive=True)
    demo.stdin.write(b"\x03")
    demo.stdin.flush()
    wait_until(lambda: shows("Try next:"), within=ENOUGH, what="the summary")
    assert demo.wait(ENOUGH) == 0
    summary = screen.decode().partition("Milestones, as kept in ClickHouse:")[2]
    assert summary.count("✓") == 6
    assert "✗" not in summary
    assert not any(alive(child) for child in family)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_before_the_story_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    demo = start("--json")
    family = children(demo, "broker")
    demo.send_signal(signal.SIGINT)
    out, said = demo.communicate(timeout=ENOUGH)
    assert (demo.returncode, out, said) == (130, b"", b"")
    assert not any(alive(child) for child in family)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that a parent died")
def test_children_die_with_a_demo_that_is_killed(start: Start) -> None:
    demo = start("--json")
    family = children(demo, "broker", "streams worker", "streams sink")
    demo.kill()
    demo.communicate(timeout=ENOUGH)
    wait_until(
        lambda: (
            not any(
                child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family
            )
        ),
        within=ENOUGH,
        what="the end of the demo's children",
    )


def test_a_worker_that_dies_is_one_line_that_names_its_log(start: Start) -> None:
    demo = start("--json")
    family = children(demo, "broker", "streams worker", "streams sink")
    next(child for child in family if "streams worker" in command(child)).kill()
    out, said = demo.communicate(timeout=ENOUGH)
    (line,) = said.decode().splitlines()
    assert (demo.returncode, out) == (1, b"")
    assert "the demo's worker ended with code -9" in line
    assert Path(line.rpartition("see ")[2]).is_file()
