"""ClickHouse as the sink: a server or chDB in this process, by DSN alone.

::

    clickhouse://user:password@host:8123/database      HTTP
    clickhouses://user:password@host:8443/database     HTTPS
    chdb:///path/of/a/folder                           embedded, one path a process

What follows a ``?`` goes to clickhouse-connect (``?verify=false``, ``?ca_cert=/etc/ca.pem``).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from schemas.rows import TABLES, ErasingRow, Row
from streams.errors import SettingsError, Unavailable
from streams.sinks.erasing import Eraser

CONNECT_TIMEOUT = 5
"""Seconds until a server that does not answer counts as away."""

ANSWER_TIMEOUT = 30
"""Seconds until an insert that is not confirmed counts as failed (and is written again)."""

INSERT_SETTINGS = {
    # An insert is confirmed when it is stored, not when it is queued. Default changed in 26.2.
    "async_insert": 0,
    "async_insert_deduplicate": 0,
    # Rows are absolute, so repeats need no deduplication by block; where it is on, a block that
    # equals an earlier one is dropped without a word, also after its rows were erased.
    # Defaults changed in 25.9 and 25.10; since 26.2 the last one overrules the first.
    "insert_deduplicate": 0,
    "deduplicate_insert": "disable",
}

# They log every error that is raised as well, and here each is caught and told once.
for _name in ("clickhouse_connect", "urllib3.connectionpool"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_EMBEDDED = "chdb"
_LONGEST_ERROR = 400
NO_DATABASE = "UNKNOWN_DATABASE"
"""Said where the database is missing."""
_BEHIND = ("UNKNOWN_TABLE", NO_DATABASE, "UNKNOWN_IDENTIFIER", "Unrecognized column")
"""Said of what a migration makes: of tables by the server, of the columns of an insert by the
client."""
_SCHEMES = ("clickhouse", "clickhouses", _EMBEDDED)


def display_name(dsn: str) -> str:
    """The DSN without its user and password and options, fit for messages and logs."""
    parts = _split(dsn)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def connect(
    dsn: str, database: str | None = None, *, answer_timeout: int = ANSWER_TIMEOUT
) -> Client:
    """A client of the ClickHouse that the DSN names; it has answered once.

    Args:
        dsn: see the module.
        database: instead of the DSN's own.
        answer_timeout: seconds until a request that is not answered counts as failed.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: it does not answer, or refuses; the text says how.
    """
    parts = _split(dsn)
    options: dict[str, Any] = {}
    if parts.scheme != _EMBEDDED:
        options = {
            "connect_timeout": CONNECT_TIMEOUT,
            "send_receive_timeout": answer_timeout,
            "secure": parts.scheme == "clickhouses",
            "autogenerate_session_id": False,
        }
    if database is not None:
        options["database"] = database
    try:
        return clickhouse_connect.get_client(dsn=dsn, **options)
    except ImportError:
        raise SettingsError(
            f"{display_name(dsn)}: chDB is not installed; run: pip install 'milepost[embedded]'"
        ) from None
    except (Error, OSError) as error:
        raise unavailable(dsn, error) from error


@contextmanager
def reading(dsn: str) -> Iterator[Client]:
    """A client of the ClickHouse that the DSN names, for as long as the block lasts.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: it does not answer, also in the middle, or refuses; the text says how.
    """
    with closing(connect(dsn)) as client:
        try:
            yield client
        except (Error, OSError) as error:
            raise unavailable(dsn, error) from error


def unavailable(dsn: str, error: Exception) -> Unavailable:
    """The error in one line with the place and, where it is known, the remedy."""
    cause = _system_error(error)
    if cause is not None:
        return Unavailable(f"{display_name(dsn)}: does not answer: {cause}")
    said = " ".join(str(error).split())
    remedy = ""
    if any(behind in said for behind in _BEHIND):
        remedy = "; run: milepost migrate"
    elif "Unable to open the chdb engine" in said:
        remedy = "; one process at a time can have this path open"
    return Unavailable(f"{display_name(dsn)}: {said[:_LONGEST_ERROR]}{remedy}")


def _system_error(error: BaseException | None) -> str | None:
    """What the operating system said, under the layers that repeat it with urls and addresses."""
    while error is not None:
        if isinstance(error, OSError):
            return error.strerror or str(error)
        error = error.__cause__ or error.__context__
    return None


def exists(dsn: str) -> bool:
    """Whether the database of the DSN is there; makes none.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: ClickHouse does not answer.
    """
    parts = _split(dsn)
    if parts.scheme == _EMBEDDED and not Path(parts.path).is_dir():
        return False  # to connect would make it
    try:
        connect(dsn).close()
    except Unavailable as error:
        if NO_DATABASE in str(error):
            return False
        raise
    return True


def database_of(dsn: str) -> str | None:
    """The database that the DSN names; ``None`` for the server's default, and for chDB."""
    parts = _split(dsn)
    return None if parts.scheme == _EMBEDDED else parts.path.strip("/") or None


