"""Results of a commit cycle as Kafka records: what goes together, and under which key."""

import orjson

from schemas.activity import ActivityTuple, ActivityUpdate
from streams.engine.occasion import ROWS, Staged
from streams.evaluator import Changes, CycleResults
from streams.outputs import Outputs
from streams.transport.sender import Outgoing

OUTPUTS = Outputs("qualifications", "shadow", "activity", "dead-letters", "repartition")


def day(account: str, event: str = "Opened") -> ActivityTuple:
    return (account, "ann", 20_000, "", {event: [1, 1, 2]})


def records(*updates: ActivityUpdate) -> list[Outgoing]:
    return list(OUTPUTS.records(7, CycleResults(), Changes(list(updates), [], [])))


def activity(sent: list[Outgoing]) -> list[list[object]]:
    return [row for record in sent for row in orjson.loads(record.value or b"")["activity"]]


def test_activity_of_many_accounts_is_one_record_under_the_number_of_its_partition() -> None:
    rows = [day("acme"), day("bolt")]
    [record] = records(ActivityUpdate(rows, [("acme", None, "plan", "trial", 3)]))
    assert (record.topic, record.key, record.headers) == ("activity", b"7", [])
    assert orjson.loads(record.value or b"") == {
        "version": 1,
        "activity": [list(row) for row in rows],
        "traits": [["acme", None, "plan", "trial", 3]],
    }


def test_rows_with_long_text_are_cut_into_records_that_a_topic_takes() -> None:
    rows = [day(f"a{number}", "x" * 100_000) for number in range(33)]
    sent = records(ActivityUpdate(rows, [("acme", None, "plan", "y" * 300_000, 3)]))
    assert activity(sent) == [list(row) for row in rows]
    assert sum(len(orjson.loads(record.value or b"")["traits"]) for record in sent) == 1
    assert max(len(record.value or b"") for record in sent) < 600_000


def test_a_row_larger_than_a_record_should_be_goes_alone() -> None:
    rows = [day("acme", "x" * 1_000_000), day("bolt")]
    assert [len(activity([record])) for record in records(ActivityUpdate(rows, []))] == [1, 1]


def test_an_update_has_a_thousand_rows_of_each_kind_at_most_and_nothing_makes_none() -> None:
    staged = Staged()
    assert staged.updates() == []
    staged.activity = [day(f"a{number}") for number in range(ROWS + 2)]
    staged.traits = [("acme", None, "plan", number, 1) for number in range(3)]
    updates = staged.updates()
    assert [(len(one.activity), len(one.traits)) for one in updates] == [(ROWS, 3), (2, 0)]
