"""The consumer's thread: everything that takes records or moves a position runs in it."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import aiokafka
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.transport.batches import Batch, ConsumerRecord
from streams.transport.connection import passes

if TYPE_CHECKING:
    from streams.transport.consumer import BatchConsumer, BatchTransport

logger = logging.getLogger(__name__)

FAUST = logging.getLogger("faust.app")
"""Where subclasses of Faust's services report their steps, as Faust itself does."""


class RebalanceListener(driver.ConsumerRebalanceListener):
    """Shuts the fence when partitions come or go, in the thread where records are taken."""

    _thread: "BatchConsumerThread"

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> Any:
        """Nothing fetched so far may be delivered any more."""
        self._thread.shut_fence()
        return super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Nothing fetched before may be delivered: positions are those of the group again."""
        self._thread.shut_fence()
        await super().on_partitions_assigned(assigned)


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that owns the connection; everything that moves a position runs in it."""

    logger = FAUST
    consumer: "BatchConsumer"
    transport: "BatchTransport"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._taken: dict[TP, int] = {}

    def shut_fence(self) -> None:
        """Drop what is on its way, and forget where the next batches should start."""
        self.consumer.fence.rebalance()
        self._taken.clear()

    def _create_worker_consumer(self, transport: "BatchTransport") -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        # Faust's assignor keeps equally numbered partitions of all topics together; Faust itself
        # takes it only for apps with its own tables.
        self._assignor = self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            **transport.connection.options(),
            client_id=conf.broker_client_id,
            group_id=conf.id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=500,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            check_crcs=conf.broker_check_crcs,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
        )

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> list[Batch]:
        if not self.consumer.flow_active:
            return []
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise driver.ConsumerStoppedError
        _hand_out_as_parsed(fetcher)
        with fetcher._subscriptions.fetch_context():
            if not active_partitions:
                # aiokafka takes an empty set for all partitions. Coming in here all the same
                # tells the group that this member is alive though all it has is held.
                return []
            records = await fetcher.fetched_records(
                active_partitions, timeout=timeout, max_records=max_records
            )
            # No await from here on: a seek or a rebalance in between would put a new epoch on
            # records of the old one.
            assignment = fetcher._subscriptions.subscription.assignment
            return [
                self._batch(tp, taken, assignment.state_value(tp).position)
                for tp, taken in records.items()
            ]

    def _batch(self, aiotp: Any, records: list[ConsumerRecord], position: int) -> Batch:
        tp = TP(aiotp.topic, aiotp.partition)
        start = self._taken.get(tp)
        self._taken[tp] = position
        return Batch(tp, records, start, position, self.consumer.fence.epoch(tp))

    async def rewind(self, offsets: Mapping[TP, int]) -> None:
        """Go back to these offsets; partitions that are no longer assigned are left out."""
        await self.call_thread(self._rewind, offsets)

    async def _rewind(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        # One step without an await: a fetch in between would be stamped with the old epoch
        # though its position had moved, and its records would be missing.
        for tp, offset in offsets.items():
            if tp in assigned:
                self.consumer.fence.seek(tp)
                consumer.seek(driver.ensure_aiokafka_TP(tp), offset)
                self._taken[tp] = offset

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offset of each partition, from the broker."""
        result: dict[TP, int | None] = await self.call_thread(self._committed, list(tps))
        return result

    async def _committed(self, tps: list[TP]) -> dict[TP, int | None]:
        consumer = self._ensure_consumer()
        return {tp: await consumer.committed(driver.ensure_aiokafka_TP(tp)) for tp in tps}

    async def beginning_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where each partition's log begins, from the broker."""
        aiotps = [driver.ensure_aiokafka_TP(tp) for tp in tps]
        offsets = await self.call_thread(self._ensure_consumer().beginning_offsets, aiotps)
        return {TP(tp.topic, tp.partition): offset for tp, offset in offsets.items()}

    async def is_member(self) -> bool | None:
        """Whether the broker has this consumer in the group as it was dealt out last.

        Asked with a heartbeat. ``None``: the broker could not be asked.
        """
        answer: bool | None = await self.call_thread(self._is_member)
        return answer

    async def _is_member(self) -> bool | None:
        coordinator = self._ensure_consumer()._coordinator
        generation = coordinator.generation
        if await coordinator._do_heartbeat():
            return True
        return None if coordinator.generation == generation else False

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        commit = {
            driver.ensure_aiokafka_TP(tp): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
            if tp in assigned
        }
        if len(commit) < len(offsets):
            return False
        try:
            await consumer.commit(commit)
        except (CommitFailedError, IllegalStateError):
            logger.info("the group has changed: offsets will be committed by the next owner")
            return False
        except KafkaError as error:
            if not passes(error):
                raise
            logger.warning("offsets could not be committed, trying again: %s", error)
            return False
        return True


def _hand_out_as_parsed(fetcher: Any) -> None:
    """Let what is fetched already be handed out as the parser made it.

    aiokafka turns every record into a dataclass, which took a twentieth of a worker's time. What
    comes in while a fetch waits still is: both have all that is read of a record.
    """
    for fetched in fetcher._records.values():
        unread = getattr(fetched, "_partition_records", None)
        if unread is not None:
            unread._consumer_record = _as_parsed


def _as_parsed(_tp: Any, record: ConsumerRecord) -> ConsumerRecord:
    return record
