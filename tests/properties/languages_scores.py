"""Random scores and segments, and conditions on them that histories can really turn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from hypothesis import strategies as st

from schemas.qualifications import ModelVersion
from streams.definitions.model import (
    AllOf,
    AnyOf,
    Baseline,
    Comparison,
    Component,
    Condition,
    EntityKind,
    EventCondition,
    Fading,
    Fallback,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Recency,
    Scaling,
    Score,
    ScoreCondition,
    Segment,
    SegmentCondition,
    Share,
    Signal,
    WhileTrue,
)
from tests.properties.histories import STEP
from tests.properties.languages_filters import Alphabet, measured_paths
from tests.properties.languages_forms import COMPUTED, COUNTED, any_form, bounds, counted

Conditions = st.SearchStrategy[Condition]

DAY = 86_400_000
RATES = [STEP, 2 * STEP, 3 * STEP, STEP - 1, 2 * STEP + 7, 5 * STEP + 12_345]
MOST = 3
"""As many fading events are thought to be the most where nothing bounds them."""


def shares(alphabet: Alphabet, of: EntityKind) -> st.SearchStrategy[Share]:
    """Of every measure, in every window."""
    kinds: list[MeasureKind] = [*COUNTED, *COMPUTED]
    measures = st.builds(
        lambda kind, full, path: Measure(
            kind, Comparison(">=", full), path if kind in ("distinct", *COMPUTED) else None
        ),
        st.sampled_from([*kinds, "users"] if of == "account" else kinds),
        st.sampled_from([1, 2, 2, 3, 4, 5]),
        measured_paths,
    )
    return st.builds(
        lambda events, measure, window: Share(
            EventCondition(events.events, events.where, measure, *window)
        ),
        alphabet.events,
        measures,
        bounds(alphabet),
    )


def baseline_shares(alphabet: Alphabet, of: EntityKind) -> st.SearchStrategy[Share]:
    """Of every measure, over sliding windows, divided by what is usual."""
    baselines = st.sampled_from(
        [
            Baseline(name, of, ("open",), "count", 30 * DAY, start)
            for name, start in (("usage", 2.0), ("other", 1.5))
        ]
    )
    return st.builds(
        lambda share, baseline, within: Share(
            replace(
                share.measured,
                measure=replace(
                    share.measured.measure, comparison=Comparison(">=", baseline.start)
                ),
                within=within,
                start=None,
                end=None,
            ),
            baseline,
        ),
        shares(alphabet, of),
        baselines,
        alphabet.lengths,
    )


def fading(alphabet: Alphabet) -> st.SearchStrategy[Signal]:
    """What time lowers, bounded or not."""
    return st.one_of(
        st.builds(Recency, alphabet.events, st.sampled_from(RATES).map(float)),
        st.builds(
            Fading,
            alphabet.events,
            st.sampled_from(RATES),
            st.sampled_from([None, None, 1.0, 1.5, 2.0]),
        ),
    )


def signals(alphabet: Alphabet, of: EntityKind, inner: Conditions) -> st.SearchStrategy[Signal]:
    return st.one_of(fading(alphabet), shares(alphabet, of), inner.map(WhileTrue))


@st.composite
def scores(
    draw: st.DrawFn, of: EntityKind, signals: st.SearchStrategy[Signal], inner: Conditions
) -> Score:
    """A few components; now and then logistic, vetoed or forced."""
    logistic = draw(st.sampled_from([False, False, True]))
    components = []
    for number, signal in enumerate(draw(st.lists(signals, min_size=1, max_size=4))):
        gains = isinstance(signal, Recency | Fading)
        points = draw(st.sampled_from([5, 10, 20, 30, 2.5] + ([] if gains else [-10, -20])))
        components.append(
            Component(f"c{number}", points / 10 if logistic else float(points), signal)
        )
    switches = st.one_of(st.none(), st.none(), st.none(), inner)
    # Names tell scores of one file apart.
    name = f"s{draw(st.integers(0, 2**40))}"
    intercept = draw(st.sampled_from([-2.0, -0.5, 0.0])) if logistic else None
    return Score(name, of, tuple(components), intercept, draw(switches), draw(switches))


@st.composite
def models(
    draw: st.DrawFn, of: EntityKind, signals: st.SearchStrategy[Signal], inner: Conditions
) -> Score:
    """What a model file says: any coefficient for any signal, scaled or not."""
    coefficients = st.sampled_from([-3.0, -1.2, -0.4, 0.0, 0.4, 1.7, 4.0])
    components = tuple(
        Component(
            f"f{number}",
            draw(coefficients),
            signal,
            draw(st.sampled_from([None, None, Scaling(0.31, 0.22), Scaling(1.5, 3.0)])),
        )
        for number, signal in enumerate(draw(st.lists(signals, min_size=1, max_size=5)))
    )
    switches = st.one_of(st.none(), st.none(), st.none(), inner)
    intercept = draw(st.sampled_from([-1.5, 0.0, 0.8]))
    version = ModelVersion("m", "1")
    name = f"s{draw(st.integers(0, 2**40))}"
    return Score(
        name, of, components, intercept, draw(switches), draw(switches), None, None, version
    )


@st.composite
def compared(draw: st.DrawFn, scores: st.SearchStrategy[Score]) -> ScoreCondition:
    """With a threshold that lies in what it can be, often with another one below or above."""
    score = draw(scores)
    low, high = _range(score)
    shares = sorted(draw(st.lists(st.sampled_from(PARTS), min_size=2, max_size=2)))
    lower, upper = (_threshold(score, low + share * (high - low)) for share in shares)
    rises: bool = draw(st.sampled_from([True, True, False]))
    begin: list[Operator] = [">=", ">"] if rises else ["<=", "<"]
    end: list[Operator] = ["<=", "<"] if rises else [">=", ">"]
    operator, opposite = draw(st.sampled_from(begin)), draw(st.sampled_from(end))
    is_, until = (upper, lower) if rises else (lower, upper)
    if is_ == until and "=" in operator and "=" in opposite:
        opposite = opposite.removesuffix("=")  # type: ignore[assignment]
    ends = draw(st.booleans())
    return ScoreCondition(
        score, Comparison(operator, is_), Comparison(opposite, until) if ends else None
    )


PARTS = [0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.5, 0.6, 0.75, 0.9, 1]


def _range(score: Score) -> tuple[float, float]:
    """About the least and the most that its components add up to."""
    low = high = 0.0
    for one in score.components:
        most = 1.0
        if isinstance(one.signal, Fading):
            most = one.signal.most or MOST
        low, high = low + min(one.points * most, 0), high + max(one.points * most, 0)
    return low, high


def _threshold(score: Score, total: float) -> float:
    if score.intercept is None:
        return round(total, 3)
    return round(100 / (1 + 2.718281828459045 ** -(score.intercept + total)), 3)


@lru_cache
def score_conditions(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Any score over conditions of any form."""
    return leaning_on(alphabet, of, any_form(alphabet, of))


