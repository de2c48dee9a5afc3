"""``milepost check`` as a person and as a script sees it."""

import json
import subprocess
from pathlib import Path

from tests.services.commands import milepost

ROOT = Path(__file__).resolve().parents[3]
GOOD = "version: 1\nmilestones: {signed_up: {of: account, when: {event: Account Created}}}\n"
BROKEN = "version: 1\nmilestones: {signed_up: {of: acount, when: {evnt: A}}}\n"
WARNED = "version: 1\nmilestones: {SignedUp: {of: account, when: {event: Account Created}}}\n"


def check(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return milepost("check", *arguments, cwd=cwd)


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text)


def test_a_good_file_is_summed_up_on_stderr_and_ends_with_0(tmp_path: Path) -> None:
    write(tmp_path, good=GOOD)
    result = check("good.yml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "checked 1 file, 1 milestone, 0 journeys, 0 errors, 0 warnings\n"


def test_segments_and_scores_are_counted_where_there_are_any(tmp_path: Path) -> None:
    sections = (
        "segments: {free: {of: account, when: {trait: plan, is: free}}}\n"
        "scores: {fit: {of: account, components: {a: {points: 3, when: {segment: free}}}}}\n"
    )
    write(tmp_path, good=GOOD + sections)
    counted = "1 milestone, 0 journeys, 1 segment, 1 score, 0 errors"
    assert check("good.yml", cwd=tmp_path).stderr == f"checked 1 file, {counted}, 0 warnings\n"


def test_a_note_says_which_roles_the_kpis_lack_and_is_no_failure(tmp_path: Path) -> None:
    write(tmp_path, roles=GOOD + "roles: {nps: {event: Answered, score: properties.score}}\n")
    result = check("roles.yml", cwd=tmp_path)
    note = result.stderr.splitlines()[1]
    assert (result.returncode, result.stdout) == (0, "")
    assert note.startswith("note: the roles are enough for ")
    assert " KPIs; the others need " in note
    assert "subscription.amount" in note
    assert "nps" not in note


def test_every_error_is_a_line_on_stdout_and_the_exit_code_is_1(tmp_path: Path) -> None:
    write(tmp_path, broken=BROKEN, good=GOOD)
    result = check("broken.yml", "good.yml", cwd=tmp_path)
    assert result.returncode == 1
    assert [line.split(" ")[0] for line in result.stdout.splitlines()] == [
        "broken.yml:2:30:",
        "broken.yml:2:45:",
    ]
    assert result.stderr == "checked 2 files, 1 milestone, 0 journeys, 2 errors, 0 warnings\n"


def test_warnings_are_shown_and_are_no_failure(tmp_path: Path) -> None:
    write(tmp_path, warned=WARNED)
    result = check("warned.yml", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("warned.yml:2:14: warning: `SignedUp`: ")


def test_json_is_one_object_with_all_problems(tmp_path: Path) -> None:
    write(tmp_path, broken=BROKEN, warned=WARNED)
    result = check("--json", "broken.yml", "warned.yml", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "")
    found = json.loads(result.stdout)
    assert (found["files"], found["errors"], found["warnings"]) == (2, 2, 1)
    assert [problem["severity"] for problem in found["problems"]] == ["error", "error", "warning"]
    first = found["problems"][0]
    assert (first["file"], first["line"], first["column"]) == ("broken.yml", 2, 30)
    assert first["message"].endswith("did you mean `account`?")


def test_a_file_that_cannot_be_read_ends_with_2_and_the_others_are_checked(tmp_path: Path) -> None:
    write(tmp_path, broken=BROKEN)
    result = check("absent.yml", "broken.yml", cwd=tmp_path)
    assert result.returncode == 2
    assert len(result.stdout.splitlines()) == 2
    first = result.stderr.splitlines()[0]
    assert first == "error: absent.yml: cannot be read: No such file or directory"


def test_no_file_is_wrong_usage(tmp_path: Path) -> None:
    result = check(cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


def test_schema_prints_the_published_json_schema(tmp_path: Path) -> None:
    published = ROOT / "schemas" / "published" / "definitions.v1.schema.json"
    result = check("--schema", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, published.read_text())


def test_leads_are_counted_where_there_are_any(tmp_path: Path) -> None:
    write(tmp_path, led=GOOD + "leads: {hot: {of: account, when: {event: Plan Limit Hit}}}\n")
    result = check("led.yml", cwd=tmp_path)
    assert result.stderr == (
        "checked 1 file, 1 milestone, 0 journeys, 1 lead, 0 errors, 0 warnings\n"
    )
