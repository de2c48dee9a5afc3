"""The shipped definitions: no warnings, and tests of theirs that pass and leave nothing out."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from streams.definitions import examine, examine_tests
from streams.definitions.conditions import FORMS, form_of
from streams.definitions.model import Case, Condition, Definitions
from streams.deployed import deployed
from streams.testing import run_tests

SHIPPED = deployed("definitions")
GALLERY = SHIPPED / "gallery"
FILES = sorted(path for path in SHIPPED.rglob("*.yml") if not path.stem.endswith("_test"))
READY = [path for path in FILES if path.parent == GALLERY]
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "gallery.md").read_text()

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
every_ready_file = pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)


@cache
def read(path: Path) -> tuple[Definitions, tuple[Case, ...]]:
    outcome = examine(path)
    beside = examine_tests(path.with_name(f"{path.stem}_test.yml"), outcome)
    assert (*outcome.problems, *beside.problems) == ()
    assert outcome.definitions
    assert beside.definitions
    return outcome.definitions, beside.definitions.tests


@every_file
def test_its_tests_pass(path: Path) -> None:
    failed = [one for one in run_tests(*read(path)) if one.failures]
    assert [(one.case.name, one.failures[0].lines()) for one in failed] == []


@every_file
def test_its_tests_say_of_every_milestone_when_it_is_reached_and_when_not(path: Path) -> None:
    definitions, cases = read(path)
    expected = [one for case in cases for check in case.checks for one in check.expected]
    reached = {name for one in expected for name in one.reached or ()}
    assert reached == set(definitions.milestones)
    missed = {name for one in expected for name in one.not_reached}
    for one in expected:
        if one.reached is not None:
            kind = "account" if one.user_id is None else "user"
            missed |= {
                name
                for name, milestone in definitions.milestones.items()
                if milestone.of == kind and name not in one.reached
            }
    assert missed == set(definitions.milestones)


@every_file
def test_its_tests_say_of_every_live_milestone_when_it_is_left(path: Path) -> None:
    definitions, cases = read(path)
    expected = [one for case in cases for check in case.checks for one in check.expected]
    left = {name for one in expected for name in one.exited or ()}
    assert left == {one.name for one in definitions.milestones.values() if one.live}


@every_file
def test_its_tests_say_of_every_journey_when_one_is_stuck_and_when_not(path: Path) -> None:
    definitions, cases = read(path)
    expected = [one for case in cases for check in case.checks for one in check.expected]
    stuck = {name for one in expected for name in one.stuck or ()}
    assert stuck == {one.name for one in definitions.journeys.values() if one.stuck}
    assert any(one.stuck == {} for one in expected)


@every_file
def test_its_tests_say_of_every_lead_when_one_is_opened_closed_or_breached_and_when_not(
    path: Path,
) -> None:
    definitions, cases = read(path)
    expected = [one for case in cases for check in case.checks for one in check.expected]
    opened = {(name, state) for one in expected for name, state in (one.leads or {}).items()}
    assert {name for name, _ in opened} == set(definitions.leads)
    if definitions.leads:
        states = {state for _, state in opened}
        assert {"open", "breached"} < states
        assert any(one.leads == {} for one in expected)


@every_ready_file
def test_a_ready_file_is_for_somebody_and_not_too_long(path: Path) -> None:
    head = path.read_text().split("version: 1")[0]
    assert "# For " in head
    assert "# Rename: " in head
    definitions, _ = read(path)
    assert 4 <= len(definitions.milestones) <= 8
    assert any(journey.stuck for journey in definitions.journeys.values())
    assert all(one.title for one in definitions.milestones.values())


def conditions(condition: Condition) -> set[str]:
    form = form_of(condition)
    inside = (conditions(one) for one in form.inside(condition))
    return {form.name}.union(*inside)


def test_the_gallery_shows_every_form() -> None:
    files = [read(path)[0] for path in READY]
    shown = [
        conditions(one.when)
        for file in files
        for one in (*file.milestones.values(), *file.leads.values())
    ]
    assert set.union(*shown) == set(FORMS)


def test_the_page_lists_every_file_once() -> None:
    listed = re.findall(
        r"^\| \[`(\w+)`\]\(\.\./deploy/definitions/gallery/(\w+)\.yml\) \|", PAGE, re.M
    )
    assert listed == [(path.stem, path.stem) for path in READY]


def test_the_commands_of_the_page_can_be_typed(tmp_path: Path) -> None:
    (commands,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
    (tmp_path / "deploy").symlink_to(SHIPPED.parent)
    shutil.copy(Path(__file__).parent / "examples" / "events.jsonl", tmp_path)
    ran = subprocess.run(
        ["bash", "-ec", f'milepost() {{ "{sys.executable}" -m streams "$@"; }}\n{commands}'],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
