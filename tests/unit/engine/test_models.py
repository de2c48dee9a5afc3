"""Models as a worker judges them: a spreadsheet's numbers, all features told, rising by time."""

import json
from math import ceil, log, log2
from pathlib import Path
from typing import Any

import pytest

from schemas.encoding import as_json
from schemas.parameters import parameter_set
from schemas.qualifications import ModelVersion
from tests.unit.engine.worker import DAY, HOUR, START, Worker

MODEL: dict[str, Any] = {
    "format": 1,
    "kind": "logistic",
    "name": "conversion",
    "version": "2026-11",
    "of": "account",
    "features": {
        "invites": {"event": "Invite Sent", "count": 10, "within": "30d"},
        "onboarded": {"when": {"event": "Onboarding Finished"}},
        "last_seen": {"event": "*", "recency": {"half_life": "7d"}},
        "unused": {"event": "Exported", "count": 1},
    },
    "scaling": {"invites": {"mean": 0.31, "scale": 0.22}},
    "coefficients": {"invites": 1.7, "onboarded": 0.9, "last_seen": 0.4, "unused": 0},
    "intercept": -3.1,
}
COMPLAINTS: dict[str, Any] = {
    **MODEL,
    "features": {"complained": {"event": "Complained", "recency": {"half_life": "1d"}}},
    "scaling": {},
    "coefficients": {"complained": -3},
    "intercept": 1,
}
LIVE = '{of: account, live: true, when: {score: s, is: ">= %s"}}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conversion.json").write_text(json.dumps(MODEL))
    (tmp_path / "complaints.json").write_text(json.dumps(COMPLAINTS))
    monkeypatch.chdir(tmp_path)


def worker(*milestones: str, model: str = "conversion") -> Worker:
    return Worker(*milestones, score=f"of: account, model: {model}.json")


def test_a_model_gives_what_a_spreadsheet_gives_with_every_feature_that_it_has() -> None:
    """A feature without any signal is below its mean, and so takes off."""
    told = worker("{of: account, when: {all: [{score: s, is: '>= 0'}, {event: Asked}]}}")
    for _ in range(4):
        told.send(0, name="Invite Sent")
    told.send(0, name="Onboarding Finished")
    told.send(7 * DAY - 1, name="Asked", account_id="bolt")
    told.send(7 * DAY, name="Asked")
    acme, bolt = told.outputs[1], told.outputs[0]
    assert (acme.account_id, bolt.account_id) == ("acme", "bolt")
    # (0.4 - 0.31) / 0.22 · 1.7 = 0.695455 of invites; the event at hand is the last that was seen.
    #   -3.1 + 0.695455 + 0.9 + 0.4 = -1.104545, and 100 / (1 + e^1.104545) = 24.888918
    assert acme.score == pytest.approx(24.888918, abs=1e-6)
    assert [(one.component, one.points, one.signal) for one in acme.contributions] == [
        ("onboarded", 0.9, 1.0),
        ("invites", pytest.approx(0.695454545), 0.4),
        ("last_seen", 0.4, 1.0),
        ("unused", 0.0, 0.0),
    ]
    assert [(one.component, one.points, one.signal) for one in bolt.contributions] == [
        ("invites", pytest.approx(-2.395454545), 0.0),
        ("last_seen", 0.4, 1.0),
        ("onboarded", 0.0, 0.0),
        ("unused", 0.0, 0.0),
    ]


def test_a_model_falls_back_to_what_is_written_by_hand_which_is_then_told() -> None:
    """Of the model every feature is told, of what stands in for it what has a signal."""
    told = Worker(
        "{of: account, when: {all: [{score: s, is: '>= 0'}, {event: Asked}]}, live: true}",
        "{of: account, live: true, when: {all: [{score: s, is: '>= 70'}, {event: Asked}]}}",
        score="of: account, model: conversion.json, fallback: {score: rules, above: 0.2}",
        before="rules: {of: account, components: {invited: {points: 90, event: Invite Sent, "
        "count: 2}, unused: {points: 9, event: Exported, count: 1}}}",
    )
    told.send(0, name="Invite Sent")
    told.send(HOUR, name="Asked")
    [by_model] = told.outputs
    assert (by_model.model, by_model.fell_back_to) == (ModelVersion("conversion", "2026-11"), None)
    assert [one.component for one in by_model.contributions] == [
        "invites", "last_seen", "onboarded", "unused",
    ]  # fmt: skip
    told.send_raw(json.dumps(parameter_set("fallback:s", 1, START + 2 * HOUR)).encode())
    told.send(3 * HOUR, name="Invite Sent")
    [_, entered] = told.outputs
    assert (entered.milestone, entered.occurred_at - START) == ("m1", 3 * HOUR)
    assert (entered.score, entered.model, entered.fell_back_to) == (90, None, "rules")
    assert [(one.component, one.points) for one in entered.contributions] == [("invited", 90)]
    assert "model" not in as_json(entered)
    told.send_raw(json.dumps(parameter_set("fallback:s", 0, START + 4 * HOUR)).encode())
    told.send(5 * HOUR, name="Other")
    [_, _, exited] = told.outputs
    assert (exited.type, exited.occurred_at - START) == ("milestone.exited", 4 * HOUR)
    assert (exited.model, exited.fell_back_to) == (ModelVersion("conversion", "2026-11"), None)


def test_what_is_told_names_the_model() -> None:
    scored, plain = LIVE % 0, "{of: account, when: {event: Asked}}"
    told = worker(scored, plain)
    told.send(0, name="Asked")
    by_name = {one.milestone: one for one in told.outputs}
    assert by_name["m0"].model == ModelVersion("conversion", "2026-11")
    assert as_json(by_name["m0"])["model"] == {"name": "conversion", "version": "2026-11"}
    assert by_name["m1"].model is None
    assert "model" not in as_json(by_name["m1"])


@pytest.mark.parametrize("milestone", [LIVE % 60, (LIVE % 60).replace("live: true, ", "")])
def test_where_what_fades_takes_off_time_alone_raises_the_score(milestone: str) -> None:
    told = worker(milestone, model="complaints")
    told.send(0, name="Complained")
    told.send(9 * DAY, name="Other")
    # 1 - 3 · 2^-d = ln(60 / 40), d in days
    after = log2(3 / (1 - log(60 / 40))) * DAY
    assert told.times == [("m0", ceil(after))]


def test_a_score_that_rises_by_time_is_left_with_the_next_complaint_and_comes_back() -> None:
    told = worker(LIVE.replace("}}", ', until: "< 40"}}') % 60, model="complaints")
    told.send(0, name="Complained")
    told.send(4 * DAY, name="Complained")
    told.send(9 * DAY, name="Other")
    after = ceil(log2(3 / (1 - log(60 / 40))) * DAY)
    assert told.times == [("m0", after), ("m0", 4 * DAY), ("m0", 4 * DAY + after)]


def test_a_complaint_that_comes_late_refutes_what_is_reached_once() -> None:
    told = worker("{of: account, when: {score: s, is: '>= 60'}}", model="complaints")
    told.send(10 * HOUR, name="Other")
    told.send(10 * HOUR - 1, name="Complained")
    told.send(20 * HOUR, name="Other")
    assert told.times == []
