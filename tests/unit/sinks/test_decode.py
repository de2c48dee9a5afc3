"""Rows from what the worker publishes, and the reasons for refusing what it does not."""

from dataclasses import replace

import orjson
import pytest

from schemas.activity import ActivityUpdate
from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.qualifications import Contribution, Evidence, ModelVersion, Qualification
from schemas.rows import (
    EARLIEST,
    LATEST,
    ActivityRow,
    MilestoneRow,
    StuckRow,
    TraitRow,
    TransitionRow,
)
from streams.errors import Rejected
from streams.sinks.decode import activity_rows, qualification_rows

EVIDENCE = Evidence("event: X", 3, False, ">= 3", None, 1_000, True)
REACHED = Qualification(
    id="q1",
    type="milestone.reached",
    milestone="aha",
    account_id="acme",
    user_id=None,
    occurrence=1,
    occurred_at=1_767_261_600_123,
    detected_at=1_767_261_600_456,
    definition_hash="h",
    decided_by="e9",
    late=False,
    journey=None,
    evidence=(EVIDENCE,),
)
SCORED = replace(
    REACHED,
    score=71.5,
    contributions=(Contribution("action", 80, 1.0), Contribution("churning", -8.5, 0.25)),
    segment="enterprise",
    model=ModelVersion("conversion", "2026-11"),
    fell_back_to="rules",
)
DAY = (None, "ann", -25_567, "t:0:7", {"Sign\0ed Up": [2, EARLIEST, EARLIEST + 5]})
TRAIT = (None, "ann", "plan", {"tier": [1, None]}, LATEST)
UPDATE = ActivityUpdate([DAY], [TRAIT])


def encoded(message: Qualification | ActivityUpdate) -> bytes:
    return orjson.dumps(as_json(message))


def changed(message: Qualification | ActivityUpdate, **fields: object) -> bytes:
    return orjson.dumps({**as_json(message), **fields})


def _with(row: tuple[object, ...], place: int, value: object) -> tuple[object, ...]:
    return (*row[:place], value, *row[place + 1 :])


def _contributed(**fields: object) -> bytes:
    part = {"component": "action", "points": 80, "signal": 1.0}
    return changed(SCORED, contributions=[part, {**part, **fields}])


def _counted(numbers: list[object]) -> bytes:
    return changed(UPDATE, activity=[_with(DAY, 4, {"X": numbers})])


def test_a_qualification_becomes_one_row_with_its_evidence_as_json() -> None:
    [row] = qualification_rows(encoded(REACHED))
    assert isinstance(row, MilestoneRow)
    assert row[:11] == (
        "aha", "acme", "", "h", 1, "q1", "milestone.reached",
        1_767_261_600_123, 1_767_261_600_456, "e9", False,
    )  # fmt: skip
    assert orjson.loads(row.evidence) == as_json(REACHED)["evidence"]


@pytest.mark.parametrize("kind", ["milestone.entered", "milestone.exited"])
def test_a_transition_becomes_one_row_with_its_kind(kind: str) -> None:
    [row] = qualification_rows(changed(REACHED, type=kind, decided_by=None))
    assert isinstance(row, TransitionRow)
    assert row[:11] == (
        "aha", "acme", "", "h", 1, kind, "q1", 1_767_261_600_123, 1_767_261_600_456, "", False,
    )  # fmt: skip
    assert orjson.loads(row.evidence) == as_json(REACHED)["evidence"]


@pytest.mark.parametrize("kind", ["milestone.reached", "milestone.corrected", "milestone.entered",
                                  "milestone.exited"])  # fmt: skip
def test_a_score_is_kept_with_what_it_is_made_of_and_the_segment(kind: str) -> None:
    [row] = qualification_rows(changed(SCORED, type=kind))
    assert isinstance(row, MilestoneRow | TransitionRow)
    assert row[12:] == (
        71.5, (("action", 80.0, 1.0), ("churning", -8.5, 0.25)), "enterprise", "conversion",
        "2026-11", "rules",
    )  # fmt: skip


