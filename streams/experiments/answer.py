"""Answers about experiments as JSON."""

from collections.abc import Sequence
from typing import Any

from schemas.encoding import time_text
from streams.experiments.judging import Comparison, Findings, Retention
from streams.experiments.statistics import Interval, Proportion
from streams.experiments.tallies import Experiment, Question, Tally
from streams.experiments.words import verdict_words


def of_all(found: Sequence[Experiment]) -> dict[str, Any]:
    """Which experiments there are."""
    return {
        "experiments": [
            {
                "experiment": each.name,
                "variants": each.variants,
                "users": each.users,
                "accounts": each.accounts,
                "first_at": time_text(each.first_at),
                "last_at": time_text(each.last_at),
            }
            for each in found
        ]
    }


def of_one(question: Question, findings: Findings) -> dict[str, Any]:
    """What is to be said of one; rates, differences and lifts are from 0 to 1."""
    dealt = findings.dealt
    return {
        "experiment": question.experiment,
        "milestone": question.milestone,
        "of": question.of,
        "within_seconds": question.within / 1000,
        "from": _time(question.start),
        "to": _time(question.end),
        "as_of": time_text(question.now),
        "control": findings.control.variant,
        "mixed": sum(tally.mixed for tally in findings.tallies),
        "sample_ratio": None
        if dealt is None
        else {
            "chi_squared": dealt.statistic,
            "p_value": dealt.p_value,
            "mismatch": dealt.is_mismatch,
        },
        "confidence": 1 - findings.alpha,
        "smallest_lift": findings.smallest_lift,
        "variants": [_of_variant(tally) for tally in findings.tallies],
        "comparisons": [_of_comparison(each, findings) for each in findings.comparisons],
    }


def _of_variant(tally: Tally) -> dict[str, Any]:
    return {
        "variant": tally.variant,
        "exposed": tally.exposed,
        "mixed": tally.mixed,
        "reached_before": tally.before,
        "waiting": tally.waiting,
        "counted": tally.reached.total,
        "reached": tally.reached.hits,
        "rate": tally.reached.rate,
        "retention": [{"day": day} | _of_rate(of) for day, of in tally.retained.items()],
    }


def _of_rate(of: Proportion) -> dict[str, Any]:
    return {"counted": of.total, "active": of.hits, "rate": of.rate}


def _of_comparison(each: Comparison, findings: Findings) -> dict[str, Any]:
    return {
        "variant": each.variant,
        "verdict": each.verdict,
        "says": verdict_words(each, findings),
        "difference": _estimate(each.difference, each.difference_interval),
        "lift": _estimate(each.lift, each.lift_interval),
        "p_value": each.p_value,
        "needed_each": each.needed,
        "needed_more": each.more,
        "retention": [_of_retention(day) for day in each.retention],
    }


def _of_retention(day: Retention) -> dict[str, Any]:
    difference = None
    if day.variant.rate is not None and day.control.rate is not None:
        difference = day.variant.rate - day.control.rate
    return {
        "day": day.day,
        "difference": difference,
        "p_value": day.p_value,
        "falls": day.falls,
    }


def _estimate(value: float | None, between: Interval | None) -> dict[str, Any]:
    low, high = between or (None, None)
    return {"value": value, "low": low, "high": high}


def _time(at: int | None) -> str | None:
    return None if at is None else time_text(at)
