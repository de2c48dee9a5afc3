"""Each formula against worked examples as they were published."""

import pytest

from streams.experiments.statistics import (
    Proportion,
    chi_squared_beyond,
    difference_interval,
    goodness_of_fit,
    is_normal,
    ratio_interval,
    sample_size,
    wilson_interval,
    z_test,
)


@pytest.mark.parametrize(
    ("a", "b", "p_value"),
    [
        # statsmodels, the example of proportions_ztest and its own test: z = -1.4078304151258787
        ((5, 83), (12, 99), 0.15918129181156992),
        # Agresti, An introduction to categorical data analysis, aspirin and heart attacks:
        # X² = 25.014, whose tail R gives as 5.692e-07
        ((189, 11_034), (104, 11_037), 5.692e-07),
    ],
)
def test_the_z_test_is_as_published(a: tuple[int, int], b: tuple[int, int], p_value: float) -> None:
    assert z_test(Proportion(*a), Proportion(*b)) == pytest.approx(p_value, rel=1e-3)
    assert z_test(Proportion(*b), Proportion(*a)) == z_test(Proportion(*a), Proportion(*b))


# Newcombe (1998), Interval estimation for the difference between independent proportions,
# table II, method 10.
NEWCOMBE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0),
    ((10, 10), (0, 10), 0.6075, 1.0),
]


@pytest.mark.parametrize(("a", "b", "low", "high"), NEWCOMBE)
def test_the_interval_of_a_difference_is_as_published(
    a: tuple[int, int], b: tuple[int, int], low: float, high: float
) -> None:
    found = difference_interval(Proportion(*a), Proportion(*b), 0.05)
    assert found == pytest.approx((low, high), abs=5e-5)


# Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_proportion_is_as_published(
    hits: int, total: int, low: float, high: float
) -> None:
    assert wilson_interval(Proportion(hits, total), 0.05) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_ratio_is_as_published() -> None:
    # Moore, McCabe, Craig, Introduction to the practice of statistics, example 8.18
    found = ratio_interval(Proportion(45, 411), Proportion(73, 411), 0.05)
    assert found == pytest.approx((0.4364, 0.8707), abs=1e-4)


def test_the_sample_size_is_as_published() -> None:
    # R, the example of power.prop.test: n = 76.7
    assert sample_size(0.50, 0.75, alpha=0.05, power=0.9) == pytest.approx(76.7, abs=0.05)
    # and the other way round: with 50 in each, a power of .740
    assert sample_size(0.50, 0.75, alpha=0.05, power=0.740) == pytest.approx(50, abs=0.05)


def test_the_fit_to_shares_is_as_published() -> None:
    # Mendel's peas, 9 : 3 : 3 : 1; R: X-squared = 0.47002, df = 3, p-value = 0.9254
    statistic, p_value = goodness_of_fit([315, 108, 101, 32], [9, 3, 3, 1])
    assert statistic == pytest.approx(0.47002, abs=5e-6)
    assert p_value == pytest.approx(0.9254, abs=5e-5)
    # Kohavi, Tang, Xu, Trustworthy online controlled experiments, chapter 21, scenario 1
    _, p_value = goodness_of_fit([821_588, 815_482], [1, 1])
    assert p_value == pytest.approx(1.8e-6, abs=5e-8)


# NIST/SEMATECH e-Handbook of statistical methods, 1.3.6.7.4, upper critical values
@pytest.mark.parametrize(
    ("degrees", "critical", "p_value"),
    [
        (1, 3.841, 0.05), (2, 5.991, 0.05), (3, 7.815, 0.05), (4, 9.488, 0.05),
        (5, 11.070, 0.05), (10, 18.307, 0.05), (100, 124.342, 0.05),
        (1, 10.828, 0.001), (2, 13.816, 0.001), (3, 16.266, 0.001),
    ],
)  # fmt: skip
def test_the_tail_of_chi_squared_is_as_published(
    degrees: int, critical: float, p_value: float
) -> None:
    assert chi_squared_beyond(critical, degrees) == pytest.approx(p_value, rel=1e-3)


@pytest.mark.parametrize("degrees", [1, 2, 3, 999])
def test_the_tail_of_chi_squared_begins_with_one_and_ends_with_none(degrees: int) -> None:
    assert chi_squared_beyond(0, degrees) == 1
    assert chi_squared_beyond(1e6, degrees) == 0


def test_a_difference_of_nobody_is_not_known() -> None:
    nobody, somebody = Proportion(0, 0), Proportion(1, 2)
    assert z_test(nobody, somebody) is None
    assert difference_interval(somebody, nobody, 0.05) is None
    assert nobody.rate is None
    assert not is_normal(nobody, nobody)


def test_a_ratio_of_none_is_not_known() -> None:
    none, some = Proportion(0, 9), Proportion(3, 9)
    assert ratio_interval(none, some, 0.05) is None
    assert ratio_interval(some, none, 0.05) is None


@pytest.mark.parametrize("hits", [0, 7])
def test_where_all_or_none_hit_there_is_no_difference(hits: int) -> None:
    assert z_test(Proportion(hits, 7), Proportion(hits, 7)) == 1


def test_a_p_value_stays_a_number_far_out() -> None:
    p_value = z_test(Proportion(500, 500), Proportion(0, 500))
    assert p_value is not None
    assert 0 < p_value < 1e-200


@pytest.mark.parametrize(("hits", "believed"), [(5, True), (4, False), (96, False), (95, True)])
def test_the_z_test_is_believed_from_five_hits_and_misses_on(hits: int, believed: bool) -> None:
    both = Proportion(hits, 100)
    assert is_normal(both, both) is believed
