"""What is written of leads: what became of them, and who follows them up."""

from dataclasses import replace

from schemas.encoding import as_json
from schemas.examples import QUALIFICATIONS
from schemas.qualifications import Contact, LeadLife, LeadOverride, LeadRoute
from tests.contract.validating import crossed, errors

EXAMPLES = {example.type: crossed(as_json(example)) for example in QUALIFICATIONS}
ROUTED = ("lead.routed", "lead.sla_breached")
"""Types that nothing tells of a lead without a route."""
LEAD = LeadLife(opened_at=0, contacts=(Contact("ann", 64.0), Contact("bob", None)))
[QUALIFIED] = [replace(one, lead=LEAD) for one in QUALIFICATIONS if one.type == "lead.qualified"]
ROUTE = LeadRoute("hot", "sales", None, 60_000, 3_600_000)


def test_a_lead_tells_what_became_of_it_and_null_where_it_has_no_value() -> None:
    assert as_json(QUALIFIED)["lead"] == {
        "opened_at": "1970-01-01T00:00:00.000Z",
        "contacts": [{"user_id": "ann", "score": 64.0}, {"user_id": "bob", "score": None}],
        "contacted_at": None,
        "breached_at": None,
        "merged": 0,
        "outcome": None,
        "reason": None,
        "kind": "pqa",
        "override": None,
    }
    over = replace(
        LEAD, contacted_at=9, breached_at=7, merged=2, outcome="disqualified", reason="too small",
        kind="eql", override=LeadOverride("close", "kim", "too small", 9),
    )  # fmt: skip
    assert (
        as_json(replace(QUALIFIED, type="lead.closed", lead=over))["lead"].items()
        >= {
            "contacted_at": "1970-01-01T00:00:00.009Z",
            "breached_at": "1970-01-01T00:00:00.007Z",
            "merged": 2,
            "outcome": "disqualified",
            "reason": "too small",
            "kind": "eql",
            "override": {
                "action": "close",
                "approver": "kim",
                "reason": "too small",
                "at": "1970-01-01T00:00:00.009Z",
            },
        }.items()
    )


def test_the_route_stands_beside_the_lead_and_is_left_out_where_no_rule_took_it() -> None:
    assert "route" not in as_json(QUALIFIED)
    routed = as_json(replace(QUALIFIED, type="lead.routed", lead=replace(LEAD, route=ROUTE)))
    assert routed["route"] == {
        "rule": "hot",
        "team": "sales",
        "owner": None,
        "earliest": "1970-01-01T00:01:00.000Z",
        "due": "1970-01-01T01:00:00.000Z",
    }
    assert "route" not in routed["lead"]


def test_lead_and_route_are_of_leads_alone_and_there_where_they_must_be() -> None:
    for kind, example in EXAMPLES.items():
        lead, route = EXAMPLES["lead.routed"]["lead"], EXAMPLES["lead.routed"]["route"]
        without = {name: example[name] for name in example if name not in ("lead", "route")}
        assert bool(errors(kind, without)) == kind.startswith("lead.")
        assert bool(errors(kind, {**without, "lead": lead})) == (
            kind in ROUTED or not kind.startswith("lead.")
        )
        assert errors(kind, {**without, "route": route})
