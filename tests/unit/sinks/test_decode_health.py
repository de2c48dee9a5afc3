"""Rows from what the worker publishes of health, and the reasons for refusing what it does not."""

from dataclasses import replace

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.qualifications import Contribution, HealthChange, ModelVersion, Qualification
from schemas.rows import HealthRow
from streams.errors import Rejected
from streams.sinks.decode import qualification_rows

CHANGED = Qualification(
    "q1", "health.changed", "usage", "acme", None, 3, 10_000, 10_001, "h", None, False, None, (),
    71.5, (Contribution("action", 80, 1.0),), "enterprise",
    health=HealthChange("red", "yellow", "onboarded"),
    model=ModelVersion("conversion", "2026-11"), fell_back_to="conversion",
)  # fmt: skip


def changed(**fields: object) -> bytes:
    return orjson.dumps({**as_json(CHANGED), **fields})


def test_a_change_becomes_one_row() -> None:
    assert qualification_rows(changed()) == [
        HealthRow(
            "usage", "acme", "", "h", 3, "q1", 10_000, 10_001, "", False, "[]", "red", "yellow",
            "onboarded", 71.5, (("action", 80.0, 1.0),), "enterprise", "conversion", "2026-11",
            "conversion",
        )
    ]  # fmt: skip


def test_what_a_change_does_not_have_its_columns_have_not() -> None:
    bare = replace(
        CHANGED, score=None, segment=None, model=None, fell_back_to=None,
        health=HealthChange("green", "red", None),
    )  # fmt: skip
    [row] = qualification_rows(orjson.dumps(as_json(bare)))
    assert row[11:] == ("green", "red", "", None, (), "", "", "", "")


@pytest.mark.parametrize(
    ("value", "reason", "path"),
    [
        (
            orjson.dumps(as_json(replace(CHANGED, health=None))),
            Reason.MISSING_FIELD,
            "health",
        ),
        (changed(health=None), Reason.WRONG_TYPE, "health"),
        (changed(health={"before": "red"}), Reason.MISSING_FIELD, "health.level"),
        (changed(health={"level": "red"}), Reason.MISSING_FIELD, "health.before"),
        (
            changed(health={"level": "red", "before": "green"}),
            Reason.MISSING_FIELD,
            "health.milestone",
        ),
        (
            changed(health={"level": 2, "before": "green", "milestone": None}),
            Reason.WRONG_TYPE,
            "health.level",
        ),
    ],
)
def test_what_cannot_be_of_a_health_is_refused_with_reason_and_path(
    value: bytes, reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        qualification_rows(value)
    assert (refusal.value.reason, refusal.value.path) == (reason, path)
