"""Scores as a worker judges them: the formula, thresholds, hysteresis, crossings, timers, state."""

from tests.unit.engine.worker import DAY, HOUR, Worker


def components(*lines: str, of: str = "account") -> str:
    """A score of components c0, c1, …"""
    named = ", ".join(f"c{number}: {{{line}}}" for number, line in enumerate(lines))
    return f"of: {of}, components: {{{named}}}"


FADING = "points: 80, event: Used, recency: {half_life: 1d}"


def test_with_until_a_score_is_true_of_whoever_does_nothing_that_it_looks_at() -> None:
    used = components("points: 10, event: Used, count: 1")
    worker = Worker('{of: account, when: {score: s, is: "< 5", until: ">= 10"}}', score=used)
    worker.send(0, name="Other")
    worker.send(HOUR + 1, name="Other")
    assert worker.times == [("m0", 0)]


def test_what_fading_ended_does_not_count_for_a_milestone_that_is_reached_once() -> None:
    score = components(FADING, "points: 25, event: Asked, count: 1")
    both = 'all: [{score: s, is: ">= 70", until: "< 60"}, {event: Asked}]'
    worker = Worker(f"{{of: account, when: {{{both}}}}}", score=score)
    worker.send(0)
    worker.send(DAY, name="Asked")
    assert worker.times == [], "65 points now, after 40 a moment ago"


def test_who_counts_users_at_once_knows_that_a_score_that_was_high_long_ago_has_not_ended() -> None:
    score = components(
        "points: 10, event: Used, fading: {half_life: 1h}",
        "points: 60, event: Used, count: 1",
        of="user",
    )
    parts = '{score: s, is: ">= 80", until: "< 60"}, {not: {event: Blocked, within: 8h}}'
    worker = Worker(
        f"{{of: user, when: {{all: [{parts}]}}}}",
        '{of: account, live: true, when: {milestone: m0, users: ">= 1"}}',
        score=score,
    )
    for number in range(80):
        at = number * 6 * HOUR
        worker.send(at, name="Blocked", user_id="ann")
        for _ in range(1 if number else 10):
            worker.send(at, user_id="ann")
    worker.send(at + 8 * HOUR, name="Other", user_id="ann")
    assert worker.times == [("m1", at + 8 * HOUR)]
    worker.send(at + 10 * HOUR, name="Other", user_id="ann")
    assert worker.times == [("m1", at + 8 * HOUR), ("m0", at + 8 * HOUR)]
