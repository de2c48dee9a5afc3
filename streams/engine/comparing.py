"""Scores in the shadow, recorded beside the live one that is told."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

import orjson

from schemas.comparisons import ScoreComparison
from schemas.qualifications import Qualification
from streams.definitions import score_fingerprints
from streams.definitions.model import Definitions, EntityKind, Score
from streams.engine.entities import Entity
from streams.engine.milestones import CompiledMilestone
from streams.engine.occasion import Occasion
from streams.engine.sums import CompiledScore


class Compile(Protocol):
    """Makes a score ready to be asked at any time, as live milestones or as others see it."""

    def __call__(self, score: Score, *, live: bool) -> CompiledScore:
        """See :class:`Compile`."""


def compile_shadows(
    kind: EntityKind,
    definitions: Definitions,
    milestones: Iterable[CompiledMilestone],
    compiled: Compile,
) -> None:
    """Give milestones the scores to record beside the one that they tell.

    Args:
        kind: of the milestones.
        definitions: all that there are.
        milestones: of the plan.
        compiled: of scores of this kind.
    """
    shadows = [one for one in definitions.scores.values() if one.of == kind and one.shadow_of]
    if not shadows:
        return
    meanings = score_fingerprints(definitions)
    telling: dict[str, list[CompiledMilestone]] = {}
    for milestone in milestones:
        if milestone.scores:
            telling.setdefault(milestone.scores[0].score.name, []).append(milestone)
    for score in shadows:
        found = telling.get(score.shadow_of or "", [])
        for milestone in found:  # one that is never told would be followed for nothing
            shadow = compiled(score, live=milestone.mode not in {"once", "repeat"})
            milestone.compared += ((shadow, meanings[score.name]),)


def compare(
    told: Qualification, milestone: CompiledMilestone, entity: Entity, occasion: Occasion
) -> None:
    """Stage what each score in the shadow is beside the live one that is told."""
    at, value = told.occurred_at, told.score
    assert value is not None  # noqa: S101 - it is what they are compared with
    for shadow, definition_hash in milestone.compared:
        name = (told.id, shadow.name, definition_hash)
        comparison = ScoreComparison(
            id=blake2b(orjson.dumps(name), digest_size=16).hexdigest(),
            qualification=told.id,
            told=told.type,
            milestone=told.milestone,
            account_id=told.account_id,
            user_id=told.user_id,
            occurrence=told.occurrence,
            occurred_at=at,
            detected_at=told.detected_at,
            definition_hash=told.definition_hash,
            score=milestone.scores[0].score.name,
            value=value,
            shadow=shadow.name,
            shadow_hash=definition_hash,
            shadow_value=shadow.value(entity, at),
            contributions=tuple(shadow.contributions(entity, at)),
        )
        occasion.staged.comparisons.append(comparison)
