"""Whom abuse rules flag is told before anything else."""

from pathlib import Path

import pytest

from streams.definitions import loads
from streams.definitions.model import Owner
from streams.explain.answer import Answer
from streams.explain.files import FileSource
from streams.explain.page import page
from streams.files import EventFiles

DEFINITIONS = loads("""
version: 1
milestones:
  used: {of: user, when: {event: Used}}
abuse:
  internal: {of: user, when: {trait: email, ends_with: "@us.example"}}
  calm: {of: user, when: {event: Used, count: ">= 2", within: 1h}, for: 1h}
  limit: {of: account, event: Used, most: 1, per: 1d}
""")
EVENTS = """\
{"event":"identify","timestamp":"2026-01-01T10:00:00Z","account_id":"acme","user_id":"ann","traits":{"email":"ann@us.example"}}
{"event":"Used","timestamp":"2026-01-01T11:00:00Z","account_id":"acme","user_id":"bob"}
{"event":"Used","timestamp":"2026-01-01T11:00:00Z","account_id":"acme","user_id":"cho"}
{"event":"Used","timestamp":"2026-01-01T11:30:00Z","account_id":"acme","user_id":"cho"}
"""
NOON = 1_767_268_800_000 + 20 * 60_000
"""Twenty past twelve: of the events of ``cho`` one lies within an hour."""


def asked(folder: Path, owner: Owner, at: int | None = None) -> Answer:
    path = folder / "events.jsonl"
    path.write_text(EVENTS)
    files = EventFiles([str(path)], NOON)
    source = FileSource(DEFINITIONS, files, [owner], at)
    assert list(source.run()) == [4]
    return source.answer(owner, ["used"] if owner[1] else [])


@pytest.mark.parametrize(
    ("owner", "at", "flags", "line"),
    [
        (
            ("acme", "ann"), None,
            [{"rule": "internal", "since": "2026-01-01T10:00:00.000Z", "until": None}],
            "Flagged by internal since 1 Jan 2026 10:00: its events are excluded.",
        ),
        (("acme", "bob"), None, [], ""),
        (
            ("acme", "cho"), NOON,
            [{"rule": "calm", "since": "2026-01-01T11:30:00.000Z",
              "until": "2026-01-01T13:00:00.000Z"}],
            "Flagged by calm since 1 Jan 2026 11:30 until 1 Jan 2026 13:00: "
            "its events are excluded.",
        ),
        (
            ("acme", None), None,
            [{"rule": "limit", "since": None, "until": "2026-01-02T00:00:00.000Z"}],
            "It is beyond the limit limit until 2 Jan 2026 00:00: more such events are excluded.",
        ),
    ],
)  # fmt: skip
def test_an_answer_says_by_which_rules_events_are_excluded(
    tmp_path: Path, owner: Owner, at: int | None, flags: list[dict[str, object]], line: str
) -> None:
    found = asked(tmp_path, owner, at)
    assert found["flags"] == flags
    assert list(page(found, told=False))[1] == line


def test_whom_no_event_that_counts_names_is_explained_all_the_same(tmp_path: Path) -> None:
    [used] = asked(tmp_path, ("acme", "ann"))["milestones"]
    assert (used["holds"], used["why"]["observed"]) == (False, 0)
