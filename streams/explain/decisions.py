"""The record of decisions about somebody: as a JSON object, and for a person to read."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from schemas.encoding import time_text
from streams.definitions.model import Owner
from streams.explain.answer import Answer
from streams.explain.names import kind_of, spoken
from streams.explain.plain import date_words, number_words

if TYPE_CHECKING:  # whoever has nothing to do with ClickHouse need not wait for its client
    from streams.queries.audit import Decision

_TIMES = ("occurred_at", "detected_at", "overridden_at")


def as_answer(owner: Owner, found: "Sequence[Decision]") -> Answer:
    """``{"account_id": …, "user_id": …, "of": …, "decisions": [{…}]}``, the newest last.

    A decision has the columns of the view ``audit`` but the ids of the entity; times are ISO 8601.
    """
    account_id, user_id = owner
    return {
        "account_id": account_id,
        "user_id": user_id,
        "of": kind_of(owner),
        "decisions": [asdict(one) | _times(one) for one in found],
    }


def decisions_page(owner: Owner, found: "Sequence[Decision]") -> Iterator[str]:
    """Line by line, the newest last."""
    yield f"Decisions about {spoken(owner)}:"
    for one in found:
        yield f"  {date_words(one.occurred_at)} {one.name} {one.type}, {_decided(one)}{_by(one)}"
        for component, signal in one.features.items():
            yield f"      {component}: a signal of {number_words(signal)}"
        for each in one.evidence:
            yield f"      {'✓' if each['holds'] else '✗'} {each['condition']}: {each['observed']}"


def _decided(one: "Decision") -> str:
    if one.is_override:
        return f"by {one.approver}: {one.override_reason}"
    return f"by event {one.decided_by}" if one.decided_by else "by the passing of time"


def _by(one: "Decision") -> str:
    """What it went by, and what came of it."""
    model = f"{one.model} {one.model_version}".strip()
    facts = {
        "definition": one.definition_hash,
        "model": model,
        "score": "" if one.score is None else number_words(one.score),
        "segment": one.segment,
        "team": one.team,
        "outcome": one.outcome,
    }
    return "".join(f"; {name} {value}" for name, value in facts.items() if value)


def _times(one: "Decision") -> dict[str, Any]:
    times: dict[str, int | None] = {name: getattr(one, name) for name in _TIMES}
    return {name: None if time is None else time_text(time) for name, time in times.items()}
