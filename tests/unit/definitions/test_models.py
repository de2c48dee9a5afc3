"""Model files: what they mean, where they lie, and that nothing in one can do harm."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from schemas.qualifications import ModelVersion
from streams.definitions import examine, fingerprints, load, loads, model_schema
from streams.definitions.model import (
    Comparison,
    Component,
    EventCondition,
    Measure,
    Scaling,
    Score,
    Share,
)
from streams.definitions.ranges import Range, logistic, range_of
from streams.errors import DefinitionsError

ROOT = Path(__file__).resolve().parents[3]
BROKEN = Path(__file__).parent / "broken" / "models"
GALLERY = ROOT / "deploy" / "definitions" / "gallery" / "models" / "trial_conversion.json"

validator = Draft7Validator(model_schema())

MODEL: dict[str, Any] = {
    "format": 1,
    "kind": "logistic",
    "name": "conversion",
    "version": "2026-11",
    "of": "account",
    "features": {
        "invites": {"event": "Invite Sent", "count": 10},
        "logins": {"event": "Logged In", "days": 5},
    },
    "scaling": {"invites": {"mean": 0.5, "scale": 0.25}},
    "coefficients": {"invites": 2, "logins": -1},
    "intercept": -3.1,
}
TEXT = """
version: 1
scores: {s: {of: account, model: models/m.json}}
milestones: {m: {of: account, when: {score: s, is: ">= 50"}}}
"""


def definitions(folder: Path, text: str | None = None, **changed: Any) -> Path:
    """A definitions file beside a model; ``None`` takes a field away."""
    (folder / "models").mkdir(exist_ok=True)
    model = {name: value for name, value in {**MODEL, **changed}.items() if value is not None}
    (folder / "models" / "m.json").write_text(json.dumps(model) if text is None else text)
    path = folder / "product.yml"
    path.write_text(TEXT)
    return path


def test_a_score_of_a_model_has_its_features_and_its_intercept(tmp_path: Path) -> None:
    def share(event: str, kind: Any, full: int) -> Share:
        return Share(EventCondition((event,), None, Measure(kind, Comparison(">=", full))))

    features = (
        Component("invites", 2, share("Invite Sent", "count", 10), Scaling(0.5, 0.25)),
        Component("logins", -1, share("Logged In", "days", 5)),
    )
    found = load(definitions(tmp_path)).scores["s"]
    version = ModelVersion("conversion", "2026-11")
    assert found == Score("s", "account", features, -3.1, model=version)


def test_its_range_is_that_of_what_is_scaled(tmp_path: Path) -> None:
    score = load(definitions(tmp_path)).scores["s"]
    assert range_of(score) == Range(logistic(-3.1 - 4 - 1), logistic(-3.1 + 4))


def test_veto_force_and_title_stand_beside_a_model(tmp_path: Path) -> None:
    path = definitions(tmp_path)
    path.write_text(
        "version: 1\nscores:\n  s: {of: account, title: T, model: models/m.json, "
        "veto: {event: A}, force: {event: B}}\n"
        "milestones: {m: {of: account, when: {event: A}}}\n"
    )
    score = load(path).scores["s"]
    assert score.title == "T"
    assert score.veto is not None
    assert score.force is not None


def test_of_text_the_model_lies_below_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions(tmp_path, intercept="low")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DefinitionsError, match=r"^models/m\.json:1:\d+: `intercept` must be a num"):
        loads(TEXT)


def meaning(folder: Path, **changed: Any) -> str:
    return fingerprints(load(definitions(folder, **changed)))["m"]


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "2026-12"},
        {"name": "another"},
        {"metrics": {"auc": 0.9}},
        {"trained": {"from": "2026-01-01", "examples": 3}},
        {"$schema": "model.v1.schema.json"},
        {"features": dict(reversed(MODEL["features"].items()))},
        {"scaling": {**MODEL["scaling"], "logins": {"mean": 0, "scale": 1}}},
        {"coefficients": {"invites": 2.0, "logins": -1.0}},
    ],
    ids=str,
)
def test_what_is_said_of_a_model_is_no_part_of_its_meaning(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    assert meaning(tmp_path, **changed) == meaning(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"intercept": -3},
        {"coefficients": {"invites": 2, "logins": -1.5}},
        {"scaling": None},
        {"scaling": {"invites": {"mean": 0.5, "scale": 0.2}}},
        {"scaling": {"invites": {"mean": 0.4, "scale": 0.25}}},
        {"features": {**MODEL["features"], "logins": {"event": "Logged In", "days": 6}}},
    ],
    ids=str,
)
def test_what_a_model_computes_is_its_meaning(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert meaning(tmp_path, **changed) != meaning(tmp_path)


def test_a_model_may_be_on_one_line_and_have_any_amount_of_space(tmp_path: Path) -> None:
    dense = json.dumps(MODEL, separators=(",", ":"))
    airy = json.dumps(MODEL, indent=8)
    assert load(definitions(tmp_path, dense)).scores == load(definitions(tmp_path, airy)).scores


def test_characters_may_be_written_as_json_writes_them(tmp_path: Path) -> None:
    name = 'Größe / "\\ 😀\t'
    features = {"invites": {"event": name, "count": 10}, "logins": {"event": name, "days": 5}}
    escaped = json.dumps({**MODEL, "features": features}, ensure_ascii=True).replace("/", "\\/")
    plain = json.dumps({**MODEL, "features": features}, ensure_ascii=False)
    found = [load(definitions(tmp_path, text)).scores["s"] for text in (escaped, plain)]
    assert found[0] == found[1]
    assert {event for one in found[0].components for event in measured(one)} == {name}


def measured(component: Component) -> tuple[str, ...]:
    assert isinstance(component.signal, Share)
    return component.signal.measured.events


@pytest.mark.parametrize(
    "text",
    [
        " " * (512 * 1024 + 1),
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"features":' + "[1," * 30_000 + "1" + "]" * 30_000 + "}",
        "[" + "1," * 60_000 + "1]",
        json.dumps({**MODEL, "features": {f"f{number}": {"when": {}} for number in range(5_000)}}),
        json.dumps({**MODEL, "intercept": 10**400}),
        json.dumps({**MODEL, "intercept": -2.5}).replace("-2.5", "9" * 5_000),
        json.dumps({**MODEL, "coefficients": {"invites": float("nan"), "logins": float("inf")}}),
        json.dumps({**MODEL, "version": "x" * 10_000}),
        json.dumps({**MODEL, "name": "\ud800"}),
        json.dumps({**MODEL, "name": "a\0b"}),
        "\0", "%YAML 9.9", "--- ---", "!!python/object:os.system {}", "&a [*a]", "nan",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_place_and_soon(tmp_path: Path, text: str) -> None:
    path, began = definitions(tmp_path, text), time.monotonic()
    problems = examine(path).problems
    assert problems
    assert all(str(one).isprintable() for one in problems)
    assert all(one.file.endswith(("models/m.json", "product.yml")) for one in problems)
    assert time.monotonic() - began < 20


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["invites", "mean", "scale", "event", "when", "from", "recency", "count"]),
        inner, max_size=3,
    ),
    max_leaves=10,
)  # fmt: skip


@given(st.sampled_from([*MODEL, "trained", "metrics"]), values)
def test_any_value_for_a_field_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, field: str, value: object
) -> None:
    path = definitions(tmp_path_factory.mktemp("any"), json.dumps({**MODEL, field: value}))
    outcome = examine(path)
    assert (outcome.definitions is None) == any(one.severity == "error" for one in outcome.problems)


def test_an_event_that_is_spelled_otherwise_in_the_definitions_is_named_with_their_file(
    tmp_path: Path,
) -> None:
    path = definitions(tmp_path)
    path.write_text(
        TEXT.replace("milestones: {", "milestones: {n: {of: account, when: {event: logged in}}, ")
    )
    [problem] = examine(path).problems
    assert (problem.file, problem.line, problem.severity) == (str(path), 4, "warning")
    assert problem.message.startswith(
        f"`logged in` is written `Logged In` in {tmp_path}/models/m.json: names of events"
    )


def test_at_most_twenty_scores_have_a_model(tmp_path: Path) -> None:
    path = definitions(tmp_path)
    scores = "".join(f"  s{n}: {{of: account, model: models/m.json}}\n" for n in range(21))
    path.write_text(f"version: 1\nscores:\n{scores}")
    with pytest.raises(DefinitionsError, match="at most 20 scores have a model"):
        load(path)


def test_its_schema_is_valid_and_holds_of_the_shipped_model() -> None:
    Draft7Validator.check_schema(model_schema())
    assert list(validator.iter_errors(json.loads(GALLERY.read_text()))) == []


@pytest.mark.parametrize("name", ["wrong", "lacking", "another", "numbers"])
def test_editors_underline_what_is_refused(name: str) -> None:
    assert not validator.is_valid(json.loads((BROKEN / f"{name}.json").read_text()))
