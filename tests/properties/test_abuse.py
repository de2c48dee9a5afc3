"""Abuse: whatever the cuts, the crashes and the repeats, brute force excludes the same events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.definitions.model import Definitions
from tests.properties.driver import Cycle, FakeRecord, Outcome, World, cycles, record
from tests.properties.oracle_abuse import DAY, TICK, AbuseOracle, Told

BEGIN = 1_767_225_600_000 - 60 * TICK
"""Ten minutes before the day turns."""
MILESTONES = """
version: 1
settings: {allowed_lateness: 1m, dedupe_within: 24h}
milestones:
  thrice: {of: user, when: {event: A, count: ">= 3"}}
  team: {of: account, when: {event: "*", users: ">= 2"}}
  reached: {of: account, when: {milestone: thrice, users: ">= 1"}}
  busy: {of: account, live: true, when: {event: A, count: ">= 2", within: 50s}}
  idle: {of: user, live: true, when: {inactive: 190s}}
  without: {of: user, when: {not: {event: B}}}
"""
RULES = [
    "u_trait: {of: user, when: {trait: bad, is: sure}, for: %s}",
    "a_trait: {of: account, fake: true, when: {trait: bad, is: sure}}",
    'u_rate: {of: user, when: {event: "*", count: "> %d", within: 50s}, for: %s}',
    'a_rate: {of: account, when: {event: A, count: ">= %d", within: 110s}}',
    "silent: {of: user, when: {not: {event: A, within: 250s}}}",
    'bots: {event: "*", where: {properties.agent: bot}}',
    "u_cap: {of: user, event: A, most: %d, per: %s}",
    "u_all: {of: user, event: [A, B], most: %d, per: 1h}",
    'a_cap: {of: account, event: "*", most: %d, per: %s, unless: {trait: vip, is: sure}}',
]
NAMES = ["A", "A", "A", "B", "identify", "group"]
WHO = [*[("acme", "ann")] * 4, ("acme", "bob"), ("acme", "bob"), ("acme", None), (None, "zed")]
TRAITS = [{"bad": "sure"}, {"bad": "no"}, {"bad": "no"}, {"vip": "sure"}, {"vip": "no"}, {}]


@dataclass(frozen=True)
class Case:
    """Definitions with and without rules, events in order, and their records with repeats."""

    meaning: Definitions
    history: list[Event]
    records: list[FakeRecord]

    @property
    def until(self) -> int:
        return self.history[-1].time + 60 * TICK


@st.composite
def _rules(draw: st.DrawFn) -> str:
    lengths, counts = st.sampled_from(["20s", "1m", "100s"]), st.integers(1, 3)
    found = []
    for rule in draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=4, unique=True)):
        per = st.sampled_from(["1m", "1h", "1d"]) if "most" in rule else lengths
        values = [draw(counts if part[0] == "d" else per) for part in rule.split("%")[1:]]
        found.append(f"  {rule % tuple(values)}")
    return "\n".join(found)


@st.composite
def cases(draw: st.DrawFn, *, late: bool = False) -> Case:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0, 0, 1, 1, 2, 3, 9]),
                st.sampled_from(NAMES),
                st.sampled_from(WHO),
                st.sampled_from(TRAITS),
                st.sampled_from(["bot", "man", "man", "man"]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    time, history = BEGIN, []
    for number, (gap, drawn, (account, user), said, agent) in enumerate(rows):
        time += 2 * gap * TICK
        misfits = drawn == "group" and account is None, drawn == "identify" and user is None
        name = "A" if any(misfits) else drawn
        traits = said if name in ("identify", "group") else {}
        history.append(Event(f"e{number}", name, time, account, user, {"agent": agent}, traits))
    places = list(range(len(history)))
    for place in draw(st.lists(st.sampled_from(places), max_size=4)):
        places.insert(draw(st.integers(places.index(place) + 1, len(places))), place)
    if late:
        places = draw(st.permutations(places))
    clock, records = 0, []
    for offset, place in enumerate(places):
        clock = max(clock, history[place].time)
        records.append(replace_time(record(history[place], offset), clock))
    return Case(loads(f"{MILESTONES}abuse:\n{draw(_rules())}\n"), history, records)


def replace_time(one: FakeRecord, time: int) -> FakeRecord:
    return one._replace(timestamp=time)


_CALM = ("commit", "restart")
quiet = st.lists(
    st.builds(
        Cycle, st.integers(0, 9), st.integers(1, 3), st.sampled_from(_CALM), st.just(0),
        st.integers(0, 6), st.sampled_from([0, 0, 1, 9]),
    ),
    max_size=5,
)  # fmt: skip
crashing = st.lists(cycles, max_size=6)


def told_of_rules(outputs: Iterable[Qualification]) -> Counter[Told]:
    return Counter(
        (one.type, one.milestone, (one.account_id, one.user_id), one.occurrence, one.occurred_at)
        for one in outputs
        if one.flag is not None
    )


def told_of_milestones(outputs: Iterable[Qualification]) -> set[Any]:
    return {
        (one.type, one.milestone, one.account_id, one.user_id, one.occurrence, one.occurred_at)
        for one in outputs
        if one.flag is None
    }


def without_repeats(outputs: Iterable[Qualification]) -> list[Qualification]:
    first: dict[str, Qualification] = {}
    for one in outputs:
        assert first.setdefault(one.id, one) == one, "one id for two things"
    return list(first.values())


def stored(outcome: Outcome) -> tuple[Counter[Any], Counter[Any]]:
    """Counts of activity, and of what is excluded, as the tables keep them: the highest of a key,
    then the sum over parts."""
    rows: tuple[dict[Any, int], dict[Any, int]] = ({}, {})
    for update in outcome.updates:
        for kept, told in zip(rows, (update.activity, update.excluded), strict=True):
            for account, user, day, part, *rule, events in told:
                for name, (count, *_) in events.items():  # type: ignore[union-attr]
                    key = account, user, day, *rule, name, part
                    kept[key] = max(count, kept.get(key, 0))
    sums: tuple[Counter[Any], Counter[Any]] = Counter(), Counter()
    for kept, total in zip(rows, sums, strict=True):
        for (*key, _), count in kept.items():
            total[tuple(key)] += count
    return sums


def check(case: Case, plan: list[Cycle]) -> None:
    note("\n".join(f"{(e.time - BEGIN) // TICK} {e}" for e in case.history))
    oracle = AbuseOracle(case.meaning, case.history, case.until)
    outcome = World(case.meaning, case.records).run(plan, until=case.until)
    outputs = without_repeats(outcome.qualifications)
    assert told_of_rules(outputs) == Counter(oracle.told)
    activity, excluded = stored(outcome)
    assert excluded == oracle.excluded
    assert activity == Counter(
        (one.account_id, one.user_id, one.time // DAY, one.name) for one in oracle.counted
    )
    plain = World(
        replace(case.meaning, abuse={}),
        [record(event, offset) for offset, event in enumerate(oracle.counted)],
    ).run(until=case.until)
    assert told_of_milestones(outputs) == told_of_milestones(plain.qualifications)


@given(cases(), quiet)
def test_in_order_with_repeats_and_restarts_brute_force_excludes_the_same(
    case: Case, plan: list[Cycle]
) -> None:
    check(case, plan)


@given(cases(), crashing)
def test_after_a_crash_the_same_is_excluded_and_told(case: Case, plan: list[Cycle]) -> None:
    check(case, plan)


@given(cases(late=True), crashing)
def test_of_events_that_come_late_each_is_counted_once_or_excluded_once(
    case: Case, plan: list[Cycle]
) -> None:
    whole = World(case.meaning, case.records).run(until=case.until)
    cut = World(case.meaning, case.records).run(plan, until=case.until)
    activity, excluded = stored(whole)
    assert stored(cut) == (activity, excluded)
    assert activity.total() + excluded.total() == len(case.history)
