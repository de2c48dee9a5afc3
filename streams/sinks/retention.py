"""How long ClickHouse keeps raw events: what the setting says, in place of what the DDL says."""

import re
from typing import Any, Final

from clickhouse_connect.driver.exceptions import Error

from streams.sinks.clickhouse import connect, unavailable

_CREATED: Final = """
SELECT create_table_query
FROM system.tables
WHERE database = currentDatabase() AND name = 'event_rows'
"""
_CHANGE: Final = """
ALTER TABLE event_rows MODIFY TTL
    toDateTime(at) + INTERVAL {days:d} DAY,
    toDateTime(at) + INTERVAL 30 DAY DELETE WHERE invite
"""
_DAYS: Final = re.compile(r"TTL toDateTime\(at\) \+ toIntervalDay\((\d+)\),")


def keep_raw_events(dsn: str, days: int) -> bool:
    """Have raw events kept for so many days; returns whether that is a change.

    Raises:
        SettingsError: the DSN cannot work.
        Unavailable: ClickHouse does not answer, or refuses.
    """
    client = connect(dsn)
    try:
        created: Any = client.query(_CREATED).result_rows
        found = _DAYS.search(created[0][0])
        if found is not None and int(found[1]) == days:
            return False
        client.command(_CHANGE.format(days=days))
        return True
    except Error as error:
        raise unavailable(dsn, error) from error
    finally:
        client.close()
