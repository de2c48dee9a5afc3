"""A product's year in ClickHouse, made there: every row is a hash of its number.

For 100 million rows of activity, about: half a million accounts with 1.7 million users, half of
them alone and one account in a thousand with fifty to three hundred; of these users a third came
once and a fifth stays for months; on a day on which they do something it is four things. Beside
it what a product with that much activity has:

* 90 days of raw events, one for each row of activity, and the facts of a year of all that has a
  role in ``deploy/definitions/product.yml``;
* ten occurrences of milestones an account (its own and its users'), some reached again, and
  the entries into live ones;
* a journey of five steps, of which a quarter takes only the first and one in eight the last; who
  is stuck on it, leads, changes of health, flags, and a milestone and a lead in the shadow;
* what ``milepost watch`` found in two years.

Rows come as they would: month after month where the sink would write them in the order of time,
so that the parts of a table cover the same accounts. The materialized views fill their tables as
they always do. Before it is asked anything ClickHouse may merge what it will, and then the last
day is told again, so that tables are as they are day by day: most of it merged, and the newest not.

Not made are the record of decisions (``audit_rows``) and traits as they are now, which none of
these questions reads.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.client import Client

from streams.queries.kpis import catalogue

DAY: Final = 86_400_000
PER_ACCOUNT: Final = 178
"""Rows of activity, in the mean of a year."""
YEAR: Final = 365
KEPT: Final = 90
"""Days of raw events."""

_SQL: Final = Path(__file__).with_name("sql")
_AT_ONCE: Final = 4_000_000
"""Rows of activity of one insert."""
_QUIET: Final = 5
"""Seconds without a merge, by which there is none to come."""
_PATIENCE: Final = 900
_HELPERS: Final = ("bench_accounts", "bench_users")
_SETTINGS: Final = {"max_insert_threads": 2, "max_partitions_per_insert_block": 0}

Step = Callable[[], None]


class Size(NamedTuple):
    """How much is made."""

    activity: int
    """Rows of it, about."""
    end: int
    """Until when, epoch milliseconds: the beginning of a UTC day."""

    @property
    def accounts(self) -> int:
        """With so many rows of activity."""
        return max(self.activity // PER_ACCOUNT, 10)


def steps(client: Client, size: Size) -> Iterator[tuple[str, Step]]:
    """The inserts, each with the table that it fills; to be done in this order.

    Args:
        client: of a migrated ClickHouse without rows.
        size: how much.
    """
    do = partial(_run, client)
    end = {"end": size.end}
    yield "accounts", partial(do, "accounts", {"accounts": size.accounts, **end})
    yield "users", partial(do, "users", end)
    at_once = max(_AT_ONCE // PER_ACCOUNT, 1)
    for low in range(0, size.accounts, at_once):
        yield "activity", partial(do, "activity", {"low": low, "high": low + at_once, **end})
    for part in _spans(size.end, KEPT, 15):
        yield "events", partial(do, "events", {**part, **end})
    for part in _spans(size.end, YEAR, 30):
        yield "facts", partial(do, "facts_of_activity", part)
        yield "milestones", partial(do, "milestones", part)
    for name in ("facts_of_users", "facts_of_accounts", "spend", "transitions", "stuck", "leads",
                 "health", "flags", "shadows", "comparisons", "traits"):  # fmt: skip
        yield name.replace("_", " "), partial(do, name, end)
    yield "watches", partial(do, "watches", {"kpis": list(catalogue()), **end})
    for table in _HELPERS:
        yield "tidying", partial(client.command, f"DROP TABLE {table}")  # type: ignore[misc]


def settle(client: Client) -> None:
    """Wait until ClickHouse has merged what it merges by itself, and tell the last day again."""
    quiet, until = 0, time.monotonic() + _PATIENCE
    while quiet < _QUIET and time.monotonic() < until:
        found: Any = client.query("SELECT count() FROM system.merges").result_rows
        quiet = 0 if found[0][0] else quiet + 1
        time.sleep(1)
    for name in ("activity_again", "milestones_again"):
        _run(client, name, {})


def _run(client: Client, name: str, parameters: dict[str, Any]) -> None:
    statement = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    named = {key: one for key, one in parameters.items() if f"{{{key}:" in statement}
    client.command(statement, parameters=named, settings=_SETTINGS)


def _spans(end: int, days: int, length: int) -> Iterator[dict[str, int]]:
    """Stretches of so many days that together are so many days before the end, the oldest first."""
    begin = end - days * DAY
    bounds = [*range(begin, end, length * DAY), end]
    for low, high in pairwise(bounds):
        yield {"low": low if low > begin else begin - DAY, "high": high}
