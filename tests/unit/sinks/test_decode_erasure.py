"""What the worker publishes of an erasure, as the row by which the sink does it."""

from dataclasses import replace

import orjson
import pytest

from schemas.dead_letters import Reason
from schemas.encoding import as_json
from schemas.qualifications import Deletion, Qualification
from schemas.rows import ErasingRow
from streams.errors import Rejected
from streams.sinks.decode import qualification_rows

DELETED = Qualification(
    "q1", "entity.deleted", "", "acme", None, 1, 10_000, 10_001, "", "e", False, None, (),
    deletion=Deletion(20_000, "privacy@example.com"),
)  # fmt: skip


def test_an_erasure_becomes_one_row() -> None:
    assert qualification_rows(orjson.dumps(as_json(DELETED))) == [
        ErasingRow("acme", "", 20_000, "q1", 10_000, "privacy@example.com", 0)
    ]


def test_who_asked_is_empty_where_nobody_says() -> None:
    bare = replace(DELETED, account_id=None, user_id="ann", deletion=Deletion(20_000, None))
    assert qualification_rows(orjson.dumps(as_json(bare))) == [
        ErasingRow("", "ann", 20_000, "q1", 10_000, "", 0)
    ]


def test_without_a_time_it_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        qualification_rows(orjson.dumps({**as_json(DELETED), "deletion": {"asked_by": None}}))
    assert (refused.value.reason, refused.value.path) == (
        Reason.MISSING_FIELD, "deletion.through",
    )  # fmt: skip
