"""The ``milepost`` command itself."""

from importlib.metadata import version

import pytest

from streams.build import is_compiled
from streams.cli.main import COMMANDS
from tests.services.commands import milepost


def test_version_names_the_distribution_and_how_it_was_built() -> None:
    ran = milepost("--version")
    how = "compiled" if is_compiled() else "interpreted"
    assert (ran.returncode, ran.stdout) == (0, f"milepost {version('milepost')} ({how})\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(option: str) -> None:
    ran = milepost(option)
    assert ran.returncode == 0
    for commands in COMMANDS.values():
        for command in commands:
            assert f" {command.__name__} " in ran.stdout


def test_without_a_command_the_help_is_shown_as_wrong_usage() -> None:
    ran = milepost()
    assert ran.returncode == 2
    assert "Usage: milepost" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-command"], "error: No such command 'no-such-command'. Try: milepost --help\n"),
        (["--nope"], "error: No such option: --nope. Try: milepost --help\n"),
        (["demo", "--for", "soon"], "'soon' is no duration; write 90s or 2m"),
        (["demo", "--accounts", "0"], "--accounts"),
        (["watch", "--json"], "--json goes with --once. Try: milepost watch --help\n"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], says: str) -> None:
    ran = milepost(*arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_can_be_had(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Typer would look which shell has called: under make that is sh, which has no completion.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    ran = milepost("--show-completion", shell)
    assert ran.returncode == 0
    assert "MILEPOST_COMPLETE" in ran.stdout
