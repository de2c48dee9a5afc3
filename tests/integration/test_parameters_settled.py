"""Baselines and fallbacks: computed of what is kept, settled once, and switched with patience."""

import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from schemas.rows import ActivityRow, ParameterRow
from streams.definitions import loads
from streams.watches.files import Found
from streams.watches.parameters import Parameters
from streams.watches.warehouse import Warehouse
from tests.integration.decisions import DAY, UNTIL, did, write
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

MIDNIGHT = UNTIL // DAY * DAY
BASELINES = """
  mean: {of: account, event: Opened, count: true, within: 30d, start: 1}
  median: {of: account, event: [Opened, "Board *"], count: true, within: 7d, statistic: median,
           start: 1}
  active: {of: account, event: "*", days: true, within: 30d, statistic: p75, start: 1}
  team: {of: account, event: "*", users: true, within: 30d, statistic: p90, start: 1}
  person: {of: user, event: Opened, count: true, within: 30d, statistic: p90, start: 1}
  often: {of: user, event: "*", days: true, within: 1d, every: 6h, start: 1}
"""
SCORES = """
  rules: {of: account, components: {a: {points: 9, when: {event: A}}}}
  fit:
    of: account
    components: {b: {points: 9, when: {event: B}}}
    fallback: {score: rules, above: 0.2, least: 10}
"""
DEFINITIONS = loads(f"version: 1\nbaselines:{BASELINES}scores:{SCORES}milestones: {{}}\n")
ONLY_FALLBACK = loads(f"version: 1\nscores:{SCORES}milestones: {{}}\n")

Settle = Callable[..., dict[str, ParameterRow]]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    migrated(tmp_path)
    warehouse = Warehouse(f"chdb://{tmp_path}")
    yield warehouse
    warehouse.close()


def settle(
    warehouse: Warehouse, at: int = UNTIL, wrong: Sequence[Found] | None = ()
) -> dict[str, ParameterRow]:
    """What a watch that has just started says, by the name of the parameter."""
    return {row.name: row for row in Parameters(DEFINITIONS, warehouse).settle(at, wrong)}


def values(rows: dict[str, ParameterRow]) -> dict[str, tuple[float, int]]:
    return {
        name.removeprefix("baseline:"): (row.value, row.sample_size) for name, row in rows.items()
    }


def test_a_baseline_is_over_the_full_days_before_it_and_those_that_did_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """`did` counts days from noon of the day of `UNTIL`, whose own day is not over."""
    rows = [
        did("acme", 1, "ann", events=4), did("acme", 7, "bob", events=2),
        did("acme", 30, "ann", events=10), did("acme", 31, "ann", events=100),
        did("acme", 0, "ann", events=100),
        did("bolt", 3, events=4, event="Board Made"), did("bolt", 3, events=9, event="Board"),
        did("cube", 3, "eve", events=1),
        did("", 2, "solo", events=50),
    ]  # fmt: skip
    write(tmp_path, rows)
    found = values(settle(warehouse))
    assert found == {
        "mean": ((16 + 1) / 2, 2),
        "median": (4, 3),
        "active": (2, 3),  # 3, 1 and 1 days
        "team": (pytest.approx(1.8), 3),  # 2, 0 and 1 users
        "person": (pytest.approx(14 + 0.7 * 36), 4),  # 1, 2, 14 and 50 times
        "often": (1, 1),
    }


class Plain:
    """What is kept of made-up rows, measured by plain loops."""

    def __init__(self, rows: Sequence[ActivityRow]) -> None:
        kept: dict[tuple[object, ...], ActivityRow] = {}
        for row in rows:  # of one day and event, the highest count is the newest
            key = row.account_id, row.user_id, row.day, row.event
            if key not in kept or row.events > kept[key].events:
                kept[key] = row
        self._rows = kept.values()

    def measured(
        self, measure: Callable[[list[ActivityRow]], float], days: int, names: tuple[str, ...],
        *, of_users: bool = False,
    ) -> list[float]:  # fmt: skip
        groups: dict[tuple[str, str], list[ActivityRow]] = defaultdict(list)
        for row in self._rows:
            inside = MIDNIGHT // DAY - days <= row.day < MIDNIGHT // DAY
            if inside and row.event.startswith(names) and (row.user_id or not of_users):
                groups[row.account_id, row.user_id if of_users else ""].append(row)
        return [measure(group) for group in groups.values()]


def count(group: list[ActivityRow]) -> float:
    return sum(row.events for row in group)


def days(group: list[ActivityRow]) -> float:
    return len({row.day for row in group})


def users(group: list[ActivityRow]) -> float:
    return len({row.user_id for row in group if row.user_id})


def percentile(numbers: list[float], which: int) -> float:
    return statistics.quantiles(numbers, n=100, method="inclusive")[which - 1]


