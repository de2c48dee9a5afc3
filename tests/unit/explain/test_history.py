"""What was told, beside what a worker knows and in its place."""

from dataclasses import replace
from typing import Any

from schemas.encoding import time_text
from schemas.qualifications import LeadLife, LeadOverride, LeadRoute
from streams.explain.history import add_history, as_told, from_history
from streams.explain.page import page
from streams.queries import Occurrence
from tests.contract.validating import crossed, errors
from tests.unit.explain.story import at, event, explained, lines


def occurrence(name: str, kind: str, day: float, **fields: Any) -> Occurrence:
    made: dict[str, Any] = {
        "milestone": name, "type": kind, "journey": None, "occurrence": 1, "occurred_at": at(day),
        "detected_at": at(day), "definition_hash": "h", "id": f"{kind}{day}", "decided_by": "e1",
        "late": False, "evidence": [], "score": None, "contributions": [], "segment": None,
    }  # fmt: skip
    return Occurrence(**made | fields)


def evidence(condition: str, *, holds: bool, observed: float | bool = 2) -> dict[str, Any]:
    return {
        "condition": condition, "observed": observed, "at_least": True, "threshold": ">= 2",
        "window_start": None, "window_end": time_text(at(1)), "holds": holds,
        "history_since": None,
    }  # fmt: skip


def forgotten(kind: str, *parts: Any, **fields: Any) -> dict[str, Any]:
    unknown = dict.fromkeys(
        ("holds", "since", "turns_at", "seen", "observed", "at_least", "missing", "history_since")
    )
    return {"kind": kind, **unknown, **fields, "parts": list(parts)}


def leaf(name: str) -> dict[str, Any]:
    return forgotten("leaf", condition=name, requires=name.upper())


def answer(why: dict[str, Any], name: str = "m") -> dict[str, Any]:
    milestone = {
        "milestone": name, "title": None, "mode": "once", "definition_hash": "h", "holds": True,
        "occurrences": 1, "first_at": time_text(at(1)), "last_at": time_text(at(1)),
        "again_from": None, "coming": None, "why_at": time_text(at(1)), "why": why, "told": [],
    }  # fmt: skip
    return {
        "account_id": "acme", "user_id": None, "of": "account", "at": time_text(at(9)),
        "first_seen": time_text(at(0)), "last_seen": time_text(at(9)), "milestones": [milestone],
    }  # fmt: skip


OWNER = ("acme", None)


def test_what_a_state_has_let_go_of_is_taken_from_the_evidence() -> None:
    found = answer(forgotten("all", leaf("a"), forgotten("not", forgotten("any", leaf("b")))))
    told = occurrence(
        "m", "milestone.reached", 1,
        evidence=[evidence("a", holds=True), evidence("not (b)", holds=True, observed=0)],
    )  # fmt: skip
    add_history(found, [as_told(told, OWNER)])
    assert list(page(found, told=True))[2:] == [
        "✓ m: reached on 2 Jan 2026 00:00",
        "  It took:",
        "  ✓ A: 2 or more",
        "  ✓ must not be: at least one of these",
        "    ✓ is not so: B: 0 or more",
        "  What was told:",
        "    2 Jan 2026 00:00 reached, decided by event e1",
    ]


def test_evidence_of_another_meaning_says_nothing_of_this_one() -> None:
    found = answer(leaf("a"))
    other = occurrence(
        "m", "milestone.reached", 1, definition_hash="x", evidence=[evidence("a", holds=True)]
    )
    stuck = occurrence("m", "journey.stuck", 2, journey="way", evidence=[evidence("a", holds=True)])
    add_history(found, [as_told(one, OWNER) for one in (other, stuck)])
    assert found["milestones"][0]["why"]["holds"] is None
    assert len(found["milestones"][0]["told"]) == 2


def test_a_part_that_the_evidence_lacks_leaves_the_whole_unknown() -> None:
    found = answer(forgotten("all", leaf("a"), leaf("b")))
    told = occurrence("m", "milestone.reached", 1, evidence=[evidence("a", holds=True)])
    add_history(found, [as_told(told, OWNER)])
    assert [part["holds"] for part in found["milestones"][0]["why"]["parts"]] == [True, None]
    assert found["milestones"][0]["why"]["holds"] is None


