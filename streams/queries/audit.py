"""The record of decisions about one account or user."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from clickhouse_connect.driver.client import Client

from schemas.rows import EARLIEST, LATEST
from streams.sinks.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Decision:
    """A milestone or a lead that was told, as it is kept for audit. Times are epoch milliseconds.

    Text that is none is empty, see ``deploy/clickhouse``; ids are pseudonyms where they are kept
    so.
    """

    id: str
    type: str
    name: str
    kind: str
    occurrence: int
    occurred_at: int
    detected_at: int
    decided_by: str
    late: bool
    definition_hash: str
    model: str
    model_version: str
    score: float | None
    features: dict[str, float]
    evidence: list[dict[str, Any]]
    segment: str
    rule: str
    team: str
    outcome: str
    reason: str
    action: str
    approver: str
    override_reason: str
    overridden_at: int | None
    is_override: bool
    """Whether a person made this decision."""


def decisions(
    client: Client,
    account_id: str | None,
    user_id: str | None,
    *,
    pseudonyms: Pseudonyms,
    name: str | None = None,
    until: int | None = None,
) -> list[Decision]:
    """Every decision about an entity, the newest last.

    Args:
        client: of a migrated ClickHouse.
        account_id: ``None`` for a user without an account.
        user_id: ``None`` for the account itself.
        pseudonyms: those that the sink writes.
        name: only those about this milestone or lead.
        until: only what had occurred by then (included), epoch milliseconds.
    """
    parameters = {
        "account_id": pseudonyms.of("account", account_id or ""),
        "user_id": pseudonyms.of("user", user_id or ""),
        "is_pseudonymous": pseudonyms.are_kept,
        "name": name or "",
        "until": LATEST if until is None else min(max(until, EARLIEST), LATEST),
    }
    query = Path(__file__).with_name("audit.sql").read_text(encoding="utf-8")
    rows: Any = client.query(query, parameters=parameters).named_results()
    return [Decision(**row | {"evidence": orjson.loads(row["evidence"])}) for row in rows]
