"""Random filters, names, spans and comparisons: what conditions are made of."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from streams.definitions.model import (
    AllFilters,
    AnyFilter,
    Compare,
    Comparison,
    EventFilter,
    Filter,
    NotFilter,
)
from tests.properties.histories import NUMBERS, STEP, STEPS, SUNDAY, TRAIT_VALUES

PATHS = ["properties.role", "properties.size", "properties.in.size", "properties.absent"]
NAME_PATTERNS = ["*", "share*", "open", "share", "shared", "invite", "never"]
SCALARS: list[Any] = [*NUMBERS, "admin", "Admin", "true", True, False, ""]

paths = st.sampled_from(PATHS)
measured_paths = st.sampled_from(["properties.size", "properties.size", *PATHS[:3]])
numbers = st.sampled_from(NUMBERS)
scalars = st.sampled_from(SCALARS)
instants = st.integers(-1, STEPS + 1).map(lambda step: SUNDAY + step * STEP)


def compares_on(
    path: st.SearchStrategy[str], scalars: st.SearchStrategy[Any], numbers: st.SearchStrategy[Any]
) -> st.SearchStrategy[Compare]:
    """Every operator on a value at one of the paths."""

    def on(operators: list[Any], operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Compare]:
        return st.builds(Compare, path, st.sampled_from(operators), operand)

    return st.one_of(
        on(["eq", "ne"], scalars),
        on(["gt", "gte", "lt", "lte"], numbers),
        on(["in", "not_in"], st.lists(scalars, max_size=3).map(tuple)),
        on(["contains", "not_contains"], st.sampled_from(["admin", "MIN", "e", "", "trial"])),
        on(["starts_with", "ends_with"], st.sampled_from(["adm", "Adm", "n", "", "pa"])),
        on(["matches"], st.sampled_from(["^adm", "min$", "[Aa]d.*r", "^2?$", "d|u"])),
        on(["exists"], st.booleans()),
        on(["before", "after"], instants),
        on(["between"], st.sampled_from([(0, 2), (1, 1), (-1, 2.5), (2, 0), (7, 55)])),
        on(["between"], st.tuples(instants, instants)),
    )


compare_filters = compares_on(paths, scalars, numbers)

_filters: st.SearchStrategy[Filter] = st.recursive(
    compare_filters,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(tuple).map(AllFilters),
        st.lists(inner, min_size=1, max_size=2).map(tuple).map(AnyFilter),
        inner.map(NotFilter),
    ),
    max_leaves=3,
)


# A function has a short name in the messages of Hypothesis, which refuses to print long ones.
@st.composite
def filters(draw: st.DrawFn) -> Filter:
    """Every operator, nested."""
    return draw(_filters)


OPERATORS: list[Any] = ["<=", "<", "==", "!=", ">", ">="]


def comparisons(values: list[float]) -> st.SearchStrategy[Comparison]:
    """Every operator with one of the values."""
    return st.builds(Comparison, st.sampled_from(OPERATORS), st.sampled_from(values))


at_least = st.sampled_from(
    [
        *(Comparison(">=", value) for value in (1, 2, 3, 4, 2.5)),
        *(Comparison(">", value) for value in (0, 1, 2, 1.5)),
    ]
)
counts = st.one_of(at_least, comparisons([0, 0, 1, 1, 2, 2, 3, 4, 2.5]))
"""Of whole numbers: more often those that only events can make true."""
few_counts = comparisons([0, 1, 1, 2, 3])
any_comparison = comparisons([0, 1, 2, 2.5, 3, 4, 5, -1, 0.3, 1e300])


class Alphabet(NamedTuple):
    """What conditions look at, and the lengths of their windows, waits and periods."""

    name: str
    events: st.SearchStrategy[EventFilter]
    lengths: st.SearchStrategy[int]
    counts: st.SearchStrategy[Comparison]
    has: st.SearchStrategy[Filter]
    """What the newest of several events may have."""
    said: st.SearchStrategy[str | int | bool]
    """What traits may be."""

    def __repr__(self) -> str:
        return self.name


names = st.lists(st.sampled_from(NAME_PATTERNS), min_size=1, max_size=2, unique=True).map(tuple)
windows = st.sampled_from([steps * STEP for steps in (1, 2, 3, 4, 8, 12, 28)])
EVERYTHING = Alphabet(
    "everything",
    st.builds(EventFilter, names, st.one_of(st.none(), st.none(), filters())),
    windows,
    counts,
    filters(),
    st.sampled_from([value for value in TRAIT_VALUES if isinstance(value, str | int)]),
)
"""Any filter, any window."""

LARGE = Compare("properties.size", "gte", 1)
FOCUSED = Alphabet(
    "focused",
    st.builds(
        EventFilter,
        st.sampled_from([("*",), ("open",), ("share",), ("invite",), ("open", "share")]),
        st.sampled_from([None, None, None, LARGE]),
    ),
    st.sampled_from([steps * STEP + slip for steps in (1, 2, 3) for slip in (0, 0, 0, -1, 1)]),
    few_counts,
    st.builds(
        Compare,
        st.sampled_from(["properties.size"]),
        st.sampled_from(["eq", "ne", "gte", "lt"]),
        st.sampled_from([0, 1, 2]),
    ),
    st.sampled_from(["trial", "trial", "paid", 50, 60]),
)
"""Few names and small windows, over dense histories: their edges are hit all the time."""
