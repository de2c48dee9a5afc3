"""What is explained is what the brute-force evaluation of the whole history says, and when."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from streams.definitions.model import Condition, Definitions, MilestoneCondition, Owner
from streams.engine import Engine
from streams.engine.standing import Explainer, Standing
from streams.evaluator import Evaluator
from streams.explain.files import FileSource
from tests.properties.driver import record
from tests.properties.histories import WHOLE_HISTORY, histories
from tests.properties.languages import definitions
from tests.properties.oracle import Oracle
from tests.properties.oracle_life import Entity
from tests.properties.oracle_live import leaves
from tests.properties.standing import Case, cases

pytestmark = pytest.mark.timeout(3_600)  # thousands of examples, where they are asked for

looked_at = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_right(case: Case, owner: Owner, name: str, standing: Standing) -> None:
    """As the oracle has it at that instant, right before it turned and when it turns next."""
    entity = Entity(*owner)

    def truth(at: int, until: int) -> bool:
        return Oracle(case.meaning, case.history, until).is_true(entity, name, at)

    why = standing.why
    if case.meaning.milestones[name].live:
        assert standing.holds == truth(case.until, case.until)
    if why is None:
        return
    at = standing.at
    assert why.holds == truth(at, case.until)
    if why.since is not None:
        flips = Oracle(case.meaning, case.history, case.until).flips(entity, name)
        last = max((flip.at for flip in flips if flip.at <= at), default=None)
        born = min(
            event.time
            for event in case.history
            if event.account_id == owner[0] and owner[1] in (None, event.user_id)
        )
        assert why.since == (born if last is None else last)
    if why.turns_at is not None and at == case.until:
        assert truth(why.turns_at, why.turns_at) != why.holds
        assert truth(why.turns_at - 1, why.turns_at - 1) == why.holds
    elif at == case.until and not names_milestones(case.meaning.milestones[name].when):
        later = case.until + 100 * WHOLE_HISTORY
        flips = Oracle(case.meaning, case.history, later).flips(entity, name)
        assert not [flip for flip in flips if flip.at > at]


def names_milestones(condition: Condition) -> bool:
    """Whether it looks at others: what those do by themselves is not always foretold."""
    return any(isinstance(one, MilestoneCondition) for one in leaves(condition))


def owners(case: Case, of: str) -> list[Owner]:
    found = Oracle(case.meaning, case.history, case.until).entities(of)
    return [(one.account_id, one.user_id) for one in found]


@looked_at
@given(cases(definitions(), histories()))
def test_from_files_everything_is_known_however_long_ago(case: Case) -> None:
    lines: Any = [[record(event, offset) for offset, event in enumerate(case.arrived)]]
    who = [owner for of in ("account", "user") for owner in owners(case, of)]
    source = FileSource(case.meaning, lines, who, case.until)
    for _ in source.run():
        pass
    for name, milestone in case.meaning.milestones.items():
        for owner in owners(case, milestone.of):
            standing = source.standing(owner, name)
            assert standing.why is not None
            assert standing.why.since is not None
            assert_right(case, owner, name, standing)


@looked_at
@given(cases(definitions(), histories()))
def test_from_a_worker_what_is_said_is_right_and_nothing_is_changed_by_looking(case: Case) -> None:
    explainer = Explainer(case.meaning)
    evaluator = worker(case.meaning)
    evaluator.apply([record(event, offset) for offset, event in enumerate(case.arrived)])
    evaluator.finish(case.until)
    for name, milestone in case.meaning.milestones.items():
        for owner in owners(case, milestone.of):
            before = evaluator.state_of(*owner)
            entity = explainer.read(before or b"", *owner)
            assert entity is not None
            assert_right(case, owner, name, explainer.standing(entity, name, case.until))
            assert evaluator.state_of(*owner) == before


def worker(meaning: Definitions) -> Evaluator:
    return Evaluator(
        Engine(meaning),
        topic="t",
        partition=0,
        load_account=lambda _key: None,
        load_user=lambda _key: None,
    )
