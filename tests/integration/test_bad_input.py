"""Nothing that arrives on the topic is lost: it counts, or it is a dead letter with its reason."""

import time
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from schemas.dead_letters import Reason
from tests.integration.conftest import Deploy
from tests.services import topics
from tests.services.deployment import Deployment
from tests.services.topics import Message, Stored

WELL = {"event": "Document Created", "timestamp": "2025-01-01T10:00:00Z", "user_id": "ann"}


def _event(**fields: Any) -> bytes:
    return orjson.dumps({**WELL, "account_id": "acme", **fields})


def _nested(levels: int) -> bytes:
    return _event(properties={"x": 0}).replace(b"0}", b"[" * levels + b"]" * levels + b"}")


ACCEPTED: Mapping[str, bytes] = {
    "plain": _event(),
    "unknown fields": _event(library={"name": "js"}, tags=["a"]),
    "numbers as ids": _event(account_id=17, user_id=4.0, event_id=99),
    "a timestamp without a zone": _event(timestamp="2025-01-01T10:00:00"),
    "the year 1970": _event(timestamp="1970-01-01T00:00:00Z"),
    "text with NUL": _event(account_id="ac\0me", properties={"note": "\0"}),
    "no user": orjson.dumps({**WELL, "user_id": None, "account_id": "acme"}),
    "one megabyte": _event(properties={"note": "x" * 1024 * 1024}),
    "nested, but not too deep": _nested(60),
    "properties null": _event(properties=None),
}

REFUSED: Mapping[str, tuple[Reason, str, bytes | None]] = {
    "a null value": (Reason.EMPTY, "", None),
    "an empty value": (Reason.EMPTY, "", b""),
    "not JSON": (Reason.NOT_JSON, "", b"{nothing"),
    "not UTF-8": (Reason.NOT_JSON, "", b'{"event": "\xff\xfe"}'),
    "a lone surrogate": (Reason.NOT_JSON, "", _event().replace(b"acme", b"\\ud800")),
    "an array": (Reason.NOT_AN_OBJECT, "", b"[1, 2]"),
    "a name that is a number": (Reason.WRONG_TYPE, "event", _event(event=3)),
    "an account that is a list": (Reason.WRONG_TYPE, "account_id", _event(account_id=[1])),
    "a user that is a bool": (Reason.WRONG_TYPE, "user_id", _event(user_id=True)),
    "properties that are text": (Reason.WRONG_TYPE, "properties", _event(properties="x")),
    "no name": (Reason.MISSING_FIELD, "event", _event(event=None)),
    "no timestamp": (Reason.MISSING_FIELD, "timestamp", _event(timestamp=None)),
    "no entity": (Reason.MISSING_FIELD, "account_id", _event(account_id=None, user_id="")),
    "a timestamp that is none": (Reason.BAD_TIMESTAMP, "timestamp", _event(timestamp="soon")),
    "the year 2200": (Reason.FUTURE_TIMESTAMP, "timestamp", _event(timestamp="2200-01-01")),
    "nested too deep": (Reason.TOO_DEEP, "", _nested(100)),
    "nested a hundred thousand deep": (Reason.TOO_DEEP, "", _nested(100_000)),
    "ten megabytes": (Reason.TOO_LARGE, "", _event(properties={"note": "x" * 10 * 1024 * 1024})),
}


def _results(deployment: Deployment) -> dict[str, int]:
    results: dict[str, int] = {}
    for worker in deployment.running:
        for (name, *labels), value in worker.metrics().items():
            if name == "milepost_events_total":
                results[labels[0]] = results.get(labels[0], 0) + int(value)
    return results


def _letters(deployment: Deployment) -> list[Stored]:
    return topics.read_to_end(deployment.broker, deployment.dead_letters)


@pytest.mark.parametrize("key", [b"acme", None], ids=["keyed", "without a key"])
def test_every_record_counts_or_is_a_dead_letter(deploy: Deploy, key: bytes | None) -> None:
    deployment = deploy()
    deployment.worker()
    good = [Message(value, key) for value in ACCEPTED.values()]
    bad = [Message(value, key) for _, _, value in REFUSED.values()]
    mixed = [message for pair in zip(bad, [*good, *good], strict=False) for message in pair]

    topics.write(deployment.broker, deployment.events, [*mixed, *good])
    deployment.wait_until_evaluated()

    results = _results(deployment)
    results.pop("forwarded")  # each of them is read, and counted, once more
    assert sum(results.values()) == len(mixed) + len(good)
    assert results["dead"] == len(bad)
    assert len(_letters(deployment)) == len(bad)


def test_a_dead_letter_has_reason_path_coordinates_and_the_bytes_as_they_came(
    deploy: Deploy,
) -> None:
    deployment = deploy()
    deployment.worker()
    sent = [Message(value, b"key", [("trace", b"1")]) for _, _, value in REFUSED.values()]

    places = topics.write(deployment.broker, deployment.events, sent)
    deployment.wait_until_evaluated()

    letters = {_origin(letter): letter for letter in _letters(deployment)}
    assert len(letters) == len(REFUSED)
    for place, (name, (reason, path, value)) in zip(places, REFUSED.items(), strict=True):
        letter = letters[place]
        assert letter.headers["dead_letter_reason"].decode() == reason, name
        assert letter.headers["dead_letter_path"].decode() == path, name
        assert letter.headers["dead_letter_topic"].decode() == deployment.events
        assert letter.headers["dead_letter_detail"], name
        assert (letter.key, letter.value) == (b"key", value), name


def _origin(letter: Stored) -> tuple[int, int]:
    headers = letter.headers
    return int(headers["dead_letter_partition"]), int(headers["dead_letter_offset"])


def test_an_ill_keyed_event_is_repartitioned_exactly_once(deploy: Deploy) -> None:
    deployment = deploy()
    worker = deployment.worker()
    ill = [
        Message(_event(account_id=f"account-{n}"), key) for n in range(20) for key in (b"x", None)
    ]
    well = [Message(_event(account_id=f"account-{n}"), b"account-%d" % n) for n in range(20)]

    topics.write(deployment.broker, deployment.events, [*ill, *well])
    deployment.wait_until_evaluated()

    forwarded = topics.read_to_end(deployment.broker, deployment.repartition)
    results = _results(deployment)
    assert results["forwarded"] == len(forwarded)
    assert results["accepted"] == len(ill) + len(well)
    # An event whose key happens to lie in its account's partition needs no second trip.
    assert 20 <= len(forwarded) <= len(ill)
    assert all(record.key in {b"account-%d" % n for n in range(20)} for record in forwarded)
    assert worker.alive


def test_an_event_is_judged_by_the_time_of_its_record_not_of_the_worker(deploy: Deploy) -> None:
    deployment = deploy()
    deployment.worker()
    now = time.time_ns() // 1_000_000
    in_two_days, yesterday = now + 2 * 86_400_000, now - 86_400_000
    late_record = Message(_event(timestamp=now), b"acme", timestamp=yesterday - 3_600_000)
    ahead = Message(_event(timestamp=in_two_days), b"acme", timestamp=now)

    topics.write(deployment.broker, deployment.events, [late_record, ahead])
    deployment.wait_until_evaluated()

    reasons = [letter.headers["dead_letter_reason"] for letter in _letters(deployment)]
    assert reasons == [b"future_timestamp", b"future_timestamp"]