def test_without_score_and_segment_their_columns_have_none() -> None:
    [row] = qualification_rows(encoded(REACHED))
    assert row[12:] == (None, (), "", "", "", "")
    [row] = qualification_rows(encoded(replace(REACHED, segment="paying")))
    assert row[12:] == (None, (), "paying", "", "", "")
    [row] = qualification_rows(encoded(replace(REACHED, score=0.0)))
    assert row[12:] == (0.0, (), "", "", "", "")


def test_being_stuck_is_kept_with_its_segment() -> None:
    [row] = qualification_rows(
        encoded(replace(REACHED, type="journey.stuck", journey="way", segment="paying"))
    )
    assert isinstance(row, StuckRow)
    assert row.segment == "paying"


def test_being_stuck_becomes_one_row_with_its_journey() -> None:
    [row] = qualification_rows(encoded(replace(REACHED, type="journey.stuck", journey="way")))
    assert isinstance(row, StuckRow)
    assert row[:3] == ("way", "aha", "acme")
    assert row.occurred_at == REACHED.occurred_at


def test_what_an_older_worker_wrote_is_the_same_row() -> None:
    older = as_json(REACHED)
    del older["journey"]
    for leaf in older["evidence"]:
        del leaf["history_since"]
    [row], [now] = qualification_rows(orjson.dumps(older)), qualification_rows(encoded(REACHED))
    assert isinstance(row, MilestoneRow)
    assert row[:11] == now[:11]
    assert orjson.loads(row.evidence) == older["evidence"]


@pytest.mark.parametrize("kind", ["entity.of_a_later_version", "milestone.of_a_later_version"])
def test_an_output_of_a_type_that_is_not_kept_has_no_row(kind: str) -> None:
    assert qualification_rows(changed(REACHED, type=kind)) == []


def test_an_update_becomes_rows_of_activity_and_of_traits() -> None:
    assert activity_rows(encoded(UPDATE)) == [
        ActivityRow(
            "", "ann", -25_567, "Sign\0ed Up", "t:0:7", 2, EARLIEST, EARLIEST + 5
        ),
        TraitRow("", "ann", "plan", '{"tier":[1,null]}', LATEST),
    ]  # fmt: skip


def test_one_update_has_rows_of_many_accounts() -> None:
    update = ActivityUpdate(
        [(account, *DAY[1:]) for account in ("acme", "bolt")],
        [(account, *TRAIT[1:]) for account in ("acme", "bolt")],
    )
    rows = activity_rows(encoded(update))
    assert [row.account_id for row in rows] == ["acme", "bolt", "acme", "bolt"]


def test_a_time_that_the_columns_cannot_hold_becomes_the_nearest_that_they_can() -> None:
    [row] = qualification_rows(encoded(replace(REACHED, occurred_at=10**15, detected_at=-(10**15))))
    assert isinstance(row, MilestoneRow)
    assert (row.occurred_at, row.detected_at) == (LATEST, EARLIEST)


def test_activity_that_the_columns_cannot_hold_is_on_the_nearest_day_that_they_can() -> None:
    rows = activity_rows(
        encoded(
            ActivityUpdate(
                [("acme", None, -(10**6), "", {"X": [2**64 - 1, -(10**18), 10**18]})],
                [("acme", None, "plan", 1, 10**18)],
            )
        )
    )
    assert rows == [
        ActivityRow("acme", "", -25_567, "X", "", 2**64 - 1, EARLIEST, LATEST),
        TraitRow("acme", "", "plan", "1", LATEST),
    ]


