"""Whatever test the loader accepts can be run."""

import json
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.definitions import loads
from streams.definitions.loading import examine_text
from streams.definitions.model import Lead
from streams.testing import run_tests

MILESTONES = """
  seen: {of: account, when: {event: A}}
  busy: {of: user, when: {event: A, count: ">= 2", within: 7d}}
  calm: {of: user, when: {event: B, avg: {of: properties.n, is: "<= 3"}, within: 7d}}
"""
TIMES = [
    "1899-01-01",
    "1970-01-01",
    "2026-01-01T10:00:00Z",
    "2026-01-02",
    "9999-12-31",
    0,
    -1,
    10**14,
]
DURATIONS = ["1h", "7d", "3650d"]
ACCOUNTS, USERS = ["acme", 7, "a\u0007"], ["ann", 8, "x" * 300]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=2), max_leaves=4)


@st.composite
def events(draw: st.DrawFn) -> dict[str, object]:
    event: dict[str, object] = {"event": draw(st.sampled_from(["A", "B", "identify", "é"]))}
    event["account"] = draw(st.sampled_from(ACCOUNTS))
    event["user"] = draw(st.sampled_from(USERS))
    event["properties"] = draw(st.dictionaries(texts | st.just("n"), values, max_size=2))
    if draw(st.booleans()):
        event["at"] = draw(st.sampled_from(TIMES))
    else:
        event["after"] = draw(st.sampled_from(["0s", *DURATIONS]))
    if draw(st.booleans()):
        event["id"] = draw(st.sampled_from(["e1", 2]))
    else:
        event["times"] = draw(st.integers(1, 4))
        event["every"] = draw(st.sampled_from(DURATIONS))
    return event


@st.composite
def cases(draw: st.DrawFn) -> dict[str, object]:
    given = draw(st.lists(events(), min_size=1, max_size=4))
    accounts = st.sampled_from([str(event["account"]) for event in given])
    users = st.sampled_from([f"{event['account']}/{event['user']}" for event in given])
    then = st.dictionaries(accounts, st.sampled_from([[], ["seen"], {"seen": 0}]), min_size=1)
    not_then = st.dictionaries(users, st.sampled_from([["busy"], ["calm", "busy"]]), min_size=1)
    moment = st.fixed_dictionaries({"then": then}, optional={"not_then": not_then})
    case = {"name": draw(texts.filter(str.strip)), "given": given, **draw(moment)}
    case["at"] = draw(st.dictionaries(st.sampled_from(TIMES).map(str), moment, max_size=2))
    if draw(st.booleans()):
        case["until"] = draw(st.sampled_from(TIMES))
    return case


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(st.lists(cases(), min_size=1, max_size=2))
def test_a_test_is_refused_with_its_place_or_runs(tests: list[dict[str, object]]) -> None:
    text = f"version: 1\nmilestones: {MILESTONES}\ntests: {json.dumps(tests, ensure_ascii=False)}"
    outcome = examine_text(text, "any")
    if outcome.definitions is None:
        assert outcome.problems
        return
    found = outcome.definitions.tests
    assert len(list(run_tests(outcome.definitions, found))) == len(found)


def test_the_traits_of_given_events_count() -> None:
    outcome = examine_text(
        "version: 1\n"
        "milestones: {big: {of: account, when: {trait: seats, gte: 50}}}\n"
        "tests:\n"
        "  - name: it grows\n"
        "    given:\n"
        "      - {event: group, account: acme, traits: {seats: 5}}\n"
        "      - {event: group, account: acme, traits: {seats: 50}, after: 1d}\n"
        "    until: 2026-02-01\n"
        "    then: {acme: {big: 2026-01-02}}\n",
        "any",
    )
    assert outcome.definitions is not None
    (result,) = run_tests(outcome.definitions, outcome.definitions.tests)
    assert result.failures == ()


def test_a_lead_is_no_milestone_that_a_test_would_have_to_expect() -> None:
    definitions = loads("""
version: 1
milestones:
  seen: {of: account, when: {event: A}}
tests:
  - name: seen alone
    given: [{event: A, account: acme, at: 2026-01-01}]
    then: {acme: [seen]}
""")
    lead = Lead("pqa", "account", definitions.milestones["seen"].when)
    [result] = run_tests(replace(definitions, leads={"pqa": lead}), definitions.tests)
    assert result.failures == ()


