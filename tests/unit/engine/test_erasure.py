"""Who was erased stays so, whatever is read again; who comes back begins anew."""

from collections.abc import Sequence

import pytest

from schemas.events import Event
from schemas.qualifications import Qualification
from streams.definitions import loads
from streams.erasures import REMEMBERED
from tests.properties.driver import RECORDED_AT, Cycle, Ending, World, record
from tests.unit.engine.worker import DAY, HOUR, START

TEXT = """
version: 1
settings: {allowed_lateness: 1h, dedupe_within: 24h}
milestones:
  aha: {of: user, when: {event: Used, count: ">= 2"}}
  busy: {of: account, when: {event: Used, count: ">= 3"}}
  team: {of: account, when: {event: Used, users: ">= 2"}}
  quiet: {of: account, when: {inactive: 2d}}
"""
ENDINGS: list[Ending] = ["commit", "restart", "outputs", "accounts", "users", "offsets"]


def used(number: int, user: str | None, *, account: str | None = "acme", at: int = 0) -> Event:
    time = START + (at or number * HOUR)
    return Event(f"id-{number}", "Used", time, account, user, {}, {})


def deleted(number: int, user: str | None = None, *, account: str | None = "acme") -> Event:
    asked = {"asked_by": "privacy@example.com"}
    time = START + number * HOUR
    return Event(f"id-{number}", "entity_deleted", time, account, user, asked, {})


def world(events: Sequence[Event], text: str = TEXT) -> World:
    return World(loads(text), [record(event, offset) for offset, event in enumerate(events)])


def told(outputs: Sequence[Qualification]) -> list[tuple[str, str | None, str | None, float]]:
    return [
        (one.milestone or one.type, one.account_id, one.user_id, (one.occurred_at - START) / HOUR)
        for one in outputs
    ]


def states(world: World) -> set[bytes]:
    return {key for key in (*world._accounts, *world._users) if b"acme" in key or b"ann" in key}


def test_of_an_account_nothing_is_left_of_it_and_its_users_hot_or_not() -> None:
    acme = world([used(1, "ann"), used(2, "bob"), deleted(3)])
    acme.cycle(Cycle(1))
    acme.cycle(Cycle(1, ending="restart"))
    assert states(acme) == {b"aacme", b"u4:acmeann", b"u4:acmebob"}

    outcome = acme.run()

    assert states(acme) == {b"aacme"}
    assert len(acme._accounts[b"aacme"]) < 150
    assert told(outcome.qualifications) == [
        ("team", "acme", None, 2), ("entity.deleted", "acme", None, 3)
    ]  # fmt: skip
    [*_, last] = outcome.qualifications
    assert last.deletion is not None
    assert (last.deletion.through, last.deletion.asked_by) == (
        START + 3 * HOUR, "privacy@example.com",
    )  # fmt: skip


def test_after_a_week_not_even_its_name_is_left() -> None:
    acme = world([used(1, "ann"), deleted(3)])
    acme.run()
    assert acme.evaluator.next_deadline == RECORDED_AT + REMEMBERED

    assert acme.evaluator.pass_time(RECORDED_AT + REMEMBERED - 1, 10) == 0
    acme.evaluator = acme._start()
    assert acme.evaluator.pass_time(RECORDED_AT + REMEMBERED, 10) == 1
    acme.cycle(Cycle(0))

    assert states(acme) == set()
    assert acme.evaluator.next_deadline is None


def test_its_timers_go_with_it() -> None:
    acme = world([used(1, "ann"), deleted(3)])
    assert told(acme.run(until=START + 30 * DAY).qualifications) == [
        ("entity.deleted", "acme", None, 3)
    ]


@pytest.mark.parametrize("cut", range(7))
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("quarters", [0, 2, 4])
def test_who_comes_back_begins_anew_wherever_the_worker_dies(
    cut: int, ending: Ending, quarters: int
) -> None:
    events = [
        used(1, "ann"), used(2, "bob"), deleted(3), used(4, "ann"), used(5, "cid"), used(6, "ann"),
    ]  # fmt: skip
    acme = world(events)
    outcome = acme.run([Cycle(cut, ending=ending, quarters=quarters, rewind=3)])
    after = [
        ("team", "acme", None, 5.0), ("aha", "acme", "ann", 6.0), ("busy", "acme", None, 6.0),
    ]  # fmt: skip
    before = [("team", "acme", None, 2.0), ("entity.deleted", "acme", None, 3.0)]

    seen = told(outcome.qualifications)
    assert set(seen) == {*before, *after}
    last = len(seen) - 1 - seen[::-1].index(before[1])
    assert before[0] not in seen[last:], "told again after it was erased"
    assert states(acme) == {b"aacme", b"u4:acmeann", b"u4:acmecid"}


