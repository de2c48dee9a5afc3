"""CloudEvents 1.0: structured JSON, and binary with headers."""

from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.events import Event
from streams.decoding import decode
from streams.errors import Rejected

NOW = 1_767_225_600_000
TIME = 1_767_175_200_000  # 2025-12-31T10:00:00Z

ATTRIBUTES = {
    "specversion": "1.0",
    "id": "c1",
    "source": "/product",
    "type": "com.example.document.shared",
    "subject": "ann",
    "time": "2025-12-31T10:00:00Z",
    "datacontenttype": "application/json",
}
SHARED = Event("c1", "com.example.document.shared", TIME, "acme", "ann", {"role": "admin"}, {})
MODES = pytest.mark.parametrize("mode", ["structured", "binary"])


def read(mode: str, data: Any, **attributes: Any) -> Event:
    present = {k: v for k, v in {**ATTRIBUTES, **attributes}.items() if v is not None}
    if mode == "structured":
        body = present if data is None else {**present, "data": data}
        return decode(orjson.dumps(body), [], NOW, "product.events", 0, 5)
    value = None if data is None else orjson.dumps(data)
    headers = [(f"ce_{name}", text.encode()) for name, text in present.items()]
    return decode(value, headers, NOW, "product.events", 0, 5)


def refusal(mode: str, data: Any, **attributes: Any) -> tuple[Reason, str]:
    with pytest.raises(Rejected) as caught:
        read(mode, data, **attributes)
    return caught.value.reason, caught.value.path


@MODES
def test_attributes_name_the_event_and_data_the_account_and_properties(mode: str) -> None:
    assert read(mode, {"account_id": "acme", "properties": {"role": "admin"}}) == SHARED


@MODES
def test_data_without_properties_are_the_properties(mode: str) -> None:
    assert read(mode, {"account_id": "acme", "role": "admin"}) == SHARED


@MODES
def test_an_event_needs_no_data(mode: str) -> None:
    assert read(mode, None) == Event("c1", SHARED.name, TIME, None, "ann", {}, {})


@MODES
def test_a_user_in_the_data_is_preferred_to_the_subject(mode: str) -> None:
    assert read(mode, {"user_id": 7}).user_id == "7"


@MODES
def test_identify_and_group_carry_the_traits_in_the_data(mode: str) -> None:
    data = {"account_id": "acme", "traits": {"plan": "trial"}}
    for call in ("identify", "group"):
        event = read(mode, data, type=call)
        assert (event.name, event.traits, event.properties) == (call, {"plan": "trial"}, {})


@MODES
def test_a_native_event_as_data_speaks_for_itself(mode: str) -> None:
    data = {
        "event": "Own Name",
        "timestamp": TIME - 1,
        "event_id": "e1",
        "user_id": "bob",
        "properties": {"a": 1},
    }
    assert read(mode, data) == Event("e1", "Own Name", TIME - 1, None, "bob", {"a": 1}, {})


@MODES
def test_attributes_fill_what_a_native_event_leaves_out(mode: str) -> None:
    assert read(mode, {"event": "Own Name"}) == Event("c1", "Own Name", TIME, None, "ann", {}, {})


@MODES
def test_a_segment_call_as_data_speaks_for_itself(mode: str) -> None:
    data = {"type": "page", "messageId": "m1", "anonymousId": "anon", "context": {"groupId": "g"}}
    assert read(mode, data) == Event("m1", "page", TIME, "g", "anon", {}, {})


@MODES
def test_the_time_is_required_although_cloudevents_makes_it_optional(mode: str) -> None:
    reason, path = refusal(mode, {}, time=None)
    assert (reason, path.removeprefix("ce_")) == (Reason.MISSING_FIELD, "time")


@MODES
@pytest.mark.parametrize(
    ("attribute", "text", "reason"),
    [
        ("specversion", "0.3", Reason.WRONG_TYPE),
        ("type", None, Reason.MISSING_FIELD),
        ("time", "soon", Reason.BAD_TIMESTAMP),
        ("time", "2200-01-01T00:00:00Z", Reason.FUTURE_TIMESTAMP),
    ],
)
def test_a_refusal_points_at_the_attribute(
    mode: str, attribute: str, text: str | None, reason: Reason
) -> None:
    prefix = "ce_" if mode == "binary" else ""
    assert refusal(mode, {}, **{attribute: text}) == (reason, prefix + attribute)


@MODES
@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"account_id": {}}, "account_id"),
        ({"properties": 1}, "properties"),
        ({"event": "x", "timestamp": True}, "timestamp"),
        ({"userId": {}, "type": "page"}, "userId"),
    ],
)
def test_a_refusal_points_into_the_data(mode: str, data: dict[str, Any], path: str) -> None:
    prefix = "data." if mode == "structured" else ""
    assert refusal(mode, data) == (Reason.WRONG_TYPE, prefix + path)


@MODES
def test_an_event_about_nobody_is_refused(mode: str) -> None:
    assert refusal(mode, {}, subject=None)[0] is Reason.MISSING_FIELD


@pytest.mark.parametrize("data", ["text", 1, [], True])
def test_structured_data_that_are_not_an_object_are_refused(data: Any) -> None:
    assert refusal("structured", data) == (Reason.WRONG_TYPE, "data")


def test_structured_binary_data_are_refused() -> None:
    assert refusal("structured", None, data_base64="e30=") == (Reason.WRONG_TYPE, "data_base64")


def test_a_binary_value_that_is_not_json_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        decode(b"\x00\x01", [("ce_specversion", b"1.0")], NOW, "t", 0, 0)
    assert caught.value.reason is Reason.NOT_JSON


def test_a_header_that_is_not_utf_8_is_refused_by_its_name() -> None:
    headers = [("ce_specversion", b"1.0"), ("ce_subject", b"\xff")]
    with pytest.raises(Rejected) as caught:
        decode(b"{}", headers, NOW, "t", 0, 0)
    assert (caught.value.reason, caught.value.path) == (Reason.WRONG_TYPE, "ce_subject")


def test_other_headers_change_nothing() -> None:
    value = b'{"event":"x","timestamp":0,"user_id":"u"}'
    headers = [("traceparent", b"\xff"), ("content-type", b"application/json"), ("ce_id", b"1")]
    assert decode(value, headers, NOW, "t", 0, 0) == decode(value, None, NOW, "t", 0, 0)
