"""What a person types for an account or a user."""

import pytest

from streams.definitions.model import Owner
from streams.explain.names import is_ambiguous, readings, spoken, switches


@pytest.mark.parametrize(
    ("entity", "meant"),
    [
        ("acme", [("acme", None), (None, "acme")]),
        ("acme/ann", [("acme", "ann"), ("acme/ann", None), (None, "acme/ann")]),
        (
            "a/b/c",
            [("a", "b/c"), ("a/b", "c"), ("a/b/c", None), (None, "a/b/c")],
        ),
        ("/ann", [("/ann", None), (None, "/ann")]),
        ("acme/", [("acme/", None), (None, "acme/")]),
    ],
)
def test_whatever_it_may_stand_for(entity: str, meant: list[Owner]) -> None:
    assert readings(entity) == meant


def test_each_can_be_said_so_that_nothing_else_is_meant() -> None:
    known: list[Owner] = [("a", "b"), ("a/b", None), (None, "a/b")]
    assert [switches(owner) for owner in known] == [
        "--account a --user b", "--account a/b", "--user a/b",
    ]  # fmt: skip
    assert [spoken(owner) for owner in known] == [
        "user b of account a", "account a/b", "user a/b",
    ]  # fmt: skip
    assert is_ambiguous("a/b", known[:2]) == (
        "`a/b` may be any of several: say --account a --user b or --account a/b"
    )
