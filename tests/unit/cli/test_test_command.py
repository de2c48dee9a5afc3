"""``milepost test`` as a user sees it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.services.commands import milepost

COMMAND = [sys.executable, "-m", "streams", "test"]

DEFINITIONS = """
version: 1
settings: {allowed_lateness: 2h}
milestones:
  onboarded: {of: account, when: {event: Connected}}
  aha: {of: user, when: {event: Shared, count: ">= 2", within: 7d}}
  calm: {of: user, when: {event: Rated, avg: {of: properties.stars, is: "<= 3"}, within: 7d}}
"""

PASSING = """
tests:
  - name: the time of a milestone is that of the event which decides
    given:
      - {at: 2026-03-01T10:00:00Z, event: Shared, account: acme, user: ann}
      - {after: 1h, event: Shared, account: acme, user: ann}
    then: {ann: {aha: 2026-03-01T11:00:00Z}, acme: []}
  - name: an event that comes twice counts once
    given:
      - {event: Shared, user: ann, id: e1}
      - {event: Shared, user: ann, id: e1}
    then: {ann: []}
  - name: a late event proves an earlier time, and what was known before is another
    given:
      - {at: 2026-03-01T10:00:00Z, event: Shared, user: ann}
      - {at: 2026-03-01T12:00:00Z, event: Shared, user: ann}
      - {at: 2026-03-01T11:00:00Z, event: Shared, user: ann}
    at:
      2026-03-01T11:30:00Z: {then: {ann: []}}
      2026-03-01T12:00:00Z: {not_then: {ann: [calm]}}
    then: {ann: {aha: 2026-03-01T11:00:00Z}}
  - name: a mean is judged at the end, too
    given: [{event: Rated, user: ann, properties: {stars: 2}}]
    then: {ann: [calm]}
  - name: one user of two accounts is two
    given:
      - {event: Shared, account: acme, user: ann, times: 2, every: 1d}
      - {event: Shared, account: bolt, user: ann}
    then: {acme/ann: [aha], bolt/ann: []}
"""

FAILING = """
tests:
  - name: too early, too late, too much
    given:
      - {at: 2026-03-01T10:00:00Z, event: Shared, account: acme, user: ann, times: 2, every: 1h}
      - {event: Shared, account: acme, user: bob}
    at:
      2026-03-01T10:30:00Z: {then: {ann: [aha]}}
    then:
      ann: {aha: 2026-03-01T10:00:00Z}
      bob: [aha]
      acme: [onboarded]
    not_then: {ann: [aha]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "product.yml").write_text(DEFINITIONS)
    return tmp_path


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return milepost("test", *arguments, cwd=folder)


