"""The native format: what is accepted, what is refused, and where the dead letter points."""

from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.events import Event
from streams.decoding import decode
from streams.decoding.decoder import MAX_BYTES
from streams.errors import Rejected

NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z
DAY = 86_400_000

EVENT = {"event": "Document Shared", "timestamp": "2025-12-31T10:00:00Z", "user_id": "ann"}
ABSENT = object()


def read(value: bytes | None, recorded_at: int = NOW) -> Event:
    return decode(value, [], recorded_at, "product.events", 3, 77)


def event(**fields: Any) -> Event:
    return read(record(**fields))


def record(**fields: Any) -> bytes:
    merged = {**EVENT, **fields}
    return orjson.dumps({key: value for key, value in merged.items() if value is not ABSENT})


def refusal(value: bytes | None, recorded_at: int = NOW) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read(value, recorded_at)
    return caught.value


def test_every_field_arrives_as_it_was_sent() -> None:
    assert event(
        event_id="e1", account_id="acme", properties={"role": "admin"}, timestamp=NOW
    ) == Event("e1", "Document Shared", NOW, "acme", "ann", {"role": "admin"}, {})


def test_without_an_event_id_the_coordinates_stand_in() -> None:
    for missing in (ABSENT, None, ""):
        assert event(event_id=missing).event_id == "product.events:3:77"


def test_an_account_alone_or_a_user_alone_is_enough() -> None:
    account = event(user_id=ABSENT, account_id="acme")
    assert (account.account_id, account.user_id) == ("acme", None)
    user = event()
    assert (user.account_id, user.user_id) == (None, "ann")


@pytest.mark.parametrize("nobody", [ABSENT, None, ""])
def test_an_event_of_nobody_is_refused(nobody: Any) -> None:
    error = refusal(record(user_id=nobody, account_id=nobody))
    assert (error.reason, error.path) == (Reason.MISSING_FIELD, "account_id")


@pytest.mark.parametrize("field", ["event", "timestamp"])
@pytest.mark.parametrize("missing", [ABSENT, None])
def test_a_required_field_that_is_missing_is_named(field: str, missing: Any) -> None:
    error = refusal(record(**{field: missing}))
    assert (error.reason, error.path) == (Reason.MISSING_FIELD, field)


def test_an_empty_name_is_a_missing_name() -> None:
    assert refusal(record(event="")).reason is Reason.MISSING_FIELD


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("event", 7),
        ("event", ["a"]),
        ("timestamp", True),
        ("timestamp", {}),
        ("event_id", False),
        ("event_id", [1]),
        ("account_id", {"id": 1}),
        ("user_id", True),
        ("user_id", []),
        ("properties", "role=admin"),
        ("properties", []),
        ("properties", 0),
        ("traits", "plan"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(field: str, wrong: Any) -> None:
    error = refusal(record(**{field: wrong}))
    assert (error.reason, error.path) == (Reason.WRONG_TYPE, field)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("7", "7"),
        ("0", "0"),
        ("-3", "-3"),
        ("7.0", "7"),
        ("1.5", "1.5"),
        ("18446744073709551615", "18446744073709551615"),
    ],
)
def test_a_number_as_an_id_becomes_its_text(number: str, text: str) -> None:
    ids = ",".join(f'"{name}":{number}' for name in ("user_id", "account_id", "event_id"))
    decoded = read(f'{{"event":"x","timestamp":0,{ids}}}'.encode())
    assert (decoded.user_id, decoded.account_id, decoded.event_id) == (text, text, text)


def test_a_number_that_has_lost_digits_is_refused_as_an_id() -> None:
    sent = b'{"event":"x","timestamp":0,"user_id":123456789012345678901234567890}'
    error = refusal(sent)
    assert (error.reason, error.path) == (Reason.WRONG_TYPE, "user_id")


def test_unknown_fields_are_kept_out_of_the_way() -> None:
    plain = event()
    assert event(type="track", sentAt=1, specversion=2, groupId="g", context=[1]) == plain


def test_null_properties_and_traits_are_none() -> None:
    assert event(properties=None, traits=None) == event()


def test_identify_carries_the_traits_of_its_user_and_group_those_of_its_account() -> None:
    traits = {"plan": "trial"}
    assert event(event="identify", traits=traits).traits == traits
    assert event(event="group", account_id="acme", traits=traits).traits == traits


