"""How far time may pass for a partition, by a log that grows and a clock that is set."""

from faust.types import TP

from streams.transport.timekeeper import SLICE, Timekeeper

EVENTS, REPARTITION = TP("events", 0), TP("repartition", 0)
NOON = 1_767_268_800_000


class Partition:
    """Source and processor of one partition; nothing happens but what a test says."""

    def __init__(self, *due: int, ends: dict[TP, int | None] | None = None) -> None:
        self.due = sorted(due)
        self.ends: dict[TP, int | None] = {EVENTS: 0, REPARTITION: 0} if ends is None else ends
        self.positions = dict.fromkeys(self.ends, 0)
        self.wall = NOON
        self.seconds = 100.0
        self.passed: list[int] = []
        self.late: list[float] = []
        self.keeper = Timekeeper(
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            lambda: self.wall,
            lambda: self.seconds,
            self.late.append,
        )

    @property
    def next_deadline(self) -> int | None:
        return self.due[0] if self.due else None

    def pass_time(self, now: int, most: int) -> int:
        self.passed.append(now)
        fired = [due for due in self.due if due <= now][:most]
        del self.due[: len(fired)]
        return len(fired)

    def known_end(self, tp: TP) -> int | None:
        return self.ends[tp]

    def fire(self) -> int:
        return self.keeper.fire(self.positions)

    def goes_on(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.seconds += milliseconds / 1000


def test_with_nothing_unread_time_passes_to_the_present() -> None:
    partition = Partition(NOON - 5_000, NOON, NOON + 1)
    assert partition.fire() == 2
    assert partition.passed == [NOON]
    assert partition.late == [5.0]


def test_nothing_is_asked_before_something_is_due() -> None:
    partition = Partition(NOON + 1)
    assert partition.fire() == 0
    assert partition.passed == []
    assert Partition().keeper.left() is None


def test_every_topic_must_be_read_up_to_its_end() -> None:
    partition = Partition(NOON, ends={EVENTS: 10, REPARTITION: 3})
    partition.positions[EVENTS] = 10
    assert partition.fire() == 0
    partition.positions[REPARTITION] = 3
    assert partition.fire() == 1


def test_an_end_that_is_not_known_yet_holds_time_back() -> None:
    partition = Partition(NOON, ends={EVENTS: 0, REPARTITION: None})
    assert partition.fire() == 0
    partition.ends[REPARTITION] = 0
    assert partition.fire() == 1


def test_behind_a_log_that_grows_time_passes_to_when_the_end_was_noted_that_is_reached() -> None:
    partition = Partition(NOON, NOON + 500, NOON + 2_000, ends={EVENTS: 100})
    assert partition.fire() == 0  # notes that the log ends at 100 now, at noon
    partition.goes_on(1_000)
    partition.ends[EVENTS], partition.positions[EVENTS] = 200, 99
    assert partition.fire() == 0
    partition.goes_on(1_000)
    partition.ends[EVENTS], partition.positions[EVENTS] = 300, 150
    assert partition.fire() == 1  # 100 is passed: as of noon; now notes 300, at two
    assert partition.passed == [NOON]
    assert partition.late == [2.0]
    partition.goes_on(1_000)
    partition.ends[EVENTS], partition.positions[EVENTS] = 400, 300
    assert partition.fire() == 2
    assert partition.passed == [NOON, NOON + 2_000]


def test_an_end_noted_before_something_fell_due_does_not_count_for_it() -> None:
    partition = Partition(NOON, ends={EVENTS: 100})
    partition.fire()
    partition.due = [NOON + 10]
    partition.goes_on(1_000)
    partition.ends[EVENTS], partition.positions[EVENTS] = 200, 100
    assert partition.fire() == 0
    partition.positions[EVENTS] = 200
    assert partition.fire() == 1
    assert partition.passed == [NOON + 1_000]


def test_what_does_not_go_into_a_slice_fires_at_the_next_call_as_of_the_same_time() -> None:
    partition = Partition(*[NOON] * (2 * SLICE + 1))
    assert partition.fire() == SLICE
    partition.goes_on(1)
    assert partition.keeper.left() == 0.0
    assert partition.fire() == SLICE
    assert partition.fire() == 1
    assert partition.passed == [NOON] * 3
    assert partition.keeper.left() is None


def test_what_falls_due_right_after_waits_a_moment_for_more() -> None:
    partition = Partition(NOON, NOON + 1, NOON + 150)
    assert partition.fire() == 1
    partition.goes_on(1)
    assert partition.fire() == 0
    left = partition.keeper.left()
    assert left is not None
    assert 0.19 < left < 0.2
    partition.goes_on(200)
    assert partition.fire() == 2


def test_it_is_asked_again_at_the_next_deadline_and_each_second_before_that() -> None:
    assert Partition(NOON + 300).keeper.left() == 0.3
    assert Partition(NOON + 10**9).keeper.left() == 1.0


def test_what_is_due_is_worth_a_call_at_once() -> None:
    assert Partition(NOON).keeper.left() == 0.0


def test_while_time_is_held_back_it_is_asked_again_each_second() -> None:
    partition = Partition(NOON, ends={EVENTS: 1})
    partition.fire()
    assert partition.keeper.left() == 1.0


def test_a_clock_that_is_set_back_fires_nothing_twice_and_nothing_early() -> None:
    partition = Partition(NOON, NOON + 1_000)
    assert partition.fire() == 1
    partition.goes_on(1_000)
    partition.wall -= 3_600_000
    assert partition.fire() == 0
    partition.wall += 3_600_000
    assert partition.fire() == 1
