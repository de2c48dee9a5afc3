"""Abuse rules: whose events do not count, from when until when, and what is told of it."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from schemas.qualifications import Flag
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord
from tests.unit.engine.worker import DAY, HOUR, START

MINUTE = 60_000
INTERNAL = 'internal: {of: user, when: {trait: email, ends_with: "@acme.example"}}'
FAKE = "fake: {of: account, fake: true, when: {trait: domain, is: mailinator.com}}"
FAST = 'fast: {of: user, when: {event: "*", count: "> 3", within: 1m}, for: 1h}'
BOTS = 'bots: {event: "*", where: {properties.agent: {contains: bot}}}'
CAP = "cap: {of: user, event: Invited, most: 2, per: 1d}"
FREE = "free: {of: account, event: Invited, most: 3, per: 30d, unless: {trait: plan, is: paid}}"
OURS, OTHERS = {"email": "ann@acme.example"}, {"email": "ann@home.example"}


class Watch:
    """An evaluator with these rules, and milestones of every kind beside them."""

    def __init__(self, *rules: str) -> None:
        lines = "\n".join(f"  {rule}" for rule in rules)
        definitions = loads(f"""
version: 1
settings: {{allowed_lateness: 1h, dedupe_within: 24h}}
segments:
  ours: {{of: user, when: {{trait: email, ends_with: "@acme.example"}}}}
milestones:
  used: {{of: user, when: {{event: Used}}}}
  team: {{of: account, when: {{event: "*", users: ">= 2"}}}}
  invited: {{of: account, when: {{event: Invited, count: ">= 3"}}}}
  quiet: {{of: user, live: true, when: {{inactive: 2h}}}}
  unused: {{of: user, live: true, when: {{not: {{event: Used}}}}}}
  staff: {{of: user, when: {{trait: email, ends_with: "@acme.example"}}}}