def test_tests_in_the_file_and_beside_it_are_run(folder: Path) -> None:
    (folder / "product.yml").write_text(DEFINITIONS + PASSING)
    (folder / "product_test.yml").write_text("version: 1" + PASSING)
    ran = run(folder, "product.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("✓") == 10
    assert ran.stdout.splitlines()[0] == "product.yml"
    assert "10 tests, 0 failed" in ran.stdout


def test_naming_the_file_of_tests_is_naming_the_definitions(folder: Path) -> None:
    (folder / "product_test.yml").write_text("version: 1" + PASSING)
    assert "5 tests, 0 failed" in run(folder, "product_test.yml", "product.yml").stdout


def test_a_failure_says_what_was_expected_what_came_and_why(folder: Path) -> None:
    (folder / "product_test.yml").write_text("version: 1" + FAILING)
    ran = run(folder, "product.yml")
    assert ran.returncode == 1
    assert [line.strip() for line in ran.stdout.splitlines()[1:-1]] == [
        "✗ too early, too late, too much  (product_test.yml:3)",
        "ann at 2026-03-01T10:30:00.000Z: expected aha, got nothing",
        "aha was not reached; at 2026-03-01T10:30:00.000Z:",
        "✗ count of Shared >= 2 within 7d: 1",
        "ann, aha: expected at 2026-03-01T10:00:00.000Z, got at 2026-03-01T11:00:00.000Z",
        "aha was reached at 2026-03-01T11:00:00.000Z:",
        "✓ count of Shared >= 2 within 7d: 2 or more",
        "ann, aha: expected not reached, got reached",
        "aha was reached at 2026-03-01T11:00:00.000Z:",
        "✓ count of Shared >= 2 within 7d: 2 or more",
        "bob: expected aha, got nothing",
        "aha was not reached; at 2026-03-01T11:00:00.000Z:",
        "✗ count of Shared >= 2 within 7d: 1",
        "acme: expected onboarded, got nothing",
        "onboarded was not reached; at 2026-03-01T11:00:00.000Z:",
        "✗ count of Connected >= 1: 0",
    ]


def test_an_account_that_had_not_come_by_then_is_said_to_be_unknown(folder: Path) -> None:
    tests = """version: 1
tests:
  - name: too early
    given: [{at: 2026-03-02, event: Connected, account: acme}]
    at: {2026-03-01: {then: {acme: [onboarded]}}}
"""
    (folder / "product_test.yml").write_text(tests)
    assert (
        "onboarded was not reached: acme was not seen by then" in run(folder, "product.yml").stdout
    )


def test_json_has_every_result(folder: Path) -> None:
    (folder / "product.yml").write_text(DEFINITIONS + PASSING)
    (folder / "product_test.yml").write_text("version: 1" + FAILING)
    answer = json.loads(run(folder, "product.yml", "--json").stdout)
    assert (answer["tests"], answer["failed"]) == (6, 1)
    assert [result["passed"] for result in answer["results"]] == [True] * 5 + [False]
    assert answer["results"][-1]["failures"][2]["actual"] == "reached"


def test_junit_has_a_case_for_each_test_and_its_failures(folder: Path) -> None:
    (folder / "product.yml").write_text(DEFINITIONS + PASSING)
    (folder / "product_test.yml").write_text("version: 1" + FAILING)
    assert run(folder, "product.yml", "--junit", "results.xml").returncode == 1
    suites = ET.parse(folder / "results.xml").getroot()
    assert [(one.get("tests"), one.get("failures")) for one in suites] == [("5", "0"), ("1", "1")]
    [case] = suites[1]
    assert case.get("name") == "too early, too late, too much"
    assert len(case) == 5


def test_a_name_that_xml_cannot_hold_is_written_without_what_it_cannot(folder: Path) -> None:
    strange = 'version: 1\ntests:\n  - name: "bell \\a"\n    given: [{event: X, user: u}]\n'
    (folder / "product_test.yml").write_text(strange + "    then: {u: []}\n")
    assert run(folder, "product.yml", "--junit", "results.xml").returncode == 0
    [case] = ET.parse(folder / "results.xml").getroot()[0]
    assert case.get("name") == "bell \ufffd"


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({}, 2, "there are no tests: begin with a list `tests:`"),
        ({"product_test.yml": "version: 1\ntests: 5"}, 1, "product_test.yml:2:8: `tests` is a"),
        ({"product_test.yml": "version: 1"}, 1, "there are no `tests`"),
        ({"product_test.yml": ""}, 1, "the file is empty"),
        ({"product_test.yml": "version: 1\nmilestones: {}"}, 1, "not a field of a file of tests"),
        ({"product.yml": "version: 1\nmilestones: 5"}, 1, "product.yml:2:13"),
    ],
)
def test_what_cannot_be_run_is_said_with_its_place(
    folder: Path, files: dict[str, str], code: int, said: str
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)
    ran = run(folder, "product.yml")
    assert (ran.returncode, ran.stdout) == (code, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_tests_of_definitions_that_are_not_there_are_refused(folder: Path) -> None:
    (folder / "other_test.yml").write_text("version: 1" + PASSING)
    ran = run(folder, "other_test.yml")
    assert ran.returncode == 2
    assert "there is no other.yml beside it" in ran.stderr


@pytest.mark.parametrize(
    "properties",
    ["{n: 123456789012345678901234567890}", '{"\\ud800": 1}', "{n: .inf}", "{n: [{n: {n: 1}}]}"],
)
def test_any_properties_are_written_or_refused(folder: Path, properties: str) -> None:
    event = f"{{event: X, user: u, properties: {properties}}}"
    text = f"version: 1\ntests: [{{name: n, given: [{event}], then: {{u: []}}}}]"
    (folder / "product_test.yml").write_text(text)
    ran = run(folder, "product.yml")
    assert ran.returncode in (0, 1)
    assert "Traceback" not in ran.stderr


def test_check_looks_at_files_of_tests_too(folder: Path) -> None:
    (folder / "product_test.yml").write_text("version: 1" + PASSING.replace("[calm]", "[clam]"))
    checked = milepost("check", "product.yml", "product_test.yml", cwd=folder)
    assert checked.returncode == 1
    assert "there is no milestone `clam`, did you mean `calm`?" in checked.stdout
    assert "checked 2 files, 3 milestones" in checked.stderr


def test_a_terminal_has_colours(folder: Path) -> None:
    (folder / "product.yml").write_text(DEFINITIONS + PASSING)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "product.yml"],
        cwd=folder,
        stdout=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    ):
        os.close(theirs)
        shown = os.read(ours, 200)
    os.close(ours)
    assert b"\x1b[" in shown
