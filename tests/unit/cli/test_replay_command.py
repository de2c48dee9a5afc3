"""``milepost replay`` as a user sees it: what goes to stdout and stderr, and how it ends."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.forking import finished

COMMAND = [sys.executable, "-m", "streams", "replay"]

DEFINITIONS = """
version: 1
milestones:
  started: {of: account, when: {event: Start}}
"""
EVENT = '{"event": "Start", "timestamp": "2025-12-01T10:00:00Z", "account_id": "%s"}\n'


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    path = tmp_path / "product.yml"
    path.write_text(DEFINITIONS)
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text(EVENT % "acme" + "no [bold]event[/]\n" + EVENT % "bolt")
    return path


def replay(*arguments: str | Path, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return finished("streams", ["replay", *map(str, arguments)], stdin=stdin)


def test_stdout_holds_json_lines_alone_and_stderr_the_summary(
    definitions: Path, events: Path
) -> None:
    ran = replay("-d", definitions, events)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0
    assert [line["account_id"] for line in lines] == ["acme", "bolt"]
    assert b"read 3 events" in ran.stderr
    assert b"milestones: started 2" in ran.stderr
    assert f"not_json: 1\n  {events}:2: ".encode() in ran.stderr


def test_what_is_in_the_shadow_is_counted_and_printed_where_it_is_asked_for(
    definitions: Path, events: Path
) -> None:
    text = DEFINITIONS + "  sooner: {of: account, shadow: started, when: {event: Start}}\n"
    definitions.write_text(text)
    ran = replay("-d", definitions, events)
    assert b"milestones: started 2; in the shadow: sooner 2" in ran.stderr
    assert b"sooner" not in ran.stdout
    ran = replay("-d", definitions, events, "--shadow")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    told = [(one["milestone"], one.get("shadow"), one.get("shadow_of")) for one in lines]
    assert told == [("started", None, None)] * 2 + [("sooner", True, "started")] * 2


def test_an_override_that_no_lead_hears_is_told_in_the_summary(definitions: Path) -> None:
    override = (EVENT % "acme").replace("Start", "lead_overridden")
    ran = replay("-d", definitions, "-", stdin=override.encode())
    assert b"\noverrides of leads that were not heard, unknown_lead: 1\n" in ran.stderr


def test_standard_input_is_a_dash(definitions: Path) -> None:
    ran = replay("-d", definitions, "-", stdin=(EVENT % "acme").encode())
    assert json.loads(ran.stdout)["account_id"] == "acme"


def test_until_takes_a_time_of_any_year(definitions: Path, events: Path) -> None:
    assert replay("-d", definitions, events, "--until", "2200-01-01").returncode == 0


def test_dead_letters_are_written_with_reason_and_original(
    definitions: Path, events: Path, tmp_path: Path
) -> None:
    with events.open("ab") as file:
        file.write(b"\xff\xfe\n")
    letters = tmp_path / "dead.jsonl"
    replay("-d", definitions, "--dead-letters", letters, events)
    first, second = [json.loads(line) for line in letters.read_bytes().splitlines()]
    assert (first["file"], first["line"], first["reason"]) == (str(events), 2, "not_json")
    assert first["original"] == "no [bold]event[/]"
    assert second["original_base64"] == "//4="


def one_line(stderr: bytes) -> str:
    (line,) = stderr.decode().splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-d", "{definitions}", "nowhere.jsonl"], "nowhere.jsonl: cannot be read: no such file"),
        (["-d", "nowhere.yml", "{events}"], "nowhere.yml"),
        (["-d", "{definitions}"], "Missing argument 'EVENTS...'"),
        (["{events}"], "Missing option '--definitions'"),
        (["-d", "{definitions}", "{events}", "--nope"], "No such option: --nope"),
        (["-d", "{definitions}", "{events}", "--until", "soon"], "'soon' is neither ISO 8601"),
        (
            ["-d", "{definitions}", "--dead-letters", "no/where", "{events}"],
            "no/where: cannot be written",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    definitions: Path, events: Path, arguments: list[str], says: str
) -> None:
    given = [text.format(definitions=definitions, events=events) for text in arguments]
    ran = replay(*given)
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert says in one_line(ran.stderr)


def test_wrong_definitions_are_exit_code_1_with_a_line_for_each_place(
    events: Path, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(
        "version: 1\nmilestones:\n  a: {of: nobody, when: {event: X}}\n  b: {of: user}\n"
    )
    ran = replay("-d", path, events)
    assert ran.returncode == 1
    lines = ran.stderr.decode().splitlines()
    places = zip((3, 4), lines, strict=True)
    assert all(line.startswith(f"error: {path}:{at}:") for at, line in places)


def test_a_reader_that_goes_away_ends_it_quietly(definitions: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text("".join(EVENT % number for number in range(20_000)))
    process = subprocess.Popen(
        [*COMMAND, "-d", definitions, many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 141
    assert b"Traceback" not in said
    assert b"Exception" not in said


def test_an_interrupt_ends_it_with_the_summary_so_far(definitions: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "-d", definitions, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    # More than a slice, so that the first results come while the input is still open.
    process.stdin.write((EVENT % "acme").encode() * 20_000)
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["account_id"] == "acme"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    said = process.stderr.read()
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    assert b"milestones: started 1" in said
    assert b"Traceback" not in said


def test_on_a_terminal_the_summary_follows_the_bar(definitions: Path, events: Path) -> None:
    screen, terminal = pty.openpty()
    subprocess.run(
        [*COMMAND, "-d", definitions, events],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        check=True,
        timeout=60,
    )
    said = os.read(screen, 100_000).decode()
    os.close(screen)
    os.close(terminal)
    assert "read 3 events" in said
