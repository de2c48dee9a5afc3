"""Health: from level to level, by events and by time, and what is told of it."""

from collections.abc import Mapping
from typing import Any

import ormsgpack
import pytest

from schemas.events import Event
from schemas.qualifications import HealthChange, Qualification
from streams.definitions import health_fingerprints, loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord, record
from tests.unit.engine.worker import DAY, HOUR, START

SILENCE = "red: {inactive: 14d}, yellow: {inactive: 7d}"
JOURNEY = """
journeys:
  way: {of: account, steps: [first, second, third]}
milestones:
  first: {of: account, when: {event: One}}
  second: {of: account, when: {event: Two}}
  third: {of: account, when: {event: Three}}
"""

Step = tuple[int, str, str]
"""When, as days after ``START``; from which level, and to which."""


class Clinic:
    """Evaluators of one partition, one after the other, over tables that outlive them."""

    def __init__(self, health: str = SILENCE, *, of: str = "account", more: str = "") -> None:
        self.write(health, of=of, more=more)
        self._accounts: dict[bytes, bytes] = {}
        self._users: dict[bytes, bytes] = {}
        self.outputs: list[Qualification] = []
        self._offset = 0
        self.evaluator = self._start()

    def write(self, health: str, *, of: str = "account", more: str = "") -> None:
        """Other definitions; they are read at the next restart."""
        settings = "settings: {allowed_lateness: 1h, dedupe_within: 24h}"
        self.definitions = loads(
            f"version: 1\n{settings}\nhealth: {{usage: {{of: {of}, {health}}}}}\n{more}"
        )
        self._engine = Engine(self.definitions)

    def _start(self) -> Evaluator:
        evaluator = Evaluator(
            self._engine,
            topic="product.events",
            partition=0,
            load_account=self._accounts.get,
            load_user=self._users.get,
            started_at=START,
        )
        for table in (self._accounts, self._users):
            evaluator.schedule(table.items())
        return evaluator

    def restart(self) -> None:
        """Commit, and go on as another process."""
        changes = self.evaluator.collect()
        for table, written in (self._accounts, changes.accounts), (self._users, changes.users):
            table.update((key, state) for key, state in written if state is not None)
        self.outputs += self.evaluator.staged.qualifications
        self.evaluator.committed()
        self.evaluator = self._start()

    def send(
        self, day: float, name: str = "Used", *, user: str | None = None, **properties: Any
    ) -> None:
        at = START + round(day * DAY)
        event = Event(f"e{self._offset}", name, at, "acme", user, properties, {})
        self.evaluator.apply([_at(record(event, self._offset), at)])
        self._offset += 1

    def wait(self, day: float) -> None:
        self.evaluator.pass_time(START + round(day * DAY), 1_000)

    @property
    def told(self) -> list[Qualification]:
        everything = [*self.outputs, *self.evaluator.staged.qualifications]
        return [one for one in everything if one.type == "health.changed"]

    @property
    def steps(self) -> list[Step]:
        return [
            ((one.occurred_at - START) // DAY, one.health.before, one.health.level)
            for one in self.told
            if one.health
        ]


def _at(one: FakeRecord, time: int) -> FakeRecord:
    return one._replace(timestamp=time)


def test_nobody_is_told_that_whoever_is_new_is_green() -> None:
    clinic = Clinic()
    clinic.send(0)
    clinic.wait(6.9)
    assert clinic.told == []


def test_silence_turns_it_yellow_and_then_red_and_an_event_green_again() -> None:
    clinic = Clinic()
    clinic.send(0)
    clinic.wait(30)
    clinic.send(31)
    assert clinic.steps == [(7, "green", "yellow"), (14, "yellow", "red"), (31, "red", "green")]
    assert [one.occurrence for one in clinic.told] == [1, 2, 3]
    assert {one.milestone for one in clinic.told} == {"usage"}
    assert len({one.id for one in clinic.told}) == 3


def test_a_first_level_that_is_not_green_is_told() -> None:
    clinic = Clinic("red: {not: {event: Paid}}")
    clinic.send(0)
    clinic.send(3, "Paid")
    assert clinic.steps == [(0, "green", "red"), (3, "red", "green")]


def test_red_goes_before_yellow_where_both_conditions_hold() -> None:
    clinic = Clinic(
        'red: {event: Bad, count: ">= 2", within: 5d}, yellow: {event: Bad, within: 9d}'
    )
    clinic.send(0, "Bad")
    clinic.send(1, "Bad")
    clinic.wait(20)
    assert clinic.steps == [
        (0, "green", "yellow"),
        (1, "yellow", "red"),
        (5, "red", "yellow"),
        (10, "yellow", "green"),
    ]


def test_it_may_go_to_red_and_back_at_once_and_have_no_yellow() -> None:
    clinic = Clinic("red: {inactive: 3d}")
    for day in (0, 4, 9):
        clinic.send(day)
    assert [step[1:] for step in clinic.steps] == [("green", "red"), ("red", "green")] * 2


def test_yellow_alone_is_never_red() -> None:
    clinic = Clinic("yellow: {inactive: 3d}")
    clinic.send(0)
    clinic.wait(99)
    assert clinic.steps == [(3, "green", "yellow")]


def test_by_trend_of_activity() -> None:
    clinic = Clinic('yellow: {trend: {event: "*", count: true, window: 7d, is: "< 0.5"}}')
    for day in (0, 1, 2, 3, 4, 5, 7):
        clinic.send(day + 0.5)
    clinic.send(14)
    assert clinic.steps[0] == (11, "green", "yellow")
    assert clinic.told[0].evidence[0].observed == 2 / 5


def test_what_time_decides_is_detected_when_it_is_due_whoever_looks_when() -> None:
    early, late, by_event = Clinic(), Clinic(), Clinic()
    for clinic in (early, late, by_event):
        clinic.send(0)
    early.wait(7)
    early.wait(14)
    late.wait(99)
    by_event.send(99)
    assert early.told == late.told == by_event.told[:2]
    assert [one.detected_at for one in early.told] == [START + 7 * DAY, START + 14 * DAY]
    assert [one.decided_by for one in by_event.told] == [None, None, "e1"]


def test_the_level_is_known_after_a_restart() -> None:
    straight, restarted = Clinic(), Clinic()
    for clinic in (straight, restarted):
        for day in (0, 8, 30, 31, 50):
            clinic.send(day)
            if clinic is restarted:
                clinic.restart()
    assert restarted.told == straight.told
    assert [step[2] for step in straight.steps] == [
        "yellow", "green", "yellow", "red", "green", "yellow", "red", "green"
    ]  # fmt: skip


def test_an_event_that_comes_late_changes_what_comes_after_what_was_told() -> None:
    clinic = Clinic("red: {inactive: 2h}, yellow: {inactive: 1h}")
    clinic.send(0)
    clinic.wait(2.5 / 24)
    clinic.send(2.2 / 24)  # it was told to be red at two
    clinic.wait(4 / 24)
    times = [(one.occurred_at - START) / HOUR for one in clinic.told]
    assert [step[1:] for step in clinic.steps] == [
        ("green", "yellow"),
        ("yellow", "red"),
        ("red", "green"),
        ("green", "yellow"),
    ]
    assert times == [1, 2, 2.2, 3.2]


def test_a_late_event_that_refutes_a_level_ends_it_where_it_was_told_to_begin() -> None:
    clinic = Clinic("red: {inactive: 2h}")
    clinic.send(0)
    clinic.send(2.1 / 24, "Other", user="ann")
    assert [step[1:] for step in clinic.steps] == [("green", "red"), ("red", "green")]
    clinic.send(1.5 / 24)
    assert [(one.occurred_at - START) / HOUR for one in clinic.told] == [2, 2.1], "what is over"
    other = Clinic("red: {event: Used, inactive: 2h}")
    other.send(0)
    other.send(2.1 / 24, "Other")
    other.send(1.5 / 24)
    assert [step[1:] for step in other.steps] == [("green", "red"), ("red", "green")]
    assert [(one.occurred_at - START) / HOUR for one in other.told] == [2, 2]


def test_also_where_nothing_else_turns_at_that_instant() -> None:
    clinic = Clinic("red: {not: {event: Calm, within: 10h}}")
    clinic.send(5 / 24, "Other")
    clinic.send(4.5 / 24, "Calm")
    clinic.wait(1)
    assert [step[1:] for step in clinic.steps] == [
        ("green", "red"),
        ("red", "green"),
        ("green", "red"),
    ]
    assert [(one.occurred_at - START) / HOUR for one in clinic.told] == [5, 5, 14.5]


def test_a_change_is_told_with_the_milestone_that_was_reached_last() -> None:
    clinic = Clinic("red: {inactive: 3d}", more=JOURNEY)
    clinic.send(0)
    clinic.send(4, "Two")
    clinic.send(5, "One")
    clinic.wait(10)
    assert [one.health and one.health.milestone for one in clinic.told] == [None, "second", "first"]


def test_or_with_the_furthest_step_of_its_journey() -> None:
    clinic = Clinic("red: {inactive: 3d}, journey: way", more=JOURNEY)
    clinic.send(0)
    clinic.send(4, "Two")
    clinic.send(5, "One")
    clinic.wait(10)
    assert [one.health and one.health.milestone for one in clinic.told] == [
        None,
        "second",
        "second",
    ]


def test_a_milestone_that_was_reached_later_is_not_told_with_a_change_before() -> None:
    clinic = Clinic("red: {inactive: 3d}", more=JOURNEY)
    clinic.send(0)
    clinic.send(5, "One")
    assert [one.health for one in clinic.told] == [
        HealthChange("red", "green", None),
        HealthChange("green", "red", "first"),
    ]


def test_the_evidence_has_the_conditions_of_both_levels_as_they_stand() -> None:
    clinic = Clinic()
    clinic.send(0)
    clinic.wait(7)
    assert [(leaf.condition, leaf.holds) for leaf in clinic.told[0].evidence] == [
        ("no event for 14d", False),
        ("no event for 7d", True),
    ]


def test_users_have_a_health_of_their_own() -> None:
    clinic = Clinic(of="user")
    clinic.send(0, user="ann")
    clinic.send(6, user="bob")
    clinic.wait(8)
    assert [(one.account_id, one.user_id) for one in clinic.told] == [("acme", "ann")]


def test_an_accounts_health_may_count_its_users() -> None:
    clinic = Clinic(
        'red: {milestone: gone, users: ">= 2"}, yellow: {milestone: gone, users: ">= 1"}',
        more="milestones: {gone: {of: user, live: true, when: {inactive: 3d}}}",
    )
    clinic.send(0, user="ann")
    clinic.send(1, user="bob")
    clinic.wait(9)
    clinic.send(10, user="ann")
    assert clinic.steps == [(3, "green", "yellow"), (4, "yellow", "red"), (10, "red", "yellow")]


def named(condition: str) -> Mapping[str, list[int]]:
    """When milestones, live ones, that name the health turn."""
    clinic = Clinic(more=f"milestones: {{m: {{of: account, live: true, when: {condition}}}}}")
    clinic.send(0)
    clinic.send(20)
    clinic.wait(25)
    found: dict[str, list[int]] = {}
    for one in clinic.evaluator.staged.qualifications:
        if one.milestone == "m":
            word = one.type.partition(".")[2]
            found.setdefault(word, []).append((one.occurred_at - START) // DAY)
    return found


@pytest.mark.parametrize(
    ("condition", "entered", "exited"),
    [
        ("{health: usage, is: green}", [0, 20], [7]),
        ("{health: usage, is: yellow}", [7], [14]),
        ("{health: usage, is: red}", [14], [20]),
        ("{health: usage, in: [yellow, red]}", [7], [20]),
        ("{health: usage, in: [red, green]}", [0, 14], [7]),
        ("{health: usage, in: [green, yellow]}", [0, 20], [14]),
    ],
)
def test_conditions_may_name_its_levels(
    condition: str, entered: list[int], exited: list[int]
) -> None:
    assert named(condition) == {"entered": entered, "exited": exited}


def test_a_health_may_name_one_above_it_and_a_score_be_vetoed_by_it() -> None:
    clinic = Clinic(
        "red: {inactive: 7d}}, payment: {of: account, "
        "red: {all: [{health: usage, is: red}, {event: Declined}]}",
        more="scores: {fit: {of: account, components: {p: {points: 9, when: {event: Used}}},"
        " veto: {health: payment, is: red}}}\n"
        'milestones: {good: {of: account, live: true, when: {score: fit, is: ">= 9"}}}',
    )
    clinic.send(0)
    clinic.send(1, "Declined")
    clinic.wait(8)
    told = [(one.milestone, one.type) for one in clinic.evaluator.staged.qualifications]
    assert told == [
        ("good", "milestone.entered"),
        ("good", "milestone.exited"),
        ("usage", "health.changed"),
        ("payment", "health.changed"),
    ]


def test_another_meaning_begins_with_green_and_another_journey_goes_on() -> None:
    clinic = Clinic("red: {inactive: 3d}", more=JOURNEY)
    before = health_fingerprints(clinic.definitions)
    clinic.send(0)
    clinic.wait(5)
    clinic.write("red: {inactive: 3d}, journey: way, title: How it is", more=JOURNEY)
    assert health_fingerprints(clinic.definitions) == before
    clinic.restart()
    clinic.wait(6)
    assert [step[1:] for step in clinic.steps] == [("green", "red")]
    clinic.write("red: {inactive: 4d}", more=JOURNEY)
    assert health_fingerprints(clinic.definitions) != before
    clinic.restart()
    clinic.wait(7)
    assert [str(edit) for edit in clinic.evaluator.edits] == [
        "`usage` is changed and starts again: it begins without history for “no event for 4d”"
    ]
    assert [step[1:] for step in clinic.steps] == [("green", "red")] * 2
    assert len({one.id for one in clinic.told}) == 2


def test_a_state_that_was_written_before_is_read_as_it_was() -> None:
    """Whether a live milestone was true when last judged was kept as true or false."""
    clinic = Clinic(more="milestones: {calm: {of: account, live: true, when: {inactive: 7d}}}")
    clinic.send(0)
    clinic.wait(8)
    clinic.restart()
    [key] = clinic._accounts
    state = clinic._accounts[key]
    body = ormsgpack.unpackb(state[21:], option=ormsgpack.OPT_NON_STR_KEYS)
    [calm] = [one.key for one in clinic._engine.accounts.milestones if one.mode == "live"]
    count, since, inside = body[6][calm]
    assert inside
    body[6] = {calm: [count, since, bool(inside)]}
    clinic._accounts[key] = state[:21] + ormsgpack.packb(body, option=ormsgpack.OPT_NON_STR_KEYS)
    clinic.evaluator = clinic._start()
    clinic.send(9)
    found = [one.type for one in clinic.evaluator.staged.qualifications if one.milestone == "calm"]
    assert found == ["milestone.exited"]
