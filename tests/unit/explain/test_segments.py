"""Conditions on segments: in which one the entity is, and why."""

from typing import Any

from schemas.encoding import time_text
from streams.explain.answer import Answer
from streams.explain.history import add_history
from streams.explain.page import page
from tests.unit.explain.story import at, event, explained, lines, only

SEGMENTS = """
segments:
  people: {of: user, when: {trait: role, exists: true}}
  enterprise: {of: account, when: {trait: employees, gte: 1000}}
  small: {of: account, when: {trait: employees, lt: 50}}
  paying: {of: account, when: {event: Paid}}
"""


def named(segment: str, *events: dict[str, Any], employees: int | None = None) -> Answer:
    first = event(1, "group", None, traits={"employees": employees})
    return explained(
        f"  m: {{of: account, live: true, when: {segment}}}",
        [first, *events], 3, sections=SEGMENTS,
    )  # fmt: skip


def test_who_is_in_a_segment_is_shown_why() -> None:
    answer = named("{segment: small}", employees=5)
    assert lines(answer) == [
        "✓ m: holds, since 2 Jan 2026 00:00; entered once",
        "  ✓ segment is small: yes, since 2 Jan 2026 00:00",
        "    ✓ employees is less than 50: it is 5, since 2 Jan 2026 00:00",
        "    ✓ must not be in enterprise, which comes first: employees is at least 1000: it is 5,"
        " since 2 Jan 2026 00:00",
    ]
    why = only(answer)["why"]
    assert (why["kind"], why["segment"], why["is_in"]) == ("segment", "small", "small")
    assert (why["condition"], why["since"]) == ("segment small", time_text(at(1)))
    assert [part.get("segment") for part in why["parts"]] == [None, "enterprise"]


def test_who_is_in_another_segment_is_shown_in_which_and_what_is_missing() -> None:
    assert lines(named("{segment: enterprise}", employees=5)) == [
        "✗ m: does not hold, and never did",
        "  ✗ segment is enterprise: it is small",
        "    ✗ employees is at least 1000: it is 5",
    ]


def test_who_is_in_one_that_comes_first_is_shown_that_it_does() -> None:
    assert lines(named("{segment: paying}", event(2, "Paid"), employees=5))[1:] == [
        "  ✗ segment is paying: it is small",
        "    ✗ must not be in small, which comes first: employees is less than 50: it is 5",
        "    ✓ Paid at least once: 1 or more, since 3 Jan 2026 00:00",
        "    ✓ must not be in enterprise, which comes first: employees is at least 1000: it is 5,"
        " since 2 Jan 2026 00:00",
    ]


def test_who_is_in_no_segment_is_said_to_be_in_none() -> None:
    answer = named("{segment: enterprise}", employees=200)
    assert lines(answer)[1] == "  ✗ segment is enterprise: it is in none"
    assert only(answer)["why"]["is_in"] is None


def test_a_segment_in_a_not_is_what_must_not_be() -> None:
    assert lines(named("{not: {segment: enterprise}}", employees=1000))[1:] == [
        "  ✗ must not be: segment is enterprise: yes",
        "    ✗ is so: employees is at least 1000: it is 1000, since 2 Jan 2026 00:00",
    ]


def test_of_an_any_a_segment_is_as_near_as_what_is_true_of_it() -> None:
    when = "{any: [{event: X}, {segment: paying}]}"
    parts = only(named(when, employees=5))["why"]["parts"]
    assert [part["kind"] for part in parts] == ["segment", "leaf"]


def test_a_segment_stands_in_a_component_of_a_score_too() -> None:
    sections = (
        SEGMENTS
        + "scores: {s: {of: account, components: {c: {points: 9, when: {segment: small}}}}}"
    )
    answer = explained(
        '  m: {of: account, live: true, when: {score: s, is: ">= 5"}}',
        [event(1, "group", None, traits={"employees": 5})], 3, sections=sections,
    )  # fmt: skip
    assert lines(answer)[2:4] == [
        "    + c: 9 of 9 points, while this holds",
        "      ✓ segment is small: yes, since 2 Jan 2026 00:00",
    ]


def test_what_a_state_has_let_go_of_is_taken_from_the_evidence_of_its_parts() -> None:
    unknown = dict.fromkeys(("holds", "since", "turns_at", "seen", "missing", "history_since"))
    own = {"kind": "leaf", **unknown, "condition": "a", "requires": "A", "parts": []}
    other = {"kind": "leaf", **unknown, "condition": "b", "requires": "B", "parts": []}
    before = {"kind": "not", **unknown, "segment": "big", "parts": [other]}
    answer = named("{segment: enterprise}", employees=1000)
    [milestone] = answer["milestones"]
    milestone |= {"mode": "once", "told": []}
    milestone["why"] = {
        "kind": "segment", **unknown, "requires": "segment is s", "parts": [own, before],
    }  # fmt: skip
    seen = {
        "observed": 2, "at_least": False, "threshold": "", "window_start": None,
        "history_since": None, "holds": True,
    }  # fmt: skip
    evidence = [{"condition": "a", **seen}, {"condition": "not (b)", **seen, "observed": 0}]
    told = {
        "milestone": "m", "journey": None, "definition_hash": milestone["definition_hash"],
        "evidence": evidence, "type": "milestone.reached", "occurred_at": time_text(at(1)),
        "occurrence": 1, "decided_by": "e", "late": False,
    }  # fmt: skip
    add_history(answer, [told])
    assert list(page(answer, told=True))[4:7] == [
        "  ✓ segment is s: yes",
        "    ✓ A: 2",
        "    ✓ must not be in big, which comes first: B: 0",
    ]
