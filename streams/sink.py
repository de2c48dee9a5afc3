"""Wires the sink: settings, topics, decoders, ClickHouse, probes. No logic."""

import logging
from collections.abc import Container, Mapping, Sequence

from schemas.dead_letters import DeadLetter
from schemas.encoding import dead_letter_headers
from streams.agents.persist import Decode, Persist, Writer
from streams.definitions import load
from streams.definitions.model import Role
from streams.errors import MilepostError
from streams.facts import Facts
from streams.health import HealthServer
from streams.metrics import Metrics
from streams.settings import Settings
from streams.sinks.audit import audited_rows
from streams.sinks.clickhouse import ClickHouseSink
from streams.sinks.decode import activity_rows, shadow_rows
from streams.sinks.events import EventRows
from streams.sinks.pseudonyms import Pseudonyms
from streams.status import Status
from streams.topics import look
from streams.transport.app import Subscription, create_batch_app
from streams.transport.connection import Connection, admin, decide_idempotence, wait_for_broker
from streams.transport.sender import Delivery, Outgoing, Sender
from streams.transport.service import run
from streams.transport.timekeeper import wall_clock

logger = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Run the sink until SIGTERM or SIGINT.

    Raises:
        DefinitionsError, SettingsError: what it was given cannot work.
        Unavailable: no broker answers, or the port of the probes is taken.
        MilepostError: topics are missing, or the sink stopped itself before anything wrong could
            be committed.
    """
    decided = audited_rows(Pseudonyms(settings.audit_key.get_secret_value()))
    decoders: dict[str, Decode] = {
        settings.qualifications_topic: lambda record, *_: decided(record.value),
        settings.shadow_topic: lambda record, *_: shadow_rows(record.value),
        settings.activity_topic: lambda record, *_: activity_rows(record.value),
        settings.events_topic: _event_rows(settings),
    }
    connection = settings.connection()
    status = Status()
    metrics = Metrics(status)
    writer = Writer(ClickHouseSink(settings.clickhouse_dsn.get_secret_value()), status, metrics)
    await wait_for_broker(connection, settings.connect_timeout)
    idempotent = await decide_idempotence(connection, settings.idempotence)
    await _require_topics(connection, settings, decoders)
    sender = Sender(connection, Delivery(idempotent, record_bytes=settings.max_message_bytes))

    async def send(letters: Sequence[DeadLetter]) -> None:
        await sender.send(
            Outgoing(
                settings.dead_letters_topic, dead.key, dead.original, dead_letter_headers(dead)
            )
            for dead in letters
        )

    app = create_batch_app(
        Subscription(
            settings.sink_app_id,
            list(decoders),
            session_timeout=settings.session_timeout,
            rebalance_timeout=settings.rebalance_timeout,
            fetch_records=settings.fetch_records,
        ),
        processors=lambda partition: Persist(partition, writer, decoders, send),
        connection=connection,
        pace=settings.pace(),
        status=status,
        durations=metrics,
    )
    health = HealthServer(
        status, metrics.registry, host=settings.http_host, port=settings.http_port
    )
    await health.start()
    await sender.start()
    try:
        await run(app, deadline=settings.shutdown_timeout)
    finally:
        await sender.stop()
        await writer.close()
        await health.stop()


def _event_rows(settings: Settings) -> EventRows:
    """What becomes of events, by the definitions where there are some."""
    roles: Mapping[str, Role] = {}
    if settings.definitions.exists():
        roles = load(settings.definitions).roles
        if not roles:
            logger.info("%s has no roles: events become no facts", settings.definitions)
    else:
        logger.warning(
            "there is no definitions file %s: events become no facts", settings.definitions
        )
    keep_days = settings.raw_events_days if settings.raw_events else None
    return EventRows(Facts(roles), keep_days, wall_clock)


async def _require_topics(connection: Connection, settings: Settings, read: Container[str]) -> None:
    """Refuse to wait for topics that nobody has made."""
    async with admin(connection) as client:
        found = await look(client, settings)
    needed = [each for each in found if each.topic.role == "out" or each.topic.name in read]
    missing = [each.topic.name for each in needed if each.partitions is None]
    if missing:
        raise MilepostError(
            f"these topics do not exist: {', '.join(missing)}; make them with"
            " milepost topics --create"
        )
