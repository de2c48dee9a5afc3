"""Leads: when one is opened, by what it is closed, and what is told of it."""

from typing import Any

import ormsgpack
import pytest

from schemas.qualifications import Contact, LeadLife, LeadRoute
from streams.definitions.model import Lead
from streams.engine.leads import Book, LeadLeaf
from streams.engine.routing.router import chosen
from tests.unit.engine.desk import DUE, FOUR_HOURS, HOT, NOBODY, Desk, meaning
from tests.unit.engine.worker import DAY, HOUR, START

OPENED = [("qualified", 0), ("routed", 0)]
CLOSING = ["lead_converted", "lead_disqualified"]
SILENT = "{after: {event: Asked}, no: {event: Answered}, for: 1h}"


def test_a_lead_opens_when_its_condition_turns_true_and_not_again_while_it_is() -> None:
    desk = Desk()
    for at in (0, 0, HOUR, 2 * HOUR):
        desk.send(at)
    assert desk.steps == OPENED
    assert desk.life() == LeadLife(
        START, route=LeadRoute("otherwise", "sales", None, START, START + DUE)
    )


def test_what_turns_true_while_a_lead_is_open_is_merged_into_it() -> None:
    desk = Desk(routing=None)
    for at in (0, 2 * DAY, 4 * DAY):
        desk.send(at)
    desk.send(5 * DAY, "lead_converted")
    assert desk.steps == [("qualified", 0), ("closed", 5 * DAY)]
    assert desk.life().merged == 2
    assert {one.occurrence for one in desk.told} == {1}


@pytest.mark.parametrize(("after", "occurrences"), [(10 * HOUR - 1, [1]), (10 * HOUR, [1, 2])])
def test_it_opens_again_when_so_long_has_passed_since_it_was_closed(
    after: int, occurrences: list[int]
) -> None:
    desk = Desk(again=10 * HOUR)
    desk.send(0)
    desk.send(3 * DAY, "lead_disqualified")
    desk.send(3 * DAY + after)
    assert [one.occurrence for one in desk.told if one.type == "lead.qualified"] == occurrences


def test_what_has_turned_true_too_early_does_not_open_it_when_the_time_is_over() -> None:
    desk = Desk(again=10 * HOUR)
    desk.send(0)
    desk.send(3 * DAY, "lead_converted")
    for more in (1, 9, 11, 20, 30):
        desk.send(3 * DAY + more * HOUR)
    assert [one.occurrence for one in desk.told if one.type == "lead.qualified"] == [1]


def test_while_the_condition_stays_true_a_lead_that_was_closed_is_not_opened_again() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_converted")
    desk.send(2 * HOUR)
    assert desk.steps == [*OPENED, ("closed", HOUR)]


@pytest.mark.parametrize(("name", "reason"), [(CLOSING[0], None), (CLOSING[1], "too small")])
def test_it_is_closed_by_its_outcome_with_the_reason(name: str, reason: str | None) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_contacted")
    desk.send(2 * HOUR, name, **({} if reason is None else {"reason": reason}))
    desk.send(3 * HOUR, "lead_converted")
    assert desk.steps == [*OPENED, ("closed", 2 * HOUR)]
    life = desk.life()
    assert (life.outcome, life.reason) == (name.removeprefix("lead_"), reason)
    assert life.contacted_at == START + HOUR
    assert desk.told[-1].decided_by == "event-2"


@pytest.mark.parametrize("name", CLOSING)
def test_what_is_closed_without_contact_was_contacted_then(name: str) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, name)
    assert desk.life().contacted_at == START + HOUR


@pytest.mark.parametrize(
    ("named", "closed"),
    [
        ({}, {"pqa", "pqb"}),
        ({"lead": "pqb"}, {"pqb"}),
        ({"lead": "pqc"}, set()),
        ({"lead": None}, set()),
        ({"lead": ["pqa"]}, set()),
    ],
)
def test_what_comes_back_is_for_the_lead_it_names_or_for_all(
    named: dict[str, Any], closed: set[str]
) -> None:
    desk = Desk(names=("pqa", "pqb"))
    desk.send(0)
    desk.send(HOUR, "lead_converted", **named)
    assert {one.milestone for one in desk.told if one.type == "lead.closed"} == closed


