"""What follows from what was counted. The thresholds are here, and nowhere else."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from streams.experiments.statistics import (
    Interval,
    Proportion,
    difference_interval,
    goodness_of_fit,
    is_normal,
    ratio_interval,
    sample_size,
    z_test,
)
from streams.experiments.tallies import Tally

ALPHA: Final = 0.05
"""How often chance may pass for a difference, of all the comparisons of an experiment."""
POWER: Final = 0.8
"""How often a lift that is worth finding must be found."""
MISMATCH: Final = 0.001
"""Below this p value the variants were not dealt out as they should have been."""
EARLY: Final = 0.001
"""Before enough were seen, only below this p value a difference is sure (Haybittle, Peto): whoever
looks again and again meets chance more often than ``ALPHA`` says."""
FALL: Final = 3
"""Percentage points of retention that a variant may not lose against its control."""

Verdict = Literal["distrust", "stop", "win", "loss", "undecided", "no_difference"]


@dataclass(frozen=True, slots=True)
class Dealt:
    """Whether the variants were dealt out as they should have been (sample ratio)."""

    statistic: float
    p_value: float

    @property
    def is_mismatch(self) -> bool:
        """Whether that many of each variant is no chance: nothing else is to be trusted then."""
        return self.p_value < MISMATCH


@dataclass(frozen=True, slots=True)
class Retention:
    """Who was active on a day after the exposure."""

    day: int
    control: Proportion
    variant: Proportion
    p_value: float | None
    """``None`` where one is of nobody."""

    @property
    def falls(self) -> bool:
        """Whether the variant loses too many to be chance."""
        control, variant = self.control, self.variant
        lost = control.hits * variant.total - variant.hits * control.total
        return (
            self.p_value is not None
            and self.p_value < ALPHA
            and is_normal(control, variant)
            and 100 * lost >= FALL * control.total * variant.total
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant beside the control. Rates and differences of them are from 0 to 1."""

    variant: str
    verdict: Verdict
    difference: float | None
    """Rate of the variant less that of the control; ``None`` where one is of nobody."""
    difference_interval: Interval | None
    lift: float | None
    """The difference as a share of the control's rate; ``None`` where that is 0 or not known."""
    lift_interval: Interval | None
    p_value: float | None
    needed: int | None
    """How many of each variant it takes to find the smallest lift; ``None`` where no number will
    do: the control has none, or so many that there is no such lift."""
    more: int | None
    """How many of both together are missing from that."""
    retention: tuple[Retention, ...]

    @property
    def is_early(self) -> bool:
        """Whether it is too early to be sure of the difference."""
        return self.more != 0 and (self.p_value is None or self.p_value >= EARLY)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is to be said of an experiment."""

    tallies: tuple[Tally, ...]
    """The control first."""
    comparisons: tuple[Comparison, ...]
    """Of the others with it, in their order."""
    dealt: Dealt | None
    """``None`` where there are not two variants, or nobody saw only one."""
    alpha: float
    """That of each comparison: intervals have the confidence ``1 - alpha``."""
    smallest_lift: float
    """The smallest lift worth finding, as a share of the control's rate."""

    @property
    def control(self) -> Tally:
        """What the others are compared with."""
        return self.tallies[0]


def judge(
    tallies: Sequence[Tally], control: str, *, shares: Mapping[str, float], smallest_lift: float
) -> Findings:
    """What is to be said of these counts.

    Args:
        tallies: of each variant, among them the control.
        control: the variant that the others are compared with.
        shares: what each variant should have, positive; they need not add up to 1.
        smallest_lift: the smallest lift worth finding, as a share of the control's rate.
    """
    [base] = [tally for tally in tallies if tally.variant == control]
    others = [tally for tally in tallies if tally.variant != control]
    # Bonferroni: with many variants one of them is ahead by chance alone.
    alpha = ALPHA / max(len(others), 1)
    dealt = _dealt(tallies, shares)
    return Findings(
        (base, *others),
        tuple(_compare(base, other, dealt, alpha, smallest_lift) for other in others),
        dealt,
        alpha,
        smallest_lift,
    )


def _dealt(tallies: Sequence[Tally], shares: Mapping[str, float]) -> Dealt | None:
    exposed = [tally.exposed for tally in tallies]
    if len(exposed) < 2 or not any(exposed):
        return None
    return Dealt(*goodness_of_fit(exposed, [shares[tally.variant] for tally in tallies]))


def _compare(
    base: Tally, other: Tally, dealt: Dealt | None, alpha: float, smallest_lift: float
) -> Comparison:
    control, variant = base.reached, other.reached
    difference = lift = None
    if control.rate is not None and variant.rate is not None:
        difference = variant.rate - control.rate
        lift = difference / control.rate if control.rate else None
    ratios = ratio_interval(variant, control, alpha)
    p_value = z_test(variant, control)
    needed = _needed(control.rate, smallest_lift, alpha)
    more = None
    if needed is not None:
        more = max(needed - control.total, 0) + max(needed - variant.total, 0)
    retention = tuple(
        Retention(day, kept, other.retained[day], z_test(other.retained[day], kept))
        for day, kept in base.retained.items()
    )
    verdict: Verdict = "undecided" if more is None or more else "no_difference"
    if dealt is not None and dealt.is_mismatch:
        verdict = "distrust"
    elif any(day.falls for day in retention):
        verdict = "stop"
    elif p_value is not None and p_value < alpha and is_normal(variant, control):
        verdict = "win" if difference and difference > 0 else "loss"
    return Comparison(
        variant=other.variant,
        verdict=verdict,
        difference=difference,
        difference_interval=difference_interval(variant, control, alpha),
        lift=lift,
        lift_interval=None if ratios is None else (ratios[0] - 1, ratios[1] - 1),
        p_value=p_value,
        needed=needed,
        more=more,
        retention=retention,
    )


def _needed(rate: float | None, smallest_lift: float, alpha: float) -> int | None:
    lifted = (rate or 0) * (1 + smallest_lift)
    if not rate or lifted > 1:
        return None
    return math.ceil(sample_size(rate, lifted, alpha=alpha, power=POWER))
