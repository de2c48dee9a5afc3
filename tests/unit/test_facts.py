"""Which roles an event has, and what they say of it."""

from typing import Any

import pytest

from schemas.events import Event
from schemas.rows import EARLIEST, LATEST, FactRow
from streams.definitions import loads
from streams.definitions.roles import ATTRIBUTES, ROLES
from streams.facts import Facts

ROLES_OF = """
version: 1
milestones: {aha: {of: user, when: {event: A}}}
roles:
  visit: {event: ["Page *", Landed], channel: properties.channel}
  activated: {milestone: aha}
  subscription:
    event: [Started, Changed]
    where: {properties.test: {ne: true}}
    amount: properties.price.mrr
    plan: properties.plan
    self_serve: properties.self_serve
  checkout_completed: {event: Started}
  key_features: {event: [Shared, Used], feature: properties.feature}
  product_shared: {event: Shared}
  invite_sent: {event: Invited, where: {properties.role: admin}, invitee: properties.who}
  consent: {event: Consented, given: properties.given}
"""
FACTS = Facts(loads(ROLES_OF).roles)


def event(name: str, time: int = 5, **properties: Any) -> Event:
    return Event("e1", name, time, "acme", "ann", properties, {})


def fact(role: str, name: str, **columns: Any) -> FactRow:
    return FactRow(role, 5, "acme", "ann", "e1", name, **columns)


def test_an_event_without_a_role_is_no_fact() -> None:
    assert FACTS.of(event("Opened")) == []
    assert FACTS.of(event("A")) == []


def test_an_event_may_have_several_roles_and_each_says_what_it_asks_for() -> None:
    told = event("Started", price={"mrr": "49.5"}, plan=7, self_serve="TRUE")
    assert FACTS.of(told) == [
        fact("subscription", "Started", value=49.5, plan="7", self_serve=True),
        fact("checkout_completed", "Started"),
    ]


def test_a_filter_keeps_an_event_from_a_role() -> None:
    assert [one.role for one in FACTS.of(event("Started", test=True))] == ["checkout_completed"]


def test_names_may_be_patterns() -> None:
    assert FACTS.of(event("Page Viewed", channel="paid")) == [
        fact("visit", "Page Viewed", channel="paid")
    ]
    assert FACTS.of(event("Landed")) == [fact("visit", "Landed")]
    assert FACTS.of(event("Pages")) == []


def test_what_an_event_does_not_say_is_none() -> None:
    (row,) = FACTS.of(event("Changed", price=3, self_serve="maybe"))
    assert row == fact("subscription", "Changed", value=None, plan="", self_serve=None)


@pytest.mark.parametrize(
    ("given", "expected"), [(True, True), ("false", False), (0, False), (1, True), (None, None)]
)
def test_consent_is_true_or_false_however_it_is_written(given: Any, expected: Any) -> None:
    assert FACTS.of(event("Consented", given=given)) == [
        fact("consent", "Consented", given=expected)
    ]


def test_without_an_attribute_a_feature_is_named_by_its_event() -> None:
    (row,) = Facts(loads("version: 1\nroles: {key_features: {event: Shared}}\n").roles).of(
        event("Shared", feature="x")
    )
    assert row == fact("key_features", "Shared", feature="Shared")


def test_an_empty_id_stands_for_none_and_times_are_those_that_columns_hold() -> None:
    early = Event("e1", "Shared", EARLIEST - 1, None, "ann", {}, {})
    late = Event("e1", "Shared", LATEST + 1, "acme", None, {}, {})
    assert [(one.at, one.account_id, one.user_id) for one in FACTS.of(early)] == [
        (EARLIEST, "", "ann")
    ] * 2
    assert [(one.at, one.account_id, one.user_id) for one in FACTS.of(late)] == [
        (LATEST, "acme", "")
    ] * 2


def test_only_events_of_invitations_are_some() -> None:
    assert FACTS.is_invite(event("Invited", role="admin"))
    assert not FACTS.is_invite(event("Invited", role="viewer"))
    assert not FACTS.is_invite(event("Started", role="admin"))


def test_every_attribute_has_a_column_and_every_role_knows_its_attributes() -> None:
    assert {each.column for each in ATTRIBUTES.values()} <= set(FactRow._fields)
    used = {name for kind in ROLES.values() for name in kind.attributes}
    assert used == set(ATTRIBUTES)
    for kind in ROLES.values():
        assert set(kind.required) <= set(kind.attributes)
        assert kind.otherwise is None or kind.otherwise in ROLES
