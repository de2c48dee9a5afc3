"""Erasures among events, and a worker that may die anywhere: as if it had not."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions import loads
from tests.properties.driver import Cycle, Outcome, World, cycles, record
from tests.properties.histories import SUNDAY

MINUTE = 60_000
DEFINITIONS = loads("""
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 1h}
milestones:
  aha: {of: user, when: {event: Used, count: ">= 2"}}
  keen: {of: user, live: true, when: {event: Used, count: ">= 2", within: 1h}}
  busy: {of: account, when: {event: Used, count: ">= 3", within: 2h}}
  team: {of: account, when: {milestone: aha, users: ">= 2"}}
  crowd: {of: account, live: true, when: {milestone: keen, users: ">= 2"}}
""")
Happening = tuple[bool, str | None, str | None, int]
"""Whether it is an erasure, account, user, and how long after the one before (or before it)."""

happenings: st.SearchStrategy[list[Happening]] = st.lists(
    st.tuples(
        st.sampled_from([False, False, False, True]),
        st.sampled_from(["acme", "acme", "acme", None]),
        st.sampled_from(["ann", "bob", "cid", None]),
        st.sampled_from([0, 1, 5, 20, 50, -10]),
    ).filter(lambda one: one[1] is not None or one[2] is not None),
    max_size=14,
)


def events_of(happened: list[Happening]) -> list[Event]:
    time, events = SUNDAY, []
    for number, (deletes, account, user, after) in enumerate(happened):
        time += after * MINUTE
        name = "entity_deleted" if deletes else "Used"
        events.append(Event(f"e{number}", name, time, account, user, {}, {}))
    return events


def world(events: list[Event]) -> World:
    return World(DEFINITIONS, [record(event, offset) for offset, event in enumerate(events)])


def ids(outcome: Outcome) -> set[str]:
    return {one.id for one in outcome.qualifications}


def left(outcome: Outcome, erased: Qualification) -> list[Qualification]:
    """What was told of somebody after they were erased for the last time, of before."""
    assert erased.deletion is not None
    last = max(i for i, one in enumerate(outcome.qualifications) if one.id == erased.id)
    return [
        one
        for one in outcome.qualifications[last + 1 :]
        if one.type != "entity.deleted"
        and one.account_id == erased.account_id
        and erased.user_id in {None, one.user_id}
        and one.occurred_at <= erased.deletion.through
    ]


def states(world: World) -> set[bytes]:
    return {*world._accounts, *world._users}


TAIL: list[Happening] = [
    (False, account, user, 7)
    for account in ("acme", None)
    for user in ("ann", "bob", "cid", "ann", "bob")
]
"""By what follows from it the states that are left show themselves."""


@given(happenings, st.lists(cycles, max_size=6))
def test_a_crash_changes_nothing_of_what_is_told_or_left(
    happened: list[Happening], plan: list[Cycle]
) -> None:
    events = events_of([*happened, *TAIL])
    straight, broken = world(events), world(events)
    expected, outcome = straight.run(), broken.run(plan)
    assert ids(outcome) == ids(expected)
    assert states(broken) == states(straight)


@given(happenings, st.lists(cycles, max_size=6))
def test_nothing_of_before_is_told_after_the_erasure(
    happened: list[Happening], plan: list[Cycle]
) -> None:
    outcome = world(events_of(happened)).run(plan)
    for erased in outcome.qualifications:
        if erased.type == "entity.deleted":
            assert not left(outcome, erased)
