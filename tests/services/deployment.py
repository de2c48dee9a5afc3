"""One worker group and one sink group of their own, on a shared broker."""

import secrets
from pathlib import Path
from typing import Any

import orjson

from tests.services import chdb, topics
from tests.services.brokers import Broker
from tests.services.commands import Running, environment, run
from tests.services.reaper import Reaper
from tests.services.waiting import wait_until
from tests.services.warehouse import migrated

PATIENCE = 120
"""Seconds for anything that must happen: generous, since a deadline is not a measurement."""

SESSION_TIMEOUT = 3
"""Seconds: the embedded broker keeps whoever joins waiting for half of it, and twice as long for a
member that ended without a word. Three heartbeats fit into it on a busy machine, too."""

QUICK = {
    "MILEPOST_COMMIT_INTERVAL": "0.3",
    "MILEPOST_SESSION_TIMEOUT": str(SESSION_TIMEOUT),
    "MILEPOST_REBALANCE_TIMEOUT": "6",
}
"""Settings under which a test need not wait long for a commit or for a dead worker's partitions."""


class Deployment:
    """Topics, application ids and a ClickHouse that no other test uses.

    Args:
        broker: where the topics are.
        folder: for logs, tables on disk and the embedded ClickHouse.
        definitions: what the workers evaluate.
        env: settings of its processes instead of :data:`QUICK`.
        events: an events topic that is there already, instead of one of its own.
    """

    def __init__(
        self,
        broker: Broker,
        reaper: Reaper,
        folder: Path,
        definitions: Path,
        *,
        partitions: int = 4,
        env: dict[str, str] | None = None,
        events: str | None = None,
    ) -> None:
        self.broker = broker
        self.folder = folder
        self.dsn = f"chdb://{folder / 'clickhouse'}"
        name = f"t{secrets.token_hex(4)}"
        self.app, self.sink_app = name, f"{name}-sink"
        self.events, self.qualifications = events or f"{name}.events", f"{name}.qualifications"
        self.shadow = f"{name}.shadow"
        self.activity, self.dead_letters = f"{name}.activity", f"{name}.dead-letters"
        self.repartition = f"{name}-repartition"
        self.running: list[Running] = []
        self._reaper = reaper
        self._env = {
            "MILEPOST_BOOTSTRAP": broker.bootstrap,
            "MILEPOST_DEFINITIONS": str(definitions),
            "MILEPOST_APP_ID": self.app,
            "MILEPOST_SINK_APP_ID": self.sink_app,
            "MILEPOST_EVENTS_TOPIC": self.events,
            "MILEPOST_QUALIFICATIONS_TOPIC": self.qualifications,
            "MILEPOST_SHADOW_TOPIC": self.shadow,
            "MILEPOST_ACTIVITY_TOPIC": self.activity,
            "MILEPOST_DEAD_LETTERS_TOPIC": self.dead_letters,
            "MILEPOST_PARTITIONS": str(partitions),
            "MILEPOST_CLICKHOUSE_DSN": self.dsn,
            **(QUICK if env is None else env),
        }
        if events is None:
            topics.create_topic(broker, self.events, partitions)
        run(["topics", "--create"], self._env)

    def environment(self) -> dict[str, str]:
        """The environment of a command that is run against it; without ClickHouse."""
        own = {name: value for name, value in self._env.items() if "CLICKHOUSE" not in name}
        return environment(own)

    def run(self, *arguments: str, **env: str) -> str:
        """Run a command against it to its end; its stdout."""
        return run(list(arguments), {**self._env, **env})

    def worker(self, **env: str) -> Running:
        """Start one more worker."""
        return self._start("worker", env)

    def migrate(self) -> None:
        """Make the database where there is none."""
        if not (self.folder / "clickhouse").exists():
            migrated(self.folder / "clickhouse")

    def sink(self, **env: str) -> Running:
        """Start the sink on a database with every table."""
        self.migrate()
        return self._start("sink", env)

    def _start(self, command: str, env: dict[str, str]) -> Running:
        log = self.folder / f"{command}-{len(self.running)}.log"
        started = Running(
            self._reaper,
            [command],
            {**self._env, **env},
            log,
            forked=self.broker.kind == "embedded",
        )
        self.running.append(started)
        return started

    def wait_until_evaluated(self) -> None:
        """Every event is evaluated and committed: those that were forwarded, too."""

        def done() -> bool:
            self._check_alive("worker")
            return not any(
                topics.lag(self.broker, self.app, topic)
                for topic in (self.events, self.repartition)
            )

        wait_until(done, within=PATIENCE, what="all events evaluated", every=0.5)

    def wait_until_persisted(self) -> None:
        """Everything published is in ClickHouse and committed."""

        def done() -> bool:
            self._check_alive("sink")
            published = self.qualifications, self.shadow, self.activity
            return not any(topics.lag(self.broker, self.sink_app, topic) for topic in published)

        wait_until(done, within=PATIENCE, what="all results persisted", every=0.5)

    def _check_alive(self, command: str) -> None:
        of_kind = [running for running in self.running if running.name.startswith(command)]
        if not any(running.alive for running in of_kind):
            raise RuntimeError(f"no {command} is left:\n{of_kind[-1].tail() if of_kind else ''}")

    def published(self, topic: str | None = None) -> list[dict[str, object]]:
        """All qualifications on the topic, or all that is on another one."""
        stored = topics.read_to_end(self.broker, topic or self.qualifications)
        return [orjson.loads(record.value or b"null") for record in stored]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the embedded ClickHouse; the sink must have ended."""
        return chdb.rows(self.dsn, query)

    def close(self) -> None:
        """End what is still running."""
        for running in self.running:
            running.close()
