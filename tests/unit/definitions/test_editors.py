"""The JSON Schema for editors: published as it is, and of one mind with the loader."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from streams.definitions import check, examine, examine_tests, json_schema, load, subject_of
from streams.definitions.document import Mapping, Node, Scalar, read_document
from streams.definitions.document import Sequence as List

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "schemas" / "published" / "definitions.v1.schema.json"
EXAMPLES = sorted((ROOT / "deploy" / "definitions").rglob("*.yml"))
BROKEN = Path(__file__).parent / "broken"

validator = Draft7Validator(json_schema())


def plain(node: Node | None) -> Any:
    match node:
        case Mapping(entries=entries):
            return {name: plain(value) for name, value in entries.items()}
        case List(items=items):
            return [plain(item) for item in items]
        case Scalar(value=value):
            return value
    return None


def test_the_published_schema_is_the_one_of_the_code() -> None:
    """To publish a change: ``milepost check --schema > FILE``."""
    assert json.loads(PUBLISHED.read_text()) == json_schema()


def test_it_is_a_valid_schema() -> None:
    Draft7Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_valid_without_a_warning(path: Path) -> None:
    assert list(validator.iter_errors(plain(read_document(path.read_text()).root))) == []
    beside = subject_of(path)
    if beside is None:
        assert check(path) == []
        assert load(path).milestones
    else:
        outcome = examine_tests(path, examine(beside))
        assert outcome.problems == ()
        assert outcome.definitions
        assert outcome.definitions.tests


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_lead_editors_to_the_schema(path: Path) -> None:
    sign, _, reference = path.read_text().splitlines()[0].partition("$schema=")
    assert sign == "# yaml-language-server: "
    assert (path.parent / reference).resolve() == PUBLISHED


@pytest.mark.parametrize(
    "name",
    [
        "structure",
        "conditions",
        "forms",
        "comparisons",
        "windows",
        "filters",
        "again",
        "funnels",
        "segments",
        "scores",
        "named",
        "leads",
        "abuse",
        "roles",
        "baselines",
        "against",
    ],
)
def test_editors_underline_what_the_loader_refuses(name: str) -> None:
    """Each entry of the file is wrong by itself, and the schema sees nearly all of them."""
    root = plain(read_document((BROKEN / f"{name}.yml").read_text()).root)
    own = ("funnels", "segments", "scores", "leads", "abuse", "roles", "baselines")
    section = name if name in own else "scores" if name == "against" else "milestones"
    unseen = [
        entry
        for entry, body in root[section].items()
        if validator.is_valid({"version": 1, section: {entry: body}})
    ]
    assert set(unseen) <= NEEDS_MILEPOST_CHECK


NEEDS_MILEPOST_CHECK = {
    " padded", "twice", "right", "fake", "bots", "cap", "milestone", "score", "unless",
    "users_of_user", "two_measures",
    "goal_unknown", "goal_kind", "matures_none",
    "too_large", "too_large_for_a_float", "too_many", "always", "negative",
    "less_than_none", "half", "not_half", "users",
    "zero", "eternal", "astronomic", "both", "backwards", "empty", "no_such_day",
    "infinite", "not_a_number", "before_words", "between_turned", "between_mixed",
    "large_number", "endless_number",
    "look_ahead", "open_bracket", "back_reference", "explosive",
    "after_forever", "sequence_for_inside", "sequence_no_last", "sequence_no_twice",
    "sequence_not_once", "sequence_often", "regularly_anyway", "regularly_decades",
    "regularly_impossible", "regularly_never", "trend_of_two", "trend_of_users",
    "active", "nothing", "sooner", "windowed",
    "never", "excludes_beyond", "excludes_backwards", "no_order",
    "scored", "itself", "too_early", "misspelled", "names_users", "last", "fit", "free",
    "aha", "full_users", "recent_when", "names_a_wrong_one",
    "users_of_milestone", "unknown_milestone", "endless_points", "two_windows",
    "score_misspelled", "score_of_users", "until_up", "until_down", "until_both", "until_touches",
    "segment_misspelled", "segment_of_users", "names_a_wrong_segment", "behind_a_wrong_segment",
    "pqa", "pays", "of_lead", "user_score", "user_milestone", "account_milestone",
    "of_users", "usage", "part_days", "often", "rules", "user_rules", "unknown", "windowless",
    "fixed", "unknown_score", "of_other", "one", "two", "three", "four", "five", "six", "of_path",
    "contacts_unknown", "contacts_account", "score_unknown", "score_account", "score_wrong",
    "activated", "pql", "expansion",
}  # fmt: skip
"""What takes arithmetic, a calendar, RE2, or a look at two fields at once."""
