"""The files of SQL beside this, and asking ClickHouse with them."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client


@cache
def sql(name: str) -> str:
    """What a file says, by its name without the end."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def rows(
    client: Client, name: str, parameters: Mapping[str, Any], *, before: str = ""
) -> Iterator[dict[str, Any]]:
    """The answer, row by row, each by the names of its columns.

    Args:
        client: of a migrated ClickHouse.
        name: of the file.
        parameters: what the query has them for.
        before: name of the file with the beginning of the query, where it has several.
    """
    query = (sql(before) if before else "") + sql(name)
    return iter(client.query(query, parameters=dict(parameters)).named_results())