def test_what_was_told_by_then_is_an_answer_of_its_own() -> None:
    rows = [
        occurrence("aha", "milestone.reached", 1, evidence=[evidence("a", holds=True)]),
        occurrence("in", "milestone.entered", 2),
        occurrence("aha", "journey.stuck", 3, journey="way", decided_by=None),
        occurrence("in", "milestone.exited", 4, decided_by=None),
        occurrence("in", "milestone.entered", 5, occurrence=2),
        occurrence("in", "milestone.exited", 6, occurrence=2, late=True),
        occurrence("again", "milestone.reached", 5),
        occurrence("again", "milestone.reached", 6, occurrence=2),
    ]
    told = [as_told(row, ("acme", "ann")) for row in rows]
    found = from_history(("acme", "ann"), told, at(7), None)
    assert list(page(found, told=False)) == [
        "acme/ann, user, on 8 Jan 2026 00:00 UTC",
        "",
        "✓ again: reached 2 times, the last on 7 Jan 2026 00:00",
        "",
        "✓ aha: reached on 2 Jan 2026 00:00",
        "",
        "✗ in: does not hold, since 7 Jan 2026 00:00; entered 2 times",
    ]
    only = from_history(("acme", "ann"), told, at(7), "in")
    assert list(page(only, told=True))[3:] == [
        "  What was told:",
        "    3 Jan 2026 00:00 entered, decided by event e1",
        "    5 Jan 2026 00:00 exited, decided by the passing of time",
        "    6 Jan 2026 00:00 entered for the 2nd time, decided by event e1",
        "    7 Jan 2026 00:00 exited for the 2nd time, decided by event e1, later than is allowed",
    ]
    [never] = from_history(("acme", "ann"), told, at(7), "pql")["milestones"]
    assert (never["holds"], never["told"]) == (False, [])


def test_the_score_and_the_segment_of_then_are_told_and_what_the_newest_score_is_made_of() -> None:
    rows = [
        occurrence("pql", "milestone.entered", 2, segment="enterprise", score=72.456,
                   contributions=[{"component": "action", "points": 72.456, "signal": 1.0}]),
        occurrence("pql", "milestone.exited", 4, decided_by=None, score=0.0, contributions=[
            {"component": "action", "points": 30.0, "signal": 0.75},
            {"component": "churning", "points": -30.0, "signal": 1.0},
        ]),
        occurrence("aha", "milestone.reached", 5, segment="enterprise"),
        occurrence("fit", "milestone.entered", 6, score=9.0, fell_back_to="rules"),
    ]  # fmt: skip
    told = [as_told(row, OWNER) for row in rows]
    fields = {"score", "contributions", "segment", "fell_back_to"}
    assert [sorted(fields & one.keys()) for one in told] == [
        ["contributions", "score", "segment"], ["contributions", "score"], ["segment"],
        ["contributions", "fell_back_to", "score"],
    ]  # fmt: skip
    shown = list(page(from_history(OWNER, told, at(7), "pql"), told=True))
    assert shown[3:] == [
        "  What was told:",
        "    3 Jan 2026 00:00 entered, decided by event e1; score 72.46; segment enterprise",
        "    5 Jan 2026 00:00 exited, decided by the passing of time; score 0",
        "      action: 30 points, at a signal of 0.75",
        "      churning: -30 points, at a signal of 1",
    ]
    shown = list(page(from_history(OWNER, told, at(7), "aha"), told=True))
    assert shown[-1] == ("    6 Jan 2026 00:00 reached, decided by event e1; segment enterprise")
    shown = list(page(from_history(OWNER, told, at(7), "fit"), told=True))
    assert (
        shown[-1] == "    7 Jan 2026 00:00 entered, decided by event e1; score 9, as rules stood in"
    )


def leads() -> list[Occurrence]:
    opened = LeadLife(at(2))
    routed = replace(opened, route=LeadRoute("hot", "sales", "jo", at(2), at(3)))
    breached = replace(routed, breached_at=at(3))
    closed = replace(breached, contacted_at=at(5), outcome="disqualified", reason="too small")
    return [
        occurrence("pqa", "lead.qualified", 2, lead=opened, score=71.0, segment="paying"),
        occurrence("pqa", "lead.routed", 2, lead=routed),
        occurrence("pqa", "lead.sla_breached", 3, lead=breached, decided_by=None),
        occurrence("pqa", "lead.closed", 5, lead=closed),
    ]


