"""Made-up sales: they follow up the leads that there are, and no others, mostly in time."""

from collections.abc import Iterator
from random import Random

import pytest

from schemas.events import Event
from streams.definitions import loads
from streams.demo.sales import Sales
from streams.engine import Engine

HOUR = 3_600_000
MONDAY = 1_767_571_200_000
"""2026-01-05, midnight."""

ENGINE = Engine(
    loads("""
version: 1
leads:
  asked: {of: account, when: {event: Demo Requested, within: 1d}}
  quiet: {of: account, when: {all: [{event: Trial Started}, {inactive: 2d}]}}
routing:
  hours: {zone: UTC, mon-fri: 09:00-17:00}
  rules: {}
  otherwise: {team: sales, sla: 8h, floor: 1h}
""")
)


def event(name: str, at: int) -> Event:
    return Event(f"{name}-{at}", name, at, "acme", "ann", {}, {})


def followed(seed: int, *life: Event, days: int = 60) -> list[Event]:
    sales = Sales(ENGINE, Random(seed))
    return list(sales.follow_up(iter(life), MONDAY + days * 24 * HOUR))


def told(events: list[Event]) -> list[Event]:
    """What sales tell of leads, but for what the head of sales decides."""
    names = ("lead_contacted", "lead_converted", "lead_disqualified")
    return [one for one in events if one.name in names]


ASKED = event("Demo Requested", MONDAY + 9 * HOUR)
DUE = MONDAY + 17 * HOUR


def test_without_a_lead_nothing_is_told() -> None:
    life = [event("Signed Up", MONDAY + at) for at in range(5)]
    assert followed(1, *life) == life


def test_the_same_numbers_tell_the_same() -> None:
    assert followed(4, ASKED) == followed(4, ASKED)


def test_most_leads_are_contacted_in_the_last_hours_before_they_are_due_and_some_too_late() -> None:
    contacts = [told(followed(seed, ASKED))[0] for seed in range(200)]
    assert {one.name for one in contacts} == {"lead_contacted"}
    assert {tuple(one.properties.items()) for one in contacts} == {(("lead", "asked"),)}
    assert all(DUE - 2 * HOUR <= one.time <= DUE + 8 * HOUR for one in contacts)
    assert 0.75 < sum(one.time <= DUE for one in contacts) / 200 < 0.95


def test_about_half_are_given_up_later_and_for_a_reason() -> None:
    ends = [told(followed(seed, ASKED))[1:] for seed in range(200)]
    given_up = [one for some in ends for one in some]
    assert {one.name for one in given_up} == {"lead_disqualified"}
    assert all(one.properties["reason"] for one in given_up)
    assert 0.35 < len(given_up) / 200 < 0.65


def test_the_head_of_sales_takes_some_over_before_the_contact_and_says_why() -> None:
    taken = []
    for seed in range(200):
        events = followed(seed, ASKED)
        taken += [(one, told(events)[0]) for one in events if one.name == "lead_overridden"]
    assert 2 <= len(taken) <= 25
    for one, contact in taken:
        assert ASKED.time <= one.time <= contact.time
        assert one.properties["owner"] == one.properties["approver"] == "head of sales"
        assert one.properties["reason"]


@pytest.mark.parametrize("seed", range(20))
def test_a_lead_that_buys_is_converted_and_nothing_is_told_of_it_after_that(seed: int) -> None:
    bought = event("Subscription Started", MONDAY + 10 * HOUR)
    (only,) = told(followed(seed, ASKED, bought))
    assert (only.name, only.time) == ("lead_converted", bought.time + 60_000)


def test_what_no_event_makes_a_lead_is_followed_up_too() -> None:
    events = followed(1, event("Trial Started", MONDAY + 9 * HOUR))
    assert told(events)[0].properties == {"lead": "quiet"}
    assert told(events)[0].time > MONDAY + 57 * HOUR


def test_events_come_in_the_order_of_their_time_each_with_an_id_of_its_own() -> None:
    def life() -> Iterator[Event]:
        for day in range(40):
            yield event("Demo Requested", MONDAY + day * 36 * HOUR)

    events = followed(2, *life())
    assert [one.time for one in events] == sorted(one.time for one in events)
    assert len({one.event_id for one in events}) == len(events)
    assert len(told(events)) > 2


def test_nothing_is_told_after_the_end() -> None:
    assert told(followed(1, ASKED, days=0)) == []
