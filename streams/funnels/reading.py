"""Events of files, each once, with what is asked of them."""

from collections import Counter
from collections.abc import Callable, Iterator

from schemas.dead_letters import Reason
from schemas.events import Event
from schemas.parameters import CONTROL_ACCOUNT
from streams.decoding import decode
from streams.definitions.model import EntityKind, EventFilter, Funnel, Owner, Timing
from streams.engine.entities import BEFORE_ALL
from streams.engine.filters import compile_filter
from streams.engine.funnels import Matcher, Touch, best_attempt
from streams.engine.recent import RecentIds
from streams.engine.values import names
from streams.errors import Rejected
from streams.files import TOPIC, EventFiles
from streams.funnels.breakdown import Breakdown
from streams.funnels.report import Report, Tally, step_names
from streams.funnels.retention import Mark, RetentionReport, RetentionTally, Return, Spotter

_FORGET_EVERY = 1_000
"""Event ids of an account between two looks at which of them are too old to matter."""


def owner_of(event: Event, of: EntityKind) -> Owner | None:
    """The account or the user that the event counts for; ``None``: for none."""
    if of == "user":
        return None if event.user_id is None else (event.account_id, event.user_id)
    return None if event.account_id is None else (event.account_id, None)


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


class EventReading:
    """Reads files of events.

    Args:
        timing: tells repeated events from new ones, as for the milestones.
        files: what to read.
        take: gets every event once.

    Attributes:
        newest: time of the newest event, epoch milliseconds.
        read: lines so far; of them ``duplicates`` and ``dead`` ones went no further.
    """

    def __init__(self, timing: Timing, files: EventFiles, take: Callable[[Event], None]) -> None:
        self._dedupe_within = timing.dedupe_within
        self._files = files
        self._take = take
        self._accounts: dict[Owner, _Account] = {}
        self.newest = BEFORE_ALL
        self.read = 0
        self.duplicates = 0
        self.dead: Counter[Reason] = Counter()

    def run(self) -> Iterator[int]:
        """Read everything; yields how many lines were read so far.

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
                    self._sift(event)
            yield self.read

    def _sift(self, event: Event) -> None:
        if event.account_id == CONTROL_ACCOUNT:
            return  # nobody's
        root = (event.account_id, None if event.account_id is not None else event.user_id)
        account = self._accounts.get(root)
        if account is None:
            account = self._accounts[root] = _Account(self._dedupe_within)
        if self._dedupe_within and not account.is_new(event):
            self.duplicates += 1
            return
        self.newest = max(self.newest, event.time)
        self._take(event)


class SignUps:
    """When accounts or users signed up first.

    Args:
        signed_up: the events of that.
        of: whose.

    Attributes:
        at: owner → epoch milliseconds.
    """

    def __init__(self, signed_up: EventFilter, of: EntityKind) -> None:
        self._events = signed_up.events
        self._accepts = compile_filter(signed_up.where) if signed_up.where is not None else None
        self._of: EntityKind = of
        self.at: dict[Owner, int] = {}

    def take(self, event: Event) -> None:
        """Look whether the event is one."""
        if not names(self._events, event.name):
            return
        owner = owner_of(event, self._of)
        if owner is not None and (self._accepts is None or self._accepts(event)):
            self.at[owner] = min(event.time, self.at.get(owner, event.time))


class FileFunnel:
    """A funnel over files; answers once all is read.

    Args:
        funnel: what to look for.
        breakdown: what the answer is broken down by.
        signups: told of every event, where the breakdown needs them.
    """

    def __init__(
        self, funnel: Funnel, breakdown: Breakdown | None = None, signups: SignUps | None = None
    ) -> None:
        self._funnel = funnel
        self._breakdown = breakdown
        self._signups = signups
        self._matcher = Matcher(funnel, None if breakdown is None else breakdown.path)
        self._touches: dict[Owner, list[Touch]] = {}

    def take(self, event: Event) -> None:
        """One event, in whatever order they come."""
        if self._signups is not None:
            self._signups.take(event)
        owner = owner_of(event, self._funnel.of)
        touch = self._matcher.touch(event) if owner is not None else None
        if owner is not None and touch is not None:
            self._touches.setdefault(owner, []).append(touch)

    def report(self, newest: int) -> Report:
        """The answer to what was taken, the newest event of all at ``newest``."""
        funnel = self._funnel
        tally = Tally(self._breakdown)
        for owner, touches in self._touches.items():
            best = best_attempt(funnel, touches)
            if best is not None:
                tally.add(owner, best)
        until = newest if funnel.end is None else min(newest, funnel.end)
        return tally.report(funnel.name, funnel.of, funnel.order, step_names(funnel), until)


class FileRetention:
    """Retention over files; answers once all is read.

    Args:
        asked: what is asked.
    """

    def __init__(self, asked: Return) -> None:
        self._asked = asked
        self._spotter = Spotter(asked)
        self._marks: dict[Owner, list[Mark]] = {}

    def take(self, event: Event) -> None:
        """One event, in whatever order they come."""
        owner = owner_of(event, self._asked.of)
        mark = self._spotter.mark(event) if owner is not None else None
        if owner is not None and mark is not None:
            self._marks.setdefault(owner, []).append(mark)

    def report(self, newest: int) -> RetentionReport:
        """The answer to what was taken, the newest event of all at ``newest``."""
        tally = RetentionTally(self._asked, newest)
        for marks in self._marks.values():
            tally.add(marks)
        return tally.report()