def test_other_events_carry_no_traits() -> None:
    assert event(traits={"plan": "trial"}).traits == {}


@pytest.mark.parametrize(
    ("name", "owner", "other"),
    [("identify", "user_id", "account_id"), ("group", "account_id", "user_id")],
)
def test_traits_of_nobody_are_refused(name: str, owner: str, other: str) -> None:
    error = refusal(record(event=name, traits={"plan": 1}, **{owner: None, other: "x"}))
    assert (error.reason, error.path) == (Reason.MISSING_FIELD, owner)


@pytest.mark.parametrize("nothing", [None, b""])
def test_a_record_without_a_value_is_empty(nothing: bytes | None) -> None:
    assert refusal(nothing).reason is Reason.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        b" ",
        b"not json",
        b"{",
        b'{"event": "x"} {}',
        b"{'event': 'x'}",
        b'{"n": NaN}',
        b'{"n": Infinity}',
        b'{"n": 1e999}',
        b"\xff\xfe{}",
        b'{"text": "\xc3\x28"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\x00"}',
        b"\x00",
    ],
)
def test_what_is_not_json_is_refused(text: bytes) -> None:
    assert refusal(text).reason is Reason.NOT_JSON


@pytest.mark.parametrize("text", [b"[]", b'"event"', b"1", b"null", b"true"])
def test_json_that_is_not_an_object_is_refused(text: bytes) -> None:
    assert refusal(text).reason is Reason.NOT_AN_OBJECT


@pytest.mark.parametrize("surrogate", [rb"\ud800", rb"\udc00", rb"\udc00\ud800"])
@pytest.mark.parametrize("field", [b"user_id", b"event", b"other"])
def test_a_lone_surrogate_is_not_json(surrogate: bytes, field: bytes) -> None:
    sent = b'{"timestamp":0,"event":"x","user_id":"u","%b":"a%bz"}' % (field, surrogate)
    assert refusal(sent).reason is Reason.NOT_JSON


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read(b'{"event":"x","timestamp":0,"user_id":"\\ud83d\\ude00"}').user_id == "😀"


def test_text_may_hold_nul() -> None:
    decoded = event(user_id="a\0b", event="\0", properties={"\0": "\0"})
    assert (decoded.user_id, decoded.name, decoded.properties) == ("a\0b", "\0", {"\0": "\0"})


def nested(levels: int, opening: bytes = b'{"a":', closing: bytes = b"}") -> bytes:
    """An event nested this deep, itself and ``properties`` counted."""
    inner = opening * (levels - 2) + b"1" + closing * (levels - 2)
    return b'{"event":"x","timestamp":0,"user_id":"u","properties":{"p":%b}}' % inner


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b"[", b"]")])
def test_nesting_of_64_levels_is_accepted_and_one_more_is_not(
    opening: bytes, closing: bytes
) -> None:
    assert read(nested(64, opening, closing)).properties
    assert refusal(nested(65, opening, closing)).reason is Reason.TOO_DEEP


@pytest.mark.parametrize("levels", [500, 1_100, 100_000])
def test_nesting_past_every_limit_is_too_deep(levels: int) -> None:
    assert refusal(nested(levels)).reason is Reason.TOO_DEEP


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert event(properties={"list": [[]] * 1000, "text": "[[{{" * 100}).properties


def test_a_record_of_a_megabyte_is_accepted() -> None:
    assert event(properties={"text": "x" * 1_048_576}).properties["text"]


def test_a_record_of_ten_megabytes_is_too_large() -> None:
    assert refusal(record(properties={"text": "x" * 10_000_000})).reason is Reason.TOO_LARGE


def test_the_largest_record_is_accepted_and_one_byte_more_is_not() -> None:
    room = MAX_BYTES - len(record(properties={"text": ""}))
    assert event(properties={"text": "x" * room})
    assert refusal(record(properties={"text": "x" * (room + 1)})).reason is Reason.TOO_LARGE


def test_the_refusal_is_one_line_whatever_the_input_holds() -> None:
    error = refusal(record(timestamp="\n\0" * 1000))
    assert "\n" not in error.detail
    assert len(error.detail) < 200