HEALTH = """
version: 1
health:
  usage: {of: account, red: {inactive: 14d}, yellow: {event: Opened, inactive: 7d}}
milestones:
  seen: {of: account, when: {event: Opened}}
tests:
  - name: levels
    given: [{event: Opened, account: acme, at: 2026-01-01}, {event: Opened, account: bolt}]
    at:
      2026-01-07: {health: {acme: {usage: green}}}
      2026-01-08: {health: {acme: {usage: yellow}}}
    until: 2026-01-15
    then: {acme: [seen]}
    health: {acme: {usage: red}, bolt: {usage: green}}
"""


def test_a_health_that_has_another_level_says_what_its_conditions_amount_to() -> None:
    outcome = examine_text(HEALTH, "any")
    assert outcome.definitions is not None
    [result] = run_tests(outcome.definitions, outcome.definitions.tests)
    [failure] = result.failures
    assert failure.lines() == [
        "bolt, usage: expected green, got red",
        "  red:",
        "    ✓ no event for 14d: 0",
        "  yellow:",
        "    ✓ no Opened for 7d: 0",
    ]


SCORED = """
version: 1
scores:
  fit:
    of: account
    components:
      built:   {points: 40, event: Built, distinct: {of: properties.feature, full: 3}}
      recency: {points: 20, event: "*", recency: {half_life: 1d}}
      card:    {points: 25, when: {event: Card Added}}
    force: {event: Demo Requested}
milestones:
  pql: {of: account, live: true, when: {score: fit, is: ">= 70", until: "< 1"}}
tests:
  - name: it is not enough
    given:
      - {at: 2026-01-05, event: Built, account: acme, properties: {feature: a}}
      - {after: 1d, event: Opened, account: acme}
    then: {acme: [pql]}
  - name: it is forced
    given: [{at: 2026-01-05, event: Demo Requested, account: acme}]
    then: {acme: []}
"""


def test_what_fails_by_a_score_says_what_that_is_made_of_and_what_adds_nothing() -> None:
    outcome = examine_text(SCORED, "any")
    assert outcome.definitions is not None
    short, forced = run_tests(outcome.definitions, outcome.definitions.tests)
    [failure] = short.failures
    assert failure.lines()[1:] == [
        "  pql was not reached; at 2026-01-06T00:00:00.000Z:",
        "    ✗ score fit >= 70 until < 1: 33.333333333",
        "        + recency: 20 of 20 points, the newest event is a moment old",
        "        + built: 13.33 of 40 points, Built with 1 of 3 different values of feature",
        "        · card: 0 of 25 points, while this holds",
        "          ✗ count of Card Added >= 1: 0",
    ]
    [failure] = forced.failures
    assert failure.lines()[1:] == [
        "  pql was entered at 2026-01-05T00:00:00.000Z:",
        "    ✓ score fit >= 70 until < 1: 100.0",
        "        recency: 20 points, at a signal of 1",
    ]


def test_a_force_that_keeps_a_milestone_away_is_shown() -> None:
    text = SCORED.replace('is: ">= 70", until: "< 1"', 'is: "< 50"').replace("[]", "[pql]")
    outcome = examine_text(text, "any")
    assert outcome.definitions is not None
    _, forced = run_tests(outcome.definitions, outcome.definitions.tests)
    [failure] = forced.failures
    assert failure.lines()[2:5] == [
        "    ✗ score fit < 50: 100.0",
        "        force:",
        "          ✓ count of Demo Requested >= 1: 1 or more",
    ]


def test_who_was_erased_has_reached_nothing_until_they_do_so_anew() -> None:
    definitions = loads("""
version: 1
milestones:
  aha: {of: user, when: {event: A}}
  team: {of: account, when: {event: A, users: ">= 2"}}
tests:
  - name: erased
    given:
      - {event: A, account: acme, user: ann, at: 2026-01-01}
      - {event: A, account: acme, user: bob, after: 1h}
      - {event: A, account: bolt, user: ann, after: 1h}
      - {event: A, account: bolt, user: bob, after: 1h}
      - {event: entity_deleted, account: acme, after: 1h}
      - {event: entity_deleted, account: bolt, user: ann, after: 1h}
      - {event: A, account: acme, user: bob, after: 1h}
    then:
      acme: []
      acme/ann: []
      acme/bob: [aha]
      bolt: [team]
      bolt/ann: []
      bolt/bob: [aha]
""")
    [result] = run_tests(definitions, definitions.tests)
    assert result.failures == ()
