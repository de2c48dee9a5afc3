"""Golden: each broken file in ``broken/`` and all that is said about it."""

from pathlib import Path

import pytest

from streams.definitions import check, load, loads
from streams.errors import DefinitionsError, UsageError

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yml"))


def said_about(path: Path) -> str:
    return "".join(str(problem).replace(f"{path.parent}/", "") + "\n" for problem in check(path))


@pytest.mark.parametrize("path", [*BROKEN, HERE / "warnings.yml"], ids=lambda path: path.stem)
def test_all_problems_of_a_file_are_shown_at_once_with_line_and_column(path: Path) -> None:
    assert said_about(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_file_with_errors_is_not_loaded_and_the_error_has_a_line_for_each(path: Path) -> None:
    with pytest.raises(DefinitionsError) as raised:
        load(path)
    errors = [problem for problem in check(path) if problem.severity == "error"]
    assert list(raised.value.problems) == errors
    assert str(raised.value).splitlines() == [str(problem) for problem in errors]
    assert raised.value.exit_code == 1


def test_a_file_with_warnings_alone_is_loaded() -> None:
    assert len(load(HERE / "warnings.yml").milestones) == 15


def test_a_missing_file_is_unreadable_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.yml: cannot be read: No such file") as raised:
        load(tmp_path / "absent.yml")
    assert raised.value.exit_code == 2


def test_a_directory_is_unreadable_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_path_that_no_file_can_have_is_unreadable_input() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load("a\0b")


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yml"
    path.write_bytes(b"#" * (512 * 1024 + 1))
    with pytest.raises(DefinitionsError, match="larger than 512 KiB"):
        load(path)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bom.yml"
    path.write_text("version: 1\nmilestones: {a: {of: user, when: {event: A}}}\n", "utf-8-sig")
    assert list(load(path).milestones) == ["a"]


def test_messages_are_one_line_whatever_the_file_contains() -> None:
    with pytest.raises(DefinitionsError) as raised:
        loads('version: 1\n"a\\nb\\u2028c": 3\n')
    assert str(raised.value) == (
        "definitions:2:1: `a\\nb\\u2028c` is not a field of a definitions file"
    )
