"""Definitions that lean hard on what is kept and what is forgotten of sliding windows."""

from hypothesis import strategies as st

from streams.definitions.model import (
    AllOf,
    Comparison,
    Condition,
    Definitions,
    EventCondition,
    Measure,
    MeasureKind,
    Milestone,
    MilestoneCondition,
    Timing,
)
from tests.properties.histories import STEP, STEPS
from tests.properties.languages import GATE, LATENESS, count_by_size, modes
from tests.properties.languages_filters import OPERATORS, at_least, counts, windows
from tests.properties.languages_forms import COMPUTED, COUNTED

# Of every event in a sliding window, so that the expiry of one often turns the condition true.
computed_over_all = st.builds(
    lambda kind, operator, value, path, within: EventCondition(
        ("*",), None, Measure(kind, Comparison(operator, value), path), within
    ),
    st.sampled_from(COMPUTED),
    st.sampled_from(OPERATORS),
    st.sampled_from([-1, 0, 1, 2, 2.5]),
    st.sampled_from(["properties.size", "properties.gain"]),
    st.sampled_from([steps * STEP + slip for steps in (2, 3, 4, 8) for slip in (0, 1)]),
)


# The same for what is counted, with thresholds that are not reached at once: so what has been
# forgotten too early, or kept too long, shows.
counted_over_all = st.builds(
    lambda kind, comparison, within: EventCondition(
        ("*",), None, _counting(kind, comparison), within
    ),
    st.sampled_from([*COUNTED, "users", "distinct"]),
    st.builds(
        Comparison,
        st.sampled_from([">=", ">=", ">=", *OPERATORS]),
        st.sampled_from([2, 3, 4, 5, 8, 15]),
    ),
    st.sampled_from([steps * STEP + slip for steps in (1, 2, 3, 4, 8) for slip in (0, 0, 1)]),
)


def _counting(kind: MeasureKind, comparison: Comparison) -> Measure:
    return Measure(kind, comparison, "properties.size" if kind == "distinct" else None)


windowed: st.SearchStrategy[Condition] = st.one_of(
    counted_over_all,
    computed_over_all,
    counted_over_all.map(lambda condition: AllOf((condition, GATE))),
)


def _gated(needed: int, within: int) -> AllOf:
    """Two conditions that an event changes one at a time.

    A late one may make the first true for longer, which matters only at a later instant, where
    the second is true.
    """
    return AllOf((count_by_size("gt", needed, within), count_by_size("lte", 1, STEP)))


gated_counts = st.tuples(
    st.sampled_from([2, 3]), st.sampled_from([2, 3, 4]), st.sampled_from([4, 12, STEPS + 1])
).map(
    lambda of: Definitions(
        Timing(of[2] * STEP, of[2] * STEP + 1),
        {"m0": Milestone("m0", "account", _gated(of[0], of[1] * STEP))},
    )
)


@st.composite
def sliding_windows(draw: st.DrawFn) -> Definitions:
    """A few measures in sliding windows, of an account and of its users."""
    lateness = draw(st.sampled_from(LATENESS))
    milestones = [
        Milestone(
            f"m{number}",
            draw(st.sampled_from(["account", "user"])),
            condition,
            **draw(modes(lateness)),
        )
        for number, condition in enumerate(draw(st.lists(windowed, min_size=1, max_size=4)))
    ]
    if milestones[0].of == "user":
        within = None if milestones[0].live else draw(windows)
        together = MilestoneCondition("m0", draw(st.one_of(at_least, counts)), within)
        milestones.append(
            Milestone("together", "account", AllOf((together, GATE)), **draw(modes(lateness)))
        )
    return Definitions(Timing(lateness, lateness + 1), {one.name: one for one in milestones})
