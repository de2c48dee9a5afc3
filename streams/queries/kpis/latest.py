"""Where every KPI is by now."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from streams.definitions.model import Definitions
from streams.queries.kpis.asking import Asked, Point, answer
from streams.queries.kpis.catalogue import catalogue
from streams.queries.kpis.periods import most_recent
from streams.queries.kpis.standing import Newest, newest
from streams.queries.roles import role_parameters

PERIODS: Final = 12
"""How many are looked back over where nobody says how many."""


class Told(NamedTuple):
    """The answer of one KPI."""

    asked: Asked
    points: Sequence[Point]

    def newest(self) -> dict[str, Newest]:
        """The newest point of each group that has a value; the only group has no name."""
        groups = groupby(self.points, lambda point: point.group)
        found = {group: newest(list(points)) for group, points in groups}
        return {group: one for group, one in found.items() if one is not None}


def latest(client: Client, definitions: Definitions, now: int) -> dict[str, Told]:
    """What each KPI that there are roles for has been, up to now.

    Args:
        client: of a migrated ClickHouse.
        definitions: whose roles they use.
        now: epoch milliseconds.
    """
    roles = role_parameters(definitions)
    found: dict[str, Told] = {}
    for name, kpi in catalogue().items():
        if not kpi.missing(definitions.roles):
            grain = kpi.header.grain
            asked = Asked(most_recent(now, grain, PERIODS), grain, now)
            found[name] = Told(asked, answer(client, kpi, roles, asked))
    return found
