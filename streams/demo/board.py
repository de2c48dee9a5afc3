"""What the demo knows while it runs: what it sent, and what the worker made of it."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.demo.ledger import Ledger
from streams.demo.traffic import Arrival
from streams.facts import Facts

NEWEST = 50
"""How many of the latest qualifications are kept to be shown."""
_RATE_SECONDS = 3.0
ATTAINED = ("milestone.reached", "milestone.entered")
"""Types that tell that a milestone was reached."""


@dataclass(slots=True)
class Board:
    """Counts of one run; every method is called from the event loop only."""

    behind: int = 0
    """How far the worker's time stays behind the newest record's, milliseconds."""
    known: Facts = field(default_factory=lambda: Facts({}))
    """Tells the roles of events."""
    sent: int = 0
    unique: int = 0
    """Sound events sent, each once however often it was repeated."""
    repeated: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    """Sound events that have a role, each once, by the role."""
    broken: Counter[str] = field(default_factory=Counter)
    """Broken records sent, by the reason that they must be refused for."""
    latest: int = 0
    """Record time of the newest record sent, epoch milliseconds."""
    processed: int = 0
    """Records that the worker has committed."""
    dead: Counter[str] = field(default_factory=Counter)
    """Dead letters that the worker published, by reason."""
    corrections: int = 0
    newest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=NEWEST))
    """What was told of milestones and journeys as published, the newest first."""
    leads: Ledger = field(default_factory=Ledger)
    _levels: dict[str, dict[tuple[Any, ...], str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _ids: set[str] = field(default_factory=set)
    _reached: dict[str, set[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(set))
    _moments: deque[tuple[float, int]] = field(default_factory=deque)

    def count_sent(self, arrival: Arrival) -> None:
        """A record was handed to the producer."""
        self.sent += 1
        self.latest = arrival.at
        if arrival.broken:
            self.broken[arrival.broken.value] += 1
        elif arrival.repeated:
            self.repeated += 1
        elif arrival.event:
            self.unique += 1
            self.facts.update(fact.role for fact in self.known.of(arrival.event))

    def count_processed(self, records: int, now: float) -> None:
        """The worker has committed so many records in all; ``now`` in seconds of any clock."""
        self.processed = records
        self._moments.append((now, records))
        while now - self._moments[0][0] > _RATE_SECONDS:
            self._moments.popleft()

    def count_qualification(self, value: bytes) -> None:
        """A record of the qualifications topic; a repeat of one already seen counts nothing."""
        qualification = orjson.loads(value)
        if qualification["id"] in self._ids:
            return
        self._ids.add(qualification["id"])
        kind = qualification["type"]
        if kind == "milestone.corrected":
            self.corrections += 1
            return
        if kind.startswith("lead."):
            self.leads.add(qualification)
            return
        if kind == "health.changed":
            who = qualification["account_id"], qualification["user_id"]
            self._levels[qualification["milestone"]][who] = qualification["health"]["level"]
            return
        if kind in ATTAINED:
            fields = ("account_id", "user_id", "occurrence")
            entity = tuple(qualification[field] for field in fields)
            self._reached[qualification["milestone"]].add(entity)
        self.newest.appendleft(qualification)

    def count_dead_letter(self, headers: dict[str, bytes]) -> None:
        """A record of the dead-letter topic."""
        self.dead[headers.get("dead_letter_reason", b"?").decode()] += 1

    @property
    def passed(self) -> int:
        """Up to when what is due has come, epoch milliseconds."""
        return self.latest - self.behind

    @property
    def reached(self) -> dict[str, int]:
        """How often each milestone was reached, or entered where it is live."""
        return {name: len(entities) for name, entities in self._reached.items()}

    @property
    def health(self) -> dict[str, Counter[str]]:
        """How many are at each level of each health, of those of whom a change was told."""
        return {name: Counter(levels.values()) for name, levels in self._levels.items()}

    @property
    def rate(self) -> float:
        """Records a second that the worker processed lately."""
        if len(self._moments) < 2:
            return 0.0
        (begin, before), (end, after) = self._moments[0], self._moments[-1]
        return (after - before) / (end - begin) if end > begin else 0.0
