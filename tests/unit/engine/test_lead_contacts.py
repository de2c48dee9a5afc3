"""Leads: which users of the account are worth talking to, in which order."""

from typing import Any

from tests.unit.engine.desk import Desk
from tests.unit.engine.worker import DAY, HOUR

SECTIONS = """
scores:
  influence:
    of: user
    components:
      invites: {points: 100, event: Invited, count: 10}
milestones:
  decider: {of: user, when: {event: Decided}}
  active: {of: user, live: true, when: {event: Decided, within: 2h}}
"""


def desk(contacts: str = "decider", **more: Any) -> Desk:
    return Desk(contacts=contacts, sections=SECTIONS, **more)


def contacts(found: Desk) -> list[tuple[str, float | None]]:
    return [(one.user_id, one.score) for one in found.life().contacts]


def decided(found: Desk, **users: int) -> None:
    """Each at an hour."""
    for user, hour in sorted(users.items(), key=lambda item: item[1]):
        found.send(hour * HOUR, "Decided", user=user)


def test_they_are_those_who_reached_the_milestone_the_newest_first() -> None:
    found = desk()
    decided(found, ann=1, bob=3, cid=2)
    found.send(4 * HOUR, user="dan")
    assert contacts(found) == [("bob", None), ("cid", None), ("ann", None)]


def test_of_equal_ones_the_name_decides_and_no_more_than_wanted_are_told() -> None:
    found = desk(most=2)
    decided(found, cid=1, bob=1, ann=1)
    found.send(4 * HOUR)
    assert contacts(found) == [("ann", None), ("bob", None)]


def test_who_reaches_it_by_the_event_that_opens_the_lead_is_one_of_them() -> None:
    found = desk(when="{event: Decided}")
    decided(found, ann=1)
    assert contacts(found) == [("ann", None)]


def test_who_reaches_it_later_and_who_is_in_another_account_is_none_of_them() -> None:
    found = desk()
    found.send(0, "Decided", user="ann", account="bolt")
    found.send(0, "Decided", user="bob", account=None)
    found.send(HOUR)
    found.send(2 * HOUR, "Decided", user="cid")
    found.send(3 * HOUR, "lead_converted")
    assert contacts(found) == []


def test_a_score_ranks_them_and_of_equal_scores_the_newest_comes_first() -> None:
    found = desk(ranked="influence", most=3)
    decided(found, ann=1, bob=2, cid=3, dan=4)
    for user, count in {"ann": 2, "bob": 1, "cid": 1}.items():
        for _ in range(count):
            found.send(5 * HOUR, "Invited", user=user)
    found.commit()
    found.restart()
    found.send(6 * HOUR)
    assert contacts(found) == [("ann", 20.0), ("cid", 10.0), ("bob", 10.0)]


def test_a_score_counts_as_it_stood_when_the_lead_qualified() -> None:
    found = desk(ranked="influence", when="{after: {event: Asked}, no: {event: Answered}, for: 1h}")
    decided(found, ann=1)
    found.send(2 * HOUR, "Invited", user="ann")
    found.send(2 * HOUR, "Asked")
    found.send(4 * HOUR, "Invited", user="ann")
    assert found.steps[0] == ("qualified", 3 * HOUR)
    assert contacts(found) == [("ann", 10.0)]


def test_of_a_live_milestone_they_are_those_who_are_in_it() -> None:
    for passes in (False, True):
        found = desk("active")
        decided(found, ann=1, bob=2)
        if passes:
            found.pass_time(3 * HOUR)
        found.send(3 * HOUR)
        assert contacts(found) == [("bob", None)]


def test_they_are_told_with_every_step_as_they_stood_at_the_first() -> None:
    found = desk()
    decided(found, ann=1)
    found.send(2 * HOUR)
    found.commit()
    found.restart()
    decided(found, bob=3)
    found.send(2 * DAY, "lead_converted")
    assert [len(one.lead.contacts) for one in found.told if one.lead] == [1, 1, 1, 1]
