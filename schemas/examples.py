"""Made-up messages, which the AsyncAPI document shows."""

from dataclasses import replace

from schemas.activity import ActivityUpdate
from schemas.comparisons import ScoreComparison
from schemas.dead_letters import DeadLetter, Reason
from schemas.fallbacks import FallbackSwitch
from schemas.qualifications import (
    Contact,
    Contribution,
    Deletion,
    Evidence,
    Flag,
    HealthChange,
    LeadLife,
    LeadOverride,
    LeadRoute,
    ModelVersion,
    Qualification,
)

EVENT = {
    "event": "Document Shared",
    "timestamp": "2026-01-01T10:00:00Z",
    "event_id": "6f1c3a52",
    "account_id": "acme",
    "user_id": "ann",
    "properties": {"role": "admin", "minutes": 12.5},
}

_REACHED = Qualification(
    id="b0c4a1f29d7e4c53",
    type="milestone.reached",
    milestone="aha",
    account_id="acme",
    user_id="ann",
    occurrence=1,
    occurred_at=1_767_261_600_000,
    detected_at=1_767_261_600_250,
    definition_hash="9a1f6c20",
    decided_by="6f1c3a52",
    late=False,
    journey=None,
    evidence=(
        Evidence(
            condition="Document Shared: count >= 3 within 7d",
            observed=3,
            at_least=False,
            threshold=">= 3",
            window_start=1_766_656_800_000,
            window_end=1_767_261_600_000,
            holds=True,
        ),
    ),
)

_ENTERED = replace(
    _REACHED,
    id="61d9e0b3c8f24a17",
    type="milestone.entered",
    milestone="pql",
    score=72.5,
    contributions=(Contribution("action", 40.0, 1.0), Contribution("frequency", 32.5, 0.65)),
    segment="enterprise",
)

_MODEL = ModelVersion("conversion", "2026-11")
_LEAD = LeadLife(opened_at=1_767_261_600_000, contacts=(Contact("ann", 64.0), Contact("bob", 12.5)))
_ROUTED = replace(
    _LEAD, route=LeadRoute("hot", "sales", "jo@example.com", 1_767_268_800_000, 1_767_276_000_000)
)
_QUALIFIED = replace(
    _ENTERED,
    id="0f6b82c9d4e15a73",
    type="lead.qualified",
    milestone="pqa",
    user_id=None,
    lead=_LEAD,
    model=_MODEL,
)
_TOLD = replace(_QUALIFIED, evidence=())
_BREACHED = replace(_ROUTED, breached_at=1_767_276_000_000)
_REROUTED = replace(
    _BREACHED,
    override=LeadOverride("reroute", "kim@example.com", "Jo is on holiday", 1_767_280_000_000),
)
_CLOSED = replace(_REROUTED, contacted_at=1_767_282_000_000, merged=2, outcome="converted")

_FLAGGED = replace(
    _REACHED,
    id="3c5b97e1d20f8a64",
    type="entity.flagged",
    milestone="too_fast",
    evidence=(
        Evidence(
            condition="count of any event > 300 within 1m",
            observed=301,
            at_least=False,
            threshold="> 300",
            window_start=1_767_261_540_000,
            window_end=1_767_261_600_000,
            holds=True,
        ),
    ),
    flag=Flag("too_fast", fake=False, until=None),
)

