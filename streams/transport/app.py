"""The Faust app that delivers batches to processors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import faust
from faust.types import TP
from yarl import URL

from streams.status import Status
from streams.transport.connection import Connection
from streams.transport.consumer import BatchConsumer, BatchTransport
from streams.transport.group import Durations, Group
from streams.transport.processor import Pace, Processors
from streams.transport.thread import FAUST

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an app reads, and as which member of which group."""

    app_id: str
    """The consumer group."""
    topics: Sequence[str]
    """Topics with the same number of partitions are dealt out together, number by number."""
    session_timeout: float = 30.0
    """Seconds without a heartbeat after which a member counts as gone."""
    rebalance_timeout: float = 30.0
    """Seconds in which every member must rejoin when the group changes."""
    fetch_records: int = 2_000
    """Most records taken in one fetch."""
    fetch_bytes: int = MEBIBYTE
    """Most bytes of a partition that the broker sends at once (a larger record comes alone)."""


class BatchSchema(faust.Schema):
    """A message's value is its batch, as it is: records are decoded by the processor."""

    def loads_key(self, *_args: Any, **_kwargs: Any) -> None:
        """Batches have no key."""

    def loads_value(self, _app: Any, message: Any, **_kwargs: Any) -> Any:
        """The batch."""
        return message.value


class BatchApp(faust.App):
    """Faust, reduced to membership, assignment and delivery."""

    logger = FAUST

    def __init__(self, *args: Any, connection: Connection, group: Group, **options: Any) -> None:
        self.connection = connection
        self.group = group
        super().__init__(*args, **options)
        group.attach(self._batch_consumer)

    def _batch_consumer(self) -> BatchConsumer:
        consumer: BatchConsumer = self.consumer
        return consumer

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(
            self.conf.broker_consumer,
            self,
            connection=self.connection,
            on_commit=self._note_commit,
        )

    def _note_commit(self, offsets: Mapping[TP, int]) -> None:
        self.group.committed(offsets)

    def _create_directories(self) -> None:
        """Faust's own directories are not used."""

    def _crash(self, reason: BaseException) -> None:
        super()._crash(reason)
        self.group.failed(reason)


def create_batch_app(
    subscription: Subscription,
    *,
    processors: Processors,
    connection: Connection,
    pace: Pace,
    status: Status,
    durations: Durations,
) -> BatchApp:
    """An app that gives each assigned partition a processor.

    :func:`streams.transport.service.run` runs it. Nothing is connected yet, so this
    may be called without a running event loop.
    """
    group = Group(processors, pace, status, durations)
    app = BatchApp(
        subscription.app_id,
        connection=connection,
        group=group,
        broker=[URL(f"kafka://{server}") for server in connection.bootstrap.split(",")],
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        # Batches, not records: a few are plenty, each partition has its inbox behind.
        stream_buffer_maxsize=64,
        broker_max_poll_records=subscription.fetch_records,
        consumer_max_fetch_size=subscription.fetch_bytes,
        # Commits follow every persist; this interval only repeats one that failed.
        broker_commit_interval=max(pace.commit_interval, 1.0),
        broker_session_timeout=subscription.session_timeout,
        broker_request_timeout=max(40.0, subscription.session_timeout),
        broker_rebalance_timeout=subscription.rebalance_timeout,
        broker_heartbeat_interval=min(3.0, subscription.session_timeout / 3),
        broker_max_poll_interval=max(600.0, subscription.rebalance_timeout),
        broker_check_crcs=True,
    )
    _wire(app, subscription.topics)
    return app


def _wire(app: BatchApp, topics: Sequence[str]) -> None:
    """Register what Faust calls: assignment, revocation, and the agent that delivers."""
    group = app.group

    @app.on_partitions_assigned.connect
    async def assign(_app: BatchApp, assigned: set[TP], **_kwargs: Any) -> None:
        await group.on_assigned(assigned)

    @app.on_partitions_revoked.connect
    async def revoke(_app: BatchApp, revoked: set[TP], **_kwargs: Any) -> None:
        await group.on_revoked(revoked)

    @app.agent(app.topic(*topics, schema=BatchSchema()), name="deliver")
    async def deliver(batches: Any) -> None:
        async for batch in batches:
            group.deliver(batch)
