"""A sink in memory, with the rules of ``deploy/clickhouse``: for tests and for looking inside."""

from collections import Counter
from collections.abc import Iterable, Mapping

from schemas.rows import (
    TABLES,
    ActivityRow,
    AuditRow,
    ComparisonRow,
    ExcludedRow,
    FlagRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    Row,
    ShadowRow,
    StuckRow,
    TraitRow,
    TransitionRow,
)

_TOLD = ("account_id", "user_id", "definition_hash", "occurrence")
_KEYS: Mapping[type[Row], tuple[str, ...]] = {
    MilestoneRow: ("milestone", *_TOLD),
    TransitionRow: ("milestone", *_TOLD, "type"),
    StuckRow: ("journey", "milestone", *_TOLD),
    LeadRow: ("lead", *_TOLD, "type", "rerouted_by"),
    HealthRow: ("health", *_TOLD),
    ShadowRow: ("name", *_TOLD, "rerouted_by"),
    ComparisonRow: ("score", "shadow", "shadow_hash", "milestone", *_TOLD, "told"),
    ActivityRow: ("account_id", "day", "event", "user_id", "part"),
    TraitRow: ("account_id", "user_id", "name"),
    FlagRow: ("rule", *_TOLD, "type"),
    ExcludedRow: ("account_id", "day", "event", "user_id", "rule", "part"),
    AuditRow: ("account_id", "user_id", "name", "id"),
}
"""What makes a row one of its own, by its type: the ``ORDER BY`` of the table."""


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
            if present is None or _version(row) >= _version(present):
                self._rows[key] = row
        flushed = Counter(TABLES[type(row)] for row in self._pending)
        self._pending.clear()
        return flushed

    def close(self) -> None:
        """Forget what was not flushed."""
        self._pending.clear()


def _key(row: Row) -> tuple[object, ...]:
    """Its type, and what no two rows that are kept share."""
    key = tuple(getattr(row, name) for name in _KEYS[type(row)])
    if isinstance(row, ShadowRow):
        key = (*key, row.type.replace("corrected", "reached"))
    return type(row), *key


def _version(row: Row) -> tuple[int, int | str]:
    match row:
        case MilestoneRow():
            return -row.occurred_at, 0
        case (
            TransitionRow()
            | StuckRow()
            | LeadRow()
            | HealthRow()
            | FlagRow()
            | ShadowRow()
            | ComparisonRow()
        ):
            return -row.occurred_at, -row.detected_at
        case ActivityRow() | ExcludedRow():
            return row.events, 0
        case TraitRow():
            return row.changed_at, row.value
        case AuditRow():
            return -row.detected_at, 0
