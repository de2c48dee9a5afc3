"""A sink in memory, with the rules of ``deploy/clickhouse``: for tests and for looking inside."""

from collections import Counter
from collections.abc import Iterable, Mapping

from schemas.rows import (
    TABLES,
    ActivityRow,
    LeadRow,
    MilestoneRow,
    ParameterRow,
    Row,
    StuckRow,
    TraitRow,
    TransitionRow,
    WatchRow,
)


class MemorySink:
    """Keeps of every key the row that the ClickHouse tables would keep.

    Two trait values of the same millisecond are the exception: there a hash decides in
    ClickHouse, here the greater text.
    """

    def __init__(self) -> None:
        self._pending: list[Row] = []
        self._rows: dict[tuple[object, ...], Row] = {}

    @property
    def rows(self) -> Mapping[tuple[object, ...], Row]:
        """What was flushed, by type and key."""
        return self._rows

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows."""
        self._pending.extend(rows)

    def flush(self) -> Mapping[str, int]:
        """Apply all that was taken."""
        for row in self._pending:
            key = _key(row)
            present = self._rows.get(key)
            # A parameter is settled by whoever comes first; of all others the latest stays.
            settled = isinstance(row, ParameterRow)
            if present is None or (not settled and _version(row) >= _version(present)):
                self._rows[key] = row
        flushed = Counter(TABLES[type(row)] for row in self._pending)
        self._pending.clear()
        return flushed

    def close(self) -> None:
        """Forget what was not flushed."""
        self._pending.clear()


def _key(row: Row) -> tuple[object, ...]:
    match row:
        case MilestoneRow():
            entity = (row.account_id, row.user_id)
            return MilestoneRow, row.milestone, *entity, row.definition_hash, row.occurrence
        case TransitionRow():
            entity = (row.account_id, row.user_id)
            key = (row.milestone, *entity, row.definition_hash, row.occurrence, row.type)
            return TransitionRow, *key
        case StuckRow():
            entity = (row.account_id, row.user_id)
            step = (row.journey, row.milestone)
            return StuckRow, *step, *entity, row.definition_hash, row.occurrence
        case LeadRow():
            entity = (row.account_id, row.user_id)
            return LeadRow, row.lead, *entity, row.definition_hash, row.occurrence, row.type
        case ActivityRow():
            return ActivityRow, row.account_id, row.day, row.event, row.user_id, row.part
        case TraitRow():
            return TraitRow, row.account_id, row.user_id, row.name
        case WatchRow():
            return WatchRow, row.watch, tuple(sorted(row.labels.items())), row.at
        case ParameterRow():
            return ParameterRow, row.name, row.at


def _version(row: Row) -> tuple[int, int | str]:
    match row:
        case MilestoneRow():
            return -row.occurred_at, 0
        case TransitionRow() | StuckRow() | LeadRow():
            return -row.occurred_at, -row.detected_at
        case ActivityRow():
            return row.events, 0
        case TraitRow():
            return row.changed_at, row.value
        case WatchRow() | ParameterRow():
            return row.at, 0
