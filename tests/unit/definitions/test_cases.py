"""The section ``tests``: from YAML to the model."""

from pathlib import Path

from streams.definitions import examine, examine_tests, loads
from streams.definitions.model import Case

DAY = 86_400_000
BEGINNING = 1_767_225_600_000

MILESTONES = """version: 1
milestones:
  pays: {of: account, when: {event: Paid}}
  active: {of: account, live: true, when: {event: "*", within: 7d}}
  here: {of: user, live: true, when: {event: "*", within: 1d}}
journeys:
  way: {of: account, steps: [pays, active], stuck: {pays: 7d}}
"""
GIVEN = "given: [{event: Paid, account: acme, user: ann}]"


def case(fields: str) -> Case:
    """The one test that has these fields."""
    (found,) = loads(f"{MILESTONES}tests: [{{name: it, {fields}}}]").tests
    return found


def test_what_is_expected_may_name_live_milestones() -> None:
    (check,) = case(
        f"{GIVEN}, then: {{acme: {{active: 2026-01-01}}}}, not_then: {{ann: [here]}}"
    ).checks
    acme, ann = check.expected
    assert (acme.reached, acme.not_reached) == ({"active": BEGINNING}, frozenset())
    assert (ann.reached, ann.not_reached) == (None, frozenset({"here"}))


def test_what_was_left_is_a_list_or_has_times() -> None:
    (check,) = case(f"{GIVEN}, exited: {{acme: [active], ann: {{here: 2026-01-02}}}}").checks
    acme, ann = check.expected
    assert (acme.account_id, acme.user_id, acme.exited) == ("acme", None, {"active": None})
    assert (ann.account_id, ann.user_id, ann.exited) == ("acme", "ann", {"here": BEGINNING + DAY})
    assert (acme.reached, acme.stuck, ann.stuck) == (None, None, None)


def test_journeys_in_which_one_is_stuck_are_a_list_or_have_steps() -> None:
    (check,) = case(f"{GIVEN}, stuck: {{acme: [way]}}").checks
    assert check.expected[0].stuck == {"way": None}
    (check,) = case(f"{GIVEN}, stuck: {{acme: {{way: pays}}}}").checks
    assert check.expected[0].stuck == {"way": "pays"}
    (check,) = case(f"{GIVEN}, stuck: {{acme: []}}").checks
    assert check.expected[0].stuck == {}


def test_a_moment_expects_what_the_end_does() -> None:
    checks = case(
        f"{GIVEN}, at: {{2026-01-02: {{exited: {{acme: []}}}}}}, stuck: {{acme: []}}"
    ).checks
    assert [check.at for check in checks] == [BEGINNING + DAY, None]
    assert [check.expected[0].exited for check in checks] == [{}, None]
    assert [check.expected[0].stuck for check in checks] == [None, {}]


def test_events_carry_traits_as_they_do_properties() -> None:
    given = "given: [{event: group, account: acme, traits: {plan: trial, seats: 5}, times: 2}]"
    assert [each.traits for each in case(f"{given}, then: {{acme: []}}").given] == [
        {"plan": "trial", "seats": 5}
    ] * 2
    assert case(f"{GIVEN}, then: {{acme: []}}").given[0].traits == {}


def test_tests_beside_the_definitions_know_their_journeys_and_live_milestones(
    tmp_path: Path,
) -> None:
    tested = tmp_path / "product.yml"
    tested.write_text(MILESTONES)
    beside = tmp_path / "product_test.yml"
    beside.write_text(
        f"version: 1\ntests: [{{name: it, {GIVEN}, stuck: {{acme: {{way: active}}}}, "
        "exited: {acme: [pays]}}]"
    )
    problems = examine_tests(beside, examine(tested)).problems
    assert [problem.message for problem in problems] == [
        "`way` does not say how long `active` may take: see its `stuck`",
        "`pays` is not live: once reached it is never left",
    ]
