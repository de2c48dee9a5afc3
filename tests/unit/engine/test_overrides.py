"""Overrides of leads: what somebody decides goes, is told with who and why, or is counted."""

from typing import Any

import pytest

from schemas.qualifications import LeadOverride
from tests.unit.engine.desk import DUE, NOBODY, Desk
from tests.unit.engine.worker import DAY, HOUR, START

OPENED = [("qualified", 0), ("routed", 0)]
SAID = {"lead": "pqa", "approver": "kim", "reason": "a known customer"}


def order(action: str, **more: Any) -> dict[str, Any]:
    return {**SAID, "action": action, **more}


QUALIFY = order("qualify")
CLOSE = order("close", outcome="disqualified")
REROUTE = order("reroute", team="field", owner="ann")


def override(action: Any, at: int) -> LeadOverride:
    return LeadOverride(action, "kim", "a known customer", START + at)


def refused(desk: Desk) -> dict[str, int]:
    """What was counted, committed or not."""
    desk.commit()
    counted = desk.evaluator.counts.overrides_refused
    return {refusal.value: count for refusal, count in counted.items()}


def test_it_opens_a_lead_whose_condition_does_not_hold() -> None:
    desk = Desk()
    desk.send(0, "lead_overridden", QUALIFY)
    assert desk.steps == OPENED
    assert desk.life().override == override("qualify", 0)
    assert [one.holds for one in desk.told[0].evidence] == [False]
    assert desk.told[0].decided_by == "event-0"
    assert desk.due == DUE
    assert refused(desk) == {}


def test_what_turns_true_later_is_merged_into_the_lead_that_it_opened() -> None:
    desk = Desk()
    desk.send(0, "lead_overridden", QUALIFY)
    desk.send(HOUR)
    desk.send(2 * HOUR, "lead_converted")
    assert desk.steps == [*OPENED, ("closed", 2 * HOUR)]
    assert desk.life().merged == 1


def test_it_opens_one_again_while_the_condition_stays_true_and_whatever_again_says() -> None:
    desk = Desk(again=10 * DAY)
    desk.send(0)
    desk.send(HOUR, "lead_disqualified")
    desk.send(HOUR, "lead_overridden", QUALIFY)
    assert desk.steps == [*OPENED, ("closed", HOUR), ("qualified", HOUR), ("routed", HOUR)]
    assert [one.occurrence for one in desk.told] == [1, 1, 1, 2, 2]


def test_where_one_is_open_there_is_nothing_to_qualify() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_overridden", QUALIFY)
    assert desk.steps == OPENED
    assert desk.life().override is None
    assert refused(desk) == {"is_open": 1}


@pytest.mark.parametrize("outcome", ["converted", "disqualified"])
def test_it_closes_a_lead_with_outcome_and_reason(outcome: str) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_overridden", order("close", outcome=outcome))
    desk.pass_time(DAY)
    assert desk.steps == [*OPENED, ("closed", HOUR)]
    life = desk.life()
    assert (life.outcome, life.reason) == (outcome, "a known customer")
    assert (life.override, life.contacted_at) == (override("close", HOUR), START + HOUR)


def test_it_gives_a_lead_to_another_team_and_what_is_due_stays_due() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_overridden", REROUTE)
    assert desk.steps == [*OPENED, ("routed", HOUR)]
    before, after = desk.life(1).route, desk.life().route
    assert before is not None
    assert after is not None
    assert (after.team, after.owner) == ("field", "ann")
    assert (after.rule, after.earliest, after.due) == (before.rule, before.earliest, before.due)
    assert desk.life().override == override("reroute", HOUR)
    desk.pass_time(DUE)
    assert desk.steps == [*OPENED, ("routed", HOUR), ("sla_breached", DUE)]
    assert desk.life().route == after


@pytest.mark.parametrize(
    ("more", "team", "owner"),
    [
        ({"team": "field"}, "field", None),
        ({"owner": "ann"}, "sales", "ann"),
        ({"team": " field ", "owner": ""}, "field", None),
    ],
)
def test_a_team_alone_is_the_team_as_a_whole_and_an_owner_alone_is_of_the_same_team(
    more: dict[str, Any], team: str, owner: str | None
) -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_overridden", order("reroute", **more))
    route = desk.life().route
    assert route is not None
    assert (route.team, route.owner) == (team, owner)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("rerouted_at", [[DUE - 1], [DUE], [DUE + 1], [1, DUE - 1, DUE + 1, DAY]])
def test_a_breach_is_told_once_whenever_it_is_rerouted_and_whatever_becomes_of_the_worker(
    rerouted_at: list[int], restarts: bool
) -> None:
    desk = Desk()
    desk.send(0)
    for at in rerouted_at:
        if restarts:
            desk.commit()
            desk.restart()
        desk.send(at, "lead_overridden", REROUTE)
        desk.pass_time(at)
    desk.pass_time(2 * DAY)
    if restarts:
        desk.commit()
        desk.restart()
        desk.pass_time(3 * DAY)
    breaches = [at for step, at in desk.steps if step == "sla_breached"]
    assert breaches == [DUE]


