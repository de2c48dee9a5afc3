"""Wires the worker: settings, definitions, engine, tables, topics, probes. No logic."""

import logging
from collections.abc import Iterable
from functools import partial

from streams.agents.qualify import Qualify
from streams.definitions import load
from streams.engine import Engine
from streams.engine.state import revision_of
from streams.evaluator import Evaluator
from streams.explain.desk import Desk
from streams.health import HealthServer
from streams.metrics import Metrics
from streams.outputs import Outputs
from streams.settings import Settings
from streams.status import Status
from streams.tables import Tables, changelogs
from streams.topics import prepare, repartition_topic
from streams.transport.app import BatchApp, Subscription, create_batch_app
from streams.transport.changelog import Recovery
from streams.transport.connection import admin, decide_idempotence, wait_for_broker
from streams.transport.sender import Delivery, Sender, partition_of
from streams.transport.service import run
from streams.transport.stores import Store
from streams.transport.timekeeper import wall_clock
from streams.transport.whereabouts import own_host

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    engine: Engine,
    *,
    partitions: int,
    sender: Sender,
    tables: Tables,
    status: Status,
    metrics: Metrics,
    desk: Desk,
    address: str,
) -> BatchApp:
    """The worker's Faust app. Nothing is connected yet.

    Args:
        settings: see :mod:`streams.settings`.
        engine: the definitions, compiled.
        partitions: how many the events topic has.
        sender: sends outputs and states; started by the caller before the app.
        tables: closed by the caller after the app.
        status: told how the app stands.
        metrics: told what it does.
        desk: told which states are here.
        address: where other machines reach the desk, ``host:port``.
    """
    connection = settings.connection()
    logs = changelogs(settings.app_id)
    behind = settings.behind_records
    recovery = Recovery(connection, sender, logs, revision_of, settings.recovery_timeout, address)

    def make_evaluator(partition: int, store: Store, epoch: int) -> Evaluator:
        accounts, users = logs
        return Evaluator(
            engine,
            topic=settings.events_topic,
            partition=partition,
            load_account=partial(store.get, accounts.table),
            load_user=partial(store.get, users.table),
            owns=lambda key: partition_of(key, partitions) == partition,
            cache_entries=settings.cache_entries,
            epoch=epoch,
            started_at=wall_clock(),
            find_users=partial(store.keys, users.table),
            behind_records=behind if behind is None else round(behind * 1000),
        )

    said: set[str] = set()

    def announce(edits: Iterable[object]) -> None:
        """Every partition finds the same edits: once is enough."""
        for text in map(str, edits):
            if text not in said:
                said.add(text)
                logger.info("definitions: %s", text)

    def make_processor(partition: int) -> Qualify:
        return Qualify(
            partition,
            make_evaluator=make_evaluator,
            tables=tables,
            recovery=recovery,
            sender=sender,
            changelogs=logs,
            outputs=Outputs.of(settings),
            telemetry=metrics,
            announce=announce,
            reception=desk,
        )

    app = create_batch_app(
        Subscription(
            settings.app_id,
            [settings.events_topic, repartition_topic(settings.app_id)],
            session_timeout=settings.session_timeout,
            rebalance_timeout=settings.rebalance_timeout,
            fetch_records=settings.fetch_records,
        ),
        processors=make_processor,
        connection=connection,
        pace=settings.pace(),
        status=status,
        durations=metrics,
    )
    app.group.when_assigned(tables.keep_only)
    return app


async def serve(settings: Settings) -> None:
    """Run the worker until SIGTERM or SIGINT.

    Raises:
        DefinitionsError, SettingsError: what it was given cannot work.
        Unavailable: no broker answers, or the port of the probes is taken.
        MilepostError: topics are missing, or the worker stopped itself before anything wrong could
            be committed.
    """
    definitions = load(settings.definitions)
    connection = settings.connection()
    status = Status()
    metrics = Metrics(status, definitions)
    tables = Tables(settings)
    await wait_for_broker(connection, settings.connect_timeout)
    idempotent = await decide_idempotence(connection, settings.idempotence)
    async with admin(connection) as client:
        partitions = await prepare(client, settings)
    sender = Sender(connection, Delivery(idempotent, record_bytes=settings.max_message_bytes))
    desk = Desk(
        definitions, settings.events_topic, status,
        partial(partition_of, partitions=partitions), wall_clock,
    )  # fmt: skip
    health = HealthServer(
        status, metrics.registry, host=settings.http_host, port=settings.http_port,
        explain=desk.reply,
    )  # fmt: skip
    port = await health.start()
    app = create_app(
        settings,
        Engine(definitions),
        partitions=partitions,
        sender=sender,
        tables=tables,
        status=status,
        metrics=metrics,
        desk=desk,
        address=advertised(settings, port),
    )
    await sender.start()
    try:
        await run(app, deadline=settings.shutdown_timeout)
    finally:
        await sender.stop()
        tables.close()
        await health.stop()


def advertised(settings: Settings, port: int) -> str:
    """Where other machines reach the port of the probes, ``host:port``."""
    host = settings.http_advertise or settings.http_host
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - every address of this machine: which one?
        host = own_host(settings.bootstrap)
    if host.count(":") > 1 and "[" not in host:
        host = f"[{host}]"
    return host if ":" in host.rpartition("]")[2] else f"{host}:{port}"
