"""Answers as JSON: every figure, unrounded."""

from collections.abc import Iterable
from typing import Any

from streams.funnels.activation import HEALTHY, Activation
from streams.funnels.report import Portion, Report, Step
from streams.funnels.retention import Cohort, RetentionReport


def report_as_json(report: Report, activation: Activation | None = None) -> dict[str, Any]:
    """A funnel's or a journey's answer."""
    answer: dict[str, Any] = {
        "funnel": report.name,
        "of": report.of,
        "order": report.order,
        "steps": _steps(report.steps),
    }
    if report.groups is not None:
        answer["by"] = report.by
        answer["groups"] = [
            {"value": value, "steps": _steps(steps)} for value, steps in report.groups.items()
        ]
    if activation is not None:
        answer["activation"] = {
            "setup": activation.setup,
            "aha": activation.aha,
            "rate": activation.rate,
            "healthy": list(HEALTHY),
            "verdict": activation.verdict,
            "advice": activation.advice,
        }
    return answer


def retention_as_json(report: RetentionReport) -> dict[str, Any]:
    """The answer of who came back."""
    return {
        "of": report.asked.of,
        "whole": _cohort(report.whole),
        "cohorts": [{"week": week, **_cohort(one)} for week, one in report.cohorts.items()],
    }


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "step": step.name,
            "count": step.count,
            "dropped": step.dropped,
            "of_previous": step.of_previous,
            "of_first": step.of_first,
            "median_seconds": _seconds(step.median_ms),
            "p75_seconds": _seconds(step.p75_ms),
            "p90_seconds": _seconds(step.p90_ms),
            "by_day": {str(days): _portion(each) for days, each in step.by_day.items()},
        }
        for step in steps
    ]


def _cohort(cohort: Cohort) -> dict[str, Any]:
    return {
        "size": cohort.size,
        "bounded": {str(day): _portion(each) for day, each in cohort.bounded.items()},
        "unbounded": {str(day): _portion(each) for day, each in cohort.unbounded.items()},
        "weeks": [_portion(each) for each in cohort.weeks],
    }


def _portion(portion: Portion) -> dict[str, Any]:
    return {"count": portion.count, "of": portion.of, "share": portion.share}


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
