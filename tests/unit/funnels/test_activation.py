"""The activation rate of a journey is judged against 30 to 60 %."""

import pytest

from streams.definitions import loads
from streams.engine.funnels import Attempt
from streams.funnels.activation import activation
from streams.funnels.report import Report, Tally

DEFINITIONS = loads("""
version: 1
milestones:
  joined: {of: user, when: {event: Joined}}
  ready: {of: user, when: {event: Made}}
  aha: {of: user, when: {event: Shared}}
roles:
  onboarding: {milestones: [joined, ready]}
  activated: {milestone: aha}
""")


def journey(steps: list[str], counts: list[int]) -> Report:
    tally = Tally(None)
    for user in range(counts[0]):
        times = (0,) * sum(count > user for count in counts)
        tally.add((None, str(user)), Attempt(times, None))
    return tally.report("j", "user", "ordered", steps, until=0)


@pytest.mark.parametrize(
    ("count", "verdict", "advice"),
    [
        (29, "low", "the wrong users reach ready"),
        (30, "healthy", "enough friction"),
        (60, "healthy", "enough friction"),
        (61, "high", "cross-sell is being missed"),
    ],
)
def test_the_bounds_are_healthy_and_each_verdict_has_its_advice(
    count: int, verdict: str, advice: str
) -> None:
    found = activation(journey(["joined", "ready", "aha"], [120, 100, count]), DEFINITIONS)
    assert found is not None
    assert (found.setup, found.aha, found.rate) == ("ready", "aha", count / 100)
    assert found.verdict == verdict
    assert found.advice.startswith(advice) or advice in found.advice


def test_a_step_of_the_name_setup_goes_before_the_role() -> None:
    found = activation(journey(["ready", "setup", "aha"], [100, 50, 20]), DEFINITIONS)
    assert found is not None
    assert (found.setup, found.rate) == ("setup", 0.4)


@pytest.mark.parametrize("steps", [["joined", "aha"], ["aha", "ready"], ["joined", "ready"]])
def test_a_journey_that_does_not_lead_from_setup_to_aha_has_none(steps: list[str]) -> None:
    assert activation(journey(steps, [10, 5]), DEFINITIONS) is None


def test_where_nobody_reached_setup_there_is_no_rate() -> None:
    found = activation(journey(["joined", "ready", "aha"], [4, 0, 0]), DEFINITIONS)
    assert found is not None
    assert (found.rate, found.verdict) == (None, None)
