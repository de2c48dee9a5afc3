"""Roles as parameters of queries."""

from streams.definitions import loads
from streams.definitions.roles import ROLES
from streams.queries.roles import role_parameters

FILE = """
version: 1
segments:
  big: {of: account, when: {event: A}, benchmark: enterprise}
  boss: {of: user, when: {event: A}, benchmark: smb}
  rest: {of: account, when: {event: "*"}}
  tiny: {of: account, when: {event: B}, benchmark: smb}
milestones:
  aha: {of: user, when: {event: A}}
  setup: {of: account, when: {event: B}}
leads:
  pqa: {of: account, when: {event: C}}
roles:
  signed_up: {event: Joined}
  activated: {milestone: aha}
  pql: {lead: pqa}
  key_features: {event: Shared}
  activation_tasks: {milestones: [setup, aha]}
  user_role: {trait: role}
"""
FOUND = role_parameters(loads(FILE))


def of(role: str) -> tuple[object, ...]:
    names = ("facts", "milestones", "leads", "of", "trait")
    return tuple(FOUND[f"{role}_{name}"] for name in names)


def test_a_role_of_events_is_found_among_facts() -> None:
    assert of("signed_up") == (["signed_up"], [], [], "", "")


def test_a_role_of_milestones_or_of_a_lead_says_whose_they_are() -> None:
    assert of("activated") == ([], ["aha"], [], "user", "")
    assert of("pql") == ([], [], ["pqa"], "account", "")
    assert of("activation_tasks") == ([], ["setup", "aha"], [], "", "")


def test_where_a_role_is_missing_another_may_stand_in() -> None:
    assert of("value") == of("activated")
    assert of("key_action") == (["key_features"], [], [], "", "")
    assert of("onboarding") == of("activation_tasks")


def test_a_role_that_nothing_plays_has_parameters_that_are_empty() -> None:
    assert of("feedback") == of("visit") == ([], [], [], "", "")
    assert len(FOUND) == len(ROLES) * 5 + 2


def test_a_trait_is_named() -> None:
    assert of("user_role") == ([], [], [], "", "role")


def test_segments_of_accounts_say_whose_figures_they_are_compared_with() -> None:
    assert FOUND["segments"] == ["big", "tiny"]
    assert FOUND["benchmarks"] == ["enterprise", "smb"]