@pytest.mark.parametrize("seed", range(3))
def test_a_baseline_is_what_python_computes(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    rows = [
        did(f"a{chance.randrange(40)}", chance.randrange(40), chance.choice(["", "ann", "bob"]),
            events=chance.randrange(1, 50), event=chance.choice(["Opened", "Board A", "Closed"]))
        for _ in range(800)
    ]  # fmt: skip
    write(tmp_path, rows)
    plain, opened, any_event = Plain(rows), ("Opened",), ("",)
    expected = {
        "mean": statistics.mean(plain.measured(count, 30, opened)),
        "median": statistics.median(plain.measured(count, 7, ("Opened", "Board "))),
        "active": percentile(plain.measured(days, 30, any_event), 75),
        "team": percentile(plain.measured(users, 30, any_event), 90),
        "person": percentile(plain.measured(count, 30, opened, of_users=True), 90),
        "often": statistics.mean(plain.measured(days, 1, any_event, of_users=True)),
    }
    found = {name: value for name, (value, _) in values(settle(warehouse)).items()}
    assert found == pytest.approx(expected)


def test_a_baseline_is_of_an_instant_of_its_own_schedule(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write(tmp_path, [did("acme", 1, "ann")])
    found = settle(warehouse)
    assert found["baseline:mean"].at == MIDNIGHT
    assert found["baseline:often"].at == MIDNIGHT + 12 * 3_600_000
    assert settle(warehouse, MIDNIGHT + DAY - 1)["baseline:mean"].at == MIDNIGHT
    assert settle(warehouse, MIDNIGHT + DAY)["baseline:mean"].at == MIDNIGHT + DAY


def test_what_is_settled_for_an_instant_stays_whatever_comes(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write(tmp_path, [did("acme", 1, "ann", events=4)])
    first = settle(warehouse)
    write(tmp_path, [did("acme", 2, "ann", events=90)])
    assert settle(warehouse) == first
    later = settle(warehouse, UNTIL + DAY)
    assert later["baseline:mean"] == ParameterRow("baseline:mean", MIDNIGHT + DAY, 94.0, 1)


def test_of_two_who_settle_at_once_the_first_one_counts(warehouse: Warehouse) -> None:
    row = ParameterRow("baseline:mean", MIDNIGHT, 4.0, 1)
    for value in (4.0, 5.0, 3.0):
        warehouse.write([row._replace(value=value)])
    assert settle(warehouse)["baseline:mean"] == row


def test_where_nobody_did_it_the_last_one_stays(warehouse: Warehouse, tmp_path: Path) -> None:
    assert settle(warehouse) == {}
    write(tmp_path, [did("acme", 1, "ann", events=4)])
    known = settle(warehouse)["baseline:mean"]
    assert settle(warehouse, UNTIL + 60 * DAY)["baseline:mean"] == known


def test_a_score_falls_back_above_its_share_and_recovers_well_below(
    warehouse: Warehouse,
) -> None:
    parameters = Parameters(ONLY_FALLBACK, warehouse)
    story = [
        (0.9, 9, None),  # too few to say
        (0.2, 10, None),  # not above
        (0.21, 10, 1.0),
        (0.3, 12, 1.0),
        (0.19, 15, 1.0),  # below, but not well
        (0.0, 9, 1.0),  # too few to say
        (0.18, 20, 0.0),
        (0.2, 20, 0.0),
        (0.25, 20, 1.0),
    ]
    for step, (share, judged, expected) in enumerate(story):
        wrong = [Found("score_false_positives", {"score": "fit"}, share, judged),
                 Found("score_false_positives", {"score": "rules"}, 1.0, 99)]  # fmt: skip
        rows = parameters.settle(UNTIL + step, wrong)
        assert [row.value for row in rows] == ([] if expected is None else [expected]), story[step]
    assert rows == [ParameterRow("fallback:fit", UNTIL + 8, 1.0, 20, 0.25)]


def test_a_switch_says_what_it_was_made_for_and_is_not_made_twice_for_an_instant(
    warehouse: Warehouse,
) -> None:
    def at(share: float, when: int) -> dict[str, ParameterRow]:
        return settle(warehouse, when, [Found("", {"score": "fit"}, share, 20)])

    switched = {"fallback:fit": ParameterRow("fallback:fit", UNTIL, 1.0, 20, 0.4)}
    assert at(0.4, UNTIL) == switched
    assert at(0.1, UNTIL) == switched
    assert at(0.1, UNTIL + 1)["fallback:fit"].value == 0.0
    assert settle(warehouse, UNTIL + 2)["fallback:fit"].value == 0.0


def test_a_score_of_which_nothing_is_judged_any_more_has_another_try(warehouse: Warehouse) -> None:
    assert "fallback:fit" not in settle(warehouse, UNTIL)
    wrong = [Found("", {"score": "fit"}, 0.4, 20)]
    assert settle(warehouse, UNTIL + 1, wrong)["fallback:fit"].value == 1.0
    unknown = settle(warehouse, UNTIL + 2, None)
    assert unknown["fallback:fit"].value == 1.0, "nobody could say"
    tried = settle(warehouse, UNTIL + 2)["fallback:fit"]
    assert tried == ParameterRow("fallback:fit", UNTIL + 2, 0.0, 0, 0.0)
