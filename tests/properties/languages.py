"""Random definitions: every measure, operator and way to nest, over the histories' alphabets."""

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from streams.definitions.model import (
    AllFilters,
    AllOf,
    AnyFilter,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    Definitions,
    EntityKind,
    EventCondition,
    Filter,
    FilterOperator,
    Measure,
    MeasureKind,
    Milestone,
    MilestoneCondition,
    NotFilter,
    Timing,
)
from tests.properties.histories import NUMBERS, STEP, STEPS, SUNDAY

PATHS = ["properties.role", "properties.size", "properties.in.size", "properties.absent"]
NAME_PATTERNS = ["*", "share*", "open", "share", "shared", "invite", "never"]
SCALARS: list[Any] = [*NUMBERS, "admin", "Admin", "true", True, False, ""]

paths = st.sampled_from(PATHS)
measured_paths = st.sampled_from(["properties.size", "properties.size", *PATHS[:3]])
numbers = st.sampled_from(NUMBERS)
scalars = st.sampled_from(SCALARS)
instants = st.integers(-1, STEPS + 1).map(lambda step: SUNDAY + step * STEP)
windows = st.sampled_from([steps * STEP for steps in (1, 2, 3, 4, 8, 12, 28)])


def _compare(operators: list[Any], operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Filter]:
    return st.tuples(paths, st.sampled_from(operators), operand).map(lambda of: Compare(*of))


compare_filters: st.SearchStrategy[Filter] = st.one_of(
    _compare(["eq", "ne"], scalars),
    _compare(["gt", "gte", "lt", "lte"], numbers),
    _compare(["in", "not_in"], st.lists(scalars, max_size=3).map(tuple)),
    _compare(["contains", "not_contains"], st.sampled_from(["admin", "MIN", "e", ""])),
    _compare(["starts_with", "ends_with"], st.sampled_from(["adm", "Adm", "n", ""])),
    _compare(["matches"], st.sampled_from(["^adm", "min$", "[Aa]d.*r", "^2?$", "d|u"])),
    _compare(["exists"], st.booleans()),
    _compare(["before", "after"], instants),
    _compare(["between"], st.sampled_from([(0, 2), (1, 1), (-1, 2.5), (2, 0)])),
    _compare(["between"], st.tuples(instants, instants)),
)

filters: st.SearchStrategy[Filter] = st.recursive(
    compare_filters,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(tuple).map(AllFilters),
        st.lists(inner, min_size=1, max_size=2).map(tuple).map(AnyFilter),
        inner.map(NotFilter),
    ),
    max_leaves=3,
)

at_least = st.sampled_from(
    [
        *(Comparison(">=", value) for value in (1, 2, 3, 4, 2.5)),
        *(Comparison(">", value) for value in (0, 1, 2, 1.5)),
    ]
)
OPERATORS: list[Any] = ["<=", "<", "==", "!=", ">", ">="]
any_comparison = st.tuples(
    st.sampled_from(OPERATORS),
    st.sampled_from([0, 1, 2, 2.5, 3, 4, 5, -1, 0.3, 1e300]),
).map(lambda of: Comparison(*of))

COUNTED: list[Any] = ["count", "days", "weeks", "distinct"]
COMPUTED: list[Any] = ["sum", "avg", "min", "max"]


def measures(of: EntityKind) -> st.SearchStrategy[Measure]:
    """Counting ones only ask for at least so many; computed ones compare in every way."""
    counted = [*COUNTED, "users"] if of == "account" else COUNTED
    counting = st.tuples(st.sampled_from(counted), at_least, measured_paths)
    computed = st.tuples(st.sampled_from(COMPUTED), any_comparison, measured_paths)
    return st.one_of(counting, computed).map(lambda of: _measure(*of))


def _measure(kind: MeasureKind, comparison: Comparison, path: str) -> Measure:
    if kind not in ("distinct", *COMPUTED):
        return Measure(kind, comparison)
    if kind == "sum" and comparison.operator in (">=", ">"):
        # Told at once as long as it has seen no negative number, which this path never has:
        # otherwise the order could matter.
        path = "properties.gain"
    return Measure(kind, comparison, path)


def may_be_held(condition: Condition, milestones: list[Milestone]) -> bool:
    """Whether a late event could prove that the condition was not true after all.

    Such a milestone is told only when no event can come late for it any more.
    """
    if isinstance(condition, AllOf | AnyOf):
        return any(may_be_held(one, milestones) for one in condition.conditions)
    if isinstance(condition, MilestoneCondition):
        named = next(one for one in milestones if one.name == condition.milestone)
        return may_be_held(named.when, milestones)
    kind, operator = condition.measure.kind, condition.measure.comparison.operator
    rising = operator in (">=", ">")
    if kind == "min":
        return operator not in ("<=", "<")
    return kind == "avg" or (kind in ("sum", "max") and not rising)


spans = st.tuples(instants, instants).map(lambda ends: (None, min(ends), max(ends)))
bounds = st.one_of(
    st.just((None, None, None)),
    windows.map(lambda within: (within, None, None)),
    windows.map(lambda within: (within, None, None)),
    spans,
    spans.map(lambda span: (None, span[1], None)),
    spans.map(lambda span: (None, None, span[2])),
)
names = st.lists(st.sampled_from(NAME_PATTERNS), min_size=1, max_size=2, unique=True).map(tuple)


