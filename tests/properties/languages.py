"""Random definitions: every form, mode and way to nest and to lean on one another."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from streams.definitions.model import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    Definitions,
    EntityKind,
    EventCondition,
    FilterOperator,
    Journey,
    Measure,
    Milestone,
    MilestoneCondition,
    Not,
    Segment,
    Timing,
)
from tests.properties.histories import STEP, STEPS
from tests.properties.languages_filters import EVERYTHING, FOCUSED, Alphabet
from tests.properties.languages_forms import FORMS, any_form, counted
from tests.properties.languages_scores import (
    fading_scores,
    leaning_on,
    score_conditions,
    segment_conditions,
    segments,
    stepping_scores,
    with_segments,
)

LATENESS = [steps * STEP for steps in (0, 1, 2, 4, 12, STEPS + 1)]
DEDUPE = [steps * STEP for steps in (1, 4, STEPS + 1)]

Named = Mapping[str, Milestone]
MOSTLY_USERS: list[EntityKind] = ["account", "user", "user"]
SCORES = {
    "score": score_conditions,
    "score_that_fades": fading_scores,
    "score_in_steps": stepping_scores,
}


@lru_cache
def conditions(
    alphabet: Alphabet,
    of: EntityKind,
    own: tuple[str, ...],
    users: tuple[str, ...],
    live_users: tuple[str, ...],
) -> st.SearchStrategy[Condition]:
    """A condition that may lean on milestones of the entity's own, and on those of its users."""
    forms = any_form(alphabet, of)
    leaning = leaning_conditions(alphabet, own, users, live_users)
    scores = leaning_on(alphabet, of, st.one_of(forms, *leaning))
    return st.recursive(
        st.one_of(forms, forms, forms, scores, *leaning),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(tuple).map(AllOf),
            st.lists(inner, min_size=1, max_size=3).map(tuple).map(AnyOf),
            inner.map(Not),
        ),
        max_leaves=4,
    )


def leaning_conditions(
    alphabet: Alphabet, own: tuple[str, ...], users: tuple[str, ...], live_users: tuple[str, ...]
) -> list[st.SearchStrategy[Condition]]:
    """On own milestones, and on how many users have (live ones: are in) theirs."""
    leaning: list[st.SearchStrategy[Condition]] = []
    if own:
        leaning.append(st.builds(MilestoneCondition, st.sampled_from(own)))
    if users:
        within = st.none() | alphabet.lengths
        leaning.append(
            st.builds(MilestoneCondition, st.sampled_from(users), alphabet.counts, within)
        )
    if live_users:
        leaning.append(st.builds(MilestoneCondition, st.sampled_from(live_users), alphabet.counts))
    return leaning


def modes(lateness: int) -> st.SearchStrategy[dict[str, Any]]:
    """Once, live, or again after a time that is at least the allowed lateness."""
    again = st.sampled_from([0, 1, STEP, 3 * STEP]).map(lambda more: max(1, lateness + more))
    return st.one_of(
        st.just({}), st.just({"live": True}), again.map(lambda repeat: {"repeat": repeat})
    )


@st.composite
def timings(draw: st.DrawFn) -> Timing:
    lateness = draw(st.sampled_from(LATENESS))
    return Timing(lateness, max(lateness, draw(st.sampled_from(DEDUPE))) + 1)


@st.composite
def milestones(
    draw: st.DrawFn, alphabet: Alphabet, lateness: int, segments: Mapping[str, Segment], most: int
) -> list[Milestone]:
    """Each may name those that were drawn before it."""
    drawn: list[Milestone] = []
    kinds = st.lists(st.sampled_from(MOSTLY_USERS), min_size=1, max_size=most)
    for number, of in enumerate(draw(kinds)):
        own = tuple(one.name for one in drawn if one.of == of)
        users = [one for one in drawn if of == "account" and one.of == "user"]
        condition = draw(
            conditions(
                alphabet,
                of,
                own,
                tuple(one.name for one in users if not one.live),
                tuple(one.name for one in users if one.live),
            )
        )
        condition = draw(with_segments(condition, segment_conditions(of, segments)))
        drawn.append(Milestone(f"m{number}", of, condition, **draw(modes(lateness))))
    return drawn


@st.composite
def journeys(draw: st.DrawFn, named: Named) -> dict[str, Journey]:
    """At most one of each kind, stuck after any step but the last."""
    found: dict[str, Journey] = {}
    kinds: list[EntityKind] = ["account", "user"]
    for of in kinds:
        own = [one.name for one in named.values() if one.of == of]
        if len(own) < 2 or not draw(st.booleans()):
            continue
        steps = tuple(draw(st.permutations(own))[: draw(st.integers(2, 4))])
        waits = st.sampled_from([1, STEP - 1, STEP, 2 * STEP, 5 * STEP])
        stuck = draw(st.dictionaries(st.sampled_from(steps[:-1]), waits, max_size=2))
        found[f"of_{of}"] = Journey(f"of_{of}", of, steps, None, stuck)
    return found


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    """A whole file's meaning, every form in it."""
    return draw(_files(EVERYTHING, 5))


