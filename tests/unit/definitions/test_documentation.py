"""The pages on definitions: examples do what they say, tables are the registry's.

An example without ``tests:`` of its own has them in ``examples/NAME_test.yml``, where NAME stands
behind ```` ```yaml ````. ``console`` blocks name the examples that are ``product.yml`` and
``product_test.yml`` in their folder.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import pytest

from streams.definitions import Outcome, examine, examine_tests, loads
from streams.definitions.conditions import FORMS, form_of
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.filters import OPERATORS
from streams.definitions.model import (
    Case,
    Compare,
    Condition,
    Definitions,
    Measure,
    Score,
    ScoreCondition,
    Signal,
    TraitCondition,
    TrendCondition,
)
from streams.definitions.roles import ATTRIBUTES, ROLES
from streams.definitions.scores import FIELDS as SCORE_FIELDS
from streams.definitions.sections import MILESTONE_FIELDS
from streams.definitions.signals import SIGNALS, signal_form
from streams.engine import Engine
from streams.engine.manifest import manifest_of, succeed
from streams.errors import DefinitionsError
from streams.testing import run_tests
from tests.services.commands import milepost

DOCS = Path(__file__).resolve().parents[3] / "docs"
EXAMPLES = Path(__file__).with_name("examples")
PAGES = {name: (DOCS / f"{name}.md").read_text() for name in ("definitions", "meaning", "gallery")}
PAGE = PAGES["definitions"]
FENCE = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.M | re.S)
NOT_LOADED = ("broken", "tests_failing", "routing")


class Block(NamedTuple):
    language: str
    names: tuple[str, ...]
    text: str


BLOCKS = [Block(kind, tuple(names.split()), text) for kind, names, text in FENCE.findall(PAGE)]


def named(language: str, name: str) -> str:
    (found,) = (one.text for one in BLOCKS if one.language == language and name in one.names[:1])
    return found


NAMES = [
    one.names[0] for one in BLOCKS if one.language == "yaml" and one.names[0] not in NOT_LOADED
]
CONSOLES = [one for one in BLOCKS if one.language == "console"]


def whole(name: str) -> str:
    """An example that shows milestones alone, as a file."""
    text = named("yaml", name)
    if text.startswith("version:"):
        return text
    return "version: 1\nmilestones:\n" + indent(text, "  ")


def examined(name: str, folder: Path) -> Outcome:
    """An example, beside the model that stands below it on the page, if it has one."""
    path = folder / f"{name}.yml"
    path.write_text(whole(name))
    for model in [one.text for one in BLOCKS if one.language == "json" and name in one.names]:
        (folder / "models").mkdir(exist_ok=True)
        (folder / "models" / "conversion.json").write_text(model)
    return examine(path)


def tried(name: str, folder: Path) -> tuple[Definitions, tuple[Case, ...]]:
    """An example and its tests; it must have some, where it has milestones."""
    outcome = examined(name, folder)
    assert outcome.problems == ()
    assert outcome.definitions
    cases = outcome.definitions.tests
    beside = EXAMPLES / f"{name}_test.yml"
    if beside.exists():
        found = examine_tests(Path(shutil.copy(beside, folder)), outcome)
        assert found.problems == ()
        assert found.definitions
        cases += found.definitions.tests
    return outcome.definitions, cases


@pytest.mark.parametrize("name", NAMES)
def test_every_example_does_what_its_tests_say(name: str, tmp_path: Path) -> None:
    definitions, cases = tried(name, tmp_path)
    failed = [one for one in run_tests(definitions, cases) if one.failures]
    assert [(one.case.name, one.failures[0].lines()) for one in failed] == []
    expected = [one for case in cases for check in case.checks for one in check.expected]
    reached = {milestone for one in expected for milestone in one.reached or ()}
    assert reached == set(definitions.milestones), "a test says when each of them is reached"


def test_examples_have_one_name_each_and_tests_an_example() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert {path.stem.removesuffix("_test") for path in EXAMPLES.glob("*_test.yml")} <= set(NAMES)


def within(thing: Any) -> Iterator[Any]:
    """It, and everything inside it."""
    yield thing
    if is_dataclass(thing):
        for field in fields(thing):
            yield from within(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from within(one)


def used(things: list[Any], names: tuple[str, ...]) -> set[str]:
    """The fields that at least one of them has."""
    return {name for one in things for name in names if getattr(one, name) not in (None, False)}


def test_every_form_measure_operator_and_field_stands_in_an_example(tmp_path: Path) -> None:
    files = [examined(name, tmp_path).definitions for name in NAMES]
    milestones = [one for file in files if file for one in file.milestones.values()]
    parts = [part for one in milestones for part in within(one)]
    forms = {form_of(part).name for part in parts if isinstance(part, Condition)}
    kinds = {part.kind for part in parts if isinstance(part, Measure | TrendCondition)}
    operators = {part.operator for part in parts if isinstance(part, Compare)}
    traits = [part for part in parts if isinstance(part, TraitCondition)]
    assert forms == set(FORMS)
    assert kinds == set(MEASURES)
    assert operators == set(OPERATORS)
    assert {one.has.operator for one in traits} > {"eq"}, "also with an operator"
    assert {signal_form(part) for part in parts if isinstance(part, Signal)} == set(SIGNALS)
    assert used(milestones, MILESTONE_FIELDS) == set(MILESTONE_FIELDS)
    scores = [part for part in parts if isinstance(part, Score)]
    assert used(scores, SCORE_FIELDS) == set(SCORE_FIELDS)
    assert any(part.until for part in parts if isinstance(part, ScoreCondition))


@pytest.mark.parametrize("block", CONSOLES, ids=lambda block: block.text.splitlines()[0][2:40])
def test_commands_print_what_is_shown(block: Block, tmp_path: Path) -> None:
    for name, file in zip(block.names, ("product.yml", "product_test.yml"), strict=False):
        (tmp_path / file).write_text(named("yaml", name))
    shutil.copy(EXAMPLES / "events.jsonl", tmp_path)
    command, _, shown = block.text.removeprefix("$ milepost ").partition("\n")
    ran = milepost(*shlex.split(command), cwd=tmp_path, env={"COLUMNS": "100"})
    said = re.sub(r"\d+\.\d\d s$", "0.00 s", ran.stdout or ran.stderr, flags=re.M)
    said = "".join(f"{line.rstrip()}\n" for line in said.splitlines())
    assert said == shown, ran.stderr


def test_the_broken_example_says_what_the_page_shows() -> None:
    with pytest.raises(DefinitionsError) as raised:
        loads(named("yaml", "broken"), "product.yml")
    assert f"{raised.value}\n" == named("text", "broken")


def test_the_log_says_of_the_edited_file_what_the_page_shows() -> None:
    before, after = (Engine(loads(named("yaml", name))) for name in ("first_file", "edited"))
    _, edits = succeed(manifest_of(before), after, now=0)
    assert "".join(f"{edit}\n" for edit in edits) == named("text", "edited")


@pytest.mark.parametrize(
    "lines",
    [
        [form.documentation() for form in FORMS.values()],
        [measure.documentation() for measure in MEASURES.values()],
        [operator.documentation(name) for name, operator in OPERATORS.items()],
        [signal.documentation() for signal in SIGNALS],
    ],
    ids=["forms", "measures", "operators", "signals"],
)
def test_the_tables_are_those_of_the_registry(lines: list[str]) -> None:
    assert "\n| --- | --- |\n" + "\n".join(lines) + "\n\n" in PAGE


def test_the_tables_of_roles_are_those_of_the_registry() -> None:
    roles = [kind.documentation(name) for name, kind in ROLES.items()]
    attributes = [
        f"| `{name}` | {each.meaning} | {each.kind} | `{each.column}` |"
        for name, each in ATTRIBUTES.items()
    ]
    for lines in (roles, attributes):
        assert "\n| --- | --- | --- | --- |\n" + "\n".join(lines) + "\n\n" in PAGE


def anchors(page: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", FENCE.sub("", PAGES[page])):
        file, _, anchor = link.partition("#")
        target = (DOCS / file).resolve() if file else DOCS / f"{page}.md"
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link
