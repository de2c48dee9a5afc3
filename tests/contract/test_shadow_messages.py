"""What is written of what is in the shadow, and that no subscriber's schema lets it in."""

from dataclasses import replace

import pytest

from schemas.encoding import as_json, record_key
from schemas.examples import COMPARISON, QUALIFICATIONS
from schemas.qualifications import Qualification
from tests.contract.validating import crossed, errors


@pytest.mark.parametrize("told", QUALIFICATIONS, ids=lambda one: one.type)
def test_a_shadow_is_written_like_the_live_one_and_marked(told: Qualification) -> None:
    live = crossed(as_json(told))
    hidden = crossed(as_json(replace(told, shadow=True, shadow_of="other")))
    assert hidden == {**live, "shadow": True, "shadow_of": "other"}
    assert errors(told.type, hidden), "a subscriber's schema refuses it"
    assert not errors("shadow.qualification", hidden)
    assert errors("shadow.qualification", live)


def test_what_is_compared_with_nothing_names_nothing() -> None:
    hidden = crossed(as_json(replace(QUALIFICATIONS[0], shadow=True)))
    assert "shadow_of" not in hidden
    assert not errors("shadow.qualification", hidden)


def test_a_comparison_of_scores_is_as_its_schema_says_and_under_the_key_of_its_entity() -> None:
    message = crossed(as_json(COMPARISON))
    assert not errors("score.compared", message)
    assert errors("score.compared", {**message, "more": 1})
    assert all(
        errors("score.compared", {name: message[name] for name in message if name != left_out})
        for left_out in message
    )
    assert record_key(COMPARISON) == b"acme"
    assert record_key(replace(COMPARISON, account_id=None, user_id="ann")) == b"ann"
