import logging

import pytest
from aiokafka.errors import (
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
)
from aiokafka.partitioner import DefaultPartitioner

from streams.transport.connection import passes
from streams.transport.sender import partition_of
from streams.transport.service import Throttle


@pytest.mark.parametrize("key", [b"", b"a", b"acme", "Zürich".encode(), b"\x00\xff" * 30])
def test_a_key_goes_where_kafkas_own_producers_send_it(key: bytes) -> None:
    for partitions in (1, 3, 8, 50):
        numbers = list(range(partitions))
        assert partition_of(key, partitions) == DefaultPartitioner()(key, numbers, numbers)


@pytest.mark.parametrize(
    ("error", "worth_it"),
    [
        (NotLeaderForPartitionError(), True),
        (KafkaTimeoutError(), True),
        (ConnectionResetError(), True),
        (MessageSizeTooLargeError(), False),
        (TopicAuthorizationFailedError(), False),
        (ValueError(), False),
    ],
)
def test_only_what_can_pass_is_tried_again(error: Exception, worth_it: bool) -> None:
    assert passes(error) is worth_it


def test_a_message_that_repeats_is_let_through_once_in_a_while() -> None:
    now = 0.0
    throttle = Throttle(clock=lambda: now)

    def says(message: str, argument: str) -> bool:
        record = logging.LogRecord("aiokafka", logging.ERROR, "", 0, message, (argument,), None)
        return throttle.filter(record)

    assert says("no connection to %s", "a")
    assert not says("no connection to %s", "b")
    assert says("another thing %s", "a")
    now = 31.0
    assert says("no connection to %s", "a")
