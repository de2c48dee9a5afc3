"""Days and weeks of retention, at their edges."""

from streams.definitions.model import EventFilter
from streams.engine.values import DAY
from streams.funnels.report import Portion
from streams.funnels.retention import Mark, RetentionReport, RetentionTally, Return

FIRST, BACK, BOTH = 1, 2, 3


def retention(*histories: list[Mark], until: int, start: int | None = None) -> RetentionReport:
    asked = Return("user", EventFilter(("A",)), EventFilter(("*",)), start)
    tally = RetentionTally(asked, until)
    for marks in histories:
        tally.add(marks)
    return tally.report()


def test_a_day_has_its_beginning_and_not_its_end() -> None:
    for time, came in [(DAY - 1, 0), (DAY, 1), (2 * DAY - 1, 1), (2 * DAY, 0)]:
        whole = retention([(0, FIRST), (time, BACK)], until=60 * DAY).whole
        assert whole.bounded[1] == Portion(came, 1)
    assert whole.unbounded[1] == Portion(1, 1)


def test_a_day_that_is_not_over_does_not_count() -> None:
    for until, observed in [(2 * DAY - 1, 0), (2 * DAY, 1)]:
        whole = retention([(0, FIRST), (DAY, BACK)], until=until).whole
        assert whole.bounded[1] == whole.unbounded[1] == Portion(observed, observed)


def test_a_week_that_is_not_over_does_not_count() -> None:
    for until, observed in [(14 * DAY - 1, 0), (14 * DAY, 1)]:
        whole = retention([(0, FIRST), (7 * DAY, BACK)], until=until).whole
        assert whole.weeks[0] == Portion(observed, observed)


def test_coming_back_before_the_first_time_or_by_it_is_none() -> None:
    whole = retention([(DAY * 9, FIRST), (DAY * 9, BACK), (0, BACK)], until=90 * DAY).whole
    assert whole.unbounded[1] == Portion(0, 1)


def test_the_first_time_decides_and_doing_it_again_is_coming_back() -> None:
    report = retention([(8 * DAY, BOTH), (0, BOTH)], until=90 * DAY)
    assert list(report.cohorts) == ["1969-12-29"]
    assert report.whole.weeks[0] == Portion(1, 1)


def test_whoever_began_before_the_time_asked_for_is_left_out() -> None:
    history = [(0, FIRST), (9 * DAY, FIRST)]
    assert retention(history, until=90 * DAY, start=1).whole.size == 0
    assert retention(history, until=90 * DAY, start=0).whole.size == 1
