"""Scores as a worker judges them: the formula, thresholds, hysteresis, crossings, timers, state."""

from math import log

import pytest

from streams.engine.entities import Entity
from streams.engine.scores import ScoreLeaf
from streams.engine.standing import Explainer
from tests.unit.engine.worker import DAY, HOUR, START, Worker

LIVE = '{of: account, live: true, when: {score: s, is: "%s"%s}}'


def live(compared: str, until: str = "") -> str:
    return LIVE % (compared, until and f', until: "{until}"')


def turns(worker: Worker) -> list[int]:
    """When its one live milestone was entered, exited, entered, …"""
    return [at for _, at in worker.times]


def stored(worker: Worker) -> tuple[Explainer, Entity]:
    """The account, by its state alone."""
    explainer = Explainer(worker.definitions)
    entity = explainer.read(worker.evaluator.state_of("acme", None) or b"", "acme", None)
    assert entity is not None
    return explainer, entity


def value(worker: Worker, at: int) -> float:
    """The account's score."""
    explainer, entity = stored(worker)
    leaves = explainer.engine.accounts.leaves.values()
    return next(one for one in leaves if isinstance(one, ScoreLeaf)).score.value(entity, START + at)


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


WEIGHTED = components(
    "points: 40, event: [Report Built, Data Imported, Board Shared], "
    "distinct: {of: event, full: 3}",
    'points: 20, event: "*", days: 30, within: 30d',
    'points: 20, event: "*", recency: {time_constant: 7d}',
    "points: 10, event: Api Called, count: 500, within: 30d",
    'points: 5, event: "*", users: 10, within: 30d',
    "points: 5, event: Invoice Paid, sum: {of: properties.amount, full: 1000}, within: 30d",
)
"""Action .4, frequency .2, recency .2, volume .1 (500 is the average), team .05, spending .05."""


def test_the_weighted_model_gives_what_a_spreadsheet_gives() -> None:
    worker = Worker(live("> 70"), score=WEIGHTED)
    worker.send(9 * HOUR, name="Report Built", user_id="ann")
    worker.send(DAY + 9 * HOUR, name="Data Imported", user_id="bob")
    for number in range(400):
        worker.send(2 * DAY + 9 * HOUR + number, name="Api Called", user_id="cid")
    for day in range(3, 11):
        worker.send(day * DAY, name="Seen", user_id="dan")
    worker.send(11 * DAY + 9 * HOUR, name="Invoice Paid", properties={"amount": 250})
    # Two of three features, 12 of 30 days, 3.5 days ago, 400 of 500 calls, 4 of 10 users, $250.
    #   26.666667 + 8 + 20 e^-0.5 + 8 + 2 + 1.25
    assert value(worker, 14 * DAY + 21 * HOUR) == pytest.approx(58.047280, abs=1e-6)
    worker.send(15 * DAY, name="Board Shared", user_id="ann")
    [told] = worker.outputs
    assert told.occurred_at == START + 15 * DAY
    assert told.score == pytest.approx(40 + 26 / 3 + 20 + 8 + 2 + 1.25)
    assert {one.component: one.points for one in told.contributions} == {
        "c0": 40,
        "c1": pytest.approx(26 / 3),
        "c2": 20,
        "c3": 8,
        "c4": 2,
        "c5": 1.25,
    }
    worker.evaluator.finish(START + 25 * DAY)
    # All but recency stays at 59.916667: it is above 70 until 20 e^(-days / 7) is 10.083333.
    [_, exited] = turns(worker)
    assert exited - 15 * DAY == pytest.approx(7 * DAY * log(20 / (70 - 59 - 11 / 12)), abs=1)


def test_exactly_at_the_threshold_is_not_above_it() -> None:
    tenths = components(*(f"points: 0.{n}, event: Used, count: 1" for n in (1, 2, 3)))
    worker = Worker(live(">= 0.6"), live("> 0.6"), score=tenths)
    worker.send(0)
    assert worker.times == [("m0", 0)], "0.1 + 0.2 + 0.3 is 0.6000000000000001 in steps"


def test_what_fades_to_exactly_the_threshold_is_no_more_above_it() -> None:
    score = components("points: 10, event: Used, fading: {half_life: 1d}")
    worker = Worker(live(">= 5"), live("> 5"), score=score)
    worker.send(0)
    worker.evaluator.finish(START + 9 * DAY)
    assert sorted(worker.times) == [("m0", 0), ("m0", DAY + 1), ("m1", 0), ("m1", DAY)]


def test_with_until_it_stays_between_the_thresholds_what_it_was() -> None:
    score = components("points: 100, event: Used, count: 10, within: 10d")
    worker = Worker(live(">= 70", "< 60"), score=score)
    for day in range(7):
        worker.send(day * DAY)
    assert turns(worker) == [6 * DAY], "the seventh makes 70"
    worker.send(12 * DAY)
    assert turns(worker)[1:] == [11 * DAY], "60 when the first leaves, 50 when the second does"
    worker.send(12 * DAY + 1)
    assert turns(worker)[2:] == [], "60 is where it began to be over"
    worker.send(12 * DAY + 2)
    assert turns(worker)[2:] == [12 * DAY + 2]


