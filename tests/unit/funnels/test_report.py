"""What attempts are as figures."""

from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.values import DAY
from streams.funnels.breakdown import Grain, period
from streams.funnels.report import Attempts, Portion, count_steps, percentile


def by_day(attempts: list[tuple[int, ...]], until: int) -> list[Portion]:
    taken = Attempts()
    for times in attempts:
        taken.add(times)
    return list(count_steps(taken, ["a", "b"], until)[1].by_day.values())


def test_a_day_includes_its_end() -> None:
    attempts = [(0, DAY), (0, DAY + 1)]
    assert by_day(attempts, 3 * DAY)[:2] == [Portion(1, 2), Portion(2, 2)]


def test_who_began_too_lately_for_a_day_does_not_count_for_it() -> None:
    attempts: list[tuple[int, ...]] = [(0,), (1,), (2, 3)]
    assert by_day(attempts, DAY + 1)[:2] == [Portion(0, 2), Portion(0, 0)]


@given(st.lists(st.integers(0, 10**12), min_size=2).map(sorted))
def test_percentiles_are_those_of_the_standard_library(values: list[int]) -> None:
    expected = quantiles(values, n=20, method="inclusive")
    found = [percentile(values, 0.5), percentile(values, 0.75), percentile(values, 0.9)]
    assert found == pytest.approx([expected[9], expected[14], expected[17]])


def test_nobody_has_no_percentile() -> None:
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(
    ("grain", "expected"),
    [("day", "2026-03-01"), ("week", "2026-02-23"), ("month", "2026-03-01")],
)
def test_a_period_is_named_by_its_first_day(grain: Grain, expected: str) -> None:
    sunday = 1_772_323_200_000  # 1 March 2026
    assert period(sunday, grain) == period(sunday + DAY - 1, grain) == expected
    assert period(-1, "day") == "1969-12-31"
