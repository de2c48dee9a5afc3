"""What subscribers are told of scores that fall back and recover."""

from typing import get_args

import orjson
import pytest

from schemas.encoding import fallback_headers, fallback_message
from schemas.examples import FALLBACKS
from schemas.fallbacks import FALLBACK_TYPES, FallbackSwitch, FallbackType
from schemas.qualifications import TYPES
from streams.sinks.decode import qualification_rows
from tests.contract.validating import crossed, errors, headers


def test_every_type_is_described_and_has_an_example() -> None:
    kinds = [switch.type for switch in FALLBACKS]
    assert kinds == list(FALLBACK_TYPES) == list(get_args(FallbackType))
    assert not {*kinds} & {*TYPES}


@pytest.mark.parametrize("switch", FALLBACKS, ids=lambda switch: switch.type)
def test_a_switch_is_as_its_schema_says_and_as_no_other(switch: FallbackSwitch) -> None:
    message = crossed(fallback_message(switch))
    assert not errors(switch.type, message)
    assert not errors("qualification.headers", headers(fallback_headers(switch)))
    for other in {*FALLBACK_TYPES, *TYPES} - {switch.type}:
        assert errors(other, message)
    for field in message:
        assert errors(switch.type, {key: message[key] for key in message if key != field})


def test_it_says_what_was_switched_why_and_from_when_on() -> None:
    fell_back, recovered = FALLBACKS
    assert fallback_message(fell_back) == {
        "id": "score.fell_back:fit@1767261600000",
        "type": "score.fell_back",
        "milestone": "fit",
        "fallback": "rules",
        "occurred_at": "2026-01-01T10:00:00.000Z",
        "value": 0.31,
        "above": 0.2,
        "judged": 58,
    }
    assert headers(fallback_headers(recovered))["ce_subject"] == "fit"


def test_the_sink_passes_over_it_as_it_is_kept_where_it_was_settled() -> None:
    for switch in FALLBACKS:
        assert qualification_rows(orjson.dumps(fallback_message(switch))) == []
