"""What is in the shadow: kept apart, told nobody, and known when it goes live."""

from collections.abc import Sequence

from schemas.events import Event
from streams.definitions import loads
from streams.engine import Engine
from streams.engine.manifest import dump, load, manifest_of
from streams.evaluator import Evaluator
from tests.properties.driver import record
from tests.unit.engine.test_manifest import DAY, Deployment
from tests.unit.engine.worker import HOUR, START, Worker

ONCE = '{of: account, when: {event: Used, count: ">= 2"}}'
SOONER = "{of: account, shadow: m0, when: {event: Used}}"
LIVE = "{of: account, live: true, shadow: true, when: {event: Used, within: 1h}}"
FIT = """
scores:
  fit: {of: account, components: {use: {points: 30, event: Used, count: 3}}}
  fit_2: {of: account, shadow: fit, components: {use: {points: 40, event: Used, count: 4}}}
  fit_3: {of: account, shadow: true, components: {use: {points: 50, event: Used, count: 5}}}
"""
RULES = "{of: account, components: {use: {points: 77, when: {event: Used}}}}"
FALLBACK = "fallback: {score: rules, above: 0.2}, "
LEADS = f"""
version: 1
{FIT}
milestones:
  busy: {{of: account, when: {{score: fit, is: ">= 20"}}}}
  plain: {{of: account, when: {{event: Used}}}}
leads:
  pqa: {{of: account, when: {{score: fit, is: ">= 10"}}}}
  pqa_2: {{of: account, shadow: pqa, when: {{score: fit_2, is: ">= 10"}}}}
  alone: {{of: account, shadow: true, when: {{event: Used}}}}
routing: {{rules: {{hot: {{score: ">= 10", team: sales, sla: 4h}}}}, otherwise: nobody}}
"""


OPENED = ["lead.qualified", "lead.routed"]


def types(told: Sequence[object]) -> list[tuple[str, str]]:
    return [(one.milestone, one.type) for one in told]  # type: ignore[attr-defined]


def test_what_is_in_the_shadow_is_staged_apart_and_names_the_live_one() -> None:
    worker = Worker(ONCE, SOONER, LIVE)
    worker.send(0)
    worker.send(2 * HOUR)
    assert types(worker.outputs) == [("m0", "milestone.reached")]
    shadows = worker.evaluator.staged.shadows
    assert types(shadows) == [
        ("m1", "milestone.reached"),
        ("m2", "milestone.entered"),
        ("m2", "milestone.exited"),
        ("m2", "milestone.entered"),
    ]
    assert {(one.milestone, one.shadow, one.shadow_of) for one in shadows} == {
        ("m1", True, "m0"),
        ("m2", True, None),
    }


def test_a_counter_for_subscribers_and_one_for_the_shadow() -> None:
    worker = Worker(ONCE, SOONER)
    worker.send(0)
    worker.send(HOUR)
    worker.evaluator.collect()
    assert worker.evaluator.counts.qualifications == {("m0", "milestone.reached"): 1}
    assert worker.evaluator.counts.shadows == {("m1", "milestone.reached"): 1}


def test_a_score_in_the_shadow_sees_of_milestones_what_the_one_that_is_told_sees() -> None:
    deployment = Deployment()
    deployment.run(
        """
version: 1
scores:
  fit: {of: account, components: {use: {points: 5, event: Used, count: 1}},
        force: {milestone: new}}
  fit_2: {of: account, shadow: fit, components: {use: {points: 5, event: Used, count: 1}},
          force: {milestone: new}}
milestones:
  new: {of: account, when: {event: Used, from: 2100-01-01, count: '== 0'}}
  known: {of: account, when: {score: fit, is: ">= 0"}}
""",
        ("Used", 0),
    )
    [compared] = [one for one in deployment.comparisons if one.milestone == "known"]
    assert compared.value == compared.shadow_value == 5  # that nothing came is told later


def test_the_score_in_the_shadow_is_recorded_wherever_the_live_one_is_told() -> None:
    deployment = Deployment()
    deployment.run(LEADS, ("Used", 0), ("Used", HOUR), ("Paid", 2 * HOUR))
    compared = [
        (one.milestone, one.told, one.score, one.value, one.shadow, one.shadow_value)
        for one in deployment.comparisons
    ]
    assert compared == [
        ("pqa", "lead.qualified", "fit", 10.0, "fit_2", 10.0),
        ("busy", "milestone.reached", "fit", 20.0, "fit_2", 20.0),
    ]
    assert [one.contributions[0].signal for one in deployment.comparisons] == [0.25, 0.5]
    ids = {one.id for one in deployment.told}
    assert {one.qualification for one in deployment.comparisons} <= ids