def test_after_a_contact_nothing_is_due_for_the_new_team() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(HOUR, "lead_contacted")
    desk.send(2 * HOUR, "lead_overridden", REROUTE)
    desk.pass_time(DAY)
    assert desk.steps == [*OPENED, ("routed", 2 * HOUR)]


def test_two_of_one_instant_are_two_and_the_one_that_comes_last_counts() -> None:
    desk = Desk()
    desk.send(0)
    for team in ("field", "desk"):
        desk.send(0, "lead_overridden", order("reroute", team=team))
    desk.send(HOUR, "lead_converted")
    assert len({one.id for one in desk.told}) == len(desk.told) == 5
    route = desk.life().route
    assert route is not None
    assert route.team == "desk"


def test_one_that_comes_late_does_not_undo_a_later_one() -> None:
    desk = Desk()
    desk.send(0)
    desk.send(2 * HOUR, "lead_overridden", REROUTE)
    desk.send(HOUR + HOUR // 2, "lead_overridden", order("reroute", team="desk"))
    assert desk.steps == [*OPENED, ("routed", 2 * HOUR)]
    assert refused(desk) == {"superseded": 1}


def test_a_lead_that_no_rule_took_cannot_be_rerouted() -> None:
    desk = Desk(routing=NOBODY)
    desk.send(0)
    desk.send(HOUR, "lead_overridden", REROUTE)
    assert desk.steps == [("qualified", 0)]
    assert refused(desk) == {"not_routed": 1}


@pytest.mark.parametrize("said", [CLOSE, REROUTE], ids=["close", "reroute"])
def test_where_none_is_open_there_is_nothing_to_close_or_to_reroute(said: dict[str, Any]) -> None:
    desk = Desk()
    desk.send(0, "Other")
    desk.send(1, "lead_overridden", said)
    desk.send(HOUR)
    desk.send(2 * HOUR, "lead_converted")
    desk.send(2 * HOUR + 1, "lead_overridden", said)
    assert desk.steps == [("qualified", HOUR), ("routed", HOUR), ("closed", 2 * HOUR)]
    assert refused(desk) == {"not_open": 2}


@pytest.mark.parametrize("at", [HOUR, 2 * HOUR - 1])
def test_one_of_before_the_last_lead_was_closed_opens_none(at: int) -> None:
    desk = Desk()
    desk.send(HOUR + 1)
    desk.send(2 * HOUR, "lead_converted")
    desk.send(at, "lead_overridden", QUALIFY)
    assert [step for step, _ in desk.steps] == ["qualified", "routed", "closed"]
    assert refused(desk) == {"is_open": 1}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "unknown_lead"),
        ({**QUALIFY, "lead": None}, "unknown_lead"),
        ({**QUALIFY, "lead": ["pqa"]}, "unknown_lead"),
        ({**QUALIFY, "lead": "pqb"}, "unknown_lead"),
        ({**QUALIFY, "action": None}, "unknown_action"),
        ({**QUALIFY, "action": "Qualify"}, "unknown_action"),
        ({**QUALIFY, "action": ["qualify"]}, "unknown_action"),
        ({**QUALIFY, "approver": None}, "no_approver"),
        ({**QUALIFY, "approver": "  "}, "no_approver"),
        ({**QUALIFY, "approver": 7}, "no_approver"),
        ({**QUALIFY, "reason": ""}, "no_reason"),
        ({**CLOSE, "outcome": None}, "unknown_outcome"),
        ({**CLOSE, "outcome": "won"}, "unknown_outcome"),
        ({**CLOSE, "outcome": ["converted"]}, "unknown_outcome"),
        ({**REROUTE, "team": None, "owner": ""}, "no_team"),
    ],
)
@pytest.mark.parametrize("is_open", [False, True])
def test_one_that_does_not_say_what_it_takes_is_not_heard_and_counted_once(
    said: dict[str, Any], why: str, is_open: bool
) -> None:
    desk = Desk(names=("pqa", "other"))
    desk.send(0, "Hot" if is_open else "Cold")
    before = len(desk.told)
    desk.send(1, "lead_overridden", said, user="ann")
    assert len(desk.told) == before
    assert refused(desk) == {why: 1}


def test_it_is_of_the_account_or_the_user_whose_lead_it_names() -> None:
    desk = Desk(of="user")
    desk.send(0, "lead_overridden", QUALIFY)
    assert refused(desk) == {"unknown_lead": 1}
    desk.send(1, "lead_overridden", QUALIFY, user="ann")
    desk.send(2, "lead_overridden", QUALIFY, account=None, user="bob")
    assert desk.steps == [("qualified", 1), ("routed", 1), ("qualified", 2), ("routed", 2)]
    assert desk.life().kind == "pql"
    assert refused(desk) == {"unknown_lead": 1}


def test_one_that_comes_again_is_told_and_counted_once() -> None:
    desk = Desk()
    desk.send(0, "lead_overridden", REROUTE)
    desk._offset = 0
    desk.send(0, "lead_overridden", REROUTE)
    assert refused(desk) == {"not_open": 1}
