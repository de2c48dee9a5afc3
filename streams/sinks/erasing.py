"""Erasure in ClickHouse: the rows of an account, or of a user, of a time up to a given one.

Rows are deleted by their time and not by when they came, so it does not matter in which order the
topics are read, what is read again, or for how long the sink was away: what is of a later time is
somebody new, and stays.

1. Who is erased is written down (``erasing_rows``): a sink lets no row of theirs in any more.
2. Their rows are deleted, in every table of :data:`TABLES`, those of :data:`HASHED` lose the names,
   and what is made of rows that stay is made again.
3. That it was done is recorded (``erasure_rows``).
4. Some minutes later rows are deleted once more: another sink may not have known of it at once.

A sink that dies in between does all of it again: the record that asks for it is committed after 3,
and who was not looked at again is found in ``erasing_rows``.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.rows import TABLES as ROWS
from schemas.rows import (
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
    Row,
    ShadowRow,
    StuckRow,
    TraitHistoryRow,
    TraitRow,
    TransitionRow,
)

TIMES: Final[Mapping[type[Row], str]] = {
    MilestoneRow: "occurred_at",
    TransitionRow: "occurred_at",
    StuckRow: "occurred_at",
    LeadRow: "occurred_at",
    HealthRow: "occurred_at",
    ActivityRow: "first_at",
    TraitRow: "changed_at",
    FlagRow: "occurred_at",
    ExcludedRow: "first_at",
    ShadowRow: "occurred_at",
    ComparisonRow: "occurred_at",
    EventRow: "at",
    FactRow: "at",
    TraitHistoryRow: "changed_at",
}
"""Rows of an account or a user, and the column that says of when each is."""

DERIVED: Final[Mapping[str, str]] = {
    "segment_rows": "occurred_at",
    "seen_rows": "first_at",
    "active_rows": "toDateTime64(day, 3, 'UTC')",
    "presence_rows": "first_at",
    "occurrence_rows": "occurred_at",
}
"""The same of the tables that ClickHouse makes of these."""

AGAIN: Final[Mapping[str, Sequence[str]]] = {
    "seen_rows": ("seen_from_activity",),
    "active_rows": ("active_from_activity",),
    "presence_rows": ("presence_from_activity", "presence_from_facts"),
    "occurrence_rows": ("occurrence_from_milestones", "occurrence_from_transitions"),
}
"""Of these, where a row may be of before and of later at once, or keep one of later out: the
materialized views by which it is made again of what is left. They come after what they are made
of."""

TABLES: Final[Mapping[str, str]] = {
    **{ROWS[kind]: time for kind, time in TIMES.items()},
    **DERIVED,
}
"""Every table that an erasure deletes from, and the time of its rows."""

KEPT: Final = frozenset((ROWS[ErasingRow], ROWS[ErasureRow]))
"""Tables that it leaves alone: its own."""

HASHED: Final[Mapping[str, str]] = {ROWS[AuditRow]: "occurred_at"}
"""Tables whose rows stay, without the names: the record of decisions is the proof of them. What is
pseudonymous in it already is not found by an id. With the time of the rows, as :data:`TABLES`."""

MENTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "lead_rows": (
        "contacts = arrayFilter(one -> one.user_id != {user_id:String}, contacts)",
        "has(contacts.user_id, {user_id:String})",
    ),
    "shadow_rows": (
        "contacts = arrayFilter(one -> one.user_id != {user_id:String}, contacts)",
        "has(contacts.user_id, {user_id:String})",
    ),
    "fact_rows": ("invitee = ''", "invitee = {user_id:String}"),
}
"""Where the rows of an account name its users: how to change them, and which."""

LEARNT_EVERY: Final = 60_000
"""Milliseconds after which a sink asks whom others have erased."""

AGAIN_AFTER: Final = 5 * LEARNT_EVERY
"""Milliseconds after which rows are deleted once more: by then every sink knows."""

_REMEMBERED: Final = """
SELECT
    account_id, user_id, toUnixTimestamp64Milli(through), id, toUnixTimestamp64Milli(asked_at),
    asked_by, toUnixTimestamp64Milli(marked_at), is_done
FROM erasing_rows FINAL
WHERE marked_at >= now() - INTERVAL 30 DAY
"""

_VIEW: Final = """
SELECT as_select
FROM system.tables
WHERE database = currentDatabase() AND name = {view:String}
"""

_HASHES: Final = """
if(account_id = '', '', lower(hex(SHA256(concat('account', char(0), account_id, char(0))))))
    AS account_id,
if(user_id = '', '', lower(hex(SHA256(concat('user', char(0), account_id, char(0), user_id)))))
    AS user_id,
