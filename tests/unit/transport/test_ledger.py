import pytest
from faust.types import TP

from streams.transport.ledger import Ledger

FIRST, SECOND = TP("events", 0), TP("events", 1)


def test_nothing_is_committed_before_something_is_safe() -> None:
    ledger = Ledger()
    ledger.begin({FIRST: None, SECOND: 7})
    assert ledger.uncommitted() == {}


def test_only_what_moved_since_the_last_commit_is_committed() -> None:
    ledger = Ledger()
    ledger.begin({FIRST: None, SECOND: 7})
    ledger.advance({FIRST: 3, SECOND: 7})
    assert ledger.uncommitted() == {FIRST: 3}


def test_a_failed_commit_leaves_the_offset_to_be_committed() -> None:
    ledger = Ledger()
    ledger.begin({FIRST: 0})
    ledger.advance({FIRST: 3})
    assert ledger.uncommitted() == ledger.uncommitted() == {FIRST: 3}


def test_what_became_safe_during_a_commit_is_left_for_the_next() -> None:
    ledger = Ledger()
    ledger.begin({FIRST: 0})
    ledger.advance({FIRST: 3})
    sent = ledger.uncommitted()
    ledger.advance({FIRST: 5})
    ledger.acknowledge(sent)
    assert ledger.uncommitted() == {FIRST: 5}


def test_safe_offsets_never_go_back() -> None:
    ledger = Ledger()
    ledger.advance({FIRST: 5})
    with pytest.raises(ValueError, match="cannot go back to 4"):
        ledger.advance({FIRST: 4})


def test_a_revoked_partition_is_not_committed() -> None:
    ledger = Ledger()
    ledger.advance({FIRST: 5, SECOND: 6})
    ledger.forget([FIRST])
    assert ledger.uncommitted() == {SECOND: 6}


def test_a_commit_acknowledged_after_the_revocation_is_no_memory() -> None:
    ledger = Ledger()
    ledger.advance({FIRST: 5})
    ledger.forget([FIRST])
    ledger.acknowledge({FIRST: 5})
    assert ledger.committed(FIRST) == 0


def test_a_partition_that_comes_back_begins_at_its_committed_offset() -> None:
    ledger = Ledger()
    ledger.advance({FIRST: 50})
    ledger.begin({FIRST: 20})
    ledger.advance({FIRST: 21})
    assert ledger.uncommitted() == {FIRST: 21}
