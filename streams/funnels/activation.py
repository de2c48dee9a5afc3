"""Of those at *setup*, how many reach *aha*: what a journey says of the friction of a product."""

from dataclasses import dataclass
from typing import Final, Literal

from streams.definitions.model import Definitions
from streams.definitions.roles import stand_in
from streams.funnels.report import Report

HEALTHY: Final = (0.3, 0.6)
"""From, to: the share that is healthy."""

Verdict = Literal["low", "healthy", "high"]

_ADVICE: Final[dict[Verdict, str]] = {
    "low": "the wrong users reach {setup}, or too much is in their way from there: look at who "
    "comes, and at what they do between {setup} and {aha}",
    "healthy": "enough friction to tell who means it, and not too much",
    "high": "too little friction: cross-sell is being missed; ask for more before {aha}, or offer "
    "more after it",
}


@dataclass(frozen=True, slots=True)
class Activation:
    """The activation rate of a journey."""

    setup: str
    """Name of the milestone."""
    aha: str
    reached_setup: int
    reached_aha: int
    """Of those."""
    rate: float | None
    """From 0 to 1; ``None`` where nobody reached setup."""
    verdict: Verdict | None
    advice: str
    """Empty where nobody reached setup."""


def activation(report: Report, definitions: Definitions) -> Activation | None:
    """The activation rate; ``None`` where the journey does not lead from setup to aha.

    A step is *setup* by its name, or as the last milestone of the role ``onboarding``; it is *aha*
    by its name, or as the milestone of the role ``activated``.

    Args:
        report: of a journey.
        definitions: that it is in.
    """
    steps = {step.name: (place, step.count) for place, step in enumerate(report.steps)}
    setup = "setup" if "setup" in steps else _played("onboarding", definitions)
    aha = "aha" if "aha" in steps else _played("activated", definitions)
    if setup not in steps or aha not in steps or steps[setup][0] >= steps[aha][0]:
        return None
    of, count = steps[setup][1], steps[aha][1]
    if not of:
        return Activation(setup, aha, of, count, None, None, "")
    rate = count / of
    low, high = HEALTHY
    verdict: Verdict = "low" if rate < low else "high" if rate > high else "healthy"
    advice = _ADVICE[verdict].format(setup=setup, aha=aha)
    return Activation(setup, aha, of, count, rate, verdict, advice)


def _played(role: str, definitions: Definitions) -> str:
    """The last milestone that plays the role; empty for none."""
    found = stand_in(role, definitions.roles)
    milestones = () if found is None else definitions.roles[found].milestones
    return milestones[-1] if milestones else ""
