"""A funnel over files: who came how far, without Kafka."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from statistics import median

from schemas.dead_letters import Reason
from schemas.events import Event
from schemas.parameters import CONTROL_ACCOUNT
from streams.decoding import decode
from streams.definitions.conditions.events import describe_events
from streams.definitions.model import Funnel, Owner, Timing
from streams.engine.entities import BEFORE_ALL
from streams.engine.funnels import Attempt, Matcher, Touch, best_attempt
from streams.engine.recent import RecentIds
from streams.errors import Rejected
from streams.files import TOPIC, EventFiles

_FORGET_EVERY = 1_000
"""Event ids of an account between two looks at which of them are too old to matter."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and who came to it."""

    name: str
    count: int
    """How many accounts or users filled it, and all before it."""
    of_previous: float | None
    """Their share of those who filled the step before; ``None`` for the first, and of nobody."""
    of_first: float | None
    """Their share of those who filled the first."""
    median_ms: float | None
    """Half of them took no longer from the step before; ``None`` for the first, and of nobody."""


@dataclass(frozen=True, slots=True)
class Report:
    """A funnel's answer."""

    funnel: Funnel
    steps: tuple[Step, ...]
    groups: Mapping[str | None, tuple[Step, ...]]
    """The same by what the event that filled the first step said; the largest group first."""


class _Account:
    """The event ids that an account has seen of late."""

    __slots__ = ("clock", "recent")

    def __init__(self, dedupe_within: int) -> None:
        self.recent = RecentIds(dedupe_within)
        self.clock = BEFORE_ALL

    def is_new(self, event: Event) -> bool:
        self.clock = max(self.clock, event.time)
        if len(self.recent.seen) % _FORGET_EVERY == 0:
            self.recent.expire(self.clock)
        return self.recent.admit(event.event_id, self.clock)


class FunnelRun:
    """Reads files, and answers once all is read.

    Args:
        funnel: what to look for.
        timing: tells repeated events from new ones, as for the milestones.
        files: what to read.
        by: path of the property that the answer is broken down by.
    """

    def __init__(
        self, funnel: Funnel, timing: Timing, files: EventFiles, by: str | None = None
    ) -> None:
        self._funnel = funnel
        self._dedupe_within = timing.dedupe_within
        self._files = files
        self._matcher = Matcher(funnel, by)
        self._accounts: dict[Owner, _Account] = {}
        self._touches: dict[Owner, list[Touch]] = {}
        self.read = 0
        self.duplicates = 0
        self.dead: Counter[Reason] = Counter()

    def run(self) -> Iterator[int]:
        """Read everything; yields how many events were read so far.

        Raises:
            UsageError: a file cannot be read on.
        """
        for lines in self._files:
            for line in lines:
                self.read += 1
                try:
                    event = decode(line.value, (), line.timestamp, TOPIC, 0, line.offset)
                except Rejected as refusal:
                    self.dead[refusal.reason] += 1
                else:
                    self._take(event)
            yield self.read

    def _take(self, event: Event) -> None:
        if event.account_id == CONTROL_ACCOUNT:
            return  # nobody's
        user_id = event.user_id
        root = (event.account_id, None if event.account_id is not None else user_id)
        account = self._accounts.get(root)
        if account is None:
            account = self._accounts[root] = _Account(self._dedupe_within)
        if self._dedupe_within and not account.is_new(event):
            self.duplicates += 1
            return
        if self._funnel.of == "user":
            owner: Owner = (event.account_id, user_id)
            known = user_id is not None
        else:
            owner = (event.account_id, None)
            known = event.account_id is not None
        touch = self._matcher.touch(event) if known else None
        if touch is not None:
            self._touches.setdefault(owner, []).append(touch)

    def report(self) -> Report:
        """The answer to what was read."""
        attempts: list[Attempt] = []
        for touches in self._touches.values():
            best = best_attempt(self._funnel, sorted(touches, key=attrgetter("time")))
            if best is not None:
                attempts.append(best)
        labels: dict[str | None, list[Attempt]] = {}
        for attempt in attempts:
            labels.setdefault(attempt.label, []).append(attempt)
        groups = sorted(labels.items(), key=lambda group: (-len(group[1]), group[0] or ""))
        return Report(
            self._funnel,
            self._steps(attempts),
            {label: self._steps(found) for label, found in groups},
        )

    def _steps(self, attempts: Sequence[Attempt]) -> tuple[Step, ...]:
        names = step_names(self._funnel)
        counts = [
            sum(len(attempt.times) > place for attempt in attempts) for place in range(len(names))
        ]
        return tuple(
            Step(
                name,
                counts[place],
                _share(counts[place], counts[place - 1]) if place else None,
                _share(counts[place], counts[0]),
                _median(attempts, place) if place else None,
            )
            for place, name in enumerate(names)
        )


def step_names(funnel: Funnel) -> list[str]:
    """What each step is called; where they have no order, by how many there are."""
    if funnel.order == "unordered":
        return [
            f"any {number} of {len(funnel.steps)}" for number in range(1, len(funnel.steps) + 1)
        ]
    return [describe_events(step.events, step.where) for step in funnel.steps]


def _share(count: int, of: int) -> float | None:
    return count / of if of else None


def _median(attempts: Iterable[Attempt], place: int) -> float | None:
    waits = [one.times[place] - one.times[place - 1] for one in attempts if len(one.times) > place]
    return median(waits) if waits else None
