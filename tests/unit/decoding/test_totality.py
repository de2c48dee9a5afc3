"""Whatever the bytes, they are an event or refused; and what is accepted can be written again."""

from typing import Any

import orjson
import ormsgpack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events import Event
from streams.decoding import decode
from streams.decoding.decoder import MAX_DEPTH
from streams.errors import Rejected

NOW = 1_767_225_600_000

# A busy machine is slow, not wrong.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Field names of every format, so that arbitrary objects come near to being events.
NAMES = [
    "event", "timestamp", "event_id", "account_id", "user_id", "properties", "traits",
    "type", "messageId", "userId", "anonymousId", "context", "groupId", "originalTimestamp",
    "specversion", "id", "subject", "time", "data", "name", "previousId",
]  # fmt: skip
TEXTS = ["", "identify", "group", "track", "page", "alias", "1.0", "2025-12-31T10:00:00Z", "\0"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TEXTS)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
fields = st.sampled_from(NAMES)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(fields, scalars, max_size=4)
records = st.dictionaries(fields, values | st.fixed_dictionaries({"data": values}), max_size=6)
plausible = st.builds(
    lambda record, required: {**record, **required},
    records,
    st.just({"event": "group", "timestamp": "2025-12-31", "user_id": 7, "account_id": "a"})
    | st.fixed_dictionaries({"event": scalars, "timestamp": scalars, "user_id": scalars}),
)
header_lists = st.none() | st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_subject", "ce_time", "x"]),
        st.sampled_from([b"1.0", b"ann", b"2025-12-31", b"\xff", b""]),
    ),
    max_size=6,
)


def dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # text that Hypothesis made and JSON cannot hold
        return b"{}"


def decoded(value: bytes | None, headers: Any) -> Event | None:
    try:
        return decode(value, headers, NOW, "product.events", 0, 1)
    except Rejected as error:
        refused = error
    # What a dead letter carries: UTF-8, on one line.
    assert refused.path.encode() is not None
    assert "\n" not in refused.detail
    return None


def check(event: Event | None) -> None:
    if event is None:
        return
    assert event.account_id or event.user_id
    assert event.name
    assert event.event_id
    ids = [event.event_id, event.account_id, event.user_id]
    fields = [*ids, event.name, event.time, event.properties, event.traits]
    assert orjson.loads(orjson.dumps(fields)) == fields
    assert ormsgpack.packb(fields)


@patient
@given(st.binary(max_size=200), header_lists)
def test_any_bytes_are_an_event_or_refused(value: bytes, headers: Any) -> None:
    check(decoded(value, headers))


@patient
@given(records | plausible, header_lists)
def test_any_object_is_an_event_or_refused(record: dict[str, Any], headers: Any) -> None:
    check(decoded(dumped(record), headers))


@patient
@given(plausible, st.integers(0, 200), st.binary(max_size=3))
def test_any_damage_to_a_record_is_an_event_or_refused(
    record: dict[str, Any], at: int, damage: bytes
) -> None:
    value = dumped(record)
    check(decoded(value[:at] + damage + value[at + len(damage) :], None))


@patient
@given(st.integers(1, 3000), st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]))
def test_any_nesting_is_an_event_or_refused(levels: int, brackets: tuple[bytes, bytes]) -> None:
    inner = brackets[0] * levels + b"0" + brackets[1] * levels
    event = decoded(
        b'{"event":"x","timestamp":0,"user_id":"u","properties":{"p":%b}}' % inner, None
    )
    assert (event is not None) == (levels + 2 <= MAX_DEPTH)
    check(event)