@pytest.mark.parametrize(
    ("value", "reason", "path"),
    [
        (None, Reason.EMPTY, ""),
        (b"", Reason.EMPTY, ""),
        (b"{", Reason.NOT_JSON, ""),
        (b'{"type": "milestone.\\ud800"}', Reason.NOT_JSON, ""),
        (b"[1]", Reason.NOT_AN_OBJECT, ""),
        (b"{}", Reason.MISSING_FIELD, "type"),
        (changed(REACHED, type="journey.stuck"), Reason.WRONG_TYPE, "journey"),
        (changed(REACHED, account_id=5), Reason.WRONG_TYPE, "account_id"),
        (changed(REACHED, occurrence=True), Reason.WRONG_TYPE, "occurrence"),
        (changed(REACHED, occurrence=-1), Reason.WRONG_TYPE, "occurrence"),
        (changed(REACHED, late=0), Reason.WRONG_TYPE, "late"),
        (changed(REACHED, occurred_at="2026-01-01T00:00:00"), Reason.WRONG_TYPE, "occurred_at"),
        (changed(REACHED, occurred_at="soon"), Reason.WRONG_TYPE, "occurred_at"),
        (changed(REACHED, score=True), Reason.MISSING_FIELD, "contributions"),
        (changed(SCORED, score=True), Reason.WRONG_TYPE, "score"),
        (changed(SCORED, score=None), Reason.WRONG_TYPE, "score"),
        (changed(SCORED, segment=None), Reason.WRONG_TYPE, "segment"),
        (changed(SCORED, fell_back_to=None), Reason.WRONG_TYPE, "fell_back_to"),
        (changed(SCORED, contributions={}), Reason.WRONG_TYPE, "contributions"),
        (changed(SCORED, contributions=[1]), Reason.WRONG_TYPE, "contributions[0]"),
        (changed(SCORED, contributions=[{}]), Reason.MISSING_FIELD, "contributions[0].component"),
        (changed(SCORED, model="conversion"), Reason.WRONG_TYPE, "model"),
        (changed(SCORED, model={"name": "conversion"}), Reason.MISSING_FIELD, "model.version"),
        (_contributed(points="4"), Reason.WRONG_TYPE, "contributions[1].points"),
        (_contributed(signal=None), Reason.WRONG_TYPE, "contributions[1].signal"),
        (
            changed(REACHED).replace(b'"evidence":[', b'"evidence":' + b"[" * 300, 1)[:-2]
            + b"]" * 300
            + b"}",
            Reason.TOO_DEEP,
            "evidence",
        ),
    ],
)
def test_a_qualification_that_cannot_be_is_refused_with_reason_and_path(
    value: bytes | None, reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        qualification_rows(value)
    assert (refusal.value.reason, refusal.value.path) == (reason, path)


@pytest.mark.parametrize(
    ("value", "reason", "path"),
    [
        (changed(UPDATE, version=2), Reason.WRONG_TYPE, "version"),
        (changed(UPDATE, activity=None), Reason.WRONG_TYPE, "activity"),
        (changed(UPDATE, activity=[1]), Reason.WRONG_TYPE, "activity[0]"),
        (changed(UPDATE, activity=[{}]), Reason.WRONG_TYPE, "activity[0]"),
        (changed(UPDATE, activity=[DAY, DAY[:-1]]), Reason.WRONG_TYPE, "activity[1]"),
        (changed(UPDATE, activity=[_with(DAY, 0, 7)]), Reason.WRONG_TYPE, "activity[0].account_id"),
        (changed(UPDATE, activity=[_with(DAY, 2, "1.1.26")]), Reason.WRONG_TYPE, "activity[0].day"),
        (changed(UPDATE, activity=[_with(DAY, 4, [])]), Reason.WRONG_TYPE, "activity[0].events"),
        (_counted([1, 1]), Reason.WRONG_TYPE, "activity[0].events.X"),
        (_counted([True, 1, 1]), Reason.WRONG_TYPE, "activity[0].events.X"),
        (_counted([0, 1, 1]), Reason.WRONG_TYPE, "activity[0].events.X.count"),
        (
            _counted([1, 9, 1]).replace(b",9,", b",%d," % 2**64),
            Reason.WRONG_TYPE,
            "activity[0].events.X",
        ),
        (changed(UPDATE, traits=[[""]]), Reason.WRONG_TYPE, "traits[0]"),
        (changed(UPDATE, traits=[_with(TRAIT, 2, None)]), Reason.WRONG_TYPE, "traits[0].name"),
        (
            changed(UPDATE, traits=[_with(TRAIT, 3, "DEEP")]).replace(
                b'"DEEP"', b"[" * 300 + b"]" * 300
            ),
            Reason.TOO_DEEP,
            "traits[0].value",
        ),
    ],
)
def test_an_update_that_cannot_be_is_refused_with_reason_and_path(
    value: bytes, reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        activity_rows(value)
    assert (refusal.value.reason, refusal.value.path) == (reason, path)
