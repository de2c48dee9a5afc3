"""What is told of a milestone: with which evidence, under which id."""

from hashlib import blake2b

import orjson

from schemas.qualifications import (
    Evidence,
    Flag,
    HealthChange,
    LeadLife,
    Qualification,
    QualificationType,
)
from streams.engine.comparing import compare
from streams.engine.entities import NOTHING, Entity
from streams.engine.milestones import CompiledMilestone
from streams.engine.nodes import Part
from streams.engine.occasion import Occasion
from streams.engine.orders import is_rerouted


def tell(
    milestone: CompiledMilestone,
    entity: Entity,
    kind: QualificationType,
    occurrence: int,
    at: int,
    occasion: Occasion,
    detected_at: int,
    segment: str | None,
    lead: LeadLife | None,
    health: HealthChange | None,
    flag: Flag | None,
    *,
    by_event: bool,
    late: bool,
) -> None:
    """Stage a qualification.

    Args:
        milestone: whose truth it is.
        entity: that of the account or user.
        kind: its type.
        occurrence: 1, 2, …
        at: since when, event time.
        occasion: what it was found out by; takes the result.
        detected_at: when it could be found out.
        segment: of the entity, at ``at``.
        lead: what became of it, where it is one.
        health: likewise.
        flag: what it says, where it is an abuse rule.
        by_event: whether the event at hand decided, and not the passing of time.
        late: whether that event came later than is allowed.
    """
    account_id = occasion.root.account_id
    has_none = lead is not None and kind != "lead.qualified"  # it is why it was opened
    score, fell_back_to = None, None
    if milestone.scores:
        named = milestone.scores[0].score
        score = named.in_force(entity, at)
        fell_back_to = None if score.name == named.name else score.name
    name: tuple[str | int | None, ...] = (
        kind, milestone.journey, milestone.name, account_id, entity.user_id, occurrence, at,
        milestone.definition_hash,
    )  # fmt: skip
    if kind == "lead.routed" and lead is not None and is_rerouted(lead):
        name = (*name, occasion.decided_by)  # it may be the second of that instant
    qualification = Qualification(
        id=blake2b(orjson.dumps(name), digest_size=16).hexdigest(),
        type=kind,
        milestone=milestone.name,
        account_id=account_id,
        user_id=entity.user_id,
        occurrence=occurrence,
        occurred_at=at,
        detected_at=detected_at,
        definition_hash=milestone.definition_hash,
        decided_by=occasion.decided_by if by_event else None,
        late=late,
        journey=milestone.journey,
        evidence=()
        if has_none
        else tuple(_evidence(milestone, part, entity, at, occasion) for part in milestone.parts),
        score=None if score is None else score.value(entity, at),
        contributions=() if score is None else tuple(score.contributions(entity, at)),
        segment=segment,
        lead=lead,
        health=health,
        flag=flag,
        shadow=milestone.shadow,
        shadow_of=milestone.shadow_of,
        model=None if score is None else score.model,
        fell_back_to=fell_back_to,
    )
    staged = occasion.staged
    (staged.shadows if milestone.shadow else staged.qualifications).append(qualification)
    if milestone.compared and kind != "lead.routed":  # the same instant as lead.qualified
        compare(qualification, milestone, entity, occasion)


def _evidence(
    milestone: CompiledMilestone, part: Part, entity: Entity, at: int, occasion: Occasion
) -> Evidence:
    leaf = part.leaf
    seen = leaf.observe(entity, at)
    start = seen.window_start
    since = occasion.history_since.get(milestone.key, NOTHING).get(leaf.key)
    return Evidence(
        condition=f"not ({leaf.text})" if part.negated else leaf.text,
        observed=seen.observed,
        at_least=seen.at_least,
        threshold=seen.threshold,
        window_start=start,
        window_end=at,
        holds=seen.holds != part.negated,
        history_since=since if since is not None and (start is None or start < since) else None,
    )