def leaning_on(alphabet: Alphabet, of: EntityKind, inner: Conditions) -> Conditions:
    """Scores over some conditions."""
    switched = st.one_of(inner, inner.map(Not))
    return compared(scores(of, signals(alphabet, of, switched), switched))


def fading_scores(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Of nothing but what fades: at one rate, at several, bounded and not."""
    return compared(scores(of, fading(alphabet), counted(alphabet, of)))


def with_fallbacks(scores: st.SearchStrategy[Score]) -> st.SearchStrategy[Score]:
    """Often with another one that may stand in, which may have one itself."""
    return st.builds(
        lambda one, two, three, length: [
            one,
            replace(one, fallback=Fallback(two, 0.2)),
            replace(one, fallback=Fallback(replace(two, fallback=Fallback(three, 0.5)), 0.2)),
        ][length],
        scores, scores, scores, st.sampled_from([0, 1, 1, 2]),
    )  # fmt: skip


def parametric_scores(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Of what is usual and of what fades, with fallbacks."""
    inner = counted(alphabet, of)
    usual = baseline_shares(alphabet, of)
    parts: st.SearchStrategy[Signal] = st.one_of(
        usual, usual, usual, fading(alphabet), inner.map(WhileTrue)
    )
    return compared(with_fallbacks(scores(of, parts, inner)))


def parametric_models(alphabet: Alphabet, of: EntityKind) -> st.SearchStrategy[Score]:
    """Models and scores over the same, each of which may stand in for another."""
    inner = counted(alphabet, of)
    usual = baseline_shares(alphabet, of)
    parts: st.SearchStrategy[Signal] = st.one_of(usual, fading(alphabet), inner.map(WhileTrue))
    return with_fallbacks(st.one_of(models(of, parts, inner), scores(of, parts, inner)))


def stepping_scores(alphabet: Alphabet, of: EntityKind) -> Conditions:
    """Of nothing that fades: sums that meet their thresholds exactly."""
    inner = counted(alphabet, of)
    return compared(scores(of, st.one_of(shares(alphabet, of), inner.map(WhileTrue)), inner))


@st.composite
def segments(
    draw: st.DrawFn, alphabet: Alphabet, kinds: st.SearchStrategy[EntityKind], most: int
) -> dict[str, Segment]:
    """A few, one after the other."""
    found: dict[str, Segment] = {}
    for number, of in enumerate(draw(st.lists(kinds, max_size=most))):
        found[f"g{number}"] = Segment(f"g{number}", of, draw(any_form(alphabet, of)))
    return found


def segment_conditions(of: EntityKind, segments: Mapping[str, Segment]) -> list[SegmentCondition]:
    """One for each segment of a kind, with what reading a file makes of it."""
    ordered = [one for one in segments.values() if one.of == of]
    return [
        SegmentCondition(one.name, AllOf((*(Not(each.when) for each in ordered[:place]), one.when)))
        for place, one in enumerate(ordered)
    ]


def with_segments(
    condition: Condition, segments: Sequence[SegmentCondition]
) -> st.SearchStrategy[Condition]:
    """Often the condition itself; otherwise one that looks at a segment, too."""
    if not segments:
        return st.just(condition)
    return st.sampled_from(segments).flatmap(
        lambda one: st.sampled_from(
            [condition, condition, one, Not(one), AllOf((one, condition)), AnyOf((one, condition))]
        )
    )
