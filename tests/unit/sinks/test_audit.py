"""The record of decisions: a row for each that others act on, with pseudonyms by a key."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.examples import QUALIFICATIONS
from schemas.qualifications import LeadOverride
from schemas.rows import AuditRow
from streams.errors import Rejected
from streams.sinks.audit import audited_rows
from streams.sinks.decode import qualification_rows
from streams.sinks.pseudonyms import Pseudonyms
from tests.unit.sinks.test_decode_leads import CLOSED

PLAIN, KEYED = Pseudonyms(""), Pseudonyms("0123456789abcdef")


def audited(told: Any, pseudonyms: Pseudonyms = PLAIN) -> AuditRow:
    *_, row = audited_rows(pseudonyms)(orjson.dumps(told))
    assert isinstance(row, AuditRow)
    return row


@pytest.mark.parametrize("told", QUALIFICATIONS, ids=lambda one: one.type)
def test_every_milestone_and_lead_that_is_told_is_a_decision_and_nothing_else_is_one(
    told: Any,
) -> None:
    value = orjson.dumps(as_json(told))
    row, *more = audited_rows(PLAIN)(value)
    assert [row] == qualification_rows(value)
    is_decision = told.type.startswith(("milestone.", "lead."))
    assert [type(one) for one in more] == [AuditRow] * is_decision


def test_what_is_not_kept_is_not_audited() -> None:
    assert audited_rows(PLAIN)(b'{"type": "lead.unheard_of"}') == []


def test_it_says_by_what_it_was_decided_what_came_of_it_and_who_decided_otherwise() -> None:
    assert audited(as_json(CLOSED)) == AuditRow(
        "q1", "lead.closed", "pqa", "eql", "acme", "", False, 1, 10_000, 10_001, "e9", False, "h",
        "conversion", "2026-11", 71.5, {"action": 1.0, "churning": 0.25}, "[]", "enterprise", "hot",
        "sales", "disqualified", "too small", "reroute", "kim", "jo is away", 3_500,
    )  # fmt: skip


def test_without_score_segment_and_lead_its_columns_are_empty() -> None:
    told = as_json(QUALIFICATIONS[0])
    row = audited(told)
    assert row.evidence == orjson.dumps(told["evidence"]).decode()
    assert row[15:17] == (None, {})
    assert row[18:] == ("", "", "", "", "", "", "", "", None)


def test_a_model_that_computed_the_score_is_named() -> None:
    told = {**as_json(CLOSED), "model": {"name": "churn", "version": "3"}}
    row = audited(told)
    assert (row.model, row.model_version) == ("churn", "3")
    with pytest.raises(Rejected) as refusal:
        audited({**told, "model": {"name": "churn"}})
    assert (refusal.value.reason, refusal.value.path) == (Reason.MISSING_FIELD, "model.version")


def test_with_a_key_no_id_and_no_contact_is_in_it() -> None:
    named = replace(
        CLOSED, id="some-decision", account_id="some-account", user_id="some-user",
        decided_by="some-event", lead=replace(
            CLOSED.lead, override=LeadOverride("close", "kim", "why", 1)
        ),
    )  # fmt: skip
    row = audited(as_json(named), KEYED)
    assert row.is_pseudonymous
    assert "some-" not in repr(row)
    assert "ann" not in repr(audited(as_json(CLOSED), KEYED))
    plain = audited(as_json(named))
    ids = ("id", "account_id", "user_id", "decided_by")
    changed = {*ids, "is_pseudonymous"}
    assert {n for n in row._fields if getattr(row, n) != getattr(plain, n)} == changed
    assert audited(as_json(named), KEYED) == row


def test_nobody_is_nobody_under_any_key() -> None:
    row = audited(as_json(replace(CLOSED, decided_by=None)), KEYED)
    assert (row.user_id, row.decided_by) == ("", "")


def test_another_key_another_kind_and_another_id_are_other_pseudonyms() -> None:
    other = Pseudonyms("0123456789abcdeg")
    found = {
        KEYED.of("account", "a"), KEYED.of("user", "a"), KEYED.of("event", "a"),
        KEYED.of("decision", "a"), KEYED.of("account", "b"), other.of("account", "a"),
        Pseudonyms("x" * 300).of("account", "a"), Pseudonyms("x" * 301).of("account", "a"),
    }  # fmt: skip
    assert len(found) == 8
    assert all(len(one) == 32 for one in found)


def test_pseudonyms_never_change() -> None:
    """A release that changes them finds nobody's decisions any more: never by accident."""
    assert KEYED.of("account", "acme") == "2d3b11857f2ac0564065efa113ac5ed9"
