"""Whatever the text, it is definitions or it is refused: nothing else, and in bounded time."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.definitions import cases, funnels
from streams.definitions.conditions import FORMS, LATER
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.filters import OPERATORS
from streams.definitions.loading import examine_text
from streams.definitions.sections import LATER_SECTIONS, SECTIONS

WORDS = sorted({
    *FORMS, *LATER, *MEASURES, *OPERATORS, *SECTIONS, *LATER_SECTIONS, *funnels.FIELDS,
    *cases.FIELDS, *cases.GIVEN_FIELDS, "when", "where", "strict", "unordered",
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
    for section in ("settings", "milestones", "journeys"):
        accepted(f"version: 1\n{section}: {flow(tree)}\n")


@bounded
@given(trees)
def test_any_value_for_a_condition_is_definitions_or_refused(tree: object) -> None:
    accepted(f"version: 1\nmilestones:\n  a: {{of: user, when: {flow(tree)}}}\n")
    accepted(
        f"version: 1\nmilestones:\n  a: {{of: user, when: {{event: A, where: {flow(tree)}}}}}\n"
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
    ],
)
def test_text_made_to_exhaust_is_refused(text: str) -> None:
    assert not accepted(text)
