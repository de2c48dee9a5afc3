"""How long ClickHouse keeps what is not kept for ever: what settings say, in place of the DDL."""

import re
from typing import Any, Final, Literal

from clickhouse_connect.driver.client import Client

from streams.sinks.clickhouse import exists, reading

_CREATED: Final = """
SELECT create_table_query
FROM system.tables
WHERE database = currentDatabase() AND name = {table:String}
"""
_KEEP_RAW_EVENTS: Final = """
ALTER TABLE event_rows MODIFY TTL
    toDateTime(at) + INTERVAL {days:d} DAY,
    toDateTime(at) + INTERVAL 30 DAY DELETE WHERE invite
"""
# The type of a TTL ends in 2106, and begins in 1970: past these it would be another time.
_KEEP_DECISIONS: Final = """
ALTER TABLE audit_rows MODIFY TTL
    toDateTime(greatest(
        toDateTime64(0, 3, 'UTC'), least(detected_at, toDateTime64('2070-01-01', 3, 'UTC'))
    )) + INTERVAL {days:d} DAY
"""
_DAYS: Final = re.compile(r" TTL .*?toIntervalDay\((\d+)\)")


def keep_raw_events(dsn: str, days: int) -> bool:
    """Have raw events kept for so many days; returns whether that is a change.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: ClickHouse does not answer, or refuses.
    """
    return _keep(dsn, "event_rows", _KEEP_RAW_EVENTS, days)


def keep_decisions(dsn: str, days: int) -> bool:
    """Have the record of decisions kept for so many days; see :func:`keep_raw_events`."""
    return _keep(dsn, "audit_rows", _KEEP_DECISIONS, days)


def days_kept(dsn: str, table: Literal["event_rows", "audit_rows"]) -> int | None:
    """For how many days rows of the table are kept; ``None``: for ever, or there is none.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: ClickHouse does not answer.
    """
    if not exists(dsn):
        return None
    with reading(dsn) as client:
        return _days(client, table)


def _keep(dsn: str, table: str, change: str, days: int) -> bool:
    with reading(dsn) as client:
        if _days(client, table) == days:
            return False
        client.command(change.format(days=days))
        return True


def _days(client: Client, table: str) -> int | None:
    created: Any = client.query(_CREATED, parameters={"table": table}).result_rows
    found = _DAYS.search(created[0][0]) if created else None
    return None if found is None else int(found[1])
