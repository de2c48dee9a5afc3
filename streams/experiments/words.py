"""Verdicts in plain words."""

from streams.experiments.judging import FALL, Comparison, Dealt, Findings
from streams.experiments.statistics import Interval, Proportion

NONE = "–"
"""Stands for what is not known."""


def verdict_words(comparison: Comparison, findings: Findings) -> str:
    """The verdict on one variant, from the findings that it is part of."""
    lift = f"a lift of {100 * findings.smallest_lift:g}%"
    match comparison.verdict:
        case "distrust":
            return _distrust(findings.dealt)
        case "stop":
            return "stop: " + " and ".join(_falls(comparison, findings.control.variant))
        case "win" | "loss":
            more = "win: more" if comparison.verdict == "win" else "loss: fewer"
            said = f"{more} reach it than with {findings.control.variant}"
            if comparison.is_early:
                said += f"; but it is early: {_missing(comparison, findings, lift)}"
            return said
        case "no_difference":
            return f"no difference: enough were seen for {lift} to show"
        case "undecided":
            return f"no difference seen yet: {_missing(comparison, findings, lift)}"


def rate_words(of: Proportion) -> str:
    """A rate as a percentage."""
    return NONE if of.rate is None else f"{of.rate:.1%}"


def signed_words(value: float | None, between: Interval | None) -> str:
    """A difference or a lift as a percentage, and the bounds that it lies between."""
    if value is None:
        return NONE
    bounds = "" if between is None else f" ({between[0]:+.1%} to {between[1]:+.1%})"
    return f"{value:+.1%}{bounds}"


def p_words(p_value: float | None) -> str:
    """A p value, as exact as it is of use."""
    if p_value is None:
        return NONE
    return "< 0.0001" if p_value < 0.0001 else f"{p_value:.4f}"


def _distrust(dealt: Dealt | None) -> str:
    p_value = None if dealt is None else dealt.p_value
    return (
        "do not trust this: the variants were not seen by as many as they should have been "
        f"(p {p_words(p_value)}); find out why first"
    )


def _falls(comparison: Comparison, control: str) -> list[str]:
    return [
        f"{rate_words(day.variant)} are there on day {day.day}, {rate_words(day.control)} with "
        f"{control} (p {p_words(day.p_value)}): {FALL} points or more are lost"
        for day in comparison.retention
        if day.falls
    ]


def _missing(comparison: Comparison, findings: Findings, lift: str) -> str:
    base = findings.control.reached
    if not base.total:
        return "nobody's time is over yet"
    if comparison.more:
        return f"{comparison.more:,} more needed to find {lift}"
    if not base.hits:
        return f"how many more it takes is known once {findings.control.variant} has some"
    return f"above {rate_words(base)} there is no room for {lift}, ask for a smaller one (--lift)"