QUALIFICATIONS = (
    _REACHED,
    replace(
        _REACHED, id="2f83d0aa617be94e", type="milestone.corrected", occurred_at=1_767_258_000_000
    ),
    _ENTERED,
    replace(
        _REACHED,
        id="c7720f4e5d1b93a8",
        type="milestone.exited",
        milestone="active",
        occurred_at=1_767_866_400_000,
        detected_at=1_767_866_400_500,
        decided_by=None,
        evidence=(
            replace(
                _REACHED.evidence[0],
                observed=2,
                window_start=1_767_261_600_000,
                window_end=1_767_866_400_000,
                holds=False,
            ),
        ),
    ),
    replace(
        _REACHED,
        id="94be16d2f07a3c5d",
        type="journey.stuck",
        occurred_at=1_767_866_400_000,
        detected_at=1_767_866_400_500,
        decided_by=None,
        journey="self_serve",
    ),
    _QUALIFIED,
    replace(_TOLD, id="b83d5e07f19c2a46", type="lead.routed", lead=_ROUTED),
    replace(
        _TOLD,
        id="5ae1907c3b6df284",
        type="lead.sla_breached",
        occurred_at=1_767_276_000_000,
        detected_at=1_767_276_000_000,
        decided_by=None,
        lead=_BREACHED,
    ),
    replace(
        _TOLD,
        id="e2740bd8165fca39",
        type="lead.closed",
        occurred_at=1_767_693_600_000,
        detected_at=1_767_693_600_250,
        decided_by="8d21f7b4",
        lead=_CLOSED,
    ),
    replace(
        _REACHED,
        id="7be4c1093f5d28a6",
        type="health.changed",
        milestone="usage",
        user_id=None,
        occurrence=2,
        occurred_at=1_768_471_200_000,
        detected_at=1_768_471_200_000,
        decided_by=None,
        evidence=(
            Evidence(
                condition="no event for 14d",
                observed=0,
                at_least=False,
                threshold="== 0",
                window_start=1_767_261_600_000,
                window_end=1_768_471_200_000,
                holds=True,
            ),
        ),
        health=HealthChange("red", "yellow", "onboarded"),
    ),
    _FLAGGED,
    replace(
        _FLAGGED,
        id="a94c3e70b1d8256f",
        type="entity.cleared",
        occurred_at=1_767_348_060_000,
        detected_at=1_767_348_060_000,
        decided_by=None,
        evidence=(
            replace(
                _FLAGGED.evidence[0],
                observed=0,
                window_start=1_767_348_000_000,
                window_end=1_767_348_060_000,
                holds=False,
            ),
        ),
    ),
    replace(
        _FLAGGED,
        id="f60b9d24e8a1573c",
        type="entity.deleted",
        milestone="",
        definition_hash="",
        occurred_at=1_767_348_120_000,
        detected_at=1_767_348_120_250,
        decided_by="c7a0e513",
        evidence=(),
        flag=None,
        deletion=Deletion(1_767_348_120_000, "privacy@example.com"),
    ),
)
"""A qualification of each type."""

SHADOW = replace(
    _REACHED, id="71c05e9ab8d3f624", milestone="aha_sooner", shadow=True, shadow_of="aha"
)

COMPARISON = ScoreComparison(
    id="ad4e6f01c9b27835",
    qualification=_ENTERED.id,
    told=_ENTERED.type,
    milestone=_ENTERED.milestone,
    account_id="acme",
    user_id=None,
    occurrence=1,
    occurred_at=1_767_261_600_000,
    detected_at=1_767_261_600_250,
    definition_hash="9a1f6c20",
    score="fit",
    value=72.5,
    shadow="fit_by_model",
    shadow_hash="4d70be15",
    shadow_value=64.0,
    contributions=(Contribution("action", 64.0, 1.0),),
)

UPDATE = ActivityUpdate(
    activity=[
        (
            "acme",
            "ann",
            20_454,
            "",
            {"Document Shared": [3, 1_767_225_600_000, 1_767_261_600_000]},
        )
    ],
    traits=[("acme", None, "plan", "trial", 1_767_225_600_000)],
    excluded=[
        (
            "acme",
            "bob",
            20_454,
            "",
            "too_fast",
            {"Document Shared": [412, 1_767_225_600_000, 1_767_225_640_000]},
        )
    ],
)

LETTER = DeadLetter(
    reason=Reason.BAD_TIMESTAMP,
    path="timestamp",
    detail="'yesterday' is neither ISO 8601 nor epoch milliseconds",
    topic="product.events",
    partition=3,
    offset=42,
    key=b"acme",
    original=b'{"event": "Document Shared", "timestamp": "yesterday", "user_id": "ann"}',
)

FALLBACKS = (
    FallbackSwitch("score.fell_back", "fit", "rules", 1_767_261_600_000, 0.31, 0.2, 58),
    FallbackSwitch("score.recovered", "fit", "rules", 1_767_866_400_000, 0.17, 0.2, 64),
)
"""A switch of each type."""
