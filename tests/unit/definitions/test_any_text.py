"""Whatever the text, it is definitions or it is refused: nothing else, and in bounded time."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.definitions import (
    abuse,
    baselines,
    cases,
    describe,
    fallbacks,
    fingerprints,
    funnels,
    journeys,
    leads,
    scores,
)
from streams.definitions.conditions import FORMS
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.filters import OPERATORS
from streams.definitions.loading import examine_text
from streams.definitions.sections import SECTIONS
from streams.definitions.signals import SIGNALS

WORDS = sorted({
    *FORMS, *MEASURES, *OPERATORS, *SECTIONS, *funnels.FIELDS,
    *cases.FIELDS, *cases.GIVEN_FIELDS, *journeys.FIELDS, *leads.FIELDS,
    *leads.CONTACT_FIELDS, *abuse.FIELDS, *abuse.PERIODS,
    *(field for form in FORMS.values() for field in form.fields),
    *scores.FIELDS, *(field for form in SIGNALS for field in form.fields), "points", "half_life",
    *baselines.FIELDS, *fallbacks.FIELDS, "baseline", "mean",
    "live", "repeat", "every", "times", "of_last", "window", "when", "where", "unordered",
    "properties.x", "any", "not", ">= 3",
    "7d", "2026-01-01", "*", "A*", "a", "1", "true", "null", ".inf", ".nan", "1e999", "<<",
})  # fmt: skip
PIECES = [
    *WORDS, "version: 1\n", "milestones:\n", "{", "}", "[", "]", ": ", ", ", "- ", "? ", "\n",
    "\n  ", "  ", "\t", "'", '"', "|\n", ">\n", "&a ", "*a", "!t ", "!!int ", "%YAML 1.1\n",
    "---\n", "...\n", "#", "\\", "@", "`", "\0", "\ufeff", "\u2028", "\x85", "é", "\U0001f600",
    "\ud800", '"\\U00110000"', '"\\ud800"', '"\\xZ"', "9" * 5000, "0x" + "f" * 3000,
]  # fmt: skip

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS))
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    ),
    max_leaves=25,
)

bounded = settings(
    max_examples=200,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.too_slow],
)


def accepted(text: str) -> bool:
    """Whether it is definitions; anything but a refusal with places fails the test."""
    outcome = examine_text(text, "any")
    errors = [problem for problem in outcome.problems if problem.severity == "error"]
    assert (outcome.definitions is None) == bool(errors)
    for problem in outcome.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message.isprintable()
    return not errors


def flow(tree: object) -> str:
    """A tree as YAML on one line."""
    if isinstance(tree, list):
        return "[" + ", ".join(map(flow, tree)) + "]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f'"{key}": {flow(value)}' for key, value in tree.items()) + "}"
    if isinstance(tree, str):
        return f'"{tree}"'
    if tree is None or isinstance(tree, bool):
        return str(tree).replace("None", "null").lower()
    return str(tree)


@bounded
@given(st.text())
def test_any_text_is_definitions_or_refused(text: str) -> None:
    accepted(text)


@bounded
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_heap_of_yaml_is_definitions_or_refused(text: str) -> None:
    accepted(text)


@bounded
@given(trees)
def test_any_value_for_a_section_is_definitions_or_refused(tree: object) -> None:
    for section in (
        "settings", "segments", "baselines", "scores", "milestones", "journeys", "leads",
    ):  # fmt: skip
        accepted(f"version: 1\n{section}: {flow(tree)}\n")


@bounded
@given(trees)
def test_any_value_for_a_condition_is_definitions_or_refused(tree: object) -> None:
    accepted(f"version: 1\nmilestones:\n  a: {{of: user, when: {flow(tree)}}}\n")
    accepted(
        f"version: 1\nmilestones:\n  a: {{of: user, when: {{event: A, where: {flow(tree)}}}}}\n"
    )


@bounded
@given(trees)
def test_any_value_for_a_score_is_definitions_or_refused(tree: object) -> None:
    own = "milestones: {a: {of: user, when: {event: A}}}"
    for fields in ("components: {}", "components: {{b: {}}}", "veto: {}, components: {{b: {{}}}}"):
        accepted(f"version: 1\n{own}\nscores: {{a: {{of: user, {fields.format(flow(tree))}}}}}\n")


HEAD = "version: 1\nmilestones:\n"
MANY = "{event: A, user: u, times: 10000}"
BIG = r"^\\pL{100}$"


def one(condition: str) -> str:
    """One milestone with it."""
    return f"{HEAD} a: {{of: user, when: {condition}}}\n"


def matching(pattern: str) -> str:
    return f'{{event: A, where: {{properties.x: {{matches: "{pattern}"}}}}}}'


def ring(length: int) -> str:
    """Milestones that each name the next, and the last one the first."""
    return "".join(
        f" m{i}: {{of: user, when: {{milestone: m{(i + 1) % length}}}}}\n" for i in range(length)
    )


def chain(number: int, components: str) -> str:
    """Scores that each name the one before, by components in which it is ``{}``."""
    named = (components.format(f"{{score: s{i}, is: '> 0'}}") for i in range(number))
    return (
        f"{one('{event: A}')}scores:\n s0: {{of: user, components: {{a: {{points: 1, when: "
        "{event: A}}}}\n"
        + "".join(
            f" s{i}: {{of: user, components: {each}}}\n" for i, each in enumerate(named, start=1)
        )
    )


ONCE = "{{a: {{points: 1, when: {}}}}}"
TWICE = "{{a: {{points: 1, when: {0}}}, b: {{points: 1, when: {0}}}}}"
SEGMENTS = f"{one('{event: A}')}segments:\n s0: {{of: user, when: {{event: A}}}}\n" + "".join(
    f" s{i}: {{of: user, when: {{all: [{{segment: s{i - 1}}}, {{segment: s{i - 1}}}]}}}}\n"
    for i in range(1, 60)
)
ALIKE = "in: [" + "1, " * 20_000 + "]"
LONG = f"{{event: A, where: {{properties.x: {{{ALIKE}}}}}}}"
LONG_OFTEN = f"{one('{event: A}')}segments: {{s: {{of: user, when: {LONG}}}}}\nscores:\n" + "".join(
    f" s{i}: {{of: user, components: {{a: {{points: 1, when: {{segment: s}}}}}}}}\n"
    for i in range(1_000)
)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BOMB, id="aliases of aliases"),
        pytest.param("[" * 100_000, id="lists in lists"),
        pytest.param("{a: " * 100_000, id="mappings in mappings"),
        pytest.param("- " * 100_000, id="dashes"),
        pytest.param("? " * 100_000, id="keys of keys"),
        pytest.param("".join(" " * level + "a:\n" for level in range(500)), id="deep indentation"),
        pytest.param("version: " + "9" * 100_000, id="a number without end"),
        pytest.param("a" * 500_000, id="a name without end"),
        pytest.param("a: [" + "1," * 60_000 + "]", id="values without end"),
        pytest.param(one("{any: [" * 10_000 + "{event: A}" + "]}" * 10_000), id="any in any"),
        pytest.param(one("{not: " * 10_000 + "{event: A}" + "}" * 10_000), id="not in not"),
        pytest.param(one("{not: " * 50 + "{event: A}" + "}" * 50), id="one not too many"),
        pytest.param(one("{sequence: [" + "{event: A}, " * 51 + "]}"), id="one step too many"),
        pytest.param(one("{sequence: [" + "{event: A}, " * 10_000 + "]}"), id="steps without end"),
        pytest.param(one("{inactive: 0d}"), id="a window of nothing"),
        pytest.param(one('{event: A, count: ">= 1e308"}'), id="more than there can be"),
        pytest.param(one('{event: A, count: ">= ' + "9" * 400 + '"}'), id="digits without end"),
        pytest.param(
            one(f'{{regularly: {{event: A, every: 1d, in: ">= 1", of_last: {10**30}}}}}'),
            id="periods without end",
        ),
        pytest.param(one(matching("(a{1000}){1000}")), id="a pattern that repeats repetitions"),
        pytest.param(one(matching(r"\\pL{1000}")), id="a pattern of a million letters"),
        pytest.param(
            HEAD + "".join(f" m{i}: {{of: user, when: {matching(BIG)}}}\n" for i in range(200)),
            id="many patterns of many letters",
        ),
        pytest.param(HEAD + "".join(f" {i:x}: {{}}\n" for i in range(50_000)), id="names only"),
        pytest.param(HEAD + "".join(f" {i:x}: {{}}\n" for i in range(10_000)), id="no milestones"),
        pytest.param(HEAD + ring(5_000), id="a circle of thousands"),
        pytest.param(one("{milestone: a}"), id="a circle of one"),
        pytest.param(chain(2_000, ONCE), id="scores in scores"),
        pytest.param(chain(60, TWICE), id="scores that double"),
        pytest.param(SEGMENTS, id="segments that double"),
        pytest.param(LONG_OFTEN, id="a long segment often"),
        pytest.param(
            f"{HEAD}scores: {{a: {{of: user, components: {{"
            + ", ".join(f"c{i}: {{points: 1, event: A, count: 3}}" for i in range(3_000))
            + "}}}",
            id="components without end",
        ),
        pytest.param(
            one("{event: A}") + "journeys: {way: {of: user, steps: [" + "a, " * 20_000 + "]}}",
            id="the same step without end",
        ),
        pytest.param(
            one("{event: A}")
            + "tests:\n"
            + "".join(
                f" - {{name: t{i}, given: [{MANY}], then: {{u: [a]}}}}\n" for i in range(100)
            ),
            id="a million events",
        ),
    ],
)
def test_text_made_to_exhaust_is_refused(text: str) -> None:
    assert not accepted(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "condition",
    [
        pytest.param("{event: " + "a" * 400_000 + "}", id="a name"),
        pytest.param("{event: A, where: {properties.x: " + "a" * 400_000 + "}}", id="a value"),
        pytest.param("{trait: " + "a" * 400_000 + ", is: x}", id="a trait"),
        pytest.param("{any: [" + "{event: A}, " * 10_000 + "]}", id="conditions"),
        pytest.param(
            "{event: [" + ", ".join(f'a{i}, "a{i}*"' for i in range(10_000)) + "]}", id="names"
        ),
        pytest.param(
            "{event: A, where: {properties.x: {in: [" + "1, " * 40_000 + "]}}}", id="values"
        ),
    ],
)
def test_what_is_long_but_right_is_read_and_its_words_are_short(condition: str) -> None:
    definitions = examine_text(one(condition), "any").definitions
    assert definitions is not None
    assert len(describe(definitions.milestones["a"].when)) <= 1000
    assert len(fingerprints(definitions)["a"]) == 16


def test_as_many_milestones_as_fit_are_read() -> None:
    lines = "".join(f" m{i}: {{of: user, when: {{event: A{i}}}}}\n" for i in range(6_000))
    definitions = examine_text(HEAD + lines, "any").definitions
    assert definitions is not None
    assert len(definitions.milestones) == 6_000
