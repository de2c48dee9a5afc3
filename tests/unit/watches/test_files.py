"""Watches as files: what their headers say, and that each has all it should."""

import re
from pathlib import Path

import pytest

from streams.definitions import loads
from streams.errors import MilepostError
from streams.watches import Watch, read_watches
from streams.watches.files import DECISIONS
from streams.watches.terms import terms

ROOT = Path(__file__).resolve().parents[3]
HEADER = """-- help: How many there are.
-- unit: number
-- labels: lead, team
-- sample: leads
-- period: 2w
"""
QUERY = "SELECT 1.0 AS value, 2 AS sample_size FROM leads WHERE lead IN {leads:Array(String)}\n"


def written(folder: Path, text: str) -> Path:
    (folder / "how_many.sql").write_text(text)
    return folder


def test_a_file_is_a_watch_by_its_name_and_its_header(tmp_path: Path) -> None:
    [watch] = read_watches(written(tmp_path, HEADER + QUERY))
    assert (watch.name, watch.help, watch.unit) == ("how_many", "How many there are.", "number")
    assert (watch.labels, watch.sample) == (("lead", "team"), "leads")
    assert watch.period == 14 * 86_400_000
    assert watch.parameters == {"since", "until", "leads"}
    assert watch.sql.endswith(QUERY)


def test_a_file_may_have_one_answer_and_build_on_parts(tmp_path: Path) -> None:
    header = HEADER.replace("-- labels: lead, team\n", "-- with: lead_terms, seen\n")
    [watch] = read_watches(written(tmp_path, header + QUERY))
    assert watch.labels == ()
    assert re.findall(r"^(\w+) AS\n\(", watch.sql, re.MULTILINE) == ["lead_terms", "seen"]
    assert watch.parameters > {"goals", "matures", "parities", "kinds"}


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("-- help: How many there are.\n", ""),
        ("-- unit: number", "-- unit: percent"),
        ("-- sample: leads\n", ""),
        ("-- period: 2w", "-- period: two weeks"),
        ("-- labels:", "-- lables:"),
    ],
)
def test_a_wrong_header_is_said_with_what_there_should_be(
    tmp_path: Path, line: str, instead: str
) -> None:
    folder = written(tmp_path, HEADER.replace(line, instead) + QUERY)
    with pytest.raises(MilepostError, match=r"how_many\.sql: its header has help, unit, sample"):
        read_watches(folder)


WATCHES = read_watches(DECISIONS)


@pytest.mark.parametrize("watch", WATCHES, ids=lambda watch: watch.name)
def test_every_watch_is_a_metric_and_has_its_line_in_the_documentation(watch: Watch) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", watch.name)
    assert not watch.name.endswith(("_total", "_count", "_sample_size"))
    assert watch.help.endswith(".")
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"\n| `{watch.name}` | " in page.partition("\n## Watches\n")[2]


@pytest.mark.parametrize("watch", WATCHES, ids=lambda watch: watch.name)
def test_every_watch_asks_for_what_it_is_told(watch: Watch) -> None:
    assert watch.parameters <= {"since", "until", *terms(loads("version: 1\nmilestones: {}\n"))}


def test_a_score_is_named_by_leads_at_any_depth_and_through_milestones() -> None:
    scores = "\n".join(
        f"  {name}: {{of: account, components: {{a: {{points: 9, when: {{event: A}}}}}}}}"
        for name in ("direct", "nested", "through", "twice", "unused")
    )
    definitions = loads(
        f"""version: 1
scores:
{scores}
milestones:
  inner: {{of: account, when: {{score: twice, is: ">= 1"}}}}
  outer: {{of: account, when: {{any: [{{score: through, is: ">= 1"}}, {{milestone: inner}}]}}}}
leads:
  one: {{of: account, when: {{all: [{{score: direct, is: ">= 1"}}, {{milestone: outer}}]}}}}
  two: {{of: account, when: {{not: {{score: nested, is: ">= 1"}}}}, matures: 2w}}
  none: {{of: account, when: {{event: A}}, parity: country}}
  hidden: {{of: account, shadow: true, when: {{score: unused, is: ">= 1"}}}}
"""
    )
    told = terms(definitions)
    pairs = list(zip(told["scores"], told["scored_leads"], strict=True))
    assert pairs == [("direct", "one"), ("through", "one"), ("twice", "one"), ("nested", "two")]
    assert told["leads"] == ["one", "two", "none"]
    assert told["matures"] == [30 * 86_400_000, 14 * 86_400_000, 30 * 86_400_000]
    assert (told["goals"], told["parities"]) == (["", "", ""], ["", "", "country"])
    assert told["kinds"] == ["account"] * 3