def test_what_happened_before_does_not_count_when_it_comes_late_or_again() -> None:
    acme = world(
        [used(1, "ann"), deleted(5), used(1, "ann"), used(2, "ann"), used(4, "bob"), used(6, "ann")]
    )
    assert told(acme.run(until=START + 7 * HOUR).qualifications) == [
        ("entity.deleted", "acme", None, 5)
    ]
    assert acme.evaluator.counts.erased == 3
    assert states(acme) == {b"aacme", b"u4:acmeann"}


def test_what_is_known_of_a_later_time_than_the_deletion_is_erased_as_well() -> None:
    ahead = world([used(9, "ann"), deleted(3)]).run().qualifications[-1]
    assert ahead.deletion is not None
    assert ahead.deletion.through == START + 9 * HOUR


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("quarters", [0, 2, 4])
def test_a_user_goes_and_the_account_keeps_what_it_counted_without_the_name(
    ending: Ending, quarters: int
) -> None:
    acme = world([used(1, "ann"), used(2, "ann"), deleted(3, "ann"), used(4, "bob")])
    outcome = acme.run([Cycle(4, ending=ending, quarters=quarters)])

    assert set(told(outcome.qualifications)) == {
        ("aha", "acme", "ann", 2), ("entity.deleted", "acme", "ann", 3),
        ("team", "acme", None, 4), ("busy", "acme", None, 4),
    }  # fmt: skip
    assert b"ann" not in acme._accounts[b"aacme"]
    assert len(acme._users[b"u4:acmeann"]) < 80

    acme.evaluator.pass_time(RECORDED_AT + REMEMBERED, 10)
    acme.cycle(Cycle(0))
    assert states(acme) == {b"aacme", b"u4:acmebob"}


def test_a_user_without_an_account_goes() -> None:
    ann = world([used(1, "ann", account=None), deleted(3, "ann", account=None)])
    assert told(ann.run().qualifications) == [("entity.deleted", None, "ann", 3)]
    assert states(ann) == {b"lann"}
    assert len(ann._users[b"lann"]) < 150


def test_an_account_of_whose_users_one_is_erased_has_that_one_inside_no_more() -> None:
    text = """
version: 1
milestones:
  keen: {of: user, live: true, when: {event: Used, within: 10d}}
  crowd: {of: account, live: true, when: {milestone: keen, users: ">= 2"}}
  reached: {of: user, when: {event: Used}}
  pair: {of: account, when: {milestone: reached, users: ">= 2", within: 10d}}
leads:
  pqa: {of: account, when: {milestone: reached, users: ">= 2"}, contacts: {milestone: reached}}
"""
    acme = world([used(1, "ann"), used(2, "bob"), deleted(3, "ann"), used(4, "bob")], text)
    outcome = acme.run(until=START + 5 * HOUR)
    crowd = [(q.type, q.occurred_at) for q in outcome.qualifications if q.milestone == "crowd"]
    assert [kind for kind, _ in crowd] == ["milestone.entered", "milestone.exited"]
    assert START + 3 * HOUR <= crowd[1][1] <= START + 4 * HOUR
    assert b"bob" in acme._accounts[b"aacme"]
    assert b"ann" not in acme._accounts[b"aacme"]


def test_nothing_of_the_cycle_is_told_to_the_sink_of_who_was_erased_in_it() -> None:
    acme = world([used(1, "ann"), used(2, "bob", account="bolt"), deleted(3), used(4, "ann")])
    outcome = acme.run()
    rows = [row for update in outcome.updates for row in update.activity]
    assert [(account, part, counts["Used"][0]) for account, *_, part, counts in rows] == [
        ("bolt", "", 1), ("acme", str(START + 3 * HOUR), 1)
    ]  # fmt: skip


def test_of_the_day_of_an_erasure_what_comes_after_is_a_part_of_its_own() -> None:
    events = [
        used(1, "ann"), deleted(3, "ann"), used(4, "ann"), used(5, "bob"), used(26, "ann"),
        used(27, None, at=4 * HOUR + 1),
    ]  # fmt: skip
    rows = [row for update in world(events).run().updates for row in update.activity]
    assert [(user, part) for _, user, _, part, _ in rows] == [
        ("ann", str(START + 3 * HOUR)), ("bob", ""), ("ann", ""), (None, "id-27")
    ]  # fmt: skip


def test_it_is_asked_for_again_without_harm() -> None:
    acme = world([used(1, "ann"), deleted(3), deleted(3), deleted(4)])
    assert told(acme.run().qualifications) == [
        ("entity.deleted", "acme", None, 3), ("entity.deleted", "acme", None, 4)
    ]  # fmt: skip
    assert acme.evaluator.counts.duplicates == 1
    assert acme.evaluator.counts.deletions == 2
