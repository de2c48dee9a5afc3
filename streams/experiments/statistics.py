"""The statistics of proportions that experiments need, each by a published formula.

The normal distribution comes from the standard library; nothing here is worth a dependency.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many."""

    hits: int
    total: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; ``None`` of nobody."""
        return self.hits / self.total if self.total else None


def z_test(a: Proportion, b: Proportion) -> float | None:
    """Two-sided p value of two proportions being equal, by the pooled z-test (no correction).

    Equal to Pearson's chi-squared test of the two by two table. ``None`` where one is of nobody.
    """
    if not a.total or not b.total:
        return None
    pooled = (a.hits + b.hits) / (a.total + b.total)
    error = math.sqrt(pooled * (1 - pooled) * (1 / a.total + 1 / b.total))
    if error == 0:
        return 1.0
    return _beyond(abs(a.hits / a.total - b.hits / b.total) / error)


def is_normal(a: Proportion, b: Proportion) -> bool:
    """Whether the z-test may be believed: at least 5 hits and 5 misses expected of each.

    Cochran, W. G. (1954), Some methods for strengthening the common chi-squared tests.
    """
    hits, total = a.hits + b.hits, a.total + b.total
    fewest = min(a.total, b.total) * min(hits, total - hits)
    return total > 0 and fewest >= 5 * total


def difference_interval(a: Proportion, b: Proportion, alpha: float) -> Interval | None:
    """Between which bounds ``a - b`` lies, with confidence ``1 - alpha``.

    Newcombe, R. G. (1998), Interval estimation for the difference between independent
    proportions: method 10, of two Wilson score intervals, without a correction.
    ``None`` where one is of nobody.
    """
    if not a.total or not b.total:
        return None
    rate_a, rate_b = a.hits / a.total, b.hits / b.total
    (low_a, high_a), (low_b, high_b) = wilson_interval(a, alpha), wilson_interval(b, alpha)
    difference = rate_a - rate_b
    return (
        difference - math.hypot(rate_a - low_a, high_b - rate_b),
        difference + math.hypot(high_a - rate_a, rate_b - low_b),
    )


def wilson_interval(of: Proportion, alpha: float) -> Interval:
    """Between which bounds a proportion of somebody lies, with confidence ``1 - alpha``.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference.
    """
    z = _NORMAL.inv_cdf(1 - alpha / 2)
    hits, total = of.hits, of.total
    spread = z * math.sqrt(z * z + 4 * hits * (total - hits) / total)
    middle, width = 2 * hits + z * z, 2 * (total + z * z)
    return (max(middle - spread, 0) / width, min((middle + spread) / width, 1))


def ratio_interval(a: Proportion, b: Proportion, alpha: float) -> Interval | None:
    """Between which bounds ``a / b`` lies, with confidence ``1 - alpha``.

    Katz, D. et al. (1978), Obtaining confidence intervals for the risk ratio in cohort studies.
    ``None`` where one has no hits.
    """
    if not a.hits or not b.hits:
        return None
    ratio = (a.hits / a.total) / (b.hits / b.total)
    error = math.sqrt(1 / a.hits - 1 / a.total + 1 / b.hits - 1 / b.total)
    factor = math.exp(_NORMAL.inv_cdf(1 - alpha / 2) * error)
    return (ratio / factor, ratio * factor)


def sample_size(base: float, other: float, *, alpha: float, power: float) -> float:
    """How many each of two groups needs for the z-test to tell the two rates apart.

    Fleiss, J. L., Levin, B., Paik, M. C. (2003), Statistical methods for rates and proportions,
    section 4.2, without a correction.

    Args:
        base: a rate between 0 and 1.
        other: another one, not the same.
        alpha: how often a difference may be seen where there is none.
        power: how often the difference must be seen where there is one.
    """
    mean = (base + other) / 2
    apart = _NORMAL.inv_cdf(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean))
    missed = _NORMAL.inv_cdf(power) * math.sqrt(base * (1 - base) + other * (1 - other))
    return ((apart + missed) / (base - other)) ** 2


def goodness_of_fit(counts: Sequence[int], shares: Sequence[float]) -> tuple[float, float]:
    """Pearson's chi-squared test: the statistic, and how likely one so large is by chance.

    Args:
        counts: at least two, and not all of them 0.
        shares: what each should have, positive; they need not add up to 1.
    """
    total, whole = sum(counts), sum(shares)
    statistic = 0.0
    for count, share in zip(counts, shares, strict=True):
        expected = total * share / whole
        statistic += (count - expected) ** 2 / expected
    return statistic, chi_squared_beyond(statistic, len(counts) - 1)


def chi_squared_beyond(value: float, degrees: int) -> float:
    """Probability that chi-squared with so many degrees of freedom is larger than ``value``.

    Abramowitz, M., Stegun, I. A. (1964), Handbook of mathematical functions, 26.4.4 and 26.4.5:
    a finite sum, exact for whole degrees.
    """
    half = value / 2
    if degrees % 2:
        beyond, power = math.erfc(math.sqrt(half)), 0.5
    else:
        beyond, power = math.exp(-half), 1.0
    while power < degrees / 2 and half > 0:
        beyond += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    return min(beyond, 1.0)


def _beyond(z: float) -> float:
    """Probability that a normal value is further than ``z`` from its mean, on either side."""
    return math.erfc(z / math.sqrt(2))  # 2 - 2 * cdf(z) would be 0 from 8 on
