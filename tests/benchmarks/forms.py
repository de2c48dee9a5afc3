"""Every form of condition and histories of one entity, for what must cost the same for ever."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from schemas.events import Event
from streams.definitions import loads
from streams.engine import Engine, Entity, Occasion, Root
from streams.engine.occasion import Staged

START = 1_767_225_600_000
SECOND = 1_000
HOUR = 3_600 * SECOND
_COMMIT = 1_000
"""Events after which what was told is forgotten."""
MODES = ("once", "live", "repeat")

_SIZE = "properties.size"
_LEVEL = "properties.level"
_STEPS = "{event: Used}, {event: Shared}, {event: Paid}"

COUNTS = {
    "count >= 3": "{event: Used, count: '>= 3', within: 30d}",
    "count == 0": "{event: Used, count: '== 0', within: 30d}",
    "count <= 5": "{event: Used, count: '<= 5', within: 30d}",
    "count >= 3, ever": "{event: Used, count: '>= 3'}",
    "count <= 5, ever": "{event: Used, count: '<= 5'}",
    "users >= 3": "{event: Used, users: '>= 3', within: 30d}",
    "users == 0": "{event: Used, users: '== 0', within: 30d}",
    "users <= 5": "{event: Used, users: '<= 5', within: 30d}",
    "users <= 5, ever": "{event: Used, users: '<= 5'}",
    "days >= 4": "{event: Used, days: '>= 4', within: 30d}",
    "days <= 4": "{event: Used, days: '<= 4', within: 30d}",
    "weeks >= 4": "{event: Used, weeks: '>= 4', within: 90d}",
    "distinct >= 3": "{event: Used, distinct: {of: properties.feature, is: '>= 3'}, within: 30d}",
    "distinct <= 5": "{event: Used, distinct: {of: properties.feature, is: '<= 5'}, within: 30d}",
    "distinct, ever": "{event: Used, distinct: {of: properties.feature, is: '<= 5'}}",
}
NUMBERS = {
    f"{measure} of {path.removeprefix('properties.')}{', ever' if not window else ''}": (
        f"{{event: Used, {measure}: {{of: {path}, is: '>= 5'}}{window}}}"
    )
    for measure in ("sum", "avg", "min", "max")
    for path in (_SIZE, _LEVEL)
    for window in (", within: 30d", "")
}
OTHERS = {
    "first": "{event: Used, first: true, within: 7d}",
    "returned_after": "{event: Used, returned_after: 2m, within: 30d}",
    "inactive": "{inactive: 14d}",
    "inactive of": "{inactive: 14d, event: Paid}",
    "after": "{after: {event: Used}, no: {event: Shared}, for: 30m}",
    "regularly": "{regularly: {event: Used, every: 7d, times: '>= 2', in: '>= 3', of_last: 4}}",
    "regularly < 9": "{regularly: {event: Used, every: 7d, times: '< 9', in: '>= 3', of_last: 4}}",
    "latest": "{latest: {event: Used}, has: {properties.size: {gte: 50}}}",
    "trait": "{trait: plan, is: trial}",
}
TRENDS = {
    f"trend of {measure.partition(':')[0]}": (
        f"{{trend: {{event: Used, {measure}, window: 30d, is: '>= 1.5'}}}}"
    )
    for measure in (
        "count: true", "users: true", "days: true", "distinct: properties.feature",
        f"sum: {_SIZE}", f"avg: {_SIZE}", f"min: {_LEVEL}", f"max: {_LEVEL}",
    )
}  # fmt: skip
SEQUENCES = {
    "sequence": f"{{sequence: [{_STEPS}]}}",
    "sequence within": f"{{sequence: [{_STEPS}, {{event: Never}}], within: 7d}}",
    "sequence no": "{sequence: [{event: Used}, {no: {event: Shared}}, {event: Never}], within: 7d}",
    "sequence no for": "{sequence: [{event: Used}, {no: {event: '*'}, for: 1h}], within: 7d}",
    "sequence strict": f"{{sequence: [{_STEPS}, {{event: Never}}], within: 7d, strict: true}}",
    "matches": f"{{sequence: [{_STEPS}], within: 7d, count: '>= 100000'}}",
    "matches, few": "{sequence: [{event: Used}, {event: Never}], within: 7d, count: '>= 2'}",
    "matches of two, few ends": (
        "{sequence: [{event: Used}, {event: Shared}, {event: Rare}], within: 7d,"
        " count: '>= 100000'}"
    ),
    "matches no": (
        "{sequence: [{event: Used}, {no: {event: Shared}}, {event: Paid}], within: 7d,"
        " count: '>= 100000'}"
    ),
    "matches no for": (
        "{sequence: [{event: Used}, {event: Paid}, {no: {event: Shared}, for: 10m}], within: 7d,"
        " count: '>= 100000'}"
    ),
    "matches strict": f"{{sequence: [{_STEPS}], within: 7d, strict: true, count: '>= 100000'}}",
}
MILESTONES = {
    "users reached": "{milestone: helper_once, users: '>= 3', within: 30d}",
    "users reached, few": "{milestone: helper_once, users: '<= 5'}",
    "users reached again": "{milestone: helper_repeat, users: '== 4', within: 30d}",
    "users now": "{milestone: helper_live, users: '>= 3'}",
    "users now, few": "{milestone: helper_live, users: '<= 2'}",
    "users who went": "{milestone: helper_gone, users: '>= 3'}",
}
HELPERS = {
    "helper_once": "when: {event: Used}",
    "helper_repeat": "repeat: 2h, when: {event: Used, within: 1h}",
    "helper_live": "live: true, when: {event: Used, within: 1d}",
    "helper_gone": "live: true, when: {inactive: 1d, event: Used}",
}
CONDITIONS = {**COUNTS, **NUMBERS, **OTHERS, **TRENDS, **SEQUENCES, **MILESTONES}
OF_ACCOUNTS = {name for name in CONDITIONS if "users" in name} | {"trend of users"}


def definitions_for(name: str, mode: str) -> str:
    """A file with the condition as the only milestone, one that can turn again and again.

    A milestone that is reached once is let go of: with ``once``, it is one that never is.
    """
    return definitions(_milestones("measured", name, mode))


def beside(name: str, mode: str, count: int) -> tuple[str, list[str]]:
    """A file with one milestone on ``Used`` and others with the condition, on events of their own.

    Returns:
        The file, and the name of an event for each of the others.
    """
    of = "account" if name in OF_ACCOUNTS else "user"
    mean = "{event: Used, avg: {of: properties.size, is: '>= 50'}, within: 7d}"
    measured = f"  measured: {{of: {of}, live: true, when: {mean}}}"
    other = _milestones("other", name, mode)
    others = [_OWN.sub(rf"\g<0>_{number}", other) for number in range(count)]
    return definitions("\n".join([measured, *others])), [f"Used_{n}" for n in range(count)]


def _milestones(milestone: str, name: str, mode: str) -> str:
    condition = CONDITIONS[name]
    helper = next((helper for helper in HELPERS if helper in condition), None)
    if mode == "once":
        condition = f"{{all: [{condition}, {{event: Never}}]}}"
    kind = {"live": "live: true, ", "repeat": "repeat: 30d, "}.get(mode, "")
    of = "account" if name in OF_ACCOUNTS else "user"
    line = f"  {milestone}: {{of: {of}, {kind}when: {condition}}}"
    return line if helper is None else f"{line}\n  {helper}: {{of: user, {HELPERS[helper]}}}"


def can_be_beside(name: str) -> bool:
    """Whether the condition names events, so that there can be one that it does not name."""
    condition = CONDITIONS[name]
    names_all = "'*'" in condition or "strict" in condition
    own = ("event: ", "milestone: ", "trait: ")
    return not names_all and any(what in condition for what in own)


_OWN = re.compile(r"\b(other|Used|Shared|Paid|Never|Rare|plan|helper_\w+)\b")
"""What each of many alike definitions has for itself."""


def definitions(milestones: str) -> str:
    """A file with these milestones."""
    settings = "{allowed_lateness: 1h, dedupe_within: 0s}"
    return f"version: 1\nsettings: {settings}\nmilestones:\n{milestones}"


@dataclass(frozen=True)
class Pace:
    """How the events of a history follow each other.

    Attributes:
        gap: milliseconds between two, on average.
        late: the share of events that come late, by up to nearly the allowed lateness.
    """

    gap: int
    late: float = 0.0


SPARSE = Pace(24 * HOUR)
"""One a day: after a hundred, as many leave each window as come."""
STEADY = Pace(60 * SECOND)
"""One a minute: ten thousand and more in each window."""
DISORDERLY = Pace(60 * SECOND, late=0.05)
BURST = Pace(0)
"""A hundred thousand in less than the allowed lateness."""


def history(pace: Pace, *, of_account: bool, seed: int = 0) -> Iterator[Event]:
    """The events of one account, whose users become ever more, or of one user."""
    rng = random.Random(seed)
    time = START
    names = rng.choices(["Used", "Shared", "Paid", "Opened", "Rare"], [50, 25, 15, 9, 1], k=10_000)
    for number in count():
        time += round(rng.expovariate(1 / pace.gap)) if pace.gap else 30
        at = time - rng.randrange(HOUR) if rng.random() < pace.late else time
        name = names[number % 10_000]
        traits = {"plan": rng.choice(["trial", "paid"])} if number % 30 == 0 else {}
        yield Event(
            event_id=str(number),
            name="identify" if traits else name,
            time=at,
            account_id="acme" if of_account else None,
            user_id=f"user-{_user(number, rng)}" if of_account else "ann",
            properties={
                "size": rng.randrange(100),
                "level": 150 - number,
                "feature": f"f{number}" if number % 3 == 0 else f"f{rng.randrange(20)}",
            },
            traits=traits,
        )


def one_of_each(names: Sequence[str], *, of_account: bool, since: int = 0) -> list[Event]:
    """An event a second with each name, of one user; the first one is number ``since``."""
    return [
        Event(
            event_id=str(number),
            name=name,
            time=START + number * SECOND,
            account_id="acme" if of_account else None,
            user_id="ann",
            properties={"size": number % 100, "level": 150 - number, "feature": f"f{number % 20}"},
            traits={f"plan{name.removeprefix('Used')}": "trial"} if name != "Used" else {},
        )
        for number, name in enumerate(names, start=since)
    ]


def _user(number: int, rng: random.Random) -> int:
    """A new one with every tenth event; otherwise mostly one of the last ones."""
    users = number // 10 + 1
    return rng.randrange(0 if number % 10 == 5 else max(0, users - 10), users)


class Busy:
    """One account, or one user without, with the engine alone: no records, no commits."""

    def __init__(self, text: str, *, of_account: bool) -> None:
        self.of_account = of_account
        self.engine = Engine(loads(text))
        self.root = Root(b"key", "acme" if of_account else None, None if of_account else "ann", 0)
        self.staged = Staged()
        self._occasion = Occasion(self.staged, lambda _, user_id: self._user(user_id))
        self._occasion.root = self.root
        self._occasion.source = -1
        self.seen = 0

    def apply(self, event: Event) -> None:
        """Let it happen."""
        occasion = self._occasion
        self.seen += 1
        occasion.offset = self.seen
        if self.seen % _COMMIT == 0:
            self.forget_what_was_told()
        occasion.recorded_at = event.time
        occasion.decided_by = event.event_id
        user = None
        if event.account_id is not None and event.user_id is not None:
            user = self._user(event.user_id)
        self.engine.apply(self.root, user, event, occasion)

    def forget_what_was_told(self) -> None:
        """As after a commit."""
        staged = self.staged
        staged.qualifications.clear()
        staged.activity.clear()
        staged.traits.clear()

    def _user(self, user_id: str) -> Entity:
        users = self.root.users
        user = users.get(user_id)
        if user is None:
            user = users[user_id] = Entity(user_id.encode(), user_id)
        return user
