"""Leads: until when each must be contacted, and what is told where nobody did."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from schemas.qualifications import Qualification
from tests.unit.engine.desk import DUE, OFFICE, Desk
from tests.unit.engine.worker import DAY, HOUR, START

OPENED = [("qualified", 0), ("routed", 0)]
BREACHED = [*OPENED, ("sla_breached", DUE)]


def at(text: str) -> int:
    """A time with its zone, after ``START``."""
    return int(datetime.fromisoformat(text).timestamp() * 1000) - START


@pytest.mark.parametrize("contact", [0, 1, DUE - 1, DUE])
@pytest.mark.parametrize("name", ["lead_contacted", "lead_converted", "lead_disqualified"])
def test_who_is_contacted_up_to_the_time_it_is_due_is_contacted_in_time(
    name: str, contact: int
) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(contact, name)
    desk.pass_time(DUE)
    desk.pass_time(DAY)
    desk.send(2 * DAY, "Other")
    assert "sla_breached" not in dict(desk.steps)


def test_contact_leaves_it_open_and_only_the_first_counts() -> None:
    desk = Desk()
    desk.send(0)
    for contact in (HOUR, 2 * HOUR):
        desk.send(contact, "lead_contacted")
    desk.send(3 * HOUR, "lead_converted")
    assert desk.steps == [*OPENED, ("closed", 3 * HOUR)]
    assert desk.life().contacted_at == START + HOUR


def test_contact_that_is_late_is_told_beside_the_breach() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(DUE + 1, "lead_contacted")
    desk.send(DAY, "lead_converted")
    assert desk.steps == [*BREACHED, ("closed", DAY)]
    life = desk.life()
    assert (life.breached_at, life.contacted_at) == (START + DUE, START + DUE + 1)


WAYS: dict[str, Callable[[Desk], None]] = {
    "time, just then": lambda desk: desk.pass_time(DUE),
    "time, a month later": lambda desk: desk.pass_time(30 * DAY),
    "an event": lambda desk: desk.send(DUE + HOUR, "Other"),
    "an event just then": lambda desk: desk.send(DUE, "Other"),
    "what came back too late": lambda desk: desk.send(DUE + 1, "lead_converted"),
    "one that turns it true": lambda desk: desk.send(2 * DAY),
}


@pytest.mark.parametrize("restarts", ["never", "before", "after", "before it is committed"])
@pytest.mark.parametrize("way", WAYS)
def test_a_breach_is_told_once_as_of_when_it_was_due_whatever_lets_time_pass(
    way: str, restarts: str
) -> None:
    desk = Desk()
    desk.send(0)
    desk.commit()
    desk.pass_time(DUE - 1)
    if restarts == "before":
        desk.restart()
    WAYS[way](desk)
    if restarts == "before it is committed":
        before = desk.told
        desk.restart()
        WAYS[way](desk)
        assert desk.told[:3] == before[:3]
    desk.commit()
    if restarts == "after":
        desk.restart()
    desk.pass_time(60 * DAY)
    desk.send(61 * DAY, "Other")
    assert _breaches(desk) == [_breach()]


def _breaches(desk: Desk) -> list[Qualification]:
    return [one for one in desk.told if one.type == "lead.sla_breached"]


def _breach() -> Qualification:
    """As the clock tells it."""
    desk = Desk()
    desk.send(0)
    desk.pass_time(DUE)
    (found,) = _breaches(desk)
    assert found.occurred_at == found.detected_at == START + DUE
    assert found.decided_by is None
    assert not found.late
    assert found.lead is not None
    assert found.lead.breached_at == START + DUE
    return found


def test_the_next_deadline_is_when_it_is_due_and_gone_with_the_contact() -> None:
    desk = Desk(when="{event: Hot}")
    desk.send(0)
    desk.commit()
    assert desk.evaluator.next_deadline == START + DUE
    desk.send(1, "lead_contacted")
    desk.commit()
    desk.pass_time(DUE)
    assert desk.evaluator.next_deadline is None


def test_each_lead_has_its_own_breach() -> None:
    desk = Desk()
    for day in (0, 2):
        desk.send(day * DAY)
        desk.send(day * DAY + 6 * HOUR, "lead_converted")
    found = [(one.occurrence, one.occurred_at - START) for one in _breaches(desk)]
    assert found == [(1, DUE), (2, 2 * DAY + DUE)]


@pytest.mark.parametrize(
    ("snoozed", "due"),
    [
        ({"for": "6h"}, 7 * HOUR),
        ({"for": "1h"}, DUE),
        ({"until": START + 9 * HOUR}, 9 * HOUR),
        ({"until": "2026-01-01T09:00:00Z"}, 9 * HOUR),
        ({"until": "2026-01-01T09:00:00+01:00"}, 8 * HOUR),
        ({"until": START + 9 * HOUR, "for": "30d"}, 9 * HOUR),
        ({"until": START - DAY}, DUE),
        ({"until": "soon", "for": "6h"}, 7 * HOUR),
        ({}, DUE),
        *(({"until": wrong}, DUE) for wrong in (None, "", [], 1e300, -1e300, 2**63, "9" * 5_000)),
        *(({"for": wrong}, DUE) for wrong in (None, "", 6, "6", "6 h", "99999y", "-6h")),
    ],
)  # fmt: skip
def test_snoozing_puts_off_when_it_is_due_and_never_brings_it_forward(
    snoozed: dict[str, Any], due: int
) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_snoozed", **snoozed)
    desk.commit()
    desk.restart()
    desk.pass_time(10 * DAY)
    assert desk.steps == [*OPENED, ("sla_breached", due)]
    assert desk.due == due


def test_snoozing_at_the_last_moment_counts_and_later_it_does_not() -> None:
    for moment, due in ((DUE, DUE + HOUR), (DUE + 1, DUE)):
        desk = Desk()
        desk.send(0)
        desk.send(moment, "lead_snoozed", **{"for": "1h"})
        desk.pass_time(DAY)
        assert desk.steps == [*OPENED, ("sla_breached", due)]


def test_after_a_breach_or_a_contact_snoozing_makes_no_other() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(DUE + HOUR, "lead_snoozed", **{"for": "1h"})
    desk.pass_time(9 * DAY)
    assert desk.steps == BREACHED
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_contacted")
    desk.send(2 * HOUR, "lead_snoozed", **{"for": "1h"})
    desk.pass_time(9 * DAY)
    assert desk.steps == OPENED


def test_until_when_it_is_snoozed_is_put_into_working_hours() -> None:
    monday = at("2026-01-05T10:00+01:00")
    for until, due in [
        ("2026-01-06T12:30+01:00", "2026-01-06T12:30+01:00"),
        ("2026-01-06T20:00+01:00", "2026-01-07T09:00+01:00"),
        ("2026-01-10T12:00+01:00", "2026-01-12T09:00+01:00"),
        ("2026-01-05T11:00+01:00", "2026-01-05T14:00+01:00"),
    ]:
        desk = Desk(routing=OFFICE)
        desk.send(monday)
        assert desk.due == monday + 4 * HOUR
        desk.send(monday + HOUR, "lead_snoozed", until=until)
        desk.pass_time(monday + 90 * DAY)
        assert desk.steps[-1] == ("sla_breached", at(due))


def test_a_contact_that_comes_late_counts_when_it_was_and_what_was_told_stays_told() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(2 * HOUR, "Other")
    desk.send(HOUR + 1, "lead_contacted")
    desk.pass_time(DAY)
    assert desk.steps == OPENED
    desk = Desk()
    desk.send(0)
    desk.send(DUE + HOUR // 2, "Other")
    desk.send(DUE - 1, "lead_contacted")
    desk.send(DUE + HOUR, "lead_converted")
    assert desk.steps == [*BREACHED, ("closed", DUE + HOUR)]
    assert desk.life().contacted_at == START + DUE - 1


def test_of_contacts_that_come_in_another_order_the_earliest_is_the_first() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(2 * HOUR, "lead_contacted")
    desk.send(HOUR + 1, "lead_contacted")
    desk.send(3 * HOUR, "lead_converted")
    assert desk.life().contacted_at == START + HOUR + 1


def test_an_outcome_that_comes_late_closes_it_when_it_was() -> None:
    desk = Desk(again=HOUR)
    desk.send(0)
    desk.send(30 * HOUR + 1, "Other")
    desk.send(30 * HOUR, "lead_converted")
    assert desk.steps == [*BREACHED, ("closed", 30 * HOUR)]
    desk.send(31 * HOUR)
    assert desk.steps[-2:] == [("qualified", 31 * HOUR), ("routed", 31 * HOUR)]


def test_what_comes_late_for_a_lead_that_is_closed_is_not_about_the_next_one() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_disqualified")
    desk.send(2 * DAY)
    desk.send(2 * DAY - 1, "lead_converted")
    desk.pass_time(2 * DAY + DUE)
    expected = [("qualified", 2 * DAY), ("routed", 2 * DAY), ("sla_breached", 2 * DAY + DUE)]
    assert desk.steps[3:] == expected


def test_a_lead_that_a_late_event_opens_is_due_by_when_it_qualified() -> None:
    desk = Desk()
    desk.send(5 * HOUR, "Other")
    desk.send(4 * HOUR + 1, "Hot")
    assert desk.due == 8 * HOUR + 1
    desk.pass_time(DAY)
    assert desk.steps[-1] == ("sla_breached", 8 * HOUR + 1)


OFFICE_AT_NIGHT = OFFICE.replace("mon-fri: 09:00-17:00", "mon-fri: 09:00-17:00, sun: 01:00-06:00")


@pytest.mark.parametrize(
    ("routing", "opened", "due"),
    [
        (OFFICE, "2026-03-27T16:00+01:00", "2026-03-30T12:00+02:00"),
        (OFFICE, "2026-10-23T16:00+02:00", "2026-10-26T12:00+01:00"),
        # On the night in which the clock is put forward there is an hour less, then one more.
        (OFFICE_AT_NIGHT, "2026-03-28T12:00+01:00", "2026-03-29T06:00+02:00"),
        (OFFICE_AT_NIGHT, "2026-10-24T12:00+02:00", "2026-10-25T04:00+01:00"),
    ],
)
def test_working_time_goes_by_the_clock_on_the_wall_over_a_change_of_it(
    routing: str, opened: str, due: str
) -> None:
    desk = Desk(routing=routing)
    desk.send(at(opened))
    assert desk.due == at(due)
    desk.commit()
    desk.restart()
    desk.pass_time(at(due) - 1)
    assert len(desk.steps) == 2
    desk.pass_time(at(due))
    assert desk.steps[-1] == ("sla_breached", at(due))


def test_snoozed_until_the_night_of_the_change_it_is_due_when_the_office_opens() -> None:
    desk = Desk(routing=OFFICE)
    desk.send(at("2026-03-27T10:00+01:00"))
    desk.send(at("2026-03-27T11:00+01:00"), "lead_snoozed", until="2026-03-29T02:30:00+01:00")
    desk.pass_time(at("2026-04-27T10:00+02:00"))
    assert desk.due == at("2026-03-30T09:00+02:00")
