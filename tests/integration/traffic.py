"""Seeded traffic for the integration suites, and what must come of it."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from schemas.encoding import date_text, time_text
from tests.services.commands import run
from tests.services.topics import Message

DEFINITIONS = Path(__file__).parent / "definitions.yml"

START = 1_735_689_600_000
"""2025-01-01T00:00:00Z."""
DAY = 86_400_000
SPAN = 30 * DAY
NAMES = ("Document Created", "Document Shared", "Document Viewed", "Report Run", "Invite Sent")
MILESTONES = {"signed_up", "aha", "team_aha", "explorer", "steady", "heavy", "pql"}
"""What the definitions define; the traffic must reach each of them, or the tests prove little."""

Reached = dict[tuple[str, str, str, int], str]
"""(milestone, account, user, occurrence) → the earliest ``occurred_at``; no id is empty text."""


def events(seed: int, count: int, accounts: int = 25) -> list[dict[str, Any]]:
    """Events in about the order of their time, no two of them the same.

    One in fifty names no user, one in fifty no account.
    """
    rng = random.Random(seed)
    made = []
    for number in range(count):
        account = f"account-{min(rng.randrange(accounts), rng.randrange(accounts))}"
        event: dict[str, Any] = {
            "event": "Account Created" if number < accounts else rng.choice(NAMES),
            "timestamp": time_text(START + number * SPAN // count + rng.randrange(-DAY, DAY)),
            "event_id": f"{seed}-{number}",
            "account_id": f"account-{number}" if number < accounts else account,
            "user_id": f"user-{rng.randrange(4)}",
            "properties": {
                "role": rng.choice(["admin", "editor", "viewer"]),
                "feature": f"feature-{rng.randrange(8)}",
                "minutes": rng.randrange(60),
            },
        }
        if number >= accounts and rng.random() < 0.04:
            del event[rng.choice(["user_id", "account_id"])]
        made.append(event)
    return made


def messages(
    made: Iterable[Mapping[str, Any]], seed: int, *, ill_keyed: float = 0.0, repeated: float = 0.05
) -> list[Message]:
    """The events as producers send them: some twice, some with another key or none."""
    rng = random.Random(seed)
    sent = []
    for event in made:
        key = _key(event)
        if rng.random() < ill_keyed:
            key = rng.choice([None, b"another-key", event.get("event_id", "").encode()])
        partition = rng.randrange(2) if key is None else None
        message = Message(orjson.dumps(event), key, partition=partition)
        sent.append(message)
        if rng.random() < repeated:
            sent.insert(rng.randrange(max(0, len(sent) - 50), len(sent)), message)
    return sent


def _key(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("account_id") or event["user_id"]
    return text.encode()


def replayed(made: Iterable[Mapping[str, Any]], folder: Path) -> Reached:
    """What ``milepost replay`` says of the events."""
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps(event) for event in made))
    said = run(["replay", "-d", str(DEFINITIONS), str(file)])
    return reached(orjson.loads(line) for line in said.splitlines())


def reached(qualifications: Iterable[Mapping[str, Any]]) -> Reached:
    """The outcome of published qualifications: corrections only ever prove earlier times."""
    outcome: Reached = {}
    for one in qualifications:
        entity = one["milestone"], one["account_id"] or "", one["user_id"] or "", one["occurrence"]
        outcome[entity] = min(outcome.get(entity, one["occurred_at"]), one["occurred_at"])
    return outcome


def daily(made: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str, str, str]]:
    """(account, user, day, event) → how often, counted here by hand."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for event in made:
        at = datetime.fromisoformat(event["timestamp"])
        day = date_text(int(at.timestamp()) // 86_400)
        counted[event.get("account_id", ""), event.get("user_id", ""), day, event["event"]] += 1
    return counted