def test_what_came_back_before_it_was_opened_is_not_about_it() -> None:
    desk = Desk()
    desk.send(0, "lead_contacted")
    desk.send(1)
    desk.send(30 * HOUR, "lead_converted")
    desk.send(3 * DAY, "lead_contacted")
    desk.send(3 * DAY + 1)
    desk.send(5 * DAY, "Other")
    breaches = [at for step, at in desk.steps if step == "sla_breached"]
    assert breaches == [1 + DUE, 3 * DAY + 1 + DUE]


@pytest.mark.parametrize("passes", [False, True])
def test_of_a_lead_that_time_opened_the_next_event_may_tell_the_outcome(passes: bool) -> None:
    desk = Desk(when=SILENT)
    desk.send(0, "Asked")
    if passes:
        desk.pass_time(HOUR)
    desk.send(2 * HOUR, "lead_converted")
    assert desk.steps == [("qualified", HOUR), ("routed", HOUR), ("closed", 2 * HOUR)]
    assert [one.decided_by for one in desk.told] == [None, None, "event-1"]


@pytest.mark.parametrize("passes", [False, True])
def test_of_one_instant_a_lead_opens_before_what_comes_back_is_heard(passes: bool) -> None:
    desk = Desk(when=SILENT)
    desk.send(0, "Asked")
    if passes:
        desk.pass_time(HOUR)
    desk.send(HOUR, "lead_contacted")
    desk.pass_time(DAY)
    assert desk.steps == [("qualified", HOUR), ("routed", HOUR)]


def test_where_no_rule_fits_nothing_is_routed_and_nothing_due() -> None:
    for routing in (None, NOBODY):
        desk = Desk(routing=routing)
        desk.send(0)
        desk.pass_time(90 * DAY)
        desk.send(HOUR, "lead_snoozed", **{"for": "2d"})
        desk.send(80 * DAY, "lead_converted")
        assert desk.steps == [("qualified", 0), ("closed", 80 * DAY)]
        assert desk.life().route is None


def test_users_are_leads_each_by_their_own_in_an_account_and_without() -> None:
    desk = Desk(of="user")
    desk.send(0, user="ann")
    desk.send(HOUR, user="bob")
    desk.send(2 * HOUR, user="ann", account=None)
    desk.send(3 * HOUR, "lead_converted", user="ann")
    desk.send(4 * HOUR, "lead_converted")  # of the account
    desk.send(5 * HOUR, "lead_contacted", user="ann", account=None)
    desk.pass_time(DAY)
    desk.commit()
    told = [(one.type, one.account_id, one.user_id) for one in desk.told]
    assert sorted(told[6:], key=str) == [
        ("lead.closed", "acme", "ann"),
        ("lead.sla_breached", "acme", "bob"),
    ]
    assert told[:6:2] == [
        ("lead.qualified", "acme", "ann"),
        ("lead.qualified", "acme", "bob"),
        ("lead.qualified", None, "ann"),
    ]


def test_a_lead_and_a_milestone_of_the_same_condition_and_name_are_two() -> None:
    desk = Desk(names=("same",))
    desk.send(0)
    desk.send(HOUR, "lead_converted")
    desk.pass_time(DAY)
    everything = desk.evaluator.staged.qualifications
    assert [(one.type, one.occurred_at - START) for one in everything if one.lead is None] == [
        ("milestone.entered", 0),
        ("milestone.exited", DAY),
    ]
    assert desk.steps == [*OPENED, ("closed", HOUR)]
    assert len({one.id for one in everything}) == 5


def test_evidence_is_told_of_what_opened_it_and_not_of_what_followed() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_converted")
    assert [len(one.evidence) for one in desk.told] == [1, 0, 0]


TERRITORIES = """
  rules:
    pro:
      traits: {plan: pro}
      team: sales
      territories: {trait: country, of: {DE: ann}, otherwise: bob}
      sla: 4h
  otherwise: {team: self, sla: 48h}
"""


