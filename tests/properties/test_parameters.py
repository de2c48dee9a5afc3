"""Baselines and fallbacks that are set in the stream: the engine agrees with both referees.

Where parameters come before any event that they are for, what is reached follows from the whole
history alone. However they come, a record that is read again finds what it found first.
"""

from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Event
from schemas.parameters import FALLBACK, parameter_set
from streams.definitions.model import (
    Comparison,
    Definitions,
    EventCondition,
    Fading,
    Milestone,
    Recency,
    Score,
    ScoreCondition,
    Share,
    Signal,
    Timing,
    WhileTrue,
)
from streams.engine import Engine
from streams.engine.scores import ScoreLeaf
from streams.engine.standing import Explainer
from tests.properties.driver import (
    ENDINGS,
    RECORDED_AT,
    Cycle,
    FakeRecord,
    Outcome,
    World,
    cycles,
    record,
)
from tests.properties.histories import DENSE, STEP, STEPS, SUNDAY, WHOLE_HISTORY, histories, seeds
from tests.properties.languages import modes, timings
from tests.properties.languages_filters import FOCUSED
from tests.properties.languages_scores import parametric_models, parametric_scores
from tests.properties.numpy_scores import values
from tests.properties.oracle import Oracle
from tests.properties.oracle_scores import Parameters
from tests.properties.standing import Case, cases, everything_said, newest, standing

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

USUAL = [0.5, 1, 1.5, 2, 3, 5]


class Setting(NamedTuple):
    """A parameter is set."""

    name: str
    at: int
    value: float


@st.composite
def files(draw: st.DrawFn) -> Definitions:
    """One or two milestones on scores with parameters, in any mode."""
    timing = draw(timings())
    drawn = []
    for number, of in enumerate(draw(st.lists(st.sampled_from(["account", "user"]), min_size=1,
                                              max_size=2))):  # fmt: skip
        condition = draw(parametric_scores(FOCUSED, of))
        drawn.append(Milestone(f"m{number}", of, condition, **draw(modes(timing.allowed_lateness))))
    return Definitions(timing, {one.name: one for one in drawn})


