"""Rows from what the worker publishes of what is in the shadow."""

from dataclasses import replace

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.examples import COMPARISON, QUALIFICATIONS, SHADOW
from schemas.rows import ComparisonRow, LeadRow, MilestoneRow, ShadowRow, TransitionRow
from streams.errors import Rejected
from streams.sinks.decode import qualification_rows, shadow_rows

LIVE = [one for one in QUALIFICATIONS if one.type.startswith(("milestone.", "lead."))]


@pytest.mark.parametrize("told", LIVE, ids=lambda one: one.type)
def test_what_is_in_the_shadow_has_in_its_row_all_that_the_live_one_has(told: object) -> None:
    live = next(one for one in LIVE if one is told)
    hidden = replace(live, shadow=True, shadow_of="other")
    [kept] = qualification_rows(orjson.dumps(as_json(live)))
    [row] = shadow_rows(orjson.dumps(as_json(hidden)))
    assert isinstance(kept, MilestoneRow | TransitionRow | LeadRow)
    assert isinstance(row, ShadowRow)
    expected = kept._asdict()
    name = expected.pop("lead" if isinstance(kept, LeadRow) else "milestone")
    assert row == ShadowRow(name=name, shadow_of="other", **expected)


def test_what_is_compared_with_nothing_names_no_live_one() -> None:
    [row] = shadow_rows(orjson.dumps(as_json(replace(SHADOW, shadow_of=None))))
    assert isinstance(row, ShadowRow)
    assert row.shadow_of == ""


def test_a_comparison_of_scores_is_a_row_and_a_correction_is_like_what_it_corrects() -> None:
    told = replace(COMPARISON, told="milestone.corrected", user_id="ann")
    [row] = shadow_rows(orjson.dumps(as_json(told)))
    assert row == ComparisonRow(
        "fit", "fit_by_model", "4d70be15", "pql", "acme", "ann", "9a1f6c20", 1,
        "milestone.reached", COMPARISON.id, COMPARISON.qualification, 1_767_261_600_000,
        1_767_261_600_250, 72.5, 64.0, (("action", 64.0, 1.0),),
    )  # fmt: skip


def test_types_of_a_newer_worker_are_passed_over() -> None:
    assert shadow_rows(orjson.dumps({**as_json(SHADOW), "type": "health.changed"})) == []


@pytest.mark.parametrize(
    ("fields", "reason", "path"),
    [
        ({"told": None}, Reason.WRONG_TYPE, "told"),
        ({"value": "much"}, Reason.WRONG_TYPE, "value"),
        ({"shadow": 1}, Reason.WRONG_TYPE, "shadow"),
        ({"contributions": [{}]}, Reason.MISSING_FIELD, "contributions[0].component"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_with_reason_and_path(
    fields: dict[str, object], reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        shadow_rows(orjson.dumps({**as_json(COMPARISON), **fields}))
    assert (refusal.value.reason, refusal.value.path) == (reason, path)


def test_a_shadow_that_does_not_name_its_live_one_as_text_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        shadow_rows(orjson.dumps({**as_json(SHADOW), "shadow_of": 3}))
    assert refusal.value.path == "shadow_of"
