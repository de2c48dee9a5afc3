"""The numbered DDL of ``deploy/clickhouse``, applied in order and recorded.

A file is one statement that may be run twice (``IF NOT EXISTS``, ``OR REPLACE``), so a migration
that died between the statement and its record is simply run again. Of two runs at the same time one
waits for the other: else the slower one would put older views in the place of newer ones.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from streams.deployed import deployed
from streams.errors import MilepostError, Unavailable
from streams.sinks.clickhouse import (
    NO_DATABASE,
    connect,
    database_of,
    display_name,
    exists,
    unavailable,
)
from streams.sinks.migrating import only_one

_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_SENTENCE = re.compile(r"\. |[:;] ")

STATEMENT_TIMEOUT = 6 * 3_600
"""Seconds until a statement that is not answered counts as failed: some fill a table from all that
there is in another one."""

_RECORD = """
CREATE TABLE IF NOT EXISTS milepost_migrations
(
    number     UInt32,
    name       String,
    checksum   String COMMENT 'SHA-256 of the file',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of DDL."""

    number: int
    name: str
    statement: str
    checksum: str
    """SHA-256 of the file, in hexadecimal."""

    @property
    def summary(self) -> str:
        """What it is for: the first sentence of the comment that the file begins with."""
        lines = takewhile(lambda line: line.startswith("--"), self.statement.splitlines())
        comment = " ".join(line.removeprefix("--").strip() for line in lines)
        return _SENTENCE.split(comment, maxsplit=1)[0].removesuffix(".")


def migrations(folder: Path | None = None) -> list[Migration]:
    """All migrations in order.

    Args:
        folder: instead of ``deploy/clickhouse``.

    Raises:
        MilepostError: the files are not numbered 1, 2, 3, …
    """
    folder = folder or deployed("clickhouse")
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None or int(match[1]) != len(found) + 1:
            raise MilepostError(
                f"{path}: migrations are numbered without a gap; "
                f"expected {len(found) + 1:04}_some_name.sql"
            )
        content = path.read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        found.append(Migration(int(match[1]), path.stem, content.decode(), checksum))
    return found


def migrate(
    dsn: str, folder: Path | None = None, on_wait: Callable[[str], None] = lambda _who: None
) -> Iterator[Migration]:
    """Apply what is not applied yet, and tell each once it is; creates the database if need be.

    Args:
        dsn: see :mod:`streams.sinks.clickhouse`.
        folder: instead of ``deploy/clickhouse``.
        on_wait: told who else is migrating this database, before that is waited for.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: ClickHouse does not answer, or refuses a statement.
        MilepostError: what was applied is not what the files say now.
    """
    wanted = migrations(folder)
    with _speaking(dsn), closing(_connect(dsn)) as client:
        if not _pending(client, wanted, dsn):
            return
        with closing(connect(dsn)) as other, only_one(other, on_wait) as claim:
            client.command(_RECORD)
            for migration in _pending(client, wanted, dsn):
                claim.check()
                client.command(migration.statement)
                _record(client, migration)
                yield migration


def pending(dsn: str, folder: Path | None = None) -> list[Migration]:
    """What :func:`migrate` would apply; changes nothing. Raises what it raises."""
    wanted = migrations(folder)
    if not exists(dsn):
        return wanted
    with _speaking(dsn), closing(connect(dsn)) as client:
        return _pending(client, wanted, dsn)


@contextmanager
def _speaking(dsn: str) -> Iterator[None]:
    """Says which ClickHouse it was that did not answer, or refused."""
    try:
        yield
    except Error as error:
        raise unavailable(dsn, error) from error


def _connect(dsn: str) -> Client:
    """A client in the database of the DSN, which is created where it is missing.

    Asked first and created second: who may use a database may often not create one.
    """
    database = database_of(dsn)
    try:
        return connect(dsn, answer_timeout=STATEMENT_TIMEOUT)
    except Unavailable as error:
        if database is None or NO_DATABASE not in str(error):
            raise
    client = connect(dsn, database="default")
    try:
        client.command(
            "CREATE DATABASE IF NOT EXISTS {database:Identifier}",
            parameters={"database": database},
        )
    finally:
        client.close()
    return connect(dsn, answer_timeout=STATEMENT_TIMEOUT)


def _pending(client: Client, wanted: list[Migration], dsn: str) -> list[Migration]:
    if not int(client.command("EXISTS TABLE milepost_migrations")):
        return wanted
    applied = _applied(client)
    _verify(wanted, applied, display_name(dsn))
    return wanted[len(applied) :]


def _applied(client: Client) -> Mapping[int, tuple[str, str]]:
    """Name and checksum of each applied migration, by number."""
    rows: Any = client.query(
        "SELECT number, name, checksum FROM milepost_migrations FINAL ORDER BY number"
    ).result_rows
    return {number: (name, checksum) for number, name, checksum in rows}


def _verify(wanted: list[Migration], applied: Mapping[int, tuple[str, str]], place: str) -> None:
    for migration in wanted[: len(applied)]:
        name, checksum = applied.get(migration.number, ("nothing", ""))
        if checksum != migration.checksum:
            raise MilepostError(
                f"{place}: migration {migration.number} was applied as {name}, and the file "
                f"{migration.name}.sql is another now; undo the edit and add a new file instead"
            )
    if len(applied) > len(wanted):
        raise MilepostError(
            f"{place}: has {len(applied)} migrations, this milepost knows {len(wanted)}; upgrade it"
        )


def _record(client: Client, migration: Migration) -> None:
    client.insert(
        "milepost_migrations",
        [[migration.number, migration.name, migration.checksum]],
        column_names=["number", "name", "checksum"],
        settings={"async_insert": 0},
    )
