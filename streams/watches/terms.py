"""What queries are told of the definitions, as parameters of ClickHouse.

``leads``, and in the same order ``goals`` (empty: none), ``matures`` (milliseconds), ``parities``
(empty: none) and ``kinds``; ``scores`` and ``scored_leads``: a score, and a lead whose condition
names it, pair by pair.
"""

from collections.abc import Mapping
from typing import Any

from streams.definitions.conditions import form_of, milestones_in
from streams.definitions.model import Condition, Definitions, Lead, ScoreCondition

Parameters = Mapping[str, Any]


def terms(definitions: Definitions) -> Parameters:
    """Every parameter that follows from the definitions, by name; of what is in the shadow none."""
    leads = [lead for lead in definitions.leads.values() if not lead.shadow]
    pairs = [(score, lead.name) for lead in leads for score in sorted(scores_of(lead, definitions))]
    return {
        "leads": [lead.name for lead in leads],
        "goals": [lead.goal or "" for lead in leads],
        "matures": [lead.matures for lead in leads],
        "parities": [lead.parity or "" for lead in leads],
        "kinds": [lead.of for lead in leads],
        "scores": [score for score, _ in pairs],
        "scored_leads": [lead for _, lead in pairs],
    }


def scores_of(lead: Lead, definitions: Definitions) -> set[str]:
    """The scores that its condition names, also through the milestones that it names."""
    seen: set[str] = set()
    waiting = [lead.when]
    found: set[str] = set()
    while waiting:
        condition = waiting.pop()
        found |= _scores_in(condition)
        for name in milestones_in(condition) - seen:
            seen.add(name)
            waiting.append(definitions.milestones[name].when)
    return found


def _scores_in(condition: Condition) -> set[str]:
    found = {condition.score.name} if isinstance(condition, ScoreCondition) else set()
    for inner in form_of(condition).inside(condition):
        found |= _scores_in(inner)
    return found
