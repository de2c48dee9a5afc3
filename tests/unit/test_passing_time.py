"""The evaluator's timers: what is due is judged once, at its own time, whatever comes between."""

from collections.abc import Sequence

import orjson
import ormsgpack
import pytest

from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord

HOUR = 3_600_000
START = 1_767_225_600_000
FIRES = HOUR + 1
"""After the event: so long another one may come late."""
MANY = 10**9

MEAN = "avg: {of: properties.size, is: '>= 5'}"
HELD = f"""
version: 1
settings: {{allowed_lateness: 1h, dedupe_within: 24h}}
milestones:
  big:   {{of: user, when: {{event: Used, {MEAN}}}}}
  team:  {{of: account, when: {{milestone: big, users: ">= 2"}}}}
  heavy: {{of: account, when: {{event: Used, {MEAN}}}}}
"""
ENGINE = Engine(loads(HELD))


class Process:
    """Evaluators of one partition, one after the other, over tables that outlive them."""

    def __init__(self, *, capacity: int = 2, behind: int | None = None) -> None:
        self.accounts: dict[bytes, bytes] = {}
        self.users: dict[bytes, bytes] = {}
        self.told: list[Qualification] = []
        self._capacity = capacity
        self._behind = behind
        self._offset = 0
        self.restart()

    def restart(self) -> None:
        """What was not committed is gone; timers come back from the tables."""
        self.evaluator = Evaluator(
            ENGINE,
            topic="product.events",
            partition=0,
            load_account=self.accounts.get,
            load_user=self.users.get,
            cache_entries=self._capacity,
            behind_records=self._behind,
        )
        for table in (self.accounts, self.users):
            self.evaluator.schedule(table.items())

    def send(self, at: int, *users: str, size: int = 9, account: str | None = "acme") -> None:
        records = []
        for user in users:
            body = {
                "event": "Used",
                "timestamp": START + at,
                "event_id": str(self._offset),
                "user_id": user,
                "account_id": account,
                "properties": {"size": size},
            }
            records.append(FakeRecord(b"k", orjson.dumps(body), (), START + at, self._offset))
            self._offset += 1
        self.evaluator.apply(records)

    def pass_time(self, at: int, most: int = MANY) -> int:
        return self.evaluator.pass_time(START + at, most)

    def commit(self) -> None:
        changes = self.evaluator.collect()
        self.told += self.evaluator.staged.qualifications
        self.accounts.update((key, state) for key, state in changes.accounts if state is not None)
        self.users.update((key, state) for key, state in changes.users if state is not None)
        self.evaluator.committed()

    @property
    def next_deadline(self) -> int | None:
        due = self.evaluator.next_deadline
        return None if due is None else due - START


def named(told: Sequence[Qualification]) -> list[tuple[str, str | None, int]]:
    return [(one.milestone, one.user_id, one.occurred_at - START) for one in told]


def test_nothing_is_told_before_its_time_and_at_it_once() -> None:
    process = Process()
    process.send(0, "ann", account=None)
    assert process.pass_time(FIRES - 1) == 0
    assert process.pass_time(FIRES) == 1
    assert process.pass_time(FIRES + HOUR) == 0
    process.commit()
    assert named(process.told) == [("big", "ann", 0)]
    assert process.told[0].decided_by is None


def test_where_time_stays_behind_records_it_passes_with_them_whatever_the_clock_says() -> None:
    process = Process(behind=HOUR)
    process.send(0, "ann", account=None)
    assert process.pass_time(MANY) == 0
    process.send(FIRES + HOUR - 1, "bob", account=None)
    assert process.pass_time(MANY) == 0
    process.commit()
    assert process.next_deadline is None
    process.send(FIRES + HOUR, "cho", account=None)
    assert process.next_deadline == FIRES
    assert process.pass_time(FIRES - 1) == 0
    assert process.pass_time(MANY) == 1


def test_what_is_told_again_after_a_crash_is_the_same_though_the_clock_goes_on() -> None:
    process = Process()
    process.send(0, "ann")
    process.send(20, "bob")
    process.commit()
    process.pass_time(FIRES + 20)
    before = process.evaluator.staged.qualifications
    process.restart()
    process.pass_time(FIRES + 5 * HOUR)
    assert process.evaluator.staged.qualifications == before
    assert {one.detected_at - one.occurred_at for one in before} == {FIRES}


def test_whether_the_clock_or_a_later_event_lets_time_pass_makes_no_difference() -> None:
    first, second = Process(), Process()
    for process in (first, second):
        process.send(0, "ann")
        process.commit()
    first.pass_time(FIRES)
    first.commit()
    second.send(3 * HOUR, "ann", size=1)
    second.commit()
    assert first.told == second.told


def test_deadlines_of_records_that_are_not_committed_are_kept() -> None:
    process = Process()
    process.send(0, "ann")
    process.pass_time(FIRES)
    process.commit()
    assert named(process.told) == [("big", "ann", 0), ("heavy", None, 0)]


def test_the_next_deadline_is_known_after_a_commit_and_gone_when_it_was_judged() -> None:
    process = Process()
    process.send(0, "ann")
    process.commit()
    assert process.next_deadline == FIRES
    process.pass_time(FIRES)
    assert process.next_deadline is None


def test_users_are_judged_before_their_account_which_hears_of_them() -> None:
    process = Process()
    process.send(10, "ann")
    process.send(20, "bob")
    process.commit()
    process.pass_time(FIRES + 20)
    process.commit()
    told = named(process.told)
    assert told[:2] == [("big", "ann", 10), ("big", "bob", 20)]
    assert set(told[2:]) == {("team", None, 20), ("heavy", None, 10)}


