"""ClickHouse as a watch sees it: it asks, and writes down what it found."""

from collections.abc import Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from schemas.rows import Row
from streams.sinks.clickhouse import ClickHouseSink, connect, unavailable

ANSWER_TIMEOUT = 300
"""Seconds for an answer: a question about months may take its time."""


class Warehouse:
    """Used by one thread at a time. Connects when it is asked, and again after every failure."""

    def __init__(self, dsn: str) -> None:
        """Take the DSN; nothing is connected yet.

        Raises:
            SettingsError: the DSN is not one.
        """
        self._dsn = dsn
        self._sink = ClickHouseSink(dsn)
        self._client: Client | None = None

    def reach(self) -> Client:
        """Return once it has answered.

        Raises:
            Unavailable: it does not answer.
        """
        if self._client is None:
            self._client = connect(self._dsn, answer_timeout=ANSWER_TIMEOUT)
        return self._client

    def ask(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of an answer, by the names of their columns.

        Raises:
            Unavailable: it does not answer, or refuses; the text says how.
        """
        client = self.reach()
        try:
            return list(client.query(sql, parameters=dict(parameters)).named_results())
        except (Error, OSError) as error:
            self._disconnect()
            raise unavailable(self._dsn, error) from error

    def write(self, rows: Sequence[Row]) -> None:
        """Return once the rows are stored.

        Raises:
            Unavailable: it does not take them. They are taken along with the next ones.
        """
        self._sink.write(rows)
        self._sink.flush()

    def close(self) -> None:
        """Disconnect."""
        self._sink.close()
        self._disconnect()

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()
