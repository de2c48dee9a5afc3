"""Random conditions of every form that looks at events."""

from collections.abc import Callable
from functools import lru_cache

from hypothesis import strategies as st

from streams.definitions.model import (
    AfterCondition,
    AllFilters,
    Compare,
    Comparison,
    Condition,
    EntityKind,
    EventCondition,
    EventFilter,
    FirstCondition,
    InactiveCondition,
    LatestCondition,
    Measure,
    MeasureKind,
    RegularlyCondition,
    ReturnedCondition,
    SequenceCondition,
    Step,
    TraitCondition,
    TrendCondition,
)
from tests.properties.languages_filters import (
    Alphabet,
    any_comparison,
    compares_on,
    comparisons,
    instants,
    measured_paths,
)

COUNTED: list[MeasureKind] = ["count", "days", "weeks", "distinct"]
COMPUTED: list[MeasureKind] = ["sum", "avg", "min", "max"]

Conditions = st.SearchStrategy[Condition]


def counted(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Events, users, days, weeks and values, compared in every way in every kind of window."""
    kinds: list[MeasureKind] = [*COUNTED, "users"] if of == "account" else COUNTED
    measures = st.builds(
        lambda kind, comparison, path: Measure(
            kind, comparison, path if kind == "distinct" else None
        ),
        st.sampled_from(kinds),
        alphabet.counts,
        measured_paths,
    )
    return st.builds(_event_condition, alphabet.events, measures, bounds(alphabet))


def computed(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Sums, means and extremes; those of numbers that are never negative among them."""
    measures = st.builds(Measure, st.sampled_from(COMPUTED), any_comparison, measured_paths)
    return st.builds(
        lambda events, measure, bounds, guard: _event_condition(
            _guarded(events, measure, guard), measure, bounds
        ),
        alphabet.events,
        measures,
        bounds(alphabet),
        st.sampled_from(["", "", "gte", "gt", "eq", "between", "in"]),
    )


def _guarded(events: EventFilter, measure: Measure, guard: str) -> EventFilter:
    """With numbers of the measure's own path required to be at least 0."""
    assert measure.of is not None
    operands = {"gte": 0, "gt": 0, "eq": 2, "between": (0, 3), "in": (1, "2", 3)}
    if guard not in operands:
        return events
    required = Compare(measure.of, guard, operands[guard])  # type: ignore[arg-type]
    return EventFilter(
        events.events,
        required if events.where is None else AllFilters((events.where, required)),
    )


Bounds = tuple[int | None, int | None, int | None]


def bounds(alphabet: Alphabet) -> st.SearchStrategy[Bounds]:
    """All time, a sliding window (more often), an absolute one with one end or both."""
    ends = st.tuples(instants, instants).map(sorted)
    return st.one_of(
        st.just((None, None, None)),
        alphabet.lengths.map(lambda within: (within, None, None)),
        alphabet.lengths.map(lambda within: (within, None, None)),
        alphabet.lengths.map(lambda within: (within, None, None)),
        ends.map(lambda span: (None, span[0], span[1])),
        instants.map(lambda start: (None, start, None)),
        instants.map(lambda end: (None, None, end)),
    )


def _event_condition(events: EventFilter, measure: Measure, bounds: Bounds) -> EventCondition:
    return EventCondition(events.events, events.where, measure, *bounds)


def first(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(FirstCondition, alphabet.events, alphabet.lengths)


def returned(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(ReturnedCondition, alphabet.events, alphabet.lengths, alphabet.lengths)


def inactive(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(InactiveCondition, alphabet.events, alphabet.lengths)


def after(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(AfterCondition, alphabet.events, alphabet.events, alphabet.lengths)


def regularly(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(
        RegularlyCondition,
        alphabet.events,
        alphabet.lengths,
        st.just(Comparison(">=", 1)) | alphabet.counts,
        alphabet.counts,
        st.integers(1, 4),
    )


def latest(alphabet: Alphabet, of: EntityKind) -> Conditions:
    return st.builds(LatestCondition, alphabet.events, alphabet.has)


def trend(alphabet: Alphabet, of: EntityKind) -> Conditions:
    kinds: list[MeasureKind] = [*COUNTED, *COMPUTED]
    return st.builds(
        lambda events, kind, path, window, comparison: TrendCondition(
            events, kind, path if kind in ("distinct", *COMPUTED) else None, window, comparison
        ),
        alphabet.events,
        st.sampled_from([*kinds, "users"] if of == "account" else kinds),
        measured_paths,
        alphabet.lengths,
        comparisons([0, 0.5, 1, 1.5, 2, 1 / 3, 2 / 3, 3, 10]),
    )


def trait(alphabet: Alphabet, of: EntityKind) -> Conditions:
    number = st.sampled_from([7, 50, 60, 8, "55"])
    return st.sampled_from(["plan", "seats"]).flatmap(
        lambda name: compares_on(st.just(f"traits.{name}"), alphabet.said, number).map(
            lambda has: TraitCondition(name, has)
        )
    )


def sequence(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Steps with a filter each, absent ones between them and at the end, strict ones."""
    return _sequences(alphabet, st.none() | alphabet.lengths, st.just(Comparison(">=", 1)))


def sequences_counted(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """How many matches there are."""
    return _sequences(alphabet, alphabet.lengths, alphabet.counts)


@st.composite
def _sequences(
    draw: st.DrawFn,
    alphabet: Alphabet,
    within: st.SearchStrategy[int | None],
    count: st.SearchStrategy[Comparison],
) -> SequenceCondition:
    steps = [Step(draw(alphabet.events))]
    for _ in range(draw(st.integers(0, 2))):
        steps += [
            Step(draw(alphabet.events), absent=True)
            for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2])))
        ]
        steps.append(Step(draw(alphabet.events)))
    if len(steps) == 1 or draw(st.sampled_from([False, False, True])):
        steps.append(Step(draw(alphabet.events), absent=True, lasting=draw(alphabet.lengths)))
    strict = draw(st.sampled_from([False, False, True]))
    return SequenceCondition(tuple(steps), draw(within), strict, draw(count))


FORMS: dict[str, Callable[[Alphabet, EntityKind], Conditions]] = {
    "counted": counted,
    "computed": computed,
    "first": first,
    "returned": returned,
    "inactive": inactive,
    "after": after,
    "regularly": regularly,
    "latest": latest,
    "trend": trend,
    "trait": trait,
    "sequence": sequence,
    "sequences_counted": sequences_counted,
}


@st.composite
def any_form(draw: st.DrawFn, alphabet: Alphabet, of: EntityKind) -> Condition:
    """Every form about as often, what is counted and computed more often."""
    form = draw(st.sampled_from([*["counted", "computed"] * 2, *FORMS]))
    return draw(_form(form, alphabet, of))


@lru_cache
def _form(form: str, alphabet: Alphabet, of: EntityKind) -> Conditions:
    return FORMS[form](alphabet, of)
