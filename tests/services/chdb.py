"""Embedded ClickHouse asked from outside: chDB allows one path a process, so each is its own.

``python -m tests.services.chdb DSN QUERY`` prints a JSON array a row.
"""

import sys
from typing import Any

import orjson

from streams.sinks.clickhouse import connect
from tests.services.forking import finished


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of ``query``; no other process may have the database open."""
    asked = finished(__name__, [dsn, query])
    if asked.returncode:
        raise RuntimeError(asked.stderr.decode()[-2000:])
    return [tuple(orjson.loads(line)) for line in asked.stdout.splitlines()]


def _main(dsn: str, query: str) -> None:
    for row in connect(dsn).query(query).result_rows:
        sys.stdout.buffer.write(orjson.dumps(row, default=str) + b"\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
