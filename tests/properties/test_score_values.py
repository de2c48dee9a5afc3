"""The number itself: what the engine has a score for is what NumPy computes of all events."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Event
from streams.build import is_compiled
from streams.definitions.model import (
    Comparison,
    Definitions,
    EventCondition,
    EventFilter,
    Measure,
    Milestone,
    Score,
    ScoreCondition,
    Timing,
)
from streams.engine.scores import ScoreLeaf
from streams.engine.standing import Explainer
from streams.engine.sums import CompiledScore
from streams.files import EventFiles
from streams.replay import Replay
from tests.properties.driver import Cycle, Ending, World, record
from tests.properties.histories import DENSE, STEP, SUNDAY, histories, seeds
from tests.properties.languages import FOCUSES
from tests.properties.languages_filters import Alphabet, few_counts
from tests.properties.languages_scores import models, scores, signals
from tests.properties.numpy_scores import values
from tests.properties.standing import Case, cases, everything_said

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

WITHIN = 1e-9
LATENESS = 4 * STEP

plain = Alphabet(
    "plain",
    st.builds(EventFilter, st.sampled_from([("*",), ("open",), ("share",), ("open", "share")])),
    st.sampled_from([STEP, 2 * STEP + 1, 5 * STEP, 28 * STEP, 200 * STEP]),
    few_counts,
    st.nothing(),
    st.nothing(),
)
counted = st.builds(
    lambda wanted, needed, within: EventCondition(
        wanted.events, None, Measure("count", Comparison(">=", needed)), within
    ),
    plain.events,
    st.sampled_from([1, 2, 5, 20]),
    st.none() | plain.lengths,
)


class Told(NamedTuple):
    """A score of the account, and a long history of that account."""

    score: Score
    history: list[Event]

    @property
    def meaning(self) -> Definitions:
        highest = sum(one.points for one in self.score.components if one.points > 0)
        threshold = 50.0 if self.score.intercept is not None else highest / 2
        condition = ScoreCondition(self.score, Comparison(">=", threshold))
        milestone = Milestone("m", "account", condition, live=True)
        return Definitions(Timing(LATENESS, LATENESS + 1), {"m": milestone})


def _without_paths(score: Score) -> bool:
    """Whether every number that is looked at is the size."""
    paths = [
        getattr(getattr(one.signal, "measured", None), "measure", None) for one in score.components
    ]
    return all(one is None or one.of in (None, "properties.size") for one in paths)


@st.composite
def told(draw: st.DrawFn) -> Told:
    chance = Random(draw(seeds))
    score = draw(
        st.one_of(
            scores("account", signals(plain, "account", counted), counted),
            models("account", signals(plain, "account", counted), counted),
        ).filter(_without_paths)
    )
    times = chance.sample(range(SUNDAY, SUNDAY + 40 * STEP), chance.choice([3, 40, 100]))
    history = [
        Event(
            f"id-{number}",
            chance.choice(["open", "share", "invite"]),
            time,
            "acme",
            chance.choice(["ann", "bob", "cid", None]),
            {"size": chance.choice([0, 1, 2.5, 3, -1])},
            {},
        )
        for number, time in enumerate(sorted(times))
    ]
    return Told(score, history)


def asked(explainer: Explainer, state: bytes | None, instants: list[int]) -> list[float]:
    """What the account's state says that its score is."""
    entity = explainer.read(state or b"", "acme", None)
    assert entity is not None
    [leaf] = [
        one for one in explainer.engine.accounts.leaves.values() if isinstance(one, ScoreLeaf)
    ]
    assert all(leaf.observe(entity, at).observed == leaf.score.value(entity, at) for at in instants)
    return [leaf.score.value(entity, at) for at in instants]


@given(
    told(), seeds, st.sampled_from([0, 0, STEP, LATENESS]), st.sampled_from(["commit", "restart"])
)
def test_a_score_is_what_numpy_computes_whatever_the_order_repeats_and_restarts(
    told: Told, seed: int, late: int, ending: Ending
) -> None:
    chance, explainer = Random(seed), Explainer(told.meaning)
    keyed = [(event.time + chance.randint(0, late), event) for event in told.history]
    keyed += [(event.time + late, event) for event in chance.choices(told.history, k=5)]
    arrived = [event for _, event in sorted(keyed, key=lambda one: one[0])]
    world = World(told.meaning, [record(event, place) for place, event in enumerate(arrived)])
    while world.source.committed < len(arrived):
        world.cycle(Cycle(chance.choice([3, 20, 40]), 1, ending, rewind=2 * (ending == "restart")))
        known = {one.event_id: one for one in arrived[: world.source.committed]}
        clock = max((one.time for one in known.values()), default=SUNDAY)
        instants = [chance.randint(clock - LATENESS, clock + 20 * STEP) for _ in range(10)]
        instants += [clock, clock - LATENESS, clock + 5_000 * STEP]
        found = asked(explainer, world.evaluator.state_of("acme", None), instants)
        np.testing.assert_allclose(
            found, values(told.score, list(known.values()), instants), rtol=WITHIN, atol=WITHIN
        )


@given(told())
def test_replay_tells_the_score_that_numpy_computes(told: Told) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_text("".join(f"{json.dumps(line(event))}\n" for event in told.history))
        until = told.history[-1].time + 100 * STEP
        replay = Replay(told.meaning, EventFiles([str(path)], until), until)
        outputs = [one for outcome in replay.run() for one in outcome.qualifications]
    expected = values(told.score, told.history, [one.occurred_at for one in outputs])
    np.testing.assert_allclose([one.score for one in outputs], expected, rtol=WITHIN, atol=WITHIN)
    assert [one.evidence[0].observed for one in outputs if one.evidence] == [
        one.score for one in outputs
    ]
    for one in outputs:
        if told.score.intercept is None and told.score.veto is told.score.force is None:
            total = sum(part.points for part in one.contributions)
            assert total == pytest.approx(one.score, rel=WITHIN, abs=WITHIN)


def line(event: Event) -> dict[str, object]:
    fields = {
        "event_id": event.event_id,
        "event": event.name,
        "timestamp": event.time,
        "account_id": "acme",
        "user_id": event.user_id,
        "properties": event.properties,
    }
    return {name: found for name, found in fields.items() if found is not None}


@pytest.mark.skipif(is_compiled(), reason="what is compiled cannot be replaced")
@given(cases(FOCUSES["score_that_fades"], histories(DENSE)))
def test_without_the_closed_form_every_crossing_is_found_at_the_same_instant(case: Case) -> None:
    def run() -> list[str]:
        world = World(case.meaning, [record(one, place) for place, one in enumerate(case.arrived)])
        return everything_said(world.run(until=case.until))

    found = run()
    with patch.object(CompiledScore, "falls_to", lambda *_: None):
        assert run() == found
