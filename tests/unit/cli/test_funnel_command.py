"""``milepost funnel`` as a user sees it."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from schemas.parameters import parameter_set
from tests.services.commands import milepost

DEFINITIONS = """
version: 1
funnels:
  activation:
    of: user
    steps: [{event: Sign Up}, {event: Create, where: {properties.kind: doc}}, {event: Share}]
    within: 2d
    exclude: [{event: Leave, from: 2, to: 3}]
"""


def event(name: str, user: str, day: str, hour: int = 10, **properties: str) -> str:
    return json.dumps(
        {
            "event": name,
            "timestamp": f"2026-01-{day}T{hour:02}:00:00Z",
            "event_id": f"{name}-{user}-{day}-{hour}",
            "account_id": "acme",
            "user_id": user,
            "properties": properties,
        }
    )


LINES = [
    # Late in the file, twice, and no event: none of it changes the answer.
    event("Share", "ann", "03"),
    event("Sign Up", "ann", "01", plan="trial"),
    event("Create", "ann", "02", kind="doc"),
    event("Create", "ann", "02", kind="doc"),
    "no event",
    # A board is no document.
    event("Sign Up", "bea", "01", plan="free"),
    event("Create", "bea", "02", kind="board"),
    # An hour too late for the last step.
    event("Sign Up", "cid", "01", plan="trial"),
    event("Create", "cid", "02", kind="doc"),
    event("Share", "cid", "03", 11),
    # Left in between.
    event("Sign Up", "dan", "01"),
    event("Create", "dan", "02", kind="doc"),
    event("Leave", "dan", "02", 12),
    event("Share", "dan", "03"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "product.yml").write_text(DEFINITIONS)
    (tmp_path / "events.jsonl").write_text("\n".join(LINES))
    return tmp_path


def funnel(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return milepost("funnel", *arguments, cwd=folder)


def counts(answer: dict[str, list[dict[str, object]]]) -> list[object]:
    return [step["count"] for step in answer["steps"]]


NAMED = ("activation", "-d", "product.yml", "--events", "events.jsonl")


NOBODY = {"count": 0, "of": 0, "share": None}


def by_day(*counts: int) -> dict[str, object]:
    """Of the four who began; the newest event is two days and an hour after that."""
    observed = {"1": {"count": counts[0], "of": 4, "share": counts[0] / 4}}
    return observed | dict.fromkeys(("3", "7", "14", "30"), NOBODY)


def test_json_has_counts_shares_and_times_of_each_step(folder: Path) -> None:
    ran = funnel(folder, *NAMED, "--json")
    assert ran.returncode == 0, ran.stderr
    day = 86_400.0
    assert json.loads(ran.stdout) == {
        "funnel": "activation",
        "of": "user",
        "order": "ordered",
        "steps": [
            {
                "step": "Sign Up",
                "count": 4,
                "dropped": 0,
                "of_previous": None,
                "of_first": 1.0,
                "median_seconds": None,
                "p75_seconds": None,
                "p90_seconds": None,
                "by_day": {},
            },
            {
                "step": "Create [properties.kind = doc]",
                "count": 3,
                "dropped": 1,
                "of_previous": 0.75,
                "of_first": 0.75,
                "median_seconds": day,
                "p75_seconds": day,
                "p90_seconds": day,
                "by_day": by_day(3),
            },
            {
                "step": "Share",
                "count": 1,
                "dropped": 2,
                "of_previous": 1 / 3,
                "of_first": 0.25,
                "median_seconds": day,
                "p75_seconds": day,
                "p90_seconds": day,
                "by_day": by_day(0),
            },
        ],
    }
    assert "1 duplicates, 1 that are no events" in ran.stderr


def test_by_breaks_the_answer_down_by_what_the_first_step_said(folder: Path) -> None:
    answer = json.loads(funnel(folder, *NAMED, "--json", "--by", "properties.plan").stdout)
    groups = {group["value"]: counts(group) for group in answer["groups"]}
    assert groups == {"trial": [2, 2, 1], "free": [1, 0, 0], None: [1, 1, 0]}


def test_the_table_shows_each_step_and_each_group(folder: Path) -> None:
    ran = funnel(folder, *NAMED, "--by", "properties.plan")
    lines = ran.stdout.splitlines()
    assert lines[0] == "activation, users"
    assert lines[2].split()[-4:] == ["4", "–", "100.0%", "–"]
    share = next(line for line in lines if line.startswith("Share"))
    assert share.split()[-5:] == ["1", "33.3%", "25.0%", "1.0", "d"]
    assert "properties.plan trial" in ran.stdout
    slow = next(line for line in lines if line.startswith("Share") and line.endswith("–"))
    assert slow.split() == ["Share", "2", "1.0", "d", "1.0", "d", "0.0%", "–", "–", "–", "–"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--of", "account"], [1, 1, 0]),
        (["--within", "3d"], [4, 3, 2]),
        (["--from", "2026-01-02"], [0, 0, 0]),
        (["--to", "2026-01-03"], [4, 3, 0]),
        (["--order", "strict"], [4, 3, 1]),
        (["--order", "unordered"], [4, 3, 1]),
    ],
)
def test_options_change_the_funnel_of_the_definitions(
    folder: Path, options: list[str], expected: list[int]
) -> None:
    ran = funnel(folder, *NAMED, "--json", *options)
    assert counts(json.loads(ran.stdout)) == expected


def test_steps_make_a_funnel_at_once(folder: Path) -> None:
    steps = ("--steps", "Sign Up", "Sha*", "--within", "2d", "--of", "user")
    ran = funnel(folder, *steps, "--events", "events.jsonl", "--json")
    assert counts(json.loads(ran.stdout)) == [4, 2]


def test_what_sets_a_parameter_is_nobodys_step(folder: Path) -> None:
    settings = [parameter_set("baseline:usage", value, value) for value in (1, 2)]
    (folder / "events.jsonl").write_text("\n".join([*map(json.dumps, settings), *LINES]))
    steps = ("--steps", "*", "*", "--of", "account")
    ran = funnel(folder, *steps, "--events", "events.jsonl", "--json")
    assert counts(json.loads(ran.stdout)) == [1, 1]


def test_files_that_a_shell_has_written_out_are_all_read(folder: Path) -> None:
    (folder / "more.jsonl").write_text(event("Sign Up", "eva", "01"))
    ran = funnel(folder, *NAMED, "more.jsonl", "--json")
    assert counts(json.loads(ran.stdout))[0] == 5


def test_a_picture_is_what_its_name_says(folder: Path) -> None:
    for name in ("funnel.png", "funnel.svg"):
        ran = funnel(folder, *NAMED, "--picture", name)
        assert ran.returncode == 0, ran.stderr
    assert (folder / "funnel.png").read_bytes().startswith(b"\x89PNG")
    assert ET.parse(folder / "funnel.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["activaton", "-d", "product.yml", "events.jsonl"], "did you mean `activation`?"),
        ([*NAMED, "--by", "segment"], "ask ClickHouse (--dsn)"),
        ([*NAMED, "--cohorts"], "roles: {signed_up: {event: Signed Up}}"),
        ([*NAMED, "--cohorts", "--over", "week"], "one of --by, --over and --cohorts"),
        ([*NAMED, "--dsn", "chdb://x"], "--events or --dsn"),
        (["activation", "events.jsonl"], "which funnel? Name the definitions"),
        (["activation", "-d", "product.yml"], "over which events?"),
        (["--steps", "A", "--events", "events.jsonl"], "a funnel has 2 to 60 steps"),
        ([*NAMED, "--within", "soon"], "`7d`"),
        ([*NAMED, "--by", "plan"], "did you mean `properties.plan`?"),
        ([*NAMED, "--of", "users"], "did you mean `user`?"),
        ([*NAMED, "--from", "2026-02-01", "--to", "2026-01-01"], "--to must be later"),
        ([*NAMED, "--picture", "funnel.jpg"], ".png or .svg"),
        ([*NAMED, "--picture", "nowhere/funnel.png"], "cannot be written"),
        (["activation", "-d", "product.yml", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    folder: Path, arguments: list[str], said: str
) -> None:
    ran = funnel(folder, *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
