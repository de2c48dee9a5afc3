"""Definitions that are edited while they run: what is kept, what is said, what is marked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.comparisons import ScoreComparison
from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord, record
from tests.unit.engine.worker import HOUR, START

DAY = 24 * HOUR
NOTHING: Mapping[str, Any] = {}
ONE = """
version: 1
milestones:
  busy: {of: account, when: {event: Used, count: '>= 3', within: 2d}}
"""
OTHER = ONE.replace("busy", "lively")
CHANGED = ONE.replace("'>= 3'", "'>= 2'")
MORE = ONE + "  dormant: {of: account, when: {event: Paid, count: '>= 1', within: 2d}}\n"


@dataclass
class Deployment:
    """Tables that outlive the processes, each of which has its definitions."""

    accounts: dict[bytes, bytes] = field(default_factory=dict)
    users: dict[bytes, bytes] = field(default_factory=dict)
    told: list[Qualification] = field(default_factory=list)
    shadows: list[Qualification] = field(default_factory=list)
    comparisons: list[ScoreComparison] = field(default_factory=list)
    offset: int = 0

    def run(
        self,
        text: str,
        *events: tuple[str, int],
        now: int = START,
        account: str = "acme",
        said: Mapping[str, Any] = NOTHING,
    ) -> list[str]:
        """Starts a process at a time, has it work on events, and says what it found edited."""
        evaluator = Evaluator(
            Engine(loads(text)),
            topic="t",
            partition=0,
            load_account=self.accounts.get,
            load_user=self.users.get,
            started_at=now,
        )
        evaluator.apply([self._record(*event, account, said) for event in events])
        changes = evaluator.collect()
        for table, entries in ((self.accounts, changes.accounts), (self.users, changes.users)):
            table.update({key: state for key, state in entries if state is not None})
        self.told += evaluator.staged.qualifications
        self.shadows += evaluator.staged.shadows
        self.comparisons += evaluator.staged.comparisons
        evaluator.committed()
        return [str(edit) for edit in evaluator.edits]

    def _record(self, name: str, time: int, account: str, said: Mapping[str, Any]) -> FakeRecord:
        self.offset += 1
        event = Event(f"e{self.offset}", name, START + time, account, None, said, {})
        return record(event, self.offset)


def test_the_same_definitions_are_no_edit_and_go_on_where_they_were() -> None:
    deployment = Deployment()
    assert deployment.run(ONE, ("Used", 0), ("Used", HOUR)) == []
    assert deployment.run(ONE + "# a comment\n", ("Used", 2 * HOUR), now=START + DAY) == []
    (told,) = deployment.told
    assert told.occurred_at == START + 2 * HOUR
    assert told.evidence[0].history_since is None


def test_a_milestone_under_another_name_keeps_the_state_of_its_condition() -> None:
    deployment = Deployment()
    deployment.run(ONE, ("Used", 0), ("Used", HOUR))
    assert deployment.run(OTHER, ("Used", 2 * HOUR)) == [
        "`lively` is new: its conditions keep what they know of those who had not reached what "
        "had them before",
        "`busy` is gone: what is known for it is dropped, what was told stays told",
    ]
    assert [one.milestone for one in deployment.told] == ["lively"]


def test_a_changed_condition_starts_again_and_says_so() -> None:
    deployment = Deployment()
    deployment.run(ONE, ("Used", 0), ("Used", HOUR))
    assert deployment.run(CHANGED, ("Used", 2 * HOUR)) == [
        "`busy` is changed and starts again: it begins without history for "
        "“count of Used >= 2 within 2d”"
    ]
    assert deployment.told == []


def test_what_starts_with_too_little_history_says_so_until_its_window_has_passed() -> None:
    deployment = Deployment()
    deployment.run(ONE, ("Used", 0))
    added = START + DAY
    assert deployment.run(MORE, ("Paid", DAY + HOUR), now=added) == [
        "`dormant` is new: it begins without history for “count of Paid >= 1 within 2d”"
    ]
    assert deployment.told[-1].evidence[0].history_since == added
    later = Deployment()
    later.run(ONE, ("Used", 0))
    later.run(MORE, now=added)
    later.run(MORE, ("Paid", 3 * DAY), now=added + DAY)
    assert later.told[-1].evidence[0].history_since is None


def test_since_when_something_was_added_is_remembered_over_restarts() -> None:
    deployment = Deployment()
    deployment.run(ONE, ("Used", 0))
    deployment.run(MORE, now=START + DAY)
    assert deployment.run(MORE, ("Paid", DAY + HOUR), now=START + 2 * DAY) == []
    assert deployment.told[-1].evidence[0].history_since == START + DAY
