"""The page on definitions: its examples load, its tables are the registry's."""

import re
from pathlib import Path

import pytest

from streams.definitions import loads
from streams.definitions.conditions import FORMS
from streams.definitions.conditions.measures import MEASURES
from streams.definitions.filters import OPERATORS
from streams.errors import DefinitionsError

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "definitions.md").read_text()
BLOCKS = re.findall(r"^```(yaml[^\n]*|text)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
EXAMPLES = [body for kind, body in BLOCKS if kind == "yaml"]


def whole(example: str) -> str:
    """An example that shows ``when:`` alone, as a file."""
    if example.startswith("version:"):
        return example
    body = "".join(f"    {line}\n" for line in example.splitlines())
    return f"version: 1\nmilestones:\n  example:\n    of: account\n{body}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[-1][:40])
def test_every_example_loads(example: str) -> None:
    definitions = loads(whole(example))
    assert definitions.milestones or definitions.funnels


def test_the_broken_example_says_what_the_page_shows() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    position = kinds.index("yaml broken")
    with pytest.raises(DefinitionsError) as raised:
        loads(BLOCKS[position][1], "product.yml")
    assert kinds[position + 1] == "text"
    assert BLOCKS[position + 1][1] == f"{raised.value}\n"


@pytest.mark.parametrize(
    "lines",
    [
        [form.documentation() for form in FORMS.values()],
        [measure.documentation() for measure in MEASURES.values()],
        [operator.documentation(name) for name, operator in OPERATORS.items()],
    ],
    ids=["forms", "measures", "operators"],
)
def test_the_tables_are_those_of_the_registry(lines: list[str]) -> None:
    assert "\n| --- | --- |\n" + "\n".join(lines) + "\n\n" in PAGE


def test_links_inside_the_page_lead_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_links_to_files_lead_somewhere() -> None:
    for target in re.findall(r"\]\((\.\./[^)]+)\)", PAGE):
        assert (Path(__file__).resolve().parents[3] / "docs" / target).resolve().is_file()
