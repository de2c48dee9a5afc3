"""Rows from what the worker publishes of abuse rules, and why others are refused."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.activity import ActivityUpdate
from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.qualifications import Flag, Qualification
from schemas.rows import ExcludedRow, FlagRow
from streams.errors import Rejected
from streams.sinks.decode import activity_rows, qualification_rows

FLAGGED = Qualification(
    "q1", "entity.flagged", "cap", "acme", "ann", 2, 10_000, 10_001, "h", "e9", False, None, (),
    segment="paying", flag=Flag("cap", fake=False, until=86_400_000),
)  # fmt: skip
EXCLUDED: list[Any] = ["acme", None, 0, "", "bots", {"Used": [3, 7, 9]}]


def test_what_is_told_of_a_rule_becomes_one_row() -> None:
    assert qualification_rows(orjson.dumps(as_json(FLAGGED))) == [
        FlagRow("cap", "acme", "ann", "h", 2, "entity.flagged", "q1", 10_000, 10_001, "e9", False,
                "[]", False, 86_400_000, "paying"),
    ]  # fmt: skip
    cleared = replace(FLAGGED, type="entity.cleared", flag=Flag("cap", fake=True, until=None))
    [row] = qualification_rows(orjson.dumps(as_json(cleared)))
    assert isinstance(row, FlagRow)
    assert (row.type, row.fake, row.until) == ("entity.cleared", True, None)


@pytest.mark.parametrize(
    ("flag", "reason", "path"),
    [
        (None, Reason.WRONG_TYPE, "flag"),
        ({"rule": "cap", "until": None}, Reason.MISSING_FIELD, "flag.fake"),
        ({"rule": "cap", "fake": 1, "until": None}, Reason.WRONG_TYPE, "flag.fake"),
        ({"rule": "cap", "fake": True, "until": "soon"}, Reason.WRONG_TYPE, "flag.until"),
    ],
)
def test_a_flag_that_a_worker_does_not_publish_is_refused(
    flag: object, reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        qualification_rows(orjson.dumps({**as_json(FLAGGED), "flag": flag}))
    assert (refusal.value.reason, refusal.value.path) == (reason, path)


def test_what_is_excluded_has_rows_of_its_own() -> None:
    update = as_json(ActivityUpdate([], [], [tuple(EXCLUDED)]))  # type: ignore[list-item]
    assert activity_rows(orjson.dumps(update)) == [
        ExcludedRow("acme", "", 0, "Used", "bots", "", 3, 7, 9)
    ]
    assert "excluded" not in as_json(ActivityUpdate([], []))


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (EXCLUDED[:-1], "excluded[0]"),
        ([*EXCLUDED[:4], None, EXCLUDED[5]], "excluded[0].rule"),
        ([*EXCLUDED[:5], {"Used": [0, 7, 9]}], "excluded[0].events.Used.count"),
    ],
)
def test_a_count_that_a_worker_does_not_publish_is_refused(row: object, path: str) -> None:
    update = {"version": 1, "activity": [], "traits": [], "excluded": [row]}
    with pytest.raises(Rejected) as refusal:
        activity_rows(orjson.dumps(update))
    assert (refusal.value.reason, refusal.value.path) == (Reason.WRONG_TYPE, path)
