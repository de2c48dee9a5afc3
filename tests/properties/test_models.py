"""Models whose coefficients take off what fades: by time alone they rise and fall, again and again.

Every millisecond is computed by NumPy, and compared with what was told and when.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.events import Event
from schemas.parameters import FALLBACK, parameter_set
from schemas.qualifications import ModelVersion
from streams.definitions.model import (
    Comparison,
    Component,
    Definitions,
    EventFilter,
    Fading,
    Fallback,
    Milestone,
    Operator,
    Recency,
    Score,
    ScoreCondition,
    Timing,
)
from streams.files import EventFiles
from streams.replay import Replay
from tests.properties.histories import SUNDAY, seeds
from tests.properties.numpy_scores import values
from tests.properties.test_score_values import line

LENGTH = 3_000
"""Milliseconds of a history; signals are halved in some tens or hundreds of them."""
CLEAR = 1e-9
"""As near to the threshold either computation may be on another side of it."""

events = st.sampled_from(["open", "share", "invite"]).map(lambda name: EventFilter((name,)))
lengths = st.sampled_from([40, 100, 250, 600])
fading = st.one_of(
    st.builds(Recency, events, lengths.map(float)),
    st.builds(Fading, events, lengths, st.sampled_from([None, None, 1.0, 1.5])),
)
coefficients = st.sampled_from([-4.0, -2.5, -1.0, 1.0, 2.0, 3.5])


class Told(NamedTuple):
    condition: ScoreCondition
    history: list[Event]
    switched: Mapping[int, float] = MappingProxyType({})
    """When its fallback stands in for it, and when no more."""


@st.composite
def model(draw: st.DrawFn) -> Score:
    components = tuple(
        Component(f"f{number}", draw(coefficients), signal)
        for number, signal in enumerate(draw(st.lists(fading, min_size=1, max_size=5)))
    )
    return Score("s", "account", components, draw(st.sampled_from([-1.0, 0.0, 1.0])),
                 model=ModelVersion("m", "1"))  # fmt: skip


@st.composite
def by_hand(draw: st.DrawFn) -> Score:
    """A score that only falls by time."""
    components = tuple(
        Component(name, draw(st.sampled_from([20.0, 40.0])),
                  Recency(EventFilter((name,)), draw(lengths)))
        for name in ("open", "share")
    )  # fmt: skip
    return Score("s", "account", components)


def replaceable() -> st.SearchStrategy[Score]:
    """A model, or a score written by hand, for which another one may stand in."""
    either = st.one_of(model(), by_hand())
    return st.builds(
        lambda one, other: replace(one, fallback=Fallback(replace(other, name="other"), 0.2)),
        either,
        either,
    )


@st.composite
def told(draw: st.DrawFn, scores: st.SearchStrategy[Score]) -> Told:
    chance = Random(draw(seeds))
    score = draw(scores)
    times = chance.sample(range(LENGTH // 2), chance.choice([1, 3, 12]))
    history = [
        Event(f"id-{number}", chance.choice(["open", "share", "invite"]), SUNDAY + time, "acme",
              None, {"size": 1}, {})
        for number, time in enumerate(sorted(times))
    ]  # fmt: skip
    up = draw(st.booleans())
    low, high = sorted(
        draw(st.lists(st.sampled_from([20, 35, 45, 55, 70]), min_size=2, max_size=2))
    )
    begins: Operator = ">=" if up else "<="
    ends: Operator = "<" if up else ">"
    until = Comparison(ends, low if up else high) if draw(st.booleans()) else None
    condition = ScoreCondition(score, Comparison(begins, high if up else low), until)
    steps = sorted(chance.sample(range(LENGTH), chance.choice([1, 2, 5])))
    switched = {SUNDAY + at: float(number % 2 == 0) for number, at in enumerate(steps)}
    return Told(condition, history, {} if score.fallback is None else switched)


def turned(told: Told) -> list[int]:
    """When the condition was entered, left, entered …, by looking at every millisecond."""
    first = told.history[0].time
    instants = range(first, SUNDAY + LENGTH + 1)
    parameters = {f"{FALLBACK}{told.condition.score.name}": told.switched}
    found = values(told.condition.score, told.history, instants, parameters)
    comparison, until = told.condition.comparison, told.condition.until
    for bound in (comparison, until):
        if bound is not None:
            assume(np.abs(found - bound.value).min() > CLEAR)
    compare = {">=": np.greater_equal, "<=": np.less_equal, "<": np.less, ">": np.greater}
    begins = compare[comparison.operator](found, comparison.value)
    ends = ~begins if until is None else compare[until.operator](found, until.value)
    turns, inside = [], False
    for at, begin, end in zip(instants, begins, ends, strict=True):
        if inside != (not end if inside else begin):
            inside = not inside
            turns.append(at)
    return turns


def replayed(
    milestone: Milestone,
    history: list[Event],
    lateness: int = 0,
    switched: Mapping[int, float] = MappingProxyType({}),
) -> list[int]:
    """When it was told to be reached, entered, left or corrected, as these events arrive.

    All that is said of a fallback is said before them.
    """
    said = [parameter_set(f"{FALLBACK}s", value, at) for at, value in switched.items()]
    meaning = Definitions(Timing(lateness, lateness + 1), {"m": milestone})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        lines = [*said, *map(line, history)]
        path.write_text("".join(f"{json.dumps(one)}\n" for one in lines))
        until = SUNDAY + LENGTH + lateness
        replay = Replay(meaning, EventFiles([str(path)], until), until)
        return [one.occurred_at for outcome in replay.run() for one in outcome.qualifications]


@given(told(model()))
def test_it_is_entered_and_left_at_every_millisecond_at_which_the_score_crosses(
    told: Told,
) -> None:
    live = Milestone("m", "account", told.condition, live=True)
    assert replayed(live, told.history) == turned(told)


@given(told(replaceable()))
def test_so_it_is_where_another_score_stands_in_for_it_now_and_then(told: Told) -> None:
    live = Milestone("m", "account", told.condition, live=True)
    assert replayed(live, told.history, switched=told.switched) == turned(told)


@given(told(model()))
def test_reached_once_it_is_reached_at_the_first(told: Told) -> None:
    found = replayed(Milestone("m", "account", told.condition), told.history)
    assert found == turned(told)[:1]


@given(told(model()), seeds)
def test_reached_once_it_is_reached_at_the_first_in_whatever_order_events_arrive(
    told: Told, seed: int
) -> None:
    chance, lateness = Random(seed), 300
    keyed = [(one.time + chance.randint(0, lateness), one) for one in told.history]
    arrived = [one for _, one in sorted(keyed, key=lambda each: each[0])]
    found = replayed(Milestone("m", "account", told.condition), arrived, lateness)
    assert [at for at in found[-1:] if at <= SUNDAY + LENGTH] == turned(told)[:1]
