"""What the sink keeps of a record of the events topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.parameters import CONTROL_ACCOUNT, PARAMETER_SET
from schemas.rows import EventRow, FactRow, Row, TraitHistoryRow
from streams.definitions import loads
from streams.facts import Facts
from streams.sinks.events import EventRows

DAY = 86_400_000
NOW = 20_000 * DAY
TOPIC = "product.events"
FACTS = Facts(
    loads("version: 1\nroles: {signed_up: {event: Joined}, invite_sent: {event: Asked}}\n").roles
)


@dataclass(frozen=True)
class Record:
    value: bytes | None
    offset: int = 7
    timestamp: int = NOW
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def rows(keep_days: int | None = 90, **fields: Any) -> list[Row]:
    sent = {"event": "Joined", "timestamp": NOW, "event_id": "e1", "account_id": "acme", **fields}
    return EventRows(FACTS, keep_days, lambda: NOW)(Record(orjson.dumps(sent)), TOPIC, 2)


def raw(event: str = "Joined", **fields: Any) -> EventRow:
    return EventRow("acme", "", NOW, "e1", event, "{}", "", False)._replace(**fields)


FACT = FactRow("signed_up", NOW, "acme", "", "e1", "Joined")


def test_an_event_is_kept_as_it_was_and_as_what_its_role_says() -> None:
    assert rows(properties={"plan": "pro", "seats": 3}) == [
        raw(properties='{"plan":"pro","seats":3}'),
        FACT,
    ]


def test_without_an_id_the_records_coordinates_are_it() -> None:
    assert [row.event_id for row in rows(event_id=None)] == ["product.events:2:7"] * 2  # type: ignore[union-attr]


def test_raw_events_are_not_kept_where_nobody_wants_them_and_facts_are() -> None:
    assert rows(keep_days=None) == [FACT]


def test_what_sets_a_parameter_is_nobodys_event() -> None:
    assert rows(event=PARAMETER_SET, account_id=CONTROL_ACCOUNT, properties={"value": 1}) == []


def test_an_event_that_would_go_at_once_is_kept_as_a_fact_alone() -> None:
    old = NOW - 30 * DAY
    assert rows(keep_days=30, timestamp=old) == [FACT._replace(at=old)]
    assert len(rows(keep_days=30, timestamp=old + 1)) == 2


def test_an_event_of_an_invitation_is_marked() -> None:
    assert rows(event="Asked")[0] == raw("Asked", invite=True)


def test_traits_are_kept_with_their_time_as_those_of_the_user_or_the_account() -> None:
    identified = rows(event="identify", user_id="ann", traits={"role": "admin", "age": None})
    traits = '{"role":"admin","age":null}'
    assert identified == [
        raw("identify", user_id="ann", traits=traits),
        TraitHistoryRow("acme", "ann", "role", NOW, '"admin"'),
        TraitHistoryRow("acme", "ann", "age", NOW, "null"),
    ]
    grouped = rows(event="group", user_id="ann", traits={"plan": "pro"})
    assert grouped[1:] == [TraitHistoryRow("acme", "", "plan", NOW, '"pro"')]


def test_what_cannot_be_an_event_is_passed_over() -> None:
    decoder = EventRows(FACTS, 90, lambda: NOW)
    assert [decoder(Record(value), TOPIC, 2) for value in (None, b"{", b"{}")] == [[], [], []]


def test_what_asks_for_an_erasure_leaves_no_row_of_whom_it_erases() -> None:
    assert rows(event="entity_deleted", traits={"plan": "pro"}) == []
