"""``milepost delete`` as a user runs it, without a broker; with one: tests/integration."""

import subprocess

import pytest

from streams.deleting import deletion_of
from tests.services.commands import milepost
from tests.services.waiting import free_port


def delete(*arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
    return milepost("delete", *arguments, answer=answer)


def test_nobody_is_wrong_usage() -> None:
    ran = delete("--yes")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: whom? milepost delete ACCOUNT, ACCOUNT --user ID, or --user ID\n"


@pytest.mark.parametrize(
    ("arguments", "goes"),
    [
        (["acme"], "of the account acme and of all its users"),
        (["acme", "--user", "ann"], "of the user ann of the account acme"),
        (["--user", "ann"], "of the user ann, who has no account"),
    ],
)
def test_it_says_what_goes_and_does_nothing_without_a_yes(arguments: list[str], goes: str) -> None:
    ran = delete(*arguments, answer="n\n")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert goes in ran.stderr
    assert "Erase it for good?" in ran.stderr


def test_a_broker_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("MILEPOST_CONNECT_TIMEOUT", "0.5")
    ran = delete("acme", "--yes")
    assert ran.returncode == 1
    assert "error: " in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_event_names_whom_it_is_about_and_who_asked() -> None:
    event = deletion_of("acme", None, "privacy@example.com")
    assert (event["event"], event["account_id"]) == ("entity_deleted", "acme")
    assert "user_id" not in event
    assert event["properties"] == {"asked_by": "privacy@example.com"}
    assert deletion_of(None, "ann", "me")["event_id"] != event["event_id"]
