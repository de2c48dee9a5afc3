"""The best attempt in a funnel is the one that trying all of them finds."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.definitions.model import EventFilter, Exclusion, Funnel, FunnelOrder
from streams.engine.funnels import Touch, best_attempt
from tests.properties.funnel_oracle import Seen, best

STEPS = 4

steps = st.integers(2, STEPS).map(
    lambda count: tuple(EventFilter((f"s{number}",)) for number in range(count))
)


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    wanted = draw(steps)
    order = draw(st.sampled_from(["ordered", "strict", "unordered"]))
    exclude = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(1, len(wanted) - 1)) if order != "unordered" else 1
        last = draw(st.integers(first + 1, len(wanted))) if order != "unordered" else len(wanted)
        exclude.append(Exclusion(EventFilter(("x",)), first, last))
    within = draw(st.none() | st.integers(1, 6))
    return Funnel("f", "user", wanted, order, within, tuple(exclude))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Funnel, list[Seen]]:
    funnel = draw(funnels())
    fills = st.frozensets(st.integers(0, len(funnel.steps) - 1), max_size=2)
    unwanted: st.SearchStrategy[frozenset[int]] = st.just(frozenset())
    if funnel.exclude:
        places = st.integers(0, len(funnel.exclude) - 1)
        unwanted |= st.frozensets(places, max_size=1)
    event = st.builds(Seen, st.integers(0, 8), fills, unwanted)
    return funnel, draw(st.lists(event, max_size=6))


def bits(places: frozenset[int]) -> int:
    return sum(1 << place for place in places)


def answer(funnel: Funnel, history: list[Seen]) -> list[int] | None:
    touches = [Touch(e.time, bits(e.steps), bits(e.excluded)) for e in history]
    found = best_attempt(funnel, touches)
    return None if found is None else list(found.times)


@given(cases())
def test_the_best_attempt_is_that_of_trying_them_all(case: tuple[Funnel, list[Seen]]) -> None:
    funnel, history = case
    assert answer(funnel, history) == best(funnel, history)


@given(
    cases(),
    st.lists(st.sampled_from(["a", "b", None]), min_size=6),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_events_of_one_time_are_read_does_not_matter(
    case: tuple[Funnel, list[Seen]], labels: list[str | None], rng: Random
) -> None:
    funnel, history = case
    touches = [
        Touch(e.time, bits(e.steps), bits(e.excluded), label)
        for e, label in zip(history, labels, strict=False)
    ]
    shuffled = touches.copy()
    rng.shuffle(shuffled)
    here, there = best_attempt(funnel, touches), best_attempt(funnel, shuffled)
    if here is None or there is None:
        assert here is there
    else:
        assert (here.times, here.label) == (there.times, there.label)


@pytest.mark.parametrize("order", ["ordered", "strict", "unordered"])
def test_of_first_steps_of_one_time_that_counts_whose_label_sorts_first(order: FunnelOrder) -> None:
    funnel = Funnel("f", "user", (EventFilter(("s0",)), EventFilter(("s1",))), order)
    begun = [Touch(1, 1, 0, label) for label in ("b", None, "a")]
    found = best_attempt(funnel, begun)
    assert found is not None
    assert found.label == "a"
