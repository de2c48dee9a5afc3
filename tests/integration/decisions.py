"""Rows of leads, milestones and activity, as a worker would have told them, for what is watched."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.rows import ActivityRow, LeadRow, MilestoneRow, Row, TraitRow
from streams.sinks.clickhouse import ClickHouseSink

DAY = 86_400_000
UNTIL = 1_782_820_800_000
"""2026-06-30T12:00:00Z."""


def ago(days: float) -> int:
    """So many days before ``UNTIL``."""
    return UNTIL - round(days * DAY)


def lead(account_id: str, qualified: float, **fields: Any) -> LeadRow:
    """An account became a lead so many days before ``UNTIL``."""
    at = ago(qualified)
    row = LeadRow(
        "pqa", account_id, "", "new", 1, "lead.qualified", "", at, at, "e", False, "[]", at
    )
    row = row._replace(**fields)
    return row._replace(id=f"{row.type}:{row.lead}:{account_id}:{row.user_id}:{row.occurrence}")


def closed(opened: LeadRow, outcome: str, days: float) -> LeadRow:
    """It was closed so many days before ``UNTIL``."""
    return opened._replace(
        type="lead.closed", id=f"closed:{opened.id}", occurred_at=ago(days), detected_at=ago(days),
        outcome=outcome,
    )  # fmt: skip


def reached(account_id: str, days: float, milestone: str = "pays", **fields: Any) -> MilestoneRow:
    """An account reached a milestone so many days before ``UNTIL``."""
    row = MilestoneRow(
        milestone, account_id, "", "new", 1, "", "milestone.reached", ago(days), ago(days), "e",
        False, "[]",
    )._replace(**fields)  # fmt: skip
    return row._replace(id=f"{milestone}:{account_id}:{row.user_id}:{row.occurrence}")


def did(account_id: str, days: float, user_id: str = "", **fields: Any) -> ActivityRow:
    """Something happened on a day, so many days before that of ``UNTIL``."""
    at = ago(days)
    row = ActivityRow(account_id, user_id, at // DAY, "Opened", "", 1, at, at)
    return row._replace(**fields)


def trait(account_id: str, name: str, value: str) -> TraitRow:
    return TraitRow(account_id, "", name, f'"{value}"', 0)


def write(folder: Path, rows: Sequence[Row]) -> None:
    """Write them twice: nothing that is watched may count what is there twice."""
    sink = ClickHouseSink(f"chdb://{folder}")
    for _ in range(2):
        sink.write(rows)
        sink.flush()
    sink.close()
