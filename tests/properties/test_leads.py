"""Leads: whatever the cuts, the crashes and the slices of time, the plain loop tells the same."""

from collections.abc import Iterable

import pytest
from hypothesis import given, note

from schemas.qualifications import Qualification
from tests.properties.driver import Cycle, World
from tests.properties.languages_leads import LeadCase, crashing_plans, lead_cases, quiet_plans
from tests.properties.oracle_leads import FEEDBACK, Followed, LeadOracle, Told, breach
from tests.properties.oracle_life import Entity, events_of

pytestmark = pytest.mark.timeout(3_600)


def run(case: LeadCase, plan: Iterable[Cycle]) -> list[Qualification]:
    """What is told of leads, repeats included."""
    note("\n".join(str(event) for event in case.history))
    outcome = World(case.meaning, case.records).run(plan, until=case.until)
    return [one for one in outcome.qualifications if one.type.startswith("lead.")]


def without_repeats(outputs: Iterable[Qualification]) -> list[Qualification]:
    """The first of each id; a repeat is the same in everything."""
    first: dict[str, Qualification] = {}
    for one in outputs:
        assert first.setdefault(one.id, one) == one, "one id for two things"
    return list(first.values())


def by_lead(outputs: Iterable[Qualification]) -> dict[Followed, list[Told]]:
    found: dict[Followed, list[Told]] = {}
    for one in outputs:
        assert one.lead is not None
        followed = Followed(Entity(one.account_id, one.user_id), one.milestone)
        told = Told(one.type, one.occurrence, one.occurred_at, one.segment, one.lead)
        found.setdefault(followed, []).append(told)
    return found


def expected(case: LeadCase) -> dict[Followed, list[Told]]:
    return LeadOracle(case.meaning, case.conditions, case.history, case.until).answer()


@given(lead_cases(), quiet_plans)
def test_in_order_with_repeats_and_restarts_all_is_told_that_happens_and_once(
    case: LeadCase, plan: list[Cycle]
) -> None:
    told = run(case, plan)
    assert len({one.id for one in told}) == len(told)
    assert by_lead(told) == expected(case)


@given(lead_cases(), crashing_plans)
def test_what_is_told_again_after_a_crash_is_the_same_to_the_last_field(
    case: LeadCase, plan: list[Cycle]
) -> None:
    assert by_lead(without_repeats(run(case, plan))) == expected(case)


@given(lead_cases(late=True), quiet_plans)
def test_of_events_that_come_late_what_was_told_stays_told_and_makes_sense(
    case: LeadCase, plan: list[Cycle]
) -> None:
    outputs = run(case, plan)
    assert len({one.id for one in outputs}) == len(outputs)
    assert not any(one.late for one in outputs)
    for followed, told in by_lead(outputs).items():
        said = {event.name for event in events_of(followed.entity, case.history)}
        assert_makes_sense(told, case.until, is_silent=said.isdisjoint(FEEDBACK))
    for one in outputs:
        if one.type == "lead.sla_breached":
            assert (one.detected_at, one.decided_by) == (one.occurred_at, None)


def assert_makes_sense(told: list[Told], until: int, *, is_silent: bool) -> None:
    """Each lead opens when the one before it is closed, and is not contacted where it is due."""
    numbers = [one.occurrence for one in told if one.type == "lead.qualified"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [one.occurrence for one in told] == sorted(one.occurrence for one in told)
    for number in numbers:
        steps = [one for one in told if one.occurrence == number]
        names = [one.type.removeprefix("lead.") for one in steps]
        first, last = steps[0], steps[-1]
        routed = ["routed"] if first.life.route is not None else []
        middle = [name for name in names[1 + len(routed) :] if name != "routed"]
        assert routed or "routed" not in names
        assert names[: 1 + len(routed)] == ["qualified", *routed]
        assert middle in ([], ["sla_breached"], ["closed"], ["sla_breached", "closed"])
        assert number == numbers[-1] or names[-1] == "closed"
        assert {one.life.opened_at for one in steps} == {first.at}
        assert {one.life.contacts for one in steps} == {first.life.contacts}
        for one in steps:
            assert one.at >= first.at
            if one.type == "lead.routed" and one is not steps[1]:
                assert one.life.override is not None
                assert one.life.override.at == one.at
            if one.type == "lead.sla_breached":
                assert one.life.route is not None
                assert one.at == one.life.breached_at == one.life.route.due <= until
                assert one.life.contacted_at is None
            if one.type == "lead.closed":
                assert one.life.contacted_at is not None
                assert first.at <= one.life.contacted_at <= one.at
        if last.type == "lead.routed" and is_silent:
            assert breach(last.life, until) is None, "it was due, and nobody said so"
