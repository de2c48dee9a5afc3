"""The referee on scores and segments, against answers worked out on paper."""

import pytest

from streams.definitions import loads
from streams.definitions.model import Component, Fading, Recency, Score, ScoreCondition, WhileTrue
from tests.properties.oracle import Oracle
from tests.properties.written import ACME, ANN, comparison, counted, event, happened, of, turns

FADING = Component("fading", 10, Fading(of("A"), 100))
FRESH = Component("fresh", 10, Recency(of("A"), 100.0))
ASKED = Component("asked", 5, WhileTrue(counted("B", within=20)))


def passes(*components: Component, compared: str, until: str | None = None) -> ScoreCondition:
    end = None if until is None else comparison(until)
    return ScoreCondition(Score("s", "account", components), comparison(compared), end)


def test_what_fades_falls_below_a_threshold_between_two_milliseconds() -> None:
    assert turns(passes(FADING, compared=">= 5"), "A:0") == [0, 101], "after 100 it is 5"
    assert turns(passes(FADING, compared="> 5"), "A:0") == [0, 100]
    assert turns(passes(FADING, compared="< 5"), "A:0") == [101]
    # 10 e^(-t / 100) is 3 after 120.397.
    assert turns(passes(FRESH, compared="> 3"), "A:0") == [0, 121]
    assert turns(passes(FRESH, compared="> 3"), "A:0 A:60") == [0, 181], "only the newest counts"


def test_events_that_fade_add_up() -> None:
    # 10 (1 + 2^-0.1) is 19.33 at 10, and is 15 after another 36.583.
    assert turns(passes(FADING, compared=">= 15"), "A:0 A:10") == [10, 47]


def test_until_ends_what_is_began_and_not_before() -> None:
    both = passes(FADING, ASKED, compared=">= 10", until="< 5")
    assert turns(both, "A:0") == [0, 101]
    # 7.07 + 5 at 50 makes no difference, nor does 5 + 5 at 100 begin it again once it has ended.
    assert turns(both, "A:0 B:50") == [0, 101]
    assert turns(both, "A:0 B:102") == [0, 101]
    assert turns(both, "A:0 B:90") == [0, 110], "it is 9.66 with B, and 4.67 without"


def test_before_anybody_is_known_no_score_compares() -> None:
    assert turns(passes(FADING, compared="< 5"), "x:7") == [7]


def test_whoever_is_in_two_segments_is_in_the_first() -> None:
    definitions = loads("""
        version: 1
        segments:
          large:   {of: account, when: {event: Large}}
          persons: {of: user, when: {event: "*"}}
          paying:  {of: account, when: {event: Paid}}
          others:  {of: account, when: {not: {event: Churned}}}
        milestones:
          large:  {of: account, live: true, when: {segment: large}}
          paying: {of: account, live: true, when: {segment: paying}}
          others: {of: account, live: true, when: {segment: others}}
    """)
    history = [event(at, name=name) for at, name in enumerate(("Seen", "Paid", "Large", "Churned"))]
    oracle = Oracle(definitions, history)
    found = [oracle.segment(ACME, at) for at in range(-1, 4)]
    assert found == [None, "others", "paying", "large", "large"]
    assert oracle.segment(ANN, 1) == "persons"
    for name in definitions.milestones:
        for at, segment in enumerate(found, start=-1):
            assert (ACME in oracle.members(name, at)) == (segment == name)


def test_a_score_has_its_veto_before_what_forces_it() -> None:
    score = Score("s", "account", (FADING,), veto=counted("V"), force=counted("F"))
    oracle = Oracle(loads("version: 1"), happened("A:0 F:10 V:20"))
    assert [oracle.score(ACME, score, at) for at in (-1, 0, 10, 20)] == [0, 10, 100, 0]
    logistic = Score("s", "account", (FADING,), intercept=-10.0)
    assert oracle.score(ACME, logistic, 0) == 50
    assert oracle.score(ACME, logistic, 20) == pytest.approx(100 / (1 + 2.718281828**1.2944944))
