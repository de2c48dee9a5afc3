"""The heap of timers against what a sorted list would say."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from streams.timers import Timer, Timers

EVERYTHING = sys.maxsize
FAR = 2**62


def drain(timers: Timers, now: int = FAR, most: int = EVERYTHING) -> list[Timer]:
    return timers.pop_due(now, most)[1]


def test_without_timers_nothing_is_next_and_nothing_is_due() -> None:
    timers = Timers()
    assert timers.next_due is None
    assert timers.pop_due(FAR, 10) == (FAR, [])


def test_what_is_due_at_now_is_taken_and_what_is_due_later_stays() -> None:
    timers = Timers()
    for due in (30, 10, 20):
        timers.push(due, b"acme", b"")
    assert [timer.due for timer in drain(timers, now=20)] == [10, 20]
    assert timers.next_due == 30
    assert len(timers) == 1


def test_a_slice_is_bounded_and_says_up_to_when_it_reaches() -> None:
    timers = Timers()
    for due in range(100):
        timers.push(due, b"g%d" % due, b"")
    through, taken = timers.pop_due(1_000, 10)
    assert (through, len(taken)) == (9, 10)
    through, taken = timers.pop_due(1_000, 90)
    assert (through, len(taken)) == (1_000, 90)


def test_what_a_group_has_due_at_one_time_is_never_cut() -> None:
    timers = Timers()
    for member in range(50):
        timers.push(7, b"acme", b"%d" % member)
        timers.push(7, b"bolt", b"%d" % member)
    through, taken = timers.pop_due(1_000, 10)
    assert through == 7
    assert len(taken) == 50
    assert len({timer.group for timer in taken}) == 1


def test_a_group_whose_timers_lie_apart_is_cut() -> None:
    timers = Timers()
    for due in range(50):
        timers.push(due, b"acme", b"ann")
    assert timers.pop_due(1_000, 10)[0] == 9


def test_a_timer_that_is_there_twice_is_taken_once() -> None:
    timers = Timers()
    for _ in range(3):
        timers.push(5, b"acme", b"ann")
    assert drain(timers) == [Timer(5, b"acme", b"ann")]


def test_names_are_any_bytes_and_do_not_run_into_each_other() -> None:
    timers = Timers()
    names = [(b"", b""), (b"ab", b"c"), (b"a", b"bc"), (b"abc", b""), (b"\0\xff" * 300, b"\0")]
    for group, member in names:
        timers.push(1, group, member)
    assert {(timer.group, timer.member) for timer in drain(timers)} == set(names)


def test_stale_timers_do_not_pile_up_and_the_earliest_of_each_stays() -> None:
    timers = Timers()
    for due in range(1_000_000, 0, -1):
        timers.push(due, b"acme", b"%d" % (due % 7))
    assert len(timers) < 100_000
    firsts = {timer.member: timer.due for timer in reversed(drain(timers))}
    assert firsts == {b"%d" % (due % 7): due for due in range(1, 8)}


times = st.integers(-(2**40), 2**40)
names = st.sampled_from([b"", b"a", b"b", b"ab"])


@given(st.lists(st.tuples(times, names, names)), times, st.integers(1, 10))
def test_slices_together_are_what_is_due_in_order(
    pushed: list[tuple[int, bytes, bytes]], now: int, most: int
) -> None:
    timers = Timers()
    for timer in pushed:
        timers.push(*timer)
    slices: list[list[Timer]] = []
    reached = -FAR
    while timers.next_due is not None and timers.next_due <= now:
        through, taken = timers.pop_due(now, most)
        assert reached <= taken[0].due
        assert taken[-1].due <= through <= now
        reached = through
        slices.append(taken)
    due = {Timer(*timer) for timer in pushed if timer[0] <= now}
    together = [timer for taken in slices for timer in taken]
    assert len(together) == len(due)
    assert set(together) == due
    assert [timer.due for timer in together] == sorted(timer.due for timer in due)
    assert len(drain(timers)) == len({timer for timer in pushed if timer[0] > now})
