"""The referee agrees with itself, on random definitions and histories."""

from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Event
from streams.definitions.model import Definitions
from tests.properties.histories import DENSE, STEP, STEPS, SUNDAY, histories
from tests.properties.languages import FOCUSES, definitions
from tests.properties.oracle import Flip, Oracle
from tests.properties.oracle_live import Membership, Transition, holds_at, live_told, tell

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

LATER = SUNDAY + 2 * STEPS * STEP

anything = st.one_of(
    st.tuples(histories(), definitions()), st.tuples(histories(DENSE), st.one_of(*FOCUSES.values()))
)
Case = tuple[list[Event], Definitions]


def _seen(flips: list[Flip], _since: int | None) -> list[Flip]:
    return flips


@given(anything, st.lists(st.integers(SUNDAY - STEP, LATER), max_size=8), st.integers(-2, 2))
def test_nothing_turns_between_the_instants_that_are_looked_at(
    case: Case, instants: list[int], beside: int
) -> None:
    history, meaning = case
    oracle = Oracle(meaning, history, LATER)
    near = [event.time + beside * STEP for event in history]
    for milestone in meaning.milestones.values():
        for entity in oracle.entities(milestone.of):
            flips = oracle.flips(entity, milestone.name)
            for at in [*instants, *(flip.at - 1 for flip in flips), *near]:
                if at <= LATER:
                    found = oracle.is_true(entity, milestone.name, at)
                    assert found == holds_at(flips, at)


@given(anything, st.randoms(use_true_random=False))
def test_neither_order_nor_repeats_of_the_history_matter(case: Case, chance: Random) -> None:
    history, meaning = case
    shuffled = history * 2
    chance.shuffle(shuffled)
    first, second = Oracle(meaning, history, LATER), Oracle(meaning, shuffled, LATER)
    assert first.answer() == second.answer()
    assert first.stuck() == second.stuck()


@given(anything)
def test_in_order_and_at_distinct_times_what_is_told_are_the_flips(case: Case) -> None:
    history, meaning = case
    distinct = sorted({event.time: event for event in history}.values(), key=lambda one: one.time)
    oracle = Oracle(meaning, distinct, LATER)
    assert live_told(meaning, distinct, LATER) == {
        Membership(entity, milestone.name): told
        for milestone in meaning.milestones.values()
        if milestone.live
        for entity in oracle.entities(milestone.of)
        if (told := tell([partial(_seen, oracle.flips(entity, milestone.name))]))
    }


@given(anything, st.randoms(use_true_random=False))
def test_in_any_order_what_was_told_last_is_what_the_whole_history_says(
    case: Case, chance: Random
) -> None:
    history, meaning = case
    arrivals = history.copy()
    chance.shuffle(arrivals)
    told = live_told(meaning, arrivals, LATER)
    oracle = Oracle(meaning, history, LATER)
    for milestone in meaning.milestones.values():
        if milestone.live:
            assert members(told, milestone.name) == oracle.members(milestone.name)


def members(told: dict[Membership, list[Transition]], milestone: str) -> set[object]:
    return {
        of.entity
        for of, transitions in told.items()
        if of.milestone == milestone and transitions[-1].type == "milestone.entered"
    }