def test_scores_are_compared_as_they_are_in_force() -> None:
    """While another score stands in for the live one, that is what was told."""
    deployment = Deployment()
    text = LEADS.replace("scores:\n  fit: {", f"scores:\n  rules: {RULES}\n  fit: {{{FALLBACK}")
    said = {"name": "fallback:fit", "value": 1}
    deployment.run(text, ("parameter_set", 0), said=said, account="$milepost")
    deployment.run(text, ("Used", HOUR))
    [told, *_] = deployment.told
    [compared, *_] = deployment.comparisons
    assert (told.score, told.fell_back_to) == (77, "rules")
    assert (compared.score, compared.value, compared.shadow_value) == ("fit", 77, 10)


def test_a_lead_hears_what_comes_back_of_the_one_that_it_is_compared_with() -> None:
    deployment = Deployment()
    deployment.run(LEADS, ("Used", 0), said={"lead": "pqa"})
    deployment.run(LEADS, ("lead_converted", HOUR), said={"lead": "pqa"})
    assert types(deployment.shadows)[-1] == ("pqa_2", "lead.closed")
    assert ("alone", "lead.closed") not in types(deployment.shadows)
    other = Deployment()
    other.run(LEADS, ("Used", 0))
    other.run(LEADS, ("lead_converted", HOUR), said={"lead": "pqa_2"})
    assert ("pqa_2", "lead.closed") in types(other.shadows)
    assert ("pqa", "lead.closed") not in types(other.told)


def test_of_what_somebody_decides_about_the_live_one_it_hears_the_outcome_alone() -> None:
    said = {"lead": "pqa", "approver": "kim", "reason": "known"}
    deployment = Deployment()
    deployment.run(LEADS, ("Used", 0))
    reroute = {**said, "action": "reroute", "team": "field"}
    deployment.run(LEADS, ("lead_overridden", HOUR), said=reroute)
    close = {**said, "action": "close", "outcome": "disqualified"}
    deployment.run(LEADS, ("lead_overridden", 2 * HOUR), said=close)
    deployment.run(LEADS, ("lead_overridden", 3 * HOUR), said={**said, "action": "qualify"})
    steps = ["lead.qualified", "lead.routed", "lead.routed", "lead.closed", *OPENED]
    assert [one.type for one in deployment.told if one.milestone == "pqa"] == steps
    hidden = [one for one in deployment.shadows if one.milestone == "pqa_2"]
    assert [one.type for one in hidden] == [*OPENED, "lead.closed"]
    life = hidden[-1].lead
    assert life is not None
    assert (life.outcome, life.reason, life.override) == ("disqualified", "known", None)


def test_what_it_has_nothing_to_do_with_counts_as_no_override_that_is_not_heard() -> None:
    said = {"lead": "pqa", "approver": "kim", "reason": "known"}
    close = {**said, "action": "close", "outcome": "converted"}
    worker = Evaluator(
        Engine(loads(LEADS)), topic="t", partition=0,
        load_account=lambda _key: None, load_user=lambda _key: None,
    )  # fmt: skip
    events = [
        Event(f"e{number}", "lead_overridden", START + number, "acme", None, properties, {})
        for number, properties in enumerate(({**said, "action": "qualify"}, close), start=1)
    ]
    worker.apply([record(event, number) for number, event in enumerate(events)])
    assert [one.type for one in worker.staged.qualifications] == [*OPENED[:1], "lead.closed"]
    assert worker.staged.shadows == []
    assert worker.staged.refused == {}


def test_going_live_keeps_what_is_known_and_tells_nothing_again() -> None:
    hidden = LEADS.replace("{of: account, when: {event: Used}}", "{of: account, shadow: true, "
                           "when: {event: Used}}")  # fmt: skip
    deployment = Deployment()
    deployment.run(hidden, ("Used", 0))
    assert ("plain", "milestone.reached") in types(deployment.shadows)
    assert deployment.run(LEADS, ("Used", HOUR), now=START + DAY) == [
        "`plain` goes live: what it told in the shadow is not told again"
    ]
    assert "plain" not in {one.milestone for one in deployment.told}
    deployment.run(LEADS, ("Used", 2 * HOUR), account="bolt")
    assert [one.account_id for one in deployment.told if one.milestone == "plain"] == ["bolt"]
    assert deployment.run(hidden, now=START + 2 * DAY) == [
        "`plain` goes into the shadow: nobody is told of it any more"
    ]
    assert deployment.run(hidden, now=START + 3 * DAY) == []


def test_a_manifest_of_before_there_were_shadows_is_of_what_is_live() -> None:
    now = manifest_of(Engine(loads(LEADS)))
    milestones, since = dump(now)
    assert {name for name, kept in milestones.items() if len(kept) == 4} == {"pqa_2", "alone"}
    assert load([milestones, since]) == now
    before = {name: kept[:3] for name, kept in milestones.items()}
    assert not any(kept.shadow for kept in load([before, since]).milestones.values())


def test_being_in_the_shadow_is_no_part_of_what_is_meant() -> None:
    hidden = Engine(loads(LEADS))
    live = Engine(loads(LEADS.replace("shadow: pqa, ", "").replace("shadow: true, ", "")
                        .replace("shadow: fit, ", "")))  # fmt: skip
    assert [one.key for one in hidden.accounts.milestones] == [
        one.key for one in live.accounts.milestones
    ]
