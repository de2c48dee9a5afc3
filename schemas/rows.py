"""Rows of ClickHouse, in the order of the columns in ``deploy/clickhouse``.

Every row is absolute: written twice, or in any order, it counts once. Text that is none is the
empty string there (an id is never empty). Times are epoch milliseconds and days are counted from
1970-01-01, both within `EARLIEST`..`LATEST`, which is what the columns can hold.
"""

from collections.abc import Mapping
from typing import NamedTuple

EARLIEST = -2_208_988_800_000
"""1900-01-01T00:00:00.000Z."""

LATEST = 10_413_791_999_999
"""2299-12-31T23:59:59.999Z."""


class MilestoneRow(NamedTuple):
    """A milestone occurrence. Of rows with the same key the earliest ``occurred_at`` stays."""

    milestone: str
    account_id: str
    user_id: str
    definition_hash: str
    occurrence: int
    id: str
    type: str
    occurred_at: int
    detected_at: int
    decided_by: str
    late: bool
    evidence: str
    """A JSON list."""


class ActivityRow(NamedTuple):
    """One user's count of one event on one day. The highest count of ``events`` stays."""

    account_id: str
    user_id: str
    day: int
    event: str
    part: str
    events: int
    first_at: int
    last_at: int


class TraitRow(NamedTuple):
    """A trait of an account or a user. The newest ``changed_at`` stays."""

    account_id: str
    user_id: str
    name: str
    value: str
    """JSON text."""
    changed_at: int


Row = MilestoneRow | ActivityRow | TraitRow

TABLES: Mapping[type[Row], str] = {
    MilestoneRow: "milestone_rows",
    ActivityRow: "activity_rows",
    TraitRow: "trait_rows",
}
