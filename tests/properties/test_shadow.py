"""What is in the shadow tells exactly what it would tell live, and changes nothing for others."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.comparisons import ScoreComparison
from schemas.qualifications import Qualification
from streams.definitions.conditions import form_of, milestones_in
from streams.definitions.model import Condition, Definitions, Score, ScoreCondition
from tests.properties.driver import Cycle, Outcome, World, record
from tests.properties.histories import DENSE, arrivals, disorders, histories
from tests.properties.languages import FOCUSES
from tests.properties.languages_leads import LeadCase, crashing_plans, lead_cases, quiet_plans
from tests.properties.standing import newest

pytestmark = pytest.mark.timeout(3_600)


def hidden(meaning: Definitions, wanted: set[str]) -> set[str]:
    """These, and what cannot be live because it names one of them."""
    names = set(wanted)
    while True:
        more = {
            name
            for section in (meaning.milestones, meaning.leads)
            for name, one in section.items()
            if milestones_in(one.when) & names
        }
        more |= {
            name
            for name, one in meaning.leads.items()
            if one.contacts is not None and one.contacts.milestone in names
        }
        if more <= names:
            return names
        names |= more


def in_the_shadow(meaning: Definitions, names: set[str]) -> Definitions:
    return replace(
        meaning,
        milestones={
            name: replace(one, shadow=name in names) for name, one in meaning.milestones.items()
        },
        leads={name: replace(one, shadow=name in names) for name, one in meaning.leads.items()},
    )


def split(case: LeadCase, wanted: set[str]) -> tuple[Definitions, Definitions, set[str]]:
    """All of it live, and with some in the shadow; without journeys that would name these."""
    names = hidden(case.meaning, wanted)
    journeys = {
        name: one for name, one in case.meaning.journeys.items() if not names & set(one.steps)
    }
    live = replace(case.meaning, journeys=journeys)
    return live, in_the_shadow(live, names), names


def lit(shadows: Iterable[Qualification]) -> list[Qualification]:
    found = list(shadows)
    assert all(one.shadow for one in found)
    return [replace(one, shadow=False) for one in found]


def drawn(data: st.DataObject, case: LeadCase) -> set[str]:
    names = sorted({*case.meaning.milestones, *case.meaning.leads})
    return data.draw(st.sets(st.sampled_from(names), min_size=1))


@given(lead_cases(late=True), quiet_plans, st.data())
def test_a_shadow_tells_what_it_would_tell_live_and_the_live_ones_the_same_as_without(
    case: LeadCase, plan: list[Cycle], data: st.DataObject
) -> None:
    live, shadowed, names = split(case, drawn(data, case))
    all_live = World(live, case.records).run(plan, until=case.until).qualifications
    found = World(shadowed, case.records).run(plan, until=case.until)
    assert found.qualifications == [one for one in all_live if one.milestone not in names]
    assert lit(found.shadows) == [one for one in all_live if one.milestone in names]


@given(lead_cases(), quiet_plans, st.data())
def test_the_live_ones_are_told_the_same_where_there_is_nothing_in_the_shadow(
    case: LeadCase, plan: list[Cycle], data: st.DataObject
) -> None:
    live, shadowed, names = split(case, drawn(data, case))
    without = replace(
        live,
        milestones={name: one for name, one in live.milestones.items() if name not in names},
        leads={name: one for name, one in live.leads.items() if name not in names},
    )
    found = World(shadowed, case.records).run(plan, until=case.until)
    alone = World(without, case.records).run(plan, until=case.until)
    assert by_milestone(found.qualifications) == by_milestone(alone.qualifications)


def by_milestone(told: Iterable[Qualification]) -> list[Qualification]:
    """What is told of one milestone of one entity, in order; of several none need come first."""
    return sorted(told, key=lambda one: (one.account_id or "", one.user_id or "", one.milestone))


@given(lead_cases(), crashing_plans, st.data())
def test_after_a_crash_a_shadow_repeats_what_it_said_and_loses_nothing(
    case: LeadCase, plan: list[Cycle], data: st.DataObject
) -> None:
    _, shadowed, _ = split(case, drawn(data, case))
    calm = World(shadowed, case.records).run(until=case.until)
    crashed = World(shadowed, case.records).run(plan, until=case.until)
    assert {one.id for one in crashed.shadows} == {one.id for one in calm.shadows}
    assert {one.id for one in crashed.qualifications} == {one.id for one in calm.qualifications}


def scores_in(condition: Condition) -> list[Score]:
    found = [condition.score] if isinstance(condition, ScoreCondition) else []
    for inner in form_of(condition).inside(condition):
        found += scores_in(inner)
    return found


def with_copies(meaning: Definitions) -> Definitions:
    """Each score once more, in its own shadow."""
    scores = [one for milestone in meaning.milestones.values() for one in scores_in(milestone.when)]
    known = {one.name: one for one in scores}
    assume(all(known[one.name] == one for one in scores))  # as in a file: one score for a name
    copies = [
        replace(one, name=f"{one.name}_copy", shadow=True, shadow_of=one.name) for one in scores
    ]
    return replace(meaning, scores={one.name: one for one in (*scores, *copies)})


SCORED = sorted(name for name in FOCUSES if "score" in name)


@pytest.mark.parametrize("focus", SCORED)
@given(data=st.data())
def test_a_score_in_its_own_shadow_is_recorded_as_it_is_told(
    focus: str, data: st.DataObject
) -> None:
    meaning = data.draw(FOCUSES[focus])
    history = data.draw(histories(DENSE))
    timing = meaning.timing
    arrived = arrivals(
        history,
        data.draw(disorders),
        allowed_lateness=timing.allowed_lateness,
        dedupe_within=timing.dedupe_within,
    )
    records = [record(event, offset) for offset, event in enumerate(arrived)]
    plan = data.draw(quiet_plans)
    alone = World(meaning, records).run(plan, until=newest(history))
    found = World(with_copies(meaning), records).run(plan, until=newest(history))
    assert by_milestone(found.qualifications) == by_milestone(alone.qualifications)
    assert_recorded(found)


def assert_recorded(found: Outcome) -> None:
    told = {one.id: one for one in found.qualifications if one.score is not None}
    compared: dict[str, ScoreComparison] = {one.qualification: one for one in found.comparisons}
    assert compared.keys() == told.keys()
    for name, one in compared.items():
        live = told[name]
        assert one.shadow == f"{one.score}_copy"
        assert one.value == one.shadow_value == live.score
        assert one.contributions == live.contributions
        assert (one.occurred_at, one.detected_at) == (live.occurred_at, live.detected_at)
        assert (one.milestone, one.told, one.occurrence) == (
            live.milestone, live.type, live.occurrence,
        )  # fmt: skip