@st.composite
def _files(draw: st.DrawFn, alphabet: Alphabet, most: int) -> Definitions:
    timing = draw(timings())
    grouped = draw(segments(alphabet, st.sampled_from(MOSTLY_USERS), 3))
    drawn = draw(milestones(alphabet, timing.allowed_lateness, grouped, most))
    if draw(st.booleans()):
        drawn.reverse()
    named = {one.name: one for one in drawn}
    return Definitions(timing, named, draw(journeys(named)), segments=grouped)


@st.composite
def focused_on_form(draw: st.DrawFn, form: str) -> Definitions:
    """The form alone, the same turned around or gated, of an account and of users, in each mode."""
    timing = draw(timings())
    drawn: list[Milestone] = []
    kinds: list[EntityKind] = draw(
        st.lists(st.sampled_from(["account", "user"]), min_size=1, max_size=2)
    )
    for number, of in enumerate(kinds):
        condition = draw({**FORMS, **SCORES}[form](FOCUSED, of))
        shaped = draw(st.sampled_from([condition, condition, Not(condition), _gate(condition)]))
        drawn.append(Milestone(f"m{number}", of, shaped, **draw(modes(timing.allowed_lateness))))
    return Definitions(timing, {one.name: one for one in drawn})


@st.composite
def focused_on_milestones(
    draw: st.DrawFn, which: EntityKind, *, below: str = "counted", scored: bool = False
) -> Definitions:
    """Milestones that lean on one simple one: their own, or (``account``) their users'.

    What they lean on is of the form ``below``; with ``scored`` they do so in a score.
    """
    timing = draw(timings())
    lateness = timing.allowed_lateness
    simple = {**FORMS, **SCORES}[below](FOCUSED, "user")
    named = Milestone(
        "m0", "user", draw(st.one_of(simple, simple.map(Not))), **draw(modes(lateness))
    )
    own, users, live = (
        (("m0",), (), ())
        if which == "user"
        else ((), (), ("m0",))
        if named.live
        else ((), ("m0",), ())
    )
    conditions = st.one_of(leaning_conditions(FOCUSED, own, users, live))
    leaning = draw(leaning_on(FOCUSED, which, conditions) if scored else conditions)
    shaped = draw(st.sampled_from([leaning, leaning, Not(leaning), _gate(leaning)]))
    above = Milestone("m1", which, shaped, **draw(modes(lateness)))
    return Definitions(timing, {"m0": named, "m1": above})


@st.composite
def focused_on_segments(draw: st.DrawFn) -> Definitions:
    """Milestones that look at segments, of which there are a few."""
    timing = draw(timings())
    of: EntityKind = draw(st.sampled_from(["account", "user"]))
    grouped = draw(segments(FOCUSED, st.just(of), 3).filter(bool))
    named: dict[str, Milestone] = {}
    for name in ("m0", "m1"):
        one: Condition = draw(st.sampled_from(segment_conditions(of, grouped)))
        scored = leaning_on(FOCUSED, of, st.just(one))
        shaped = draw(st.sampled_from([one, one, Not(one), _gate(one), draw(scored)]))
        named[name] = Milestone(name, of, shaped, **draw(modes(timing.allowed_lateness)))
    return Definitions(timing, named, segments=grouped)


@st.composite
def focused_on_journeys(draw: st.DrawFn) -> Definitions:
    """Simple milestones in a row, with a time after each step."""
    timing = draw(timings())
    of: EntityKind = draw(st.sampled_from(["account", "user"]))
    steps = tuple(f"m{number}" for number in range(draw(st.integers(2, 3))))
    named = {
        name: Milestone(
            name, of, draw(counted(FOCUSED, of)), **draw(modes(timing.allowed_lateness))
        )
        for name in steps
    }
    stuck = {name: draw(FOCUSED.lengths) for name in steps[:-1]}
    return Definitions(timing, named, {"j": Journey("j", of, steps, None, stuck)})


FOCUSES: dict[str, st.SearchStrategy[Definitions]] = {
    **{form: focused_on_form(form) for form in (*FORMS, *SCORES)},
    "own_milestone": focused_on_milestones("user"),
    "milestone_of_users": focused_on_milestones("account"),
    "own_milestone_on_score": focused_on_milestones("user", below="score"),
    "milestone_of_users_on_score": focused_on_milestones("account", below="score"),
    "own_milestone_in_score": focused_on_milestones("user", scored=True),
    "milestone_of_users_in_score": focused_on_milestones("account", scored=True),
    "segment": focused_on_segments(),
    "journey": focused_on_journeys(),
    "nested": _files(FOCUSED, 3),
}
"""By what each is about; over dense histories."""


def count_by_size(operator: FilterOperator, needed: int, within: int) -> EventCondition:
    """At least so many events whose size compares with 1."""
    count = Measure("count", Comparison(">=", needed))
    return EventCondition(("*",), Compare("properties.size", operator, 1), count, within)


# True now and then only: what it is joined with is asked about all through a life.
GATE = count_by_size("lte", 2, STEP)


def _gate(condition: Condition) -> AllOf:
    return AllOf((condition, GATE))
