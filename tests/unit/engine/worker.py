"""One worker over one partition, for tests of single rules."""

from collections.abc import Sequence
from typing import Any

import orjson

from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z, a Thursday
RECORDED_AT = START + 365 * DAY

USED_TWICE = '{of: account, when: {event: Used, count: ">= 2"}}'


class Worker:
    """An evaluator over one partition; what it stages piles up.

    Milestones are m0, m1, …; the score, where there is one, is s, and ``before`` it another.
    """

    def __init__(self, *milestones: str, score: str = "", before: str = "") -> None:
        lines = [f"  m{number}: {text}" for number, text in enumerate(milestones)]
        settings = "settings: {allowed_lateness: 1h, dedupe_within: 24h}"
        others = f"{before}, " if before else ""
        scores = [f"scores: {{{others}s: {{{score}}}}}"] if score else []
        text = "\n".join(["version: 1", settings, *scores, "milestones:", *lines])
        self.definitions = loads(text)
        self.evaluator = Evaluator(
            Engine(self.definitions),
            topic="product.events",
            partition=3,
            load_account=lambda _: None,
            load_user=lambda _: None,
        )
        self._next = 0

    def send(
        self, at: int, *, name: str = "Used", recorded_at: int = RECORDED_AT, **more: Any
    ) -> None:
        """One event at ``START + at``; a fresh event id and the account acme unless said."""
        body = {
            "event": name,
            "timestamp": START + at,
            "event_id": f"event-{self._next}",
            "account_id": "acme",
            **more,
        }
        self.send_raw(orjson.dumps(body), recorded_at)

    def send_raw(self, value: bytes | None, recorded_at: int = RECORDED_AT) -> None:
        self.evaluator.apply([FakeRecord(b"acme", value, (), recorded_at, self._next)])
        self._next += 1

    @property
    def outputs(self) -> Sequence[Qualification]:
        return self.evaluator.staged.qualifications

    @property
    def times(self) -> list[tuple[str, int]]:
        """Milestone and time after ``START`` of every output so far."""
        return [(output.milestone, output.occurred_at - START) for output in self.outputs]
