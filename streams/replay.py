"""The engine over files: what the worker would say of the same events, without Kafka."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from schemas.comparisons import ScoreComparison
from schemas.dead_letters import DeadLetter, Reason
from schemas.qualifications import Qualification, QualificationType
from streams.decoding.times import EARLIEST
from streams.definitions.model import Definitions
from streams.engine import Engine
from streams.evaluator import Evaluator
from streams.files import TOPIC, EventFiles

EXAMPLES = 3
"""How many dead letters of each reason a tally keeps."""

_BEGINNINGS = frozenset(("milestone.reached", "milestone.entered", "lead.qualified"))


@dataclass(slots=True)
class Tally:
    """What a replay has said so far."""

    told: defaultdict[QualificationType, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """How often each thing was told, by type: mostly the milestone, lead, health or rule; for
    ``lead.routed`` the team, for ``entity.deleted`` of which kind, and for ``lead.closed`` the
    outcome."""
    shadows: Counter[str] = field(default_factory=Counter)
    """How often each milestone and lead in the shadow was reached, entered or qualified."""
    dead: Counter[Reason] = field(default_factory=Counter)
    examples: dict[Reason, list[DeadLetter]] = field(default_factory=dict)
    """The first dead letters of each reason."""

    def add(self, outcome: "Outcome") -> None:
        """Count a slice's outcome in."""
        for qualification in outcome.qualifications:
            self.told[qualification.type][_what(qualification)] += 1
        for hidden in outcome.hidden:
            if isinstance(hidden, Qualification) and hidden.type in _BEGINNINGS:
                self.shadows[hidden.milestone] += 1
        for letter in outcome.dead_letters:
            self.dead[letter.reason] += 1
            examples = self.examples.setdefault(letter.reason, [])
            if len(examples) < EXAMPLES:
                examples.append(letter)


def _what(qualification: Qualification) -> str:
    """What a qualification is counted as."""
    lead = qualification.lead
    match qualification.type:
        case "lead.routed" if lead and lead.route:
            return lead.route.team
        case "lead.closed" if lead and lead.outcome:
            return lead.outcome
        case "entity.deleted":
            return "accounts" if qualification.user_id is None else "users"
        case _:
            return qualification.milestone


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one slice of the input led to, in the order in which it happened."""

    qualifications: tuple[Qualification, ...]
    dead_letters: tuple[DeadLetter, ...]
    """``topic`` is the file, ``offset`` the line's number in it, from 1."""
    hidden: tuple[Qualification | ScoreComparison, ...] = ()
    """What is in the shadow, which no subscriber is told."""


class Replay:
    """Evaluates files, a slice at a time; states live in memory, packed as they would be in Kafka.

    Args:
        definitions: what to look for.
        files: what to read.
        until: the time, epoch milliseconds, to which the clock moves on after the last event;
            ``None`` (and any time before it): it stops at the newest event.
    """

    def __init__(
        self, definitions: Definitions, files: EventFiles, until: int | None = None
    ) -> None:
        self._files = files
        self._until = until
        self._accounts: dict[bytes, bytes] = {}
        self._users: dict[bytes, bytes] = {}
        self._evaluator = Evaluator(
            Engine(definitions),
            topic=TOPIC,
            partition=0,
            load_account=self._accounts.get,
            load_user=self._users.get,
            records_tell_time=False,
            find_users=lambda prefix: [key for key in self._users if key.startswith(prefix)],
        )
        self._newest = EARLIEST
        self.counts = self._evaluator.counts
        self.tally = Tally()

    def run(self) -> Iterator[Outcome]:
        """Read everything, then judge what had waited for events that might have come late.

        Raises:
            UsageError: a file cannot be read on.
        """
        for lines in self._files:
            self._evaluator.apply(lines)
            yield self._commit()
        if self._until is not None:
            self._newest = max(self._until, self._newest)
        self._evaluator.finish(self._newest)
        yield self._commit()

    def _commit(self) -> Outcome:
        """One commit cycle: what the worker sends to Kafka goes to the caller and to two dicts."""
        changes = self._evaluator.collect()
        for update in changes.updates:
            # Every event that counts is somebody's activity; others move the clock as well.
            days = [*(row[-1] for row in update.activity), *(row[-1] for row in update.excluded)]
            for counts in days:
                self._newest = max(self._newest, *(last_at for *_, last_at in counts.values()))
        _store(self._accounts, changes.accounts)
        _store(self._users, changes.users)
        staged = self._evaluator.staged
        letters = tuple(self._placed(letter) for letter in staged.dead_letters)
        outcome = Outcome(tuple(staged.qualifications), letters, tuple(staged.hidden))
        self._evaluator.committed()
        self.tally.add(outcome)
        return outcome

    def _placed(self, letter: DeadLetter) -> DeadLetter:
        path, line = self._files.place(letter.offset)
        return replace(letter, topic=path, offset=line)


def _store(table: dict[bytes, bytes], changes: list[tuple[bytes, bytes | None]]) -> None:
    for key, state in changes:
        if state is None:
            table.pop(key, None)
        else:
            table[key] = state
