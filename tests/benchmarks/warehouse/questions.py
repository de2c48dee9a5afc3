"""What is asked of the warehouse: every panel, journeys, funnels, retention, KPIs and views."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.client import Client

from streams.definitions import load
from streams.definitions.model import Definitions, EntityKind, EventFilter, Funnel, Journey
from streams.deployed import deployed
from streams.funnels.breakdown import Known
from streams.funnels.retention import Return
from streams.queries.funnels import funnel_report, journey_report, retention_report
from streams.queries.kpis import Asked, answer, catalogue, most_recent
from streams.queries.raw_events import kept
from streams.queries.roles import role_parameters
from tests.benchmarks.warehouse.product import DAY
from tests.services import grafana

PANEL: Final = "panel"
JOURNEY: Final = "journey"
FUNNEL: Final = "funnel"

BOUNDS: Final = {PANEL: 1.0, JOURNEY: 2.0, FUNNEL: 2.0}
"""Seconds that the median answer to a question of a kind may take. Others have no bound."""

_BREAKDOWNS: Final[tuple[Known | None, ...]] = (None, "week", "segment", "sign-up week")
_PERIODS: Final = 12
_CHOSEN: Final = {"segment": ["(all)"], "of": ["account"]}
_FUNNEL: Final = ("Session Started", "Document Created", "Document Shared", "Invite Sent")
_VIEWS: Final = {
    "milestones": "SELECT count(), max(occurred_at) FROM milestones",
    "people": "SELECT count(), max(signed_up_at) FROM people",
    "accounts": "SELECT count(), max(signed_up_at) FROM accounts",
    "subscriptions": "SELECT count(), sum(mrr) FROM subscriptions WHERE ended_at IS NULL",
    "mrr_movements": "SELECT kind, sum(amount) FROM mrr_movements GROUP BY kind",
    "active_days": "SELECT day, count() FROM active_days WHERE day >= today() - 30 GROUP BY day",
    "activity_daily_by_account": "SELECT account_id, sum(events) AS n"
    " FROM activity_daily_by_account WHERE day >= today() - 30 GROUP BY account_id"
    " ORDER BY n DESC LIMIT 20",
    "sessions": "SELECT count() FROM sessions",
    "sessions of who signed up last week": "SELECT number, avg(events) FROM sessions"
    " WHERE number <= 3 AND (account_id, user_id) IN (SELECT account_id, user_id FROM people"
    " WHERE signup_week = toMonday(today() - 7)) GROUP BY number ORDER BY number",
}  # fmt: skip


class Question(NamedTuple):
    """One of them."""

    kind: str
    name: str
    ask: Callable[[], Any]

    @property
    def bound(self) -> float | None:
        """Seconds; ``None``: any time."""
        return BOUNDS.get(self.kind)


def questions(client: Client) -> Iterator[Question]:
    """All of them.

    Args:
        client: of a ClickHouse with a product in it; it is asked for a few choices at once.
    """
    definitions = load(deployed("definitions") / "product.yml")
    yield from _panels(client)
    yield from _journeys(client, definitions)
    yield from _events(client)
    yield from _kpis(client, definitions)
    for name, sql in _VIEWS.items():
        yield Question("view", name, partial(client.query, sql))


def _panels(client: Client) -> Iterator[Question]:
    """As they open: all segments, accounts, every milestone as a step, the dashboard's own time."""
    now = int(time.time())
    found = list(grafana.queries())
    steps = next(one.sql for one in found if one.title == "steps")
    chosen = {of: _steps(client, steps, of, now) for of in ("account", "user")}
    for one in found:
        for of in chosen if "${of:" in one.sql else ("account",):
            given = {**_CHOSEN, "of": [of], "steps": chosen[of]}
            sql = grafana.expanded(one.sql, given, now - one.span, now)
            name = f"{one.board}: {one.title}" + (" (of users)" if of == "user" else "")
            yield Question(PANEL, name, partial(client.query, sql))


def _steps(client: Client, sql: str, of: str, now: int) -> list[str]:
    rows: Any = client.query(grafana.expanded(sql, {"of": [of]}, 0, now)).result_rows
    return [step for (step,) in rows]


def _journeys(client: Client, definitions: Definitions) -> Iterator[Question]:
    of_users = Journey("of users", "user", ("decision_maker", "aha", "power_user"), None, {})
    for one in (*definitions.journeys.values(), of_users):
        for by in _BREAKDOWNS:
            name = one.name if by is None else f"{one.name}, by {by}"
            yield Question(JOURNEY, name, partial(journey_report, client, one, by))


def _events(client: Client) -> Iterator[Question]:
    """Over the raw events of the last 30 days."""
    there = kept(client)
    assert there is not None, "there are raw events"
    start = there.newest - 30 * DAY
    filters = tuple(EventFilter((name,)) for name in _FUNNEL)
    kinds: tuple[EntityKind, ...] = ("account", "user")
    for of in kinds:
        funnel = Funnel(f"4 events of {of}s", of, filters, within=14 * DAY, start=start)
        for by in _BREAKDOWNS:
            name = funnel.name if by is None else f"{funnel.name}, by {by}"
            yield Question(FUNNEL, name, partial(funnel_report, client, funnel, there, by))
    back = Return("user", filters[2], filters[1])
    yield Question("retention", "of users", partial(retention_report, client, back, there))


def _kpis(client: Client, definitions: Definitions) -> Iterator[Question]:
    roles, now = role_parameters(definitions), time.time_ns() // 1_000_000
    for kpi in catalogue().values():
        grain = kpi.header.grain
        asked = Asked(most_recent(now, grain, _PERIODS), grain, now)
        yield Question("KPI", kpi.name, partial(answer, client, kpi, roles, asked))
