"""A sink in memory, with the rules of ``deploy/clickhouse``: for tests and for looking inside."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from schemas.rows import (
    TABLES,
    ActivityRow,
    AuditRow,
    ComparisonRow,
    ErasingRow,
    ErasureRow,
    EventRow,
    ExcludedRow,
    FactRow,
    FlagRow,
    HealthRow,
    LeadRow,
    MilestoneRow,
    ParameterRow,
    Row,
    ShadowRow,
    StuckRow,
    TraitHistoryRow,
    TraitRow,
    TransitionRow,
    WatchRow,
)
from streams.sinks.erasing import is_erased, record_of


class MemorySink:
    """Keeps of every key the row that the ClickHouse tables would keep.

    Two trait values of the same millisecond are the exception: there a hash decides in
    ClickHouse, here the greater text.
    """

    def __init__(self) -> None:
        self._pending: list[Row] = []
        self._rows: dict[tuple[object, ...], Row] = {}
        self._marks: dict[tuple[str, str], int] = {}
        """(account, user) → through when they were erased."""

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
            if not is_erased(row, self._marks):
                self._keep(row)
        for one in [row for row in self._pending if isinstance(row, ErasingRow)]:
            self._erase(one)
        flushed = Counter(TABLES[type(row)] for row in self._pending)
        self._pending.clear()
        return flushed

    def _keep(self, row: Row) -> None:
        key = _key(row)
        present = self._rows.get(key)
        # A parameter is settled by whoever comes first; of all others the latest stays.
        settled = isinstance(row, ParameterRow)
        if present is None or (not settled and _version(row) >= _version(present)):
            self._rows[key] = row

    def _erase(self, one: ErasingRow) -> None:
        who = one.account_id, one.user_id
        self._marks[who] = max(one.through, self._marks.get(who, one.through))
        gone = [key for key, row in self._rows.items() if is_erased(row, self._marks)]
        for key in gone:
            del self._rows[key]
        self._keep(record_of(one, len(gone), one.asked_at))

    def close(self) -> None:
        """Forget what was not flushed."""
        self._pending.clear()


_ENTITY: Final = ("account_id", "user_id", "definition_hash", "occurrence")

_KEYS: Final[Mapping[type[Row], Sequence[str]]] = {
    MilestoneRow: ("milestone", *_ENTITY),
    TransitionRow: ("milestone", *_ENTITY, "type"),
    StuckRow: ("journey", "milestone", *_ENTITY),
    LeadRow: ("lead", *_ENTITY, "type", "rerouted_by"),
    HealthRow: ("health", *_ENTITY),
    ShadowRow: ("name", *_ENTITY, "rerouted_by", "type"),
    ComparisonRow: ("score", "shadow", "shadow_hash", "milestone", *_ENTITY, "told"),
    ActivityRow: ("account_id", "day", "event", "user_id", "part"),
    TraitRow: ("account_id", "user_id", "name"),
    FlagRow: ("rule", *_ENTITY, "type"),
    ExcludedRow: ("account_id", "day", "event", "user_id", "rule", "part"),
    EventRow: ("account_id", "user_id", "at", "event_id"),
    FactRow: ("role", "at", "account_id", "user_id", "event_id"),
    TraitHistoryRow: ("account_id", "user_id", "name", "changed_at"),
    ErasingRow: ("account_id", "user_id"),
    ErasureRow: ("entity", "id"),
    AuditRow: ("account_id", "user_id", "name", "id"),
    WatchRow: ("watch", "labels", "at"),
    ParameterRow: ("name", "at"),
}
"""The columns by which each table is ordered, and so of which rows one stays."""


def _key(row: Row) -> tuple[object, ...]:
    kind = type(row)
    values = [getattr(row, name) for name in _KEYS[kind]]
    if isinstance(row, ShadowRow):  # a correction takes the place of what it corrects
        values[-1] = row.type.replace("corrected", "reached")
    if isinstance(row, WatchRow):
        values[1] = tuple(sorted(row.labels.items()))
    return kind, *values


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
        case TraitHistoryRow():
            return 0, row.value
        case ErasingRow():
            return row.through, row.is_done
        case ErasureRow():
            return row.rows, 0
        case EventRow() | FactRow():
            return 0, 0
        case WatchRow() | ParameterRow():
            return row.at, 0