true AS is_pseudonymous
"""
"""As :func:`entity_hash`."""

Insert = Callable[[Sequence[Row]], None]
"""Puts rows, all of one kind, into their table."""


class Eraser:
    """Whom a sink knows to be erased.

    Args:
        now: epoch milliseconds.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._marks: dict[tuple[str, str], int] = {}
        self._learnt_at: int | None = None

    def learn(self, client: Client, insert: Insert) -> None:
        """Ask, once in a while, whom others have erased, and delete again what is due for that."""
        now = self._now()
        if self._learnt_at is not None and now - self._learnt_at < LEARNT_EVERY:
            return
        self._marks = {}
        for one in remembered(client):
            self._mark(one)
            if not one.is_done and now - one.marked_at >= AGAIN_AFTER:
                delete(client, one)
                insert([one._replace(is_done=True)])
        self._learnt_at = now

    def begin(self, asked: Sequence[ErasingRow], insert: Insert) -> None:
        """Let no row of these in from now on (step 1)."""
        marks = [one._replace(marked_at=self._now()) for one in asked]
        insert(marks)
        for one in marks:
            self._mark(one)

    def let_in(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Those of the rows that are of nobody, and of no time, that was erased."""
        if not self._marks:
            return rows
        left: list[Row] = []
        for row in rows:
            if isinstance(row, AuditRow) and is_of(row, row.occurred_at, self._marks):
                left.append(without_names(row))
            elif not is_erased(row, self._marks):
                left.append(row)
        return left

    def finish(self, client: Client, one: ErasingRow, insert: Insert) -> None:
        """Delete the rows of one, and record it (steps 2 and 3)."""
        rows = delete(client, one)
        insert([record_of(one, rows, self._now())])

    def _mark(self, one: ErasingRow) -> None:
        who = one.account_id, one.user_id
        self._marks[who] = max(one.through, self._marks.get(who, one.through))


def is_erased(row: Row, marks: Mapping[tuple[str, str], int]) -> bool:
    """Whether a row is of somebody, and of a time, that was erased.

    Args:
        row: to be written.
        marks: (account, user) → through when; of an account with an empty user.
    """
    time = TIMES.get(type(row))
    return time is not None and is_of(row, getattr(row, time), marks)


def without_names(row: AuditRow) -> AuditRow:
    """A decision about somebody who was erased."""
    return row._replace(
        account_id=entity_hash(row.account_id, "") if row.account_id else "",
        user_id=entity_hash(row.account_id, row.user_id) if row.user_id else "",
        is_pseudonymous=True,
    )


def is_of(row: Any, at: int, marks: Mapping[tuple[str, str], int]) -> bool:
    """Whether a row of a time is of somebody who was erased through then."""
    account_id, user_id = row.account_id, row.user_id
    through = marks.get((account_id, user_id))
    if account_id and user_id:
        of_account = marks.get((account_id, ""))
        if through is None or (of_account is not None and of_account > through):
            through = of_account
    return through is not None and at <= through


def delete(client: Client, mark: ErasingRow) -> int:
    """Delete the rows of somebody, and return how many they were."""
    who = _who(mark)
    asked = {"account_id": mark.account_id, "user_id": mark.user_id, "through": mark.through}
    rows = 0
    for table, time in TABLES.items():
        which = f"{who} AND {time} <= fromUnixTimestamp64Milli({{through:Int64}}, 'UTC')"
        found = _count(client, table, which, asked)
        if found:
            # Names of tables and columns are ours, and what is asked for is a parameter.
            client.command(f"DELETE FROM {table} WHERE {which}", parameters=asked)  # noqa: S608
            rows += found
        if found and table in AGAIN:
            _make_again(client, table, who, asked)
    for table, time in HASHED.items():
        which = f"{who} AND {time} <= fromUnixTimestamp64Milli({{through:Int64}}, 'UTC')"
        if _count(client, table, which, asked):
            plain = f"SELECT * FROM {table} FINAL WHERE {which}"  # noqa: S608
            hashed = f"SELECT * REPLACE ({_HASHES}) FROM ({plain})"  # noqa: S608
            client.command(f"INSERT INTO {table} {hashed}", parameters=asked)
            client.command(f"DELETE FROM {table} WHERE {which}", parameters=asked)  # noqa: S608
    if mark.account_id and mark.user_id:
        for table, (change, mentions) in MENTIONS.items():
            which = f"account_id = {{account_id:String}} AND {mentions}"
            if _count(client, table, which, asked):
                client.command(
                    f"ALTER TABLE {table} UPDATE {change} WHERE {which}",
                    parameters=asked,
                    settings={"mutations_sync": 1},
                )
    return rows


def remembered(client: Client) -> list[ErasingRow]:
    """Who was erased of late."""
    found: Any = client.query(_REMEMBERED).result_rows
    return [ErasingRow(*row) for row in found]


def record_of(mark: ErasingRow, rows: int, erased_at: int) -> ErasureRow:
    """What is kept for ever: that it was done, and not of whom in clear."""
    return ErasureRow(
        id=_hash(mark.id),
        entity=entity_hash(mark.account_id, mark.user_id),
        of="user" if mark.user_id else "account",
        asked_at=mark.asked_at,
        asked_by=mark.asked_by,
        erased_at=erased_at,
        rows=rows,
    )


def entity_hash(account_id: str, user_id: str) -> str:
    """By which somebody is found in the record: see ``deploy/clickhouse``."""
    return _hash("\0".join(("user" if user_id else "account", account_id, user_id)))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _who(mark: ErasingRow) -> str:
    if mark.account_id and not mark.user_id:
        return "account_id = {account_id:String}"
    return "account_id = {account_id:String} AND user_id = {user_id:String}"


def _count(client: Client, table: str, which: str, asked: Mapping[str, Any]) -> int:
    query = f"SELECT count() FROM {table} WHERE {which}"  # noqa: S608 - likewise
    found: Any = client.query(query, parameters=asked)
    return int(found.result_rows[0][0])


def _make_again(client: Client, table: str, who: str, asked: Mapping[str, Any]) -> None:
    """Let materialized views see the rows again that somebody still has."""
    for view in AGAIN[table]:
        described: Any = client.query(f"DESCRIBE {view}").result_rows
        columns = ", ".join(column for column, *_ in described)
        found: Any = client.query(_VIEW, parameters={"view": view}).result_rows
        made = f"SELECT {columns} FROM ({found[0][0]}) WHERE {who}"  # noqa: S608 - likewise
        client.command(f"INSERT INTO {table} ({columns}) {made}", parameters=asked)
