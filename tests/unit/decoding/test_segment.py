"""The Segment spec, recognised by its own fields."""

from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.events import Event
from streams.decoding import decode
from streams.errors import Rejected

NOW = 1_767_225_600_000
TIME = 1_767_175_200_000  # 2025-12-31T10:00:00Z

TRACK = {
    "type": "track",
    "event": "Document Shared",
    "messageId": "m1",
    "userId": "ann",
    "anonymousId": "anon-1",
    "context": {"groupId": "acme", "library": {"name": "analytics.js"}},
    "properties": {"role": "admin"},
    "timestamp": "2025-12-31T10:00:00Z",
    "originalTimestamp": "2025-12-31T09:59:00Z",
    "sentAt": "2025-12-31T09:59:30Z",
    "receivedAt": "2025-12-31T10:00:30Z",
    "version": 2,
    "integrations": {},
}
ABSENT = object()


def read(base: dict[str, Any] = TRACK, **fields: Any) -> Event:
    merged = {key: value for key, value in {**base, **fields}.items() if value is not ABSENT}
    return decode(orjson.dumps(merged), None, NOW, "product.events", 0, 5)


def refusal(**fields: Any) -> tuple[Reason, str]:
    with pytest.raises(Rejected) as caught:
        read(**fields)
    return caught.value.reason, caught.value.path


def test_a_track_is_an_event_of_its_own_name() -> None:
    assert read() == Event("m1", "Document Shared", TIME, "acme", "ann", {"role": "admin"}, {})


def test_a_track_without_a_type_is_a_track() -> None:
    assert read(type=ABSENT) == read()


def test_without_a_user_the_anonymous_one_stands_in() -> None:
    for missing in (ABSENT, None, ""):
        assert read(userId=missing).user_id == "anon-1"


def test_without_a_message_id_the_coordinates_stand_in() -> None:
    assert read(messageId=None).event_id == "product.events:0:5"


@pytest.mark.parametrize("number", [42, 42.0])
def test_numbers_as_ids_become_their_text(number: float) -> None:
    event = read(userId=number, messageId=number, context={"groupId": number})
    assert (event.user_id, event.event_id, event.account_id) == ("42", "42", "42")


def test_identify_carries_the_traits_of_the_user() -> None:
    event = read(type="identify", event=ABSENT, properties=ABSENT, traits={"plan": "trial"})
    assert (event.name, event.traits, event.properties) == ("identify", {"plan": "trial"}, {})


def test_group_carries_the_traits_of_the_account_that_it_names() -> None:
    event = read(type="group", event=ABSENT, groupId="other", traits={"plan": "trial"})
    assert (event.name, event.account_id, event.traits) == ("group", "other", {"plan": "trial"})


def test_group_without_an_account_is_refused_where_it_has_traits() -> None:
    assert refusal(type="group", event=ABSENT, context={}, traits={"plan": 1}) == (
        Reason.MISSING_FIELD,
        "context.groupId",
    )


@pytest.mark.parametrize("call", ["page", "screen"])
def test_page_and_screen_have_their_name_and_category_as_properties(call: str) -> None:
    event = read(type=call, event=ABSENT, name="Pricing", category="Docs", properties={"url": "/"})
    assert event.name == call
    assert event.properties == {"name": "Pricing", "category": "Docs", "url": "/"}


def test_the_properties_of_a_page_win_over_its_name() -> None:
    event = read(type="page", event=ABSENT, name="outer", properties={"name": "inner"})
    assert event.properties == {"name": "inner"}


def test_alias_has_the_previous_id_as_a_property() -> None:
    event = read(type="alias", event=ABSENT, previousId="anon-1", properties=ABSENT)
    assert (event.name, event.user_id, event.properties) == (
        "alias",
        "ann",
        {"previousId": "anon-1"},
    )


def test_the_corrected_time_is_preferred_and_the_others_stand_in_by_rank() -> None:
    ranked = ["timestamp", "originalTimestamp", "sentAt", "receivedAt"]
    seconds = [read(**dict.fromkeys(ranked[:gone], None)).time for gone in range(4)]
    assert seconds == [TIME, TIME - 60_000, TIME - 30_000, TIME + 30_000]


def test_an_account_in_our_own_field_is_taken() -> None:
    assert read(context={}, account_id="acme").account_id == "acme"


def test_a_user_without_an_account_is_accepted() -> None:
    for context in (ABSENT, None, {}, {"groupId": None}, {"groupId": ""}):
        assert read(context=context).account_id is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"event": ABSENT}, (Reason.MISSING_FIELD, "event")),
        ({"event": 3}, (Reason.WRONG_TYPE, "event")),
        ({"type": 3}, (Reason.WRONG_TYPE, "type")),
        ({"type": ["track"]}, (Reason.WRONG_TYPE, "type")),
        ({"type": "delete", "event": ABSENT}, (Reason.WRONG_TYPE, "type")),
        ({"context": "acme"}, (Reason.WRONG_TYPE, "context")),
        ({"context": {"groupId": {}}}, (Reason.WRONG_TYPE, "context.groupId")),
        ({"userId": {}}, (Reason.WRONG_TYPE, "userId")),
        ({"userId": ABSENT, "anonymousId": True}, (Reason.WRONG_TYPE, "anonymousId")),
        ({"messageId": []}, (Reason.WRONG_TYPE, "messageId")),
        ({"properties": "x"}, (Reason.WRONG_TYPE, "properties")),
        ({"type": "page", "properties": "x"}, (Reason.WRONG_TYPE, "properties")),
        ({"type": "identify", "traits": 1}, (Reason.WRONG_TYPE, "traits")),
        ({"timestamp": "soon"}, (Reason.BAD_TIMESTAMP, "timestamp")),
        ({"timestamp": None, "sentAt": 1, "originalTimestamp": "soon"},
         (Reason.BAD_TIMESTAMP, "originalTimestamp")),
        ({"timestamp": "2200-01-01"}, (Reason.FUTURE_TIMESTAMP, "timestamp")),
        (
            dict.fromkeys(["timestamp", "originalTimestamp", "sentAt", "receivedAt"]),
            (Reason.MISSING_FIELD, "timestamp"),
        ),
        (
            {"userId": None, "anonymousId": None, "context": None},
            (Reason.MISSING_FIELD, "context.groupId"),
        ),
    ],
)  # fmt: skip
def test_a_refusal_points_at_segments_own_field(
    fields: dict[str, Any], expected: tuple[Reason, str]
) -> None:
    assert refusal(**fields) == expected