@lru_cache
def event_conditions(of: EntityKind) -> st.SearchStrategy[EventCondition]:
    """Every measure that makes sense for the kind of entity, in every kind of window."""
    filtered = st.one_of(st.none(), st.none(), filters)
    return st.tuples(names, filtered, measures(of), bounds).map(
        lambda parts: EventCondition(*parts[:3], *parts[3])
    )


# Of every event in a sliding window, so that the expiry of one often turns the condition true.
computed_over_all = st.tuples(
    st.sampled_from(COMPUTED),
    st.sampled_from(OPERATORS),
    st.sampled_from([-1, 0, 1, 2, 2.5]),
    st.sampled_from([steps * STEP + slip for steps in (2, 3, 4, 8) for slip in (0, 1)]),
).map(
    lambda of: EventCondition(
        ("*",), None, _measure(of[0], Comparison(of[1], of[2]), "properties.size"), of[3]
    )
)


# The same for what is counted, with thresholds that are not reached at once: so what has been
# forgotten too early, or kept too long, shows.
counted_over_all = st.tuples(
    st.sampled_from([*COUNTED, "users", "distinct"]),
    st.sampled_from([2, 3, 4, 5, 8, 15]),
    st.sampled_from([steps * STEP + slip for steps in (1, 2, 3, 4, 8) for slip in (0, 0, 1)]),
).map(
    lambda of: EventCondition(
        ("*",), None, _measure(of[0], Comparison(">=", of[1]), "properties.size"), of[2]
    )
)


def _count_by_size(operator: FilterOperator, needed: int, within: int) -> EventCondition:
    """At least so many events whose size compares with 1."""
    count = Measure("count", Comparison(">=", needed))
    return EventCondition(("*",), Compare("properties.size", operator, 1), count, within)


# True now and then only: what it is joined with is asked about all through a life.
GATE = _count_by_size("lte", 2, STEP)
LATENESS = [steps * STEP for steps in (0, 1, 2, 4, 12, STEPS + 1)]

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
    return AllOf((_count_by_size("gt", needed, within), _count_by_size("lte", 1, STEP)))


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
    milestones = [
        Milestone(f"m{number}", draw(st.sampled_from(["account", "user"])), condition)
        for number, condition in enumerate(draw(st.lists(windowed, min_size=1, max_size=4)))
    ]
    many = draw(st.sampled_from([2, 3, 5]))
    together = MilestoneCondition("m0", Comparison(">=", many), draw(windows))
    if milestones[0].of == "user" and not may_be_held(milestones[0].when, milestones):
        milestones.append(Milestone("together", "account", AllOf((together, GATE))))
    lateness = draw(st.sampled_from(LATENESS))
    return Definitions(Timing(lateness, lateness + 1), {one.name: one for one in milestones})


@lru_cache
def conditions(
    of: EntityKind, own: tuple[str, ...], of_users: tuple[str, ...]
) -> st.SearchStrategy[Condition]:
    """A condition that may lean on milestones of the entity's own, and on those of its users."""
    leaves: list[st.SearchStrategy[Condition]] = [
        event_conditions(of),
        event_conditions(of),
        computed_over_all,
    ]
    if own:
        leaves.append(st.sampled_from([MilestoneCondition(name) for name in own]))
    if of_users:
        how_many = st.sampled_from(
            [Comparison(">=", 1), Comparison(">=", 2), Comparison(">", 1), Comparison(">=", 3)]
        )
        parts = st.tuples(st.sampled_from(of_users), how_many, st.none() | windows)
        leaves.append(parts.map(lambda found: MilestoneCondition(*found)))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.tuples(
            st.sampled_from([AllOf, AnyOf]), st.lists(inner, min_size=1, max_size=3)
        ).map(lambda found: found[0](tuple(found[1]))),
        max_leaves=4,
    )


DEDUPE = [steps * STEP for steps in (1, 4, STEPS + 1)]
kinds_of_milestones = st.lists(st.sampled_from(["account", "user", "user"]), min_size=1, max_size=5)


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    """A whole file's meaning: each milestone may name those that were drawn before it."""
    milestones: list[Milestone] = []
    kinds: list[Any] = draw(kinds_of_milestones)
    for number, of in enumerate(kinds):
        own = tuple(one.name for one in milestones if one.of == of)
        # An account learns of a milestone that was held back when it is told, which may be after
        # its own windows have moved on.
        of_users = tuple(
            one.name
            for one in milestones
            if of == "account" and one.of == "user" and not may_be_held(one.when, milestones)
        )
        milestones.append(Milestone(f"m{number}", of, draw(conditions(of, own, of_users))))
    lateness = draw(st.sampled_from(LATENESS))
    dedupe = max(lateness, draw(st.sampled_from(DEDUPE))) + 1
    if draw(st.booleans()):
        milestones.reverse()
    return Definitions(
        Timing(allowed_lateness=lateness, dedupe_within=dedupe),
        {milestone.name: milestone for milestone in milestones},
    )
