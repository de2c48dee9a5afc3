"""Rows from what the worker publishes of leads, and the reasons for refusing what it does not."""

from dataclasses import replace

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.qualifications import (
    Contact,
    Contribution,
    LeadLife,
    LeadOverride,
    LeadRoute,
    ModelVersion,
    Qualification,
)
from schemas.rows import LeadRow
from streams.errors import Rejected
from streams.sinks.decode import qualification_rows

LEAD = LeadLife(
    opened_at=1_000,
    contacts=(Contact("ann", 64.5), Contact("bob", None)),
    route=LeadRoute("hot", "sales", "jo", 2_000, 3_000),
    contacted_at=4_000,
    breached_at=3_000,
    merged=2,
    outcome="disqualified",
    reason="too small",
    kind="eql",
    override=LeadOverride("reroute", "kim", "jo is away", 3_500),
)
CLOSED = Qualification(
    "q1", "lead.closed", "pqa", "acme", None, 1, 10_000, 10_001, "h", "e9", False, None, (),
    71.5, (Contribution("action", 80, 1.0), Contribution("churning", -8.5, 0.25)), "enterprise",
    LEAD, model=ModelVersion("conversion", "2026-11"), fell_back_to="rules",
)  # fmt: skip


WITHOUT = orjson.dumps(as_json(replace(CLOSED, lead=None)))


def changed(**fields: object) -> bytes:
    return orjson.dumps({**as_json(CLOSED), **fields})


def _lived(**fields: object) -> bytes:
    return changed(lead={**as_json(CLOSED)["lead"], **fields})


def _routed(**fields: object) -> bytes:
    return changed(route={**as_json(CLOSED)["route"], **fields})


@pytest.mark.parametrize(
    "kind", ["lead.qualified", "lead.routed", "lead.sla_breached", "lead.closed"]
)
def test_what_is_told_of_a_lead_becomes_one_row_with_its_life_and_route(kind: str) -> None:
    [row] = qualification_rows(changed(type=kind))
    assert isinstance(row, LeadRow)
    assert row[:11] == (
        "pqa", "acme", "", "h", 1, kind, "q1", 10_000, 10_001, "e9", False,
    )  # fmt: skip
    assert row[12:] == (
        1_000, 71.5, (("action", 80.0, 1.0), ("churning", -8.5, 0.25)), "enterprise",
        (("ann", 64.5), ("bob", None)), "hot", "sales", "jo", 2_000, 3_000, 4_000, 3_000, 2,
        "disqualified", "too small", "conversion", "2026-11", "eql", "reroute", "kim", "jo is away",
        3_500, "e9" if kind == "lead.routed" else "",
        "rules",
    )  # fmt: skip


def test_what_a_lead_does_not_have_its_columns_have_not() -> None:
    bare = replace(
        CLOSED, score=None, segment=None, lead=LeadLife(7), model=None, fell_back_to=None
    )
    [row] = qualification_rows(orjson.dumps(as_json(bare)))
    assert row[12:] == (7, None, (), "", (), "", "", "", None, None, None, None, 0, "", "",
                        "", "", "pqa", "", "", "", None, "", "")  # fmt: skip


def test_a_route_that_no_override_brought_is_the_only_one() -> None:
    qualified = replace(LEAD, override=LeadOverride("qualify", "kim", "known", 1_000))
    first = replace(CLOSED, type="lead.routed", lead=qualified)
    [row] = qualification_rows(orjson.dumps(as_json(first)))
    assert isinstance(row, LeadRow)
    assert (row.action, row.rerouted_by) == ("qualify", "")


def test_what_was_told_before_leads_had_kinds_and_overrides_is_kept_without() -> None:
    told = as_json(CLOSED)
    del told["lead"]["kind"], told["lead"]["override"]
    [row] = qualification_rows(orjson.dumps(told))
    assert isinstance(row, LeadRow)
    assert row[29:] == ("", "", "", "", None, "", "rules")


@pytest.mark.parametrize(
    ("value", "reason", "path"),
    [
        (WITHOUT, Reason.MISSING_FIELD, "lead"),
        (changed(lead=None), Reason.WRONG_TYPE, "lead"),
        (changed(route=None), Reason.WRONG_TYPE, "route"),
        (changed(lead={}), Reason.MISSING_FIELD, "lead.opened_at"),
        (_lived(opened_at=None), Reason.WRONG_TYPE, "lead.opened_at"),
        (_lived(contacts=None), Reason.WRONG_TYPE, "lead.contacts"),
        (_lived(contacts=[{"user_id": None}]), Reason.WRONG_TYPE, "lead.contacts[0].user_id"),
        (_lived(contacts=[{"user_id": "a"}]), Reason.MISSING_FIELD, "lead.contacts[0].score"),
        (_lived(contacted_at=7), Reason.WRONG_TYPE, "lead.contacted_at"),
        (_lived(breached_at="soon"), Reason.WRONG_TYPE, "lead.breached_at"),
        (_lived(merged=-1), Reason.WRONG_TYPE, "lead.merged"),
        (_lived(outcome=1), Reason.WRONG_TYPE, "lead.outcome"),
        (_lived(kind=None), Reason.WRONG_TYPE, "lead.kind"),
        (_lived(override={}), Reason.MISSING_FIELD, "lead.override.action"),
        (_lived(override="close"), Reason.WRONG_TYPE, "lead.override"),
        (changed(route={}), Reason.MISSING_FIELD, "route.rule"),
        (_routed(owner=7), Reason.WRONG_TYPE, "route.owner"),
        (_routed(due=None), Reason.WRONG_TYPE, "route.due"),
    ],
)
def test_what_cannot_be_of_a_lead_is_refused_with_reason_and_path(
    value: bytes, reason: Reason, path: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        qualification_rows(value)
    assert (refusal.value.reason, refusal.value.path) == (reason, path)
