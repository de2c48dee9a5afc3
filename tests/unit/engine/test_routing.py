"""Where leads go: the first rule that fits, its team, its owner, and by when."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.qualifications import LeadRoute
from streams.definitions.model import (
    Compare,
    Comparison,
    DayHours,
    Routing,
    RoutingRule,
    Territories,
    TraitCondition,
    WorkingHours,
)
from streams.engine.routing import Candidate, Router
from streams.engine.routing.router import chosen

HOUR = 3_600_000
OFFICE = WorkingHours(ZoneInfo("Europe/Berlin"), (*[DayHours(540, 1020)] * 5, None, None))
HOT = (Comparison(">", 90),)
WARM = (Comparison(">=", 70), Comparison("<=", 90))


def at(text: str) -> int:
    """A time in UTC, as epoch milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


MONDAY = at("2026-01-05T09:00")  # ten o'clock in Berlin


def lead(
    score: float | None = 95,
    segment: str | None = None,
    key: bytes = b"acme",
    time: int = MONDAY,
    **traits: Any,
) -> Candidate:
    return Candidate(key, time, score, segment, traits)


def rule(name: str = "it", sla: int = 4 * HOUR, **fields: Any) -> RoutingRule:
    return RoutingRule(name, "sales", sla, **fields)


def route(given: Candidate, *rules: RoutingRule) -> LeadRoute:
    found = Router(Routing(rules)).route(given)
    assert found is not None
    return found


def fits(given: Candidate, **fields: Any) -> bool:
    return Router(Routing((rule(**fields),))).route(given) is not None


def test_the_first_rule_that_fits_counts() -> None:
    rules = (rule("hot", score=HOT), rule("warm", score=WARM), rule("rest"), rule("too_late"))
    assert route(lead(95), *rules).rule == "hot"
    assert route(lead(90), *rules).rule == "warm"
    assert route(lead(70), *rules).rule == "warm"
    assert route(lead(69.9), *rules).rule == "rest"


def test_a_lead_that_no_rule_fits_is_not_routed() -> None:
    assert Router(Routing((rule(score=HOT),))).route(lead(90)) is None
    assert Router(Routing(())).route(lead()) is None


def test_a_lead_without_a_score_or_a_segment_fits_no_rule_that_asks_for_one() -> None:
    assert not fits(lead(None), score=(Comparison("<", 1000),))
    assert not fits(lead(segment=None), segments=frozenset({"smb"}))
    assert fits(lead(None, None))


def test_a_segment_is_one_of_those_of_the_rule() -> None:
    assert fits(lead(segment="smb"), segments=frozenset({"trial", "smb"}))
    assert not fits(lead(segment="enterprise"), segments=frozenset({"trial", "smb"}))


def test_traits_are_asked_as_filters_ask_and_all_are_required() -> None:
    traits = (
        TraitCondition("plan", Compare("traits.plan", "in", ("team", "pro"))),
        TraitCondition("seats", Compare("traits.seats", "gte", 5)),
        TraitCondition("internal", Compare("traits.internal", "ne", True)),
    )
    assert fits(lead(plan="pro", seats="12"), traits=traits)
    assert not fits(lead(plan="pro", seats=4), traits=traits)
    assert not fits(lead(seats=12), traits=traits)
    assert not fits(lead(plan="pro", seats=12, internal=True), traits=traits)


def test_around_the_clock_all_time_counts() -> None:
    found = route(lead(), rule(floor=HOUR))
    assert found == LeadRoute("it", "sales", None, MONDAY + HOUR, MONDAY + 4 * HOUR)


def test_in_hours_the_sla_is_working_time() -> None:
    found = route(lead(time=at("2026-01-09T15:00")), rule(hours=OFFICE))
    assert (found.earliest, found.due) == (at("2026-01-09T15:00"), at("2026-01-12T11:00"))


def test_the_floor_passes_whatever_the_hours_and_ends_when_somebody_works() -> None:
    evening, night = at("2026-01-05T15:00"), at("2026-01-05T22:00")
    floored = rule(hours=OFFICE, floor=2 * HOUR)
    assert route(lead(time=evening), floored).earliest == at("2026-01-06T08:00")
    assert route(lead(time=night), floored).earliest == at("2026-01-06T08:00")
    assert route(lead(), floored).earliest == MONDAY + 2 * HOUR


def test_nothing_is_due_before_it_is_allowed() -> None:
    short = rule(sla=HOUR, floor=3 * HOUR)
    assert route(lead(), short).due == MONDAY + 3 * HOUR
    in_hours = rule(sla=HOUR, floor=3 * HOUR, hours=OFFICE)
    assert route(lead(), in_hours).due == MONDAY + 3 * HOUR


def test_without_owners_a_lead_is_the_team_s() -> None:
    assert route(lead(), rule()).owner is None


def test_owners_follow_from_a_territory() -> None:
    of = {"DE": ("ann",), "1": ("cid",), "true": ("dan",)}
    it = rule(owners=Territories("country", of, ("bob",)))
    given = [("DE", "ann"), (1.0, "cid"), (True, "dan"), ("de", "bob"), ("FR", "bob")]
    assert [(value, route(lead(country=value), it).owner) for value, _ in given] == given
    assert route(lead(country=None), it).owner == "bob"
    assert route(lead(), it).owner == "bob"


KEYS = [b"account-%d" % number for number in range(3_000)]
OWNERS = ("ann", "bob", "cid", "dan")


def test_a_lead_has_the_same_owner_however_often_and_in_whatever_order_that_is_asked() -> None:
    for key in KEYS[:100]:
        assert chosen(OWNERS, key) == chosen(OWNERS[::-1], key) == chosen(OWNERS, key)
    given = " ".join(str(chosen(OWNERS, key)) for key in KEYS[:8])
    assert given == "cid bob ann cid cid cid dan bob", "it holds over releases"


def test_owners_take_equally_many() -> None:
    taken = Counter(chosen(OWNERS, key) for key in KEYS)
    assert set(taken) == set(OWNERS)
    assert all(650 < count < 850 for count in taken.values())


@pytest.mark.parametrize("gone", OWNERS)
def test_who_leaves_and_who_comes_moves_only_their_own_leads(gone: str) -> None:
    fewer = tuple(owner for owner in OWNERS if owner != gone)
    for key in KEYS:
        before, after = chosen(OWNERS, key), chosen(fewer, key)
        assert after in fewer
        assert before in (after, gone)