def settings_of(meaning: Definitions, chance: Random, most: int) -> list[Setting]:
    """Some for the parameters that definitions look at."""
    names = sorted(Engine(meaning).parameters)
    found = []
    for _ in range(chance.randint(0, most) if names else 0):
        name = chance.choice(names)
        at = SUNDAY + chance.randint(-2, STEPS) * STEP + chance.choice([0, 0, 1, STEP // 2])
        found.append(
            Setting(name, at, chance.choice([0, 1] if name.startswith(FALLBACK) else USUAL))
        )
    return found


def said(one: Setting, offset: int) -> FakeRecord:
    value = orjson.dumps(parameter_set(one.name, one.value, one.at))
    return FakeRecord(None, value, (), RECORDED_AT, offset)


def woven(arrived: list[Event], settings: list[Setting], chance: Random) -> list[Event | Setting]:
    """Each setting somewhere before the first event that it is for; of one time the first stays."""
    found: list[Event | Setting] = list(arrived)
    for one in settings:
        places = [
            place
            for place, other in enumerate(found)
            if isinstance(other, Event) and other.time >= one.at
        ]
        found.insert(chance.randint(0, min(places, default=len(found))), one)
    return found


def as_records(log: list[Event | Setting]) -> list[FakeRecord]:
    return [
        record(one, offset) if isinstance(one, Event) else said(one, offset)
        for offset, one in enumerate(log)
    ]


def known(log: list[Event | Setting]) -> Parameters:
    """What the settings of a log come to."""
    found: dict[str, dict[int, float]] = {}
    for one in log:
        if isinstance(one, Setting):
            found.setdefault(one.name, {}).setdefault(one.at, one.value)
    return found


def roll_call(history: list[Event], at: int) -> list[Event]:
    """Everybody whom a history knows is seen once more: what was said since reaches them."""
    seen = dict.fromkeys((event.account_id, event.user_id) for event in history)
    return [
        Event(f"call-{number}", "present", at, account_id, user_id, {}, {})
        for number, (account_id, user_id) in enumerate(seen)
    ]


def run(case: Case, log: list[Event | Setting], plan: list[Cycle]) -> Outcome:
    return World(case.meaning, as_records(log)).run(plan, until=case.until)


@given(cases(files(), histories(DENSE), duplicates=True), seeds, st.lists(cycles, max_size=4))
def test_what_is_reached_follows_from_the_whole_history_whatever_order_repeats_and_crashes(
    case: Case, seed: int, plan: list[Cycle]
) -> None:
    chance = Random(seed)
    calls = roll_call(case.history, newest(case.history) + 3 * STEP)
    case = replace(case, history=case.history + calls, until=case.until + 3 * STEP)
    log = woven(case.arrived + calls, settings_of(case.meaning, chance, 6), chance)
    outcome = run(case, log, plan)
    found = standing(outcome.qualifications)
    oracle = Oracle(case.meaning, case.history, case.until, known(log))
    assert found.reached == oracle.answer()
    for milestone in case.meaning.milestones.values():
        if milestone.live:
            assert found.members(milestone.name) == oracle.members(milestone.name)
    assert everything_said(outcome) == everything_said(run(case, log, []))


@given(cases(files(), histories(DENSE), duplicates=True), seeds, st.lists(cycles, max_size=6))
def test_parameters_that_come_late_and_twice_are_found_again_as_they_were_found(
    case: Case, seed: int, plan: list[Cycle]
) -> None:
    chance = Random(seed)
    log: list[Event | Setting] = list(case.arrived)
    for one in settings_of(case.meaning, chance, 8):
        for value in (one.value, 1)[: chance.choice([1, 1, 2])]:
            log.insert(chance.randint(0, len(log)), one._replace(value=value))
    outcome = run(case, log, plan)
    assert everything_said(outcome) == everything_said(run(case, log, []))


@st.composite
def measured(draw: st.DrawFn) -> Score:
    """A score of accounts, or a model, whose every number is the size."""
    return _plain(draw(parametric_models(FOCUSED, "account")))


def _plain(score: Score) -> Score:
    """With what NumPy is told to compute: no filters, and lower bounds alone."""
    components = tuple(replace(one, signal=_signal(one.signal)) for one in score.components)
    fallback = score.fallback
    if fallback is not None:
        fallback = replace(fallback, score=_plain(fallback.score))
    return replace(score, components=components, veto=None, force=None, fallback=fallback)


def _signal(signal: Signal) -> Signal:
    match signal:
        case WhileTrue(EventCondition() as condition):
            needed = Comparison(">=", max(1, condition.measure.comparison.value))
            return WhileTrue(_unfiltered(condition, needed))
        case Share(condition):
            return replace(signal, measured=_unfiltered(condition, condition.measure.comparison))
        case Recency(event) | Fading(event):
            return replace(signal, event=replace(event, where=None))
    raise AssertionError(signal)


def _unfiltered(condition: EventCondition, comparison: Comparison) -> EventCondition:
    path = None if condition.measure.of is None else "properties.size"
    measure = replace(condition.measure, comparison=comparison, of=path)
    return replace(condition, where=None, measure=measure)


@given(measured(), seeds)
def test_a_score_is_what_numpy_computes_of_all_that_its_account_took_over(
    score: Score, seed: int
) -> None:
    chance, lateness = Random(seed), 4 * STEP
    when = ScoreCondition(score, Comparison(">=", 10))
    meaning = Definitions(
        Timing(lateness, lateness + 1), {"m": Milestone("m", "account", when, live=True)}
    )
    times = sorted(chance.sample(range(SUNDAY, SUNDAY + STEPS * STEP), 30))
    history: list[Event | Setting] = [
        Event(f"id-{number}", chance.choice(["open", "share", "invite"]), time, "acme",
              chance.choice(["ann", "bob", None]), {"size": chance.choice([0, 1, 2.5, -1])}, {})
        for number, time in enumerate(times)
    ]  # fmt: skip
    log = history.copy()
    for one in settings_of(meaning, chance, 12):
        for _ in range(chance.choice([1, 1, 2])):
            log.insert(chance.randint(0, len(log)), one)
    explainer = Explainer(meaning)
    world = World(meaning, as_records(log))
    furthest = 0
    while world.source.committed < len(log):
        taken, ending = chance.choice([1, 5, 12]), chance.choice(ENDINGS)
        furthest = max(furthest, min(world.source.position + taken, len(log)))
        world.cycle(Cycle(taken, 1, ending, chance.randint(0, 4), 3))
        if world.source.committed < furthest:
            continue  # what was written before a crash may be ahead
        # What came after its newest event the account has yet to take over.
        read = log[: world.source.committed]
        last = max((place for place, one in enumerate(read) if isinstance(one, Event)), default=-1)
        seen = [one for one in read if isinstance(one, Event)]
        if not seen:
            continue  # there is nobody yet
        clock = seen[-1].time
        instants = [clock, clock - lateness, clock + WHOLE_HISTORY]
        instants += [chance.randint(clock - lateness, clock + 20 * STEP) for _ in range(10)]
        entity = explainer.read(world.evaluator.state_of("acme", None) or b"", "acme", None)
        assert entity is not None
        [leaf] = [
            one for one in explainer.engine.accounts.leaves.values() if isinstance(one, ScoreLeaf)
        ]
        np.testing.assert_allclose(
            [leaf.score.value(entity, at) for at in instants],
            values(score, seen, instants, known(read[: last + 1])),
            rtol=1e-9,
            atol=1e-9,
        )