def test_a_user_that_is_due_brings_its_account_along_though_that_is_not() -> None:
    process = Process()
    process.send(0, "ann")
    process.pass_time(FIRES)
    process.commit()
    process.send(HOUR, "bob")
    process.commit()
    process.pass_time(HOUR + FIRES)
    process.commit()
    assert named(process.told)[2:] == [("big", "bob", HOUR), ("team", None, HOUR)]


def test_a_deadline_that_another_event_lifts_is_not_told() -> None:
    process = Process()
    process.send(0, "ann", size=9, account=None)
    process.commit()
    process.send(0, "ann", size=0, account=None)
    process.pass_time(FIRES)
    process.commit()
    assert process.told == []


@pytest.mark.parametrize("capacity", [0, 100])
def test_a_deadline_that_moves_back_and_forth_is_judged_when_it_says(capacity: int) -> None:
    process = Process(capacity=capacity)
    for at, size in ((10, 0), (3_000, 60), (2_000, 4)):
        process.send(at, "ann", size=size, account=None)
        process.commit()
    process.pass_time(2_999 + FIRES)
    process.commit()
    assert process.told == []
    process.pass_time(3_000 + FIRES)
    process.commit()
    assert named(process.told) == [("big", "ann", 3_000)]


def test_after_a_restart_what_was_missed_is_told_once_and_with_its_time() -> None:
    process = Process()
    process.send(0, "ann", account=None)
    process.commit()
    process.restart()
    assert process.next_deadline == FIRES
    assert process.pass_time(30 * 24 * HOUR) == 1
    process.commit()
    process.restart()
    assert process.pass_time(60 * 24 * HOUR) == 0
    assert named(process.told) == [("big", "ann", 0)]


def test_what_was_judged_and_not_committed_is_judged_again_to_the_same_end() -> None:
    process = Process()
    process.send(0, "ann", "bob")
    process.commit()
    process.pass_time(FIRES)
    lost = named(process.evaluator.staged.qualifications)
    process.restart()
    process.pass_time(FIRES)
    process.commit()
    assert named(process.told) == lost
    assert len(lost) == 4


def test_slices_reach_as_far_as_what_is_due_and_what_is_late_does_not_overtake() -> None:
    process = Process()
    for at in range(10):
        process.send(at, f"user-{at}", account=None)
    process.commit()
    assert process.pass_time(HOUR * 24, most=4) == 4
    assert process.next_deadline == 4 + FIRES
    assert process.pass_time(HOUR * 24, most=4) == 4
    assert process.pass_time(HOUR * 24, most=4) == 2
    process.commit()
    assert named(process.told) == [("big", f"user-{at}", at) for at in range(10)]


def test_an_account_is_judged_with_all_its_users_that_are_due_with_it_however_small_the_slice() -> (
    None
):
    process = Process(capacity=100)
    users = [f"user-{number}" for number in range(20)]
    process.send(0, *users)
    process.send(0, *users, account="bolt")
    process.commit()
    assert process.pass_time(FIRES, most=5) == len(users) + 1
    assert process.pass_time(FIRES, most=5) == len(users) + 1
    process.commit()
    assert [one.user_id is None for one in process.told] == 2 * [*[False] * 20, True, True]


@pytest.mark.slow
def test_twenty_thousand_that_are_due_at_once_are_told_once_over_a_restart_in_the_middle() -> None:
    process, count, most = Process(capacity=1_000), 20_000, 200
    for first in range(0, count, 2_000):
        process.send(0, *map(str, range(first, first + 2_000)), account=None)
        process.commit()
    slices = 0
    while process.next_deadline is not None:
        assert process.pass_time(HOUR * 24, most) <= most
        slices += 1
        if slices % 7 == 0:
            process.commit()
        if slices == 50:
            process.restart()  # the slice since the last commit is judged again
    process.commit()
    assert slices == count / most + 1
    assert len(process.told) == count
    assert len({one.user_id for one in process.told}) == count


def test_a_state_of_version_1_is_told_when_no_event_can_be_late_for_it_any_more() -> None:
    process = Process()
    process.send(0, "ann", account=None)
    process.commit()
    key = b"lann"
    process.users[key] = as_version_1(process.users[key])
    process.restart()
    assert process.pass_time(FIRES - 1) == 0
    assert process.pass_time(FIRES) == 1


def as_version_1(state: bytes) -> bytes:
    """The same state as version 1 wrote it: an instant in the body, none in the header."""
    option = ormsgpack.OPT_NON_STR_KEYS
    body = ormsgpack.unpackb(state[21:], option=option)
    clock, _, _, offset, origins, reached, _, _, *rest = body
    leaves, *rest = rest
    del rest[-4]  # who is waited for
    body = [clock, START, offset, origins, reached, leaves, *rest]
    return b"\1" + state[1:9] + ormsgpack.packb(body, option=option)


def test_what_is_counted_is_what_was_due() -> None:
    process = Process()
    process.send(0, "ann")
    process.commit()
    assert process.evaluator.counts.timers_pending == 2
    process.pass_time(FIRES)
    process.commit()
    counts = process.evaluator.counts
    assert (counts.timers_fired, counts.timers_pending) == (2, 0)
    assert counts.qualifications == {
        ("big", "milestone.reached"): 1,
        ("heavy", "milestone.reached"): 1,
    }
