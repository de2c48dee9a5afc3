"""What was told of an entity, as subscribers get it, and what it says of conditions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from schemas.encoding import (
    health_message,
    lead_message,
    model_message,
    route_message,
    time_text,
)
from streams.definitions.model import Owner
from streams.explain.answer import Answer
from streams.explain.seen import observed_words

if TYPE_CHECKING:  # whoever has nothing to do with ClickHouse need not wait for its client
    from streams.queries import Occurrence

_LIVE: Final = frozenset(("milestone.entered", "milestone.exited"))
_ENDS: Final = frozenset(("milestone.exited", "lead.closed"))

Told = Mapping[str, Any]
"""A published object, see :class:`schemas.wire.QualificationMessage`."""


def add_history(answer: Answer, told: Iterable[Told]) -> None:
    """Put what was told with what it is of; what a state has let go of is taken from there."""
    milestones = {one["milestone"]: one for one in answer["milestones"]}
    health = {one["health"]: one for one in answer.get("health", ())}
    for one in told:
        found = milestones.get(one["milestone"])
        if "health" in one:
            if one["milestone"] in health:
                health[one["milestone"]]["told"].append(one)
        elif found is not None and ("lead" in one) == (found["mode"] == "lead"):
            found["told"].append(one)
    for milestone in milestones.values():
        if milestone["why"]["holds"] is None:
            _remember(milestone)


def as_told(occurrence: "Occurrence", owner: Owner) -> Told:
    """What ClickHouse keeps, as it was published."""
    account_id, user_id = owner
    told: dict[str, Any] = {
        "id": occurrence.id,
        "type": occurrence.type,
        "milestone": occurrence.milestone,
        "account_id": account_id,
        "user_id": user_id,
        "occurrence": occurrence.occurrence,
        "occurred_at": time_text(occurrence.occurred_at),
        "detected_at": time_text(occurrence.detected_at),
        "definition_hash": occurrence.definition_hash,
        "decided_by": occurrence.decided_by,
        "late": occurrence.late,
        "journey": occurrence.journey,
        "evidence": occurrence.evidence,
    }
    if occurrence.score is not None:
        told |= {"score": occurrence.score, "contributions": occurrence.contributions}
    if occurrence.segment is not None:
        told["segment"] = occurrence.segment
    if occurrence.shadow:
        told["shadow"] = True
    if (lead := occurrence.lead) is not None:
        told["lead"] = lead_message(lead)
        if lead.route is not None:
            told["route"] = route_message(lead.route)
    if occurrence.health is not None:
        told["health"] = health_message(occurrence.health)
    if occurrence.model is not None:
        told["model"] = model_message(occurrence.model)
    if occurrence.fell_back_to is not None:
        told["fell_back_to"] = occurrence.fell_back_to
    return told


def from_history(owner: Owner, told: Sequence[Told], at: int, name: str | None) -> Answer:
    """An answer by what was told alone: nothing is known of conditions, ``why`` is null.

    Args:
        owner: of whom.
        told: all that was told of it by ``at``, the newest last.
        at: the time of the answer.
        name: of the only milestone, or health, that is asked for.
    """
    account_id, user_id = owner
    changes = [one for one in told if "health" in one]
    others = [one for one in told if "health" not in one]
    changed = sorted({one["milestone"] for one in changes})
    names = sorted({one["milestone"] for one in others})
    if name is not None:
        names, changed = ([], [name]) if name in changed else ([name], [])
    return {
        "account_id": account_id,
        "user_id": user_id,
        "of": "account" if user_id is None else "user",
        "at": time_text(at),
        "first_seen": None,
        "last_seen": None,
        "milestones": [
            _by_then(each, [one for one in others if one["milestone"] == each]) for each in names
        ],
        "health": [
            _health_by_then(each, [one for one in changes if one["milestone"] == each])
            for each in changed
        ],
    }


def _health_by_then(name: str, told: Sequence[Told]) -> Answer:
    newest = told[-1]
    return {
        "health": name,
        "title": None,
        "definition_hash": newest["definition_hash"],
        "level": newest["health"]["level"],
        "since": newest["occurred_at"],
        "changes": max(one["occurrence"] for one in told),
        "why_at": None,
        "why": None,
        "told": list(told),
    }


def _by_then(name: str, told: Sequence[Told]) -> Answer:
    leads = [one for one in told if "lead" in one]
    own = leads or [one for one in told if one["journey"] is None]
    is_live = any(one["type"] in _LIVE for one in own)
    occurred = [one for one in own if one["type"] != "milestone.exited"]
    count = max((one["occurrence"] for one in occurred), default=0)
    holds = bool(own) and own[-1]["type"] not in _ENDS
    lasting = "live" if is_live else "lead" if leads else None
    return {
        "milestone": name,
        "title": None,
        "shadow": bool(own) and "shadow" in own[-1],
        "mode": lasting or ("repeat" if count > 1 else "once" if own else None),
        "definition_hash": own[-1]["definition_hash"] if own else None,
        "holds": holds,
        "occurrences": count,
        "first_at": occurred[0]["occurred_at"] if occurred else None,
        "last_at": own[-1]["occurred_at"] if own else None,
        "again_from": None,
        "coming": None,
        "why_at": None,
        "why": None,
        "told": list(told),
        **(_last_told(leads) if leads else {}),
    }


def _last_told(told: Sequence[Told]) -> Answer:
    """What a lead is by all that was told of it: an override that came late is not of the last."""
    last = told[-1]
    same = [one for one in told if one["occurrence"] == last["occurrence"]]
    decided = max(reversed(same), key=_overridden_at)
    return {
        "kind": last["lead"]["kind"],
        "closed_at": last["occurred_at"] if last["type"] == "lead.closed" else None,
        "lead": {**last["lead"], "override": decided["lead"]["override"]},
        "route": decided.get("route"),
    }


def _overridden_at(told: Told) -> str:
    override = told["lead"]["override"]
    return "" if override is None else str(override["at"])


def _remember(milestone: Answer) -> None:
    for one in reversed(milestone["told"]):
        if one["journey"] is None and one["definition_hash"] == milestone["definition_hash"]:
            evidence = {each["condition"]: each for each in one["evidence"]}
            _fill(milestone["why"], evidence, negated=False)
            return


def _fill(node: Answer, evidence: Mapping[str, Any], *, negated: bool) -> None:
    kind, parts = node["kind"], node["parts"]
    if kind == "leaf":
        condition = node["condition"]
        found = evidence.get(f"not ({condition})" if negated else condition)
        if found is not None:
            copied = ("observed", "at_least", "threshold", "window_start", "history_since")
            node.update({name: found[name] for name in copied})
            node["holds"] = found["holds"] != negated
            node["seen"] = observed_words(found["observed"], at_least=found["at_least"])
        return
    for part in parts:
        _fill(part, evidence, negated=negated != (kind == "not"))
    known = [part["holds"] for part in parts]
    if None in known:
        return
    truth = {"all": all(known), "segment": all(known), "any": any(known), "not": not known[0]}
    node["holds"] = truth[kind]
    if kind == "segment":
        node["seen"] = "yes" if node["holds"] else "no"
