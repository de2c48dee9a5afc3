"""A few events of one account, explained."""

from collections.abc import Sequence
from typing import Any

import orjson

from streams.definitions import loads
from streams.definitions.model import Owner
from streams.explain.answer import Answer
from streams.explain.files import FileSource
from streams.explain.names import asked_for, kind_of
from streams.explain.page import page
from streams.files import Line

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
ACME: Owner = ("acme", None)
SETTINGS = "settings: {allowed_lateness: 1h, dedupe_within: 24h}"


def at(day: float) -> int:
    """So many days after the beginning of 2026."""
    return START + round(day * DAY)


def event(day: float, name: str, user: str | None = "ann", **more: Any) -> dict[str, Any]:
    return {
        "event": name, "timestamp": at(day), "event_id": f"{name}-{user}-{day}",
        "account_id": "acme", "user_id": user, **more,
    }  # fmt: skip


def explained(
    milestones: str,
    events: Sequence[dict[str, Any]],
    until: float,
    owner: Owner = ACME,
    sections: str = "",
) -> Answer:
    """The answer from these events, of all milestones of its kind; ``sections`` are the others."""
    meaning = loads(f"version: 1\n{SETTINGS}\n{sections}\nmilestones:\n{milestones}")
    lines: Any = [[Line(orjson.dumps(one), offset, at(400)) for offset, one in enumerate(events)]]
    source = FileSource(meaning, lines, [owner], at(until))
    for _ in source.run():
        pass
    return source.answer(owner, *asked_for(meaning, kind_of(owner), None))


def only(answer: Answer) -> Any:
    """Its one milestone."""
    [milestone] = answer["milestones"]
    return milestone


def lines(answer: Answer, *, told: bool = False) -> list[str]:
    """The page, from its first milestone on."""
    return list(page(answer, told=told))[2:]
