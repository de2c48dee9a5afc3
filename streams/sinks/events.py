"""Records of the events topic as rows: raw events, facts, the history of traits."""

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from schemas.events import ENTITY_DELETED, GROUP, Event
from schemas.parameters import CONTROL_ACCOUNT
from schemas.rows import EventRow, FactRow, Row, TraitHistoryRow
from streams.decoding import decode
from streams.errors import Rejected
from streams.records import Record
from streams.sinks.fields import json_text, nearest_time

_DAY: Final = 86_400_000


class Known(Protocol):
    """What is known of events by their roles; :class:`streams.facts.Facts` is one."""

    def of(self, event: Event) -> list[FactRow]:
        """A row for each role that the event has."""

    def is_invite(self, event: Event) -> bool:
        """Whether the event tells of somebody who was invited."""


class EventRows:
    """Turns a record of the events topic into rows.

    Args:
        known: of the definitions' roles.
        keep_days: raw events are kept for so many days; ``None``: not at all.
        now: epoch milliseconds.
    """

    def __init__(self, known: Known, keep_days: int | None, now: Callable[[], int]) -> None:
        self._known = known
        self._keep = None if keep_days is None else keep_days * _DAY
        self._now = now

    def __call__(self, record: Record, topic: str, partition: int) -> list[Row]:
        """The rows of the record that was found there; none for one that cannot be an event.

        That one is a dead letter already, of the worker, which reads the same records.
        """
        try:
            event = decode(
                record.value,
                record.headers,
                record.timestamp,
                topic,
                partition,
                record.offset,
            )
            return list(self._rows(event))
        except Rejected:
            return []

    def _rows(self, event: Event) -> Iterator[Row]:
        if event.account_id == CONTROL_ACCOUNT or event.name == ENTITY_DELETED:
            return  # nobody's; of what is erased counts what the worker tells
        # Older ones would go at once, and old times without end are as many partitions.
        if self._keep is not None and event.time > self._now() - self._keep:
            yield EventRow(
                account_id=event.account_id or "",
                user_id=event.user_id or "",
                at=nearest_time(event.time),
                event_id=event.event_id,
                event=event.name,
                properties=json_text(event.properties, "properties"),
                traits=json_text(event.traits, "traits") if event.traits else "",
                invite=self._known.is_invite(event),
            )
        yield from self._known.of(event)
        user_id = "" if event.name == GROUP and event.account_id else event.user_id or ""
        for name, value in event.traits.items():
            yield TraitHistoryRow(
                account_id=event.account_id or "",
                user_id=user_id,
                name=name,
                changed_at=nearest_time(event.time),
                value=json_text(value, f"traits.{name}"),
            )
