"""What leaves the worker, as Kafka records."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from schemas.encoding import as_json, cloudevents_headers, dead_letter_headers, record_key
from streams.evaluator import Changes, CycleResults
from streams.settings import Settings
from streams.topics import repartition_topic
from streams.transport.sender import Outgoing


@dataclass(frozen=True, slots=True)
class Outputs:
    """Names the topics, and turns results into records for them."""

    qualifications: str
    activity: str
    dead_letters: str
    repartition: str

    @classmethod
    def of(cls, settings: Settings) -> "Outputs":
        """The topics of these settings."""
        return cls(
            settings.qualifications_topic,
            settings.activity_topic,
            settings.dead_letters_topic,
            repartition_topic(settings.app_id),
        )

    def records(self, results: CycleResults, changes: Changes) -> Iterator[Outgoing]:
        """The records of one commit cycle, those of one key in order."""
        dumps = orjson.dumps
        for told in results.qualifications:
            value = dumps(as_json(told))
            yield Outgoing(self.qualifications, record_key(told), value, cloudevents_headers(told))
        for update in changes.updates:
            yield Outgoing(self.activity, record_key(update), dumps(as_json(update)))
        for letter in results.dead_letters:
            yield Outgoing(
                self.dead_letters, letter.key, letter.original, dead_letter_headers(letter)
            )
        for forward in results.forwards:
            yield Outgoing(self.repartition, forward.key, forward.value, forward.headers)