def test_what_became_of_a_lead_is_an_answer_of_its_own() -> None:
    told = [as_told(row, OWNER) for row in leads()]
    assert list(page(from_history(OWNER, told, at(7), "pqa"), told=True))[2:] == [
        "✗ pqa: a lead (PQA) until 6 Jan 2026 00:00, closed: disqualified, too small; became one"
        " once",
        "  Followed up by jo of sales, by the rule hot; SLA breached on 4 Jan 2026 00:00; contacted"
        " on 6 Jan 2026 00:00.",
        "  What was told:",
        "    3 Jan 2026 00:00 became a lead, decided by event e1; score 71; segment paying",
        "    3 Jan 2026 00:00 routed to sales, decided by event e1",
        "    4 Jan 2026 00:00 SLA breached, decided by the passing of time",
        "    6 Jan 2026 00:00 closed: disqualified, too small, decided by event e1",
    ]
    again = occurrence("pqa", "lead.qualified", 6, occurrence=2, lead=LeadLife(at(6)))
    told.append(as_told(again, OWNER))
    found = from_history(OWNER, told, at(7), None)
    assert list(page(found, told=False))[2:] == [
        "✓ pqa: a lead (PQA) since 7 Jan 2026 00:00; became one 2 times",
        "  No rule took it.",
    ]
    assert found["milestones"][0]["mode"] == "lead"


def test_who_has_a_lead_says_the_newest_override_also_where_it_came_late() -> None:
    qualified, routed, breached, _ = leads()
    assert breached.lead is not None
    field = replace(
        breached.lead, route=LeadRoute("hot", "field", None, at(2), at(3)),
        override=LeadOverride("reroute", "kim", "away", at(2.5)),
    )  # fmt: skip
    late = occurrence("pqa", "lead.routed", 2.5, lead=field)
    told = [as_told(row, OWNER) for row in (qualified, routed, late, breached)]
    assert list(page(from_history(OWNER, told, at(7), "pqa"), told=False))[3:] == [
        "  Followed up by team field, by the rule hot; SLA breached on 4 Jan 2026 00:00.",
        "  kim decided on 3 Jan 2026 12:00 who follows it up: away",
    ]


def test_what_was_told_of_a_lead_is_as_it_was_published() -> None:
    rows = [as_told(row, OWNER) for row in leads()]
    for row in rows:
        assert not errors(row["type"], crossed(row))
    assert "route" not in rows[0]
    assert rows[1]["route"]["owner"] == "jo"


def test_a_lead_says_nothing_of_a_milestone_of_its_name() -> None:
    found = answer(leaf("a"), "pqa")
    add_history(found, [as_told(row, OWNER) for row in leads()])
    assert found["milestones"][0]["told"] == []


def test_of_much_that_was_told_the_page_shows_the_newest() -> None:
    rows = [occurrence("m", "milestone.reached", day, occurrence=day + 1) for day in range(13)]
    found = from_history(OWNER, [as_told(row, OWNER) for row in rows], at(20), "m")
    shown = list(page(found, told=True))
    assert shown[4] == "  3 times before; --json has them all"
    assert shown[-1].startswith("    13 Jan 2026 00:00 reached for the 13th time")


def test_what_is_in_the_shadow_is_explained_and_marked_with_what_was_told_of_it() -> None:
    milestones = (
        "  live: {of: account, when: {event: Opened}}\n"
        "  hidden: {of: account, shadow: live, title: Sooner, when: {event: Opened}}"
    )
    answer = explained(milestones, [event(1, "Opened")], 9)
    assert [one["shadow"] for one in answer["milestones"]] == [False, True]
    assert [len(one["told"]) for one in answer["milestones"]] == [1, 1]
    shown = lines(answer)
    assert "✓ live: reached on 2 Jan 2026 00:00" in shown
    assert "✓ Sooner (hidden), in the shadow: reached on 2 Jan 2026 00:00" in shown