def test_a_route_knows_the_traits_that_the_deciding_event_brings() -> None:
    desk = Desk(when="{trait: plan, eq: pro}", routing=TERRITORIES)
    desk.send(0, "group", traits={"plan": "free", "country": "FR"})
    desk.send(HOUR, "group", traits={"plan": "pro", "country": "DE"})
    route = desk.life().route
    assert route is not None
    assert (route.rule, route.owner) == ("pro", "ann")


@pytest.mark.parametrize("passes", [False, True])
def test_a_route_that_time_decides_knows_no_traits_from_after_it(passes: bool) -> None:
    desk = Desk(when=SILENT, routing=TERRITORIES)
    desk.send(0, "group", traits={"plan": "pro", "country": "DE"})
    desk.send(0, "Asked")
    if passes:
        desk.pass_time(HOUR)
    desk.send(2 * HOUR, "group", traits={"plan": "free", "country": "FR"})
    assert desk.steps[0] == ("qualified", HOUR)
    route = desk.life(1).route
    assert route is not None
    assert (route.rule, route.owner) == ("pro", "ann")


def test_an_owner_stays_the_same_from_one_lead_to_the_next_and_over_restarts() -> None:
    owners = ("ann", "bob", "cid", "dan")
    routing = FOUR_HOURS.replace("team: sales", f"team: sales, owners: [{', '.join(owners)}]")
    desk = Desk(routing=routing)
    for day in (0, 3, 6):
        desk.send(day * DAY)
        desk.send(day * DAY + HOUR, "lead_converted")
        desk.commit()
        desk.restart()
    found = {one.lead.route.owner for one in desk.told if one.lead and one.lead.route}
    assert found == {chosen(owners, b"aacme")}


def test_an_account_that_never_was_a_lead_keeps_nothing_of_leads() -> None:
    desk = Desk()
    desk.send(0, "Other")
    desk.send(1, "lead_contacted")
    account = desk.evaluator.hot("acme", None)
    assert account is not None
    assert not account.leaves
    desk.send(2)
    assert len(account.leaves) == 2


LIVES = [
    None,
    LeadLife(START),
    LeadLife(START, (), LeadRoute("r", "sales", None, START, START + DUE), START + 1),
    LeadLife(
        START,
        (Contact("ann", 1.5), Contact("bob", None)),
        LeadRoute("r", "sales", "bob", START, START + DUE),
        START + 2,
        START + DUE,
        3,
        "disqualified",
        "too small",
    ),
]


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("closed_at", [None, START + 5])
def test_what_is_known_of_a_lead_is_kept_to_the_last_field(
    life: LeadLife | None, closed_at: int | None
) -> None:
    leaf = LeadLeaf(
        1, Lead("pqa", "account", meaning(HOT, sections="milestones:").leads["pqa"].when)
    )
    book = Book()
    book.life, book.closed_at, book.occurrence = life, closed_at, 7
    kept = leaf.load(ormsgpack.unpackb(ormsgpack.packb(leaf.dump(book))))
    assert (kept.life, kept.closed_at, kept.occurrence) == (life, closed_at, 7)
    assert kept.coming is None
    assert hash(kept.life) == hash(life)


def test_a_restart_between_any_two_steps_makes_no_difference() -> None:
    def lead(restarts: bool) -> Desk:
        desk = Desk(again=HOUR)
        for at, name in [
            (0, "Hot"), (HOUR, "lead_snoozed"), (DAY, "Other"), (30 * HOUR, "Hot"),
            (40 * HOUR, "Hot"), (3 * DAY, "lead_disqualified"), (4 * DAY, "Hot"),
            (4 * DAY + DUE, "lead_contacted"), (4 * DAY + DUE + 1, "lead_converted"),
        ]:  # fmt: skip
            desk.send(at, name, reason="so", **{"for": "6h"})
            if restarts:
                desk.commit()
                desk.restart()
        return desk

    assert lead(restarts=True).told == lead(restarts=False).told
    assert len(lead(restarts=True).told) == 7