def _now() -> int:
    return time.time_ns() // 1_000_000


class ClickHouseSink:
    """Inserts rows into the tables of ``deploy/clickhouse``.

    Connects at the first flush, and again after every failure: ClickHouse may be away when the
    sink starts, and another one when it is back.
    """

    def __init__(self, dsn: str, now: Callable[[], int] = _now) -> None:
        """Take the DSN; nothing is connected yet.

        Args:
            dsn: see the module.
            now: epoch milliseconds.

        Raises:
            SettingsError: the DSN is not one.
        """
        _split(dsn)
        self._dsn = dsn
        self._eraser = Eraser(now)
        self._asked: list[ErasingRow] = []
        """Whom to erase."""
        self._client: Client | None = None
        self._contexts: dict[type[Row], Any] = {}
        self._pending: dict[type[Row], list[Row]] = {kind: [] for kind in TABLES}
        self._confirmed: Counter[str] = Counter()

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows for the next flush."""
        for row in rows:
            if isinstance(row, ErasingRow):
                self._asked.append(row)
            else:
                self._pending[type(row)].append(row)

    def flush(self) -> Mapping[str, int]:
        """Delete the rows of who is to be erased, then insert what was taken, one insert a table.

        In this order, as a row of before may have the key of a row of after, and win over it.

        Raises:
            Unavailable: ClickHouse does not take them; what it has not confirmed stays taken.
        """
        try:
            if self._asked or any(self._pending.values()):
                self._eraser.learn(self._connected(), self._insert)
            if self._asked:
                self._eraser.begin(self._asked, self._insert)
            while self._asked:
                self._eraser.finish(self._connected(), self._asked[0], self._insert)
                del self._asked[0]
            for rows in self._pending.values():
                self._insert(self._eraser.let_in(rows))
                rows.clear()
        except (Error, OSError) as error:
            self._disconnect()
            raise unavailable(self._dsn, error) from error
        flushed, self._confirmed = self._confirmed, Counter()
        return flushed

    def close(self) -> None:
        """Disconnect."""
        self._disconnect()

    def _connected(self) -> Client:
        client = self._client = self._client or connect(self._dsn)
        return client

    def _insert(self, rows: Sequence[Row]) -> None:
        """Insert rows, all of one kind."""
        if not rows:
            return
        client, kind = self._connected(), type(rows[0])
        context = self._contexts.get(kind)
        if context is None:
            # Older servers do not know each of the settings, and refuse what they do not know.
            known = {k: v for k, v in INSERT_SETTINGS.items() if k in client.server_settings}
            context = self._contexts[kind] = client.create_insert_context(
                TABLES[kind], column_names=list(kind._fields), settings=known
            )
        client.insert(data=rows, context=context)
        self._confirmed[TABLES[kind]] += len(rows)

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        self._contexts.clear()
        if client is not None:
            client.close()


def _split(dsn: str) -> SplitResult:
    try:
        parts = urlsplit(dsn)
        known = parts.scheme in _SCHEMES and (parts.port or True)
    except ValueError:
        known = False
    if not known:
        # The DSN is not shown: it may hold a password.
        raise SettingsError(
            "the ClickHouse DSN is not one; expected "
            "clickhouse://user:password@host:8123/database, clickhouses://… or chdb:///path"
        )
    return parts