abuse:
{lines}
""")
        self.evaluator = Evaluator(
            Engine(definitions), topic="t", partition=0,
            load_account=lambda _: None, load_user=lambda _: None,
        )  # fmt: skip
        self._offset = 0

    def send(
        self,
        at: int,
        name: str = "Used",
        user: str | None = "ann",
        *,
        traits: Mapping[str, Any] | None = None,
        account: str | None = "acme",
        **properties: Any,
    ) -> None:
        body = {
            "event": name, "timestamp": START + at, "event_id": f"e{self._offset}",
            "account_id": account, "user_id": user, "properties": properties, "traits": traits,
        }  # fmt: skip
        record = FakeRecord(b"acme", orjson.dumps(body), (), START + at, self._offset)
        self.evaluator.apply([record])
        self._offset += 1

    @property
    def told(self) -> list[tuple[str, str, str | None, int]]:
        """Type, name, user, and time after ``START``."""
        return [
            (one.type.partition(".")[2], one.milestone, one.user_id, one.occurred_at - START)
            for one in self.evaluator.staged.qualifications
        ]

    @property
    def names(self) -> list[str]:
        """What was told but of rules."""
        told = self.evaluator.staged.qualifications
        return [one.milestone for one in told if one.flag is None]

    @property
    def excluded(self) -> dict[str, int]:
        return self.evaluator.counts.excluded


def test_what_a_flagged_user_does_counts_neither_for_it_nor_for_its_account() -> None:
    watch = Watch(INTERNAL)
    watch.send(0, "identify", traits=OURS)
    watch.send(1, user="bob")
    watch.send(2, "Used")
    assert watch.told == [("flagged", "internal", "ann", 0), ("reached", "used", "bob", 1)]
    assert watch.excluded == {"internal": 2}
    rows = [(user, events) for _, user, *_, events in watch.evaluator.staged.activity]
    assert rows == [("bob", {"Used": [1, START + 1, START + 1]})]


def test_what_the_users_of_a_flagged_account_do_does_not_count() -> None:
    watch = Watch(FAKE)
    watch.send(0, "group", user=None, traits={"domain": "mailinator.com"})
    watch.send(1)
    watch.send(2, account="other")
    assert watch.told == [("flagged", "fake", None, 0), ("reached", "used", "ann", 2)]
    assert watch.evaluator.staged.qualifications[0].flag == Flag("fake", True, None)


def test_who_is_free_again_counts_from_that_event_on() -> None:
    watch = Watch(INTERNAL)
    watch.send(0, "identify", traits=OURS)
    watch.send(1)
    watch.send(2, "identify", traits=OTHERS)
    watch.send(3)
    assert [one for one in watch.told if one[1] in ("internal", "used")] == [
        ("flagged", "internal", "ann", 0),
        ("cleared", "internal", "ann", 2),
        ("reached", "used", "ann", 3),
    ]


def test_the_event_that_turns_the_condition_true_is_excluded_and_those_before_stay_counted() -> (
    None
):
    watch = Watch(FAST)
    for at in range(5):
        watch.send(at)
    assert watch.told == [("reached", "used", "ann", 0), ("flagged", "fast", "ann", 3)]
    assert watch.excluded == {"fast": 2}


@pytest.mark.parametrize("by_event", [True, False])
def test_it_stays_flagged_for_so_long_after_the_condition_held_last(*, by_event: bool) -> None:
    watch = Watch(FAST)
    for at in range(4):
        watch.send(at)
    over = 1 + MINUTE - 1 + HOUR  # when the first of the four had fallen out of the minute
    watch.send(over - 1)
    assert watch.excluded == {"fast": 2}
    if by_event:
        watch.send(over)
    else:
        watch.evaluator.pass_time(START + over, 9)
    assert watch.told[1:3] == [("flagged", "fast", "ann", 3), ("cleared", "fast", "ann", over)]
    cleared = watch.evaluator.staged.qualifications[2]
    assert (cleared.decided_by, cleared.detected_at) == (None, START + over)
    assert watch.excluded == {"fast": 2}


def test_excluded_events_are_seen_by_the_conditions_of_rules() -> None:
    watch = Watch(FAST)
    for at in range(0, 10 * HOUR, MINUTE // 4):
        watch.send(at)
    assert [one for one in watch.told if one[1] == "fast"] == [("flagged", "fast", "ann", 45_000)]


def test_single_events_are_excluded_and_nobody_is_flagged() -> None:
    watch = Watch(BOTS)
    watch.send(0, agent="Googlebot/2.1")
    assert watch.told == []
    watch.send(1, agent="Firefox")
    watch.send(2, agent=None)
    assert watch.told == [("reached", "used", "ann", 1)]
    assert watch.excluded == {"bots": 1}


def test_of_each_period_so_many_count_and_passing_the_limit_is_told_once_in_each() -> None:
    watch = Watch(CAP)
    for at in (0, 1, 2, 3, DAY - 1, DAY, DAY + 1, DAY + 2):
        watch.send(at, "Invited")
    assert watch.excluded == {"cap": 4}
    flagged = [one for one in watch.evaluator.staged.qualifications if one.flag]
    assert [(one.occurrence, one.occurred_at - START) for one in flagged] == [(1, 2), (2, DAY + 2)]
    assert flagged[0].flag == Flag("cap", False, START + DAY)
    assert [(one.observed, one.threshold) for one in flagged[0].evidence] == [(3, "> 2")]


def test_a_limit_does_not_bind_whom_it_excepts() -> None:
    watch = Watch(FREE)
    for at in range(5):
        watch.send(at, "Invited")
    assert watch.excluded == {"free": 2}
    watch.send(5, "group", traits={"plan": "paid"})
    for at in range(6, 9):
        watch.send(at, "Invited")
    assert watch.excluded == {"free": 2}


def test_what_is_excluded_before_it_comes_to_a_limit_does_not_use_it_up() -> None:
    watch = Watch(BOTS, CAP, FREE)
    for at in range(9):
        watch.send(at, "Invited", agent="bot")
    for at in range(9, 20):
        watch.send(at, "Invited")
    watch.send(21, "Invited", user="bob")
    assert watch.excluded == {"bots": 9, "cap": 9}
    watch.send(22, "Invited", user="cho")
    assert watch.excluded == {"bots": 9, "cap": 9, "free": 1}


def test_an_event_that_comes_late_counts_in_its_own_period_and_too_late_in_none() -> None:
    watch = Watch(CAP)
    for at in (DAY - 3, DAY - 2, DAY + 1, DAY - 1):
        watch.send(at, "Invited")
    assert watch.excluded == {"cap": 1}
    watch.send(DAY + HOUR, "Invited")
    watch.send(DAY - 1, "Invited")
    assert watch.excluded == {"cap": 1}


def test_whom_only_excluded_events_name_is_not_known() -> None:
    watch = Watch(BOTS, INTERNAL)
    watch.send(0, "identify", traits=OURS, agent="bot")
    watch.evaluator.pass_time(START + 9 * HOUR, 9)
    assert watch.names == []
    watch.send(10 * HOUR, "identify", traits=OTHERS)
    assert [one for one in watch.told if one[1] == "unused"] == [
        ("entered", "unused", "ann", 10 * HOUR)
    ]


def test_what_is_excluded_moves_time_on() -> None:
    watch = Watch(BOTS)
    watch.send(0)
    watch.send(5 * HOUR, agent="bot")
    assert ("entered", "quiet", "ann", 2 * HOUR) in watch.told


def test_an_excluded_event_that_comes_twice_is_a_duplicate() -> None:
    watch = Watch(BOTS)
    for offset in (0, 1):
        body = {"event": "Used", "timestamp": START, "event_id": "same", "user_id": "ann",
                "properties": {"agent": "bot"}}  # fmt: skip
        record = FakeRecord(b"ann", orjson.dumps(body), (), START, offset)
        watch.evaluator.apply([record])
    assert watch.excluded == {"bots": 1}
    assert watch.evaluator.counts.duplicates == 1


def test_a_rule_may_look_at_a_segment() -> None:
    watch = Watch("ours_only: {of: user, when: {not: {segment: ours}}}")
    watch.send(0)
    watch.send(1, "identify", traits=OURS)
    assert watch.told[:2] == [
        ("flagged", "ours_only", "ann", 0),
        ("cleared", "ours_only", "ann", 1),
    ]


def test_a_user_without_an_account_is_flagged_and_limited_like_others() -> None:
    watch = Watch(FAST, CAP)
    for at in range(3):
        watch.send(at, "Invited", account=None)
    assert watch.excluded == {"cap": 1}
    watch.send(3, account=None)
    assert watch.excluded == {"cap": 1, "fast": 1}


def test_a_condition_that_is_a_milestones_too_remembers_for_each_of_them_apart() -> None:
    watch = Watch("heavy: {of: account, when: {event: Invited, count: '>= 3'}}")
    for at in range(9):
        watch.send(at, "Invited")
    assert "invited" not in watch.names
    assert watch.excluded == {"heavy": 7}