def test_with_until_who_turns_out_to_be_known_for_longer_may_have_been_above_it_all_along() -> None:
    idle = 'points: 30, when: {event: Used, count: "== 0"}'
    score = components(idle, "points: 5, event: Used, count: 1")
    low = '{of: account, live: true, when: {not: {score: s, is: ">= 10", until: "< 3"}}}'
    worker = Worker(low, score=score)
    worker.send(HOUR // 2)
    assert turns(worker) == [HOUR // 2], "5 is not enough to come above it"
    worker.send(0, name="Other")
    assert turns(worker)[1:] == [HOUR // 2], "it was 30 before, and 5 is not below 3"


def test_a_veto_wins_over_what_forces_it() -> None:
    used = "points: 10, event: Used, count: 1"
    switches = ", veto: {event: Banned}, force: {event: Asked}"
    worker = Worker(live(">= 100"), score=components(used) + switches)
    worker.send(0)
    worker.send(1, name="Asked")
    worker.send(2, name="Banned")
    worker.send(3, name="Asked")
    assert turns(worker) == [1, 2]
    assert value(worker, 3) == 0


def test_time_wakes_a_score_only_when_it_passes_a_threshold() -> None:
    score = components(
        "points: 50, event: Used, recency: {half_life: 30d}",
        "points: 20, event: Used, fading: {half_life: 7d, most: 2}",
        "points: 20, event: Used, fading: {half_life: 90d}",
    )
    worker = Worker(live(">= 60", "< 30"), score=score)
    for number in range(5):
        worker.send(number * HOUR)
    counts = worker.evaluator.counts
    pending = set()
    for step in range(10 * 365 * 4):
        worker.evaluator.pass_time(START + step * 6 * HOUR, 100)
        worker.evaluator.collect()
        worker.evaluator.committed()
        pending.add(worker.evaluator.next_deadline)
    assert counts.timers_fired == 1, "below 30: falling below 60 is no end"
    assert len(pending - {None}) == 1
    assert worker.evaluator.next_deadline is None


def test_what_fades_is_kept_in_a_few_numbers_however_many_events_there_were() -> None:
    score = components(
        "points: 1, event: Used, fading: {half_life: 7d}",
        "points: 1, event: Used, recency: {half_life: 7d}",
    )
    worker = Worker(live(">= 1000000"), score=score)
    sizes = []
    for number in range(100_000):
        worker.send(number * 3 * 60_000)
        if number % 1_000 == 999:
            worker.evaluator.collect()
            worker.evaluator.committed()
            sizes.append(len(worker.evaluator.state_of("acme", None) or b""))
    _, entity = stored(worker)
    kept = [leaf[0] if isinstance(leaf[0], list) else leaf for leaf in entity.leaves.values()]
    assert [len(times) <= 40 for times in kept] == [True, True]
    assert max(sizes) < 2 * sizes[0]
    # 3,360 events come in a half-life: the sum is that of the geometric series.
    assert value(worker, 99_999 * 3 * 60_000) == pytest.approx(1 / (1 - 2 ** (-1 / 3_360)) + 1)


def test_it_is_explained_since_when_a_score_compares_and_when_fading_ends_it() -> None:
    score = components("points: 10, event: Used, fading: {half_life: 1d}")
    worker = Worker(live("> 5", "<= 2.5"), score=score)
    worker.send(0, name="Other")
    worker.send(HOUR)
    explainer, entity = stored(worker)
    why = explainer.standing(entity, "m0", START + HOUR + 30 * 60_000).why
    assert why is not None
    assert (why.since, why.turns_at) == (START + HOUR, START + HOUR + 2 * DAY)


def test_what_has_faded_away_altogether_is_in_nobody_s_way() -> None:
    score = components(
        "points: 0.1, event: Used, fading: {half_life: 1h, most: 2}",
        "points: 5, event: Kept, fading: {half_life: 1d, most: 2}",
    )
    worker = Worker(live("> 5"), score=score)
    worker.send(0)
    for _ in range(4):
        worker.send(1_074 * HOUR, name="Kept")
    worker.evaluator.finish(START + 9_000 * HOUR)
    assert turns(worker) == [1_074 * HOUR, 1_074 * HOUR + 2 * DAY]


def test_what_fades_under_what_forces_a_score_turns_nothing() -> None:
    score = components(
        "points: 10, event: Used, fading: {half_life: 1h}",
        "points: 10, event: Used, fading: {half_life: 2h}",
    )
    worker = Worker(live(">= 15", "< 10"), score=f"{score}, force: {{event: Asked}}")
    worker.send(0)
    worker.send(1_000 * HOUR, name="Asked")
    worker.send(1_001 * HOUR, name="Other")
    worker.evaluator.finish(START + 9_000 * HOUR)
    assert len(turns(worker)) == 3
    assert turns(worker)[2] == 1_000 * HOUR
    assert worker.evaluator.next_deadline is None
