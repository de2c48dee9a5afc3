"""What leaves the worker, as Kafka records."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from schemas.activity import ActivityUpdate
from schemas.encoding import as_json, cloudevents_headers, dead_letter_headers, record_key
from streams.evaluator import Changes, CycleResults
from streams.settings import Settings
from streams.topics import repartition_topic
from streams.transport.sender import Outgoing

_LARGE: Final = 512 * 1024
"""Bytes above which an update of several rows is cut: the text in a row has no limit, a record
has one."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Names the topics, and turns results into records for them."""

    qualifications: str
    shadow: str
    activity: str
    dead_letters: str
    repartition: str

    @classmethod
    def of(cls, settings: Settings) -> "Outputs":
        """The topics of these settings."""
        return cls(
            settings.qualifications_topic,
            settings.shadow_topic,
            settings.activity_topic,
            settings.dead_letters_topic,
            repartition_topic(settings.app_id),
        )

    def records(
        self, partition: int, results: CycleResults, changes: Changes
    ) -> Iterator[Outgoing]:
        """The records of one commit cycle, those of one key in order.

        Args:
            partition: whose cycle it is. It is the key of activity, which no account is: one
                record has many accounts, and an account is always told of by one partition.
            results: of the cycle.
            changes: of the cycle.
        """
        dumps = orjson.dumps
        for told in results.qualifications:
            value = dumps(as_json(told))
            yield Outgoing(self.qualifications, record_key(told), value, cloudevents_headers(told))
        for hidden in results.hidden:
            yield Outgoing(self.shadow, record_key(hidden), dumps(as_json(hidden)))
        key = b"%d" % partition
        for update in changes.updates:
            for value in _values(update):
                yield Outgoing(self.activity, key, value)
        for letter in results.dead_letters:
            yield Outgoing(
                self.dead_letters, letter.key, letter.original, dead_letter_headers(letter)
            )
        for forward in results.forwards:
            yield Outgoing(self.repartition, forward.key, forward.value, forward.headers)


def _values(update: ActivityUpdate) -> Iterator[bytes]:
    """The update in records that are not large, or have one row each."""
    value = orjson.dumps(as_json(update))
    rows = max(len(update.activity), len(update.traits), len(update.excluded))
    if len(value) <= _LARGE or rows == 1:
        yield value
        return
    half = rows // 2
    for part in (slice(None, half), slice(half, None)):
        yield from _values(
            ActivityUpdate(update.activity[part], update.traits[part], update.excluded[part])
        )
