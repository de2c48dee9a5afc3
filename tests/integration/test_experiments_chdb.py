"""What is counted of experiments, on a small history counted by hand."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.rows import ActivityRow, FactRow, MilestoneRow, Row, TransitionRow
from streams.experiments.statistics import Proportion
from streams.experiments.tallies import Experiment, Question, Tally
from streams.queries.experiments import experiments, tallies
from streams.sinks.clickhouse import ClickHouseSink, connect
from tests.services.warehouse import migrated

pytestmark = pytest.mark.embedded

DAY = 86_400_000
BEGIN = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
NOW = BEGIN + 60 * DAY
ROLES: dict[str, str | list[str]] = {"exposure_facts": ["exposure"]}
HOSTILE = [
    "'; DROP TABLE fact_rows --",
    "{experiment:String}",
    "a\\b\t\n\0\x1b[31m",
    "[bold]%s `x` \U0001f9ea",
]
USERS = Question("list", "aha", "user", 14 * DAY, NOW)
ACCOUNTS = Question("price", "pays", "account", 14 * DAY, NOW)


def sees(
    variant: str, user: str, at: int = BEGIN, account: str = "acme", experiment: str = "list"
) -> FactRow:
    return FactRow(
        "exposure", at, account, user, f"{account}:{user}:{at}:{experiment}", "Seen",
        experiment=experiment, variant=variant,
    )  # fmt: skip


def reaches(milestone: str, user: str, at: int, account: str = "acme") -> MilestoneRow:
    return MilestoneRow(
        milestone, account, user, "h", 1, f"{milestone}:{account}:{user}", "milestone.reached",
        at, at, "", False, "[]",
    )  # fmt: skip


def enters(milestone: str, user: str, at: int, occurrence: int) -> TransitionRow:
    return TransitionRow(
        milestone, "acme", user, "h", occurrence, "milestone.entered",
        f"{milestone}:{user}:{occurrence}", at, at, "", False, "[]",
    )  # fmt: skip


def is_there(user: str, day: int, account: str = "acme") -> ActivityRow:
    number = BEGIN // DAY + day
    return ActivityRow(account, user, number, "Opened", "", 1, number * DAY, number * DAY)


CONTROL: list[Row] = [
    # Reached in the same instant, and just in time; and a millisecond too late.
    sees("control", "c1"), reaches("aha", "c1", BEGIN), is_there("c1", 7),
    sees("control", "c2"), reaches("aha", "c2", BEGIN + 14 * DAY),
    is_there("c2", 7), is_there("c2", 30),
    sees("control", "c3"), reaches("aha", "c3", BEGIN + 14 * DAY + 1), is_there("c3", 6),
    # Had reached it before, and came back all the same.
    sees("control", "c4"), reaches("aha", "c4", BEGIN - 1), is_there("c4", 30),
    # Their time is just over, and not quite.
    sees("control", "c5", NOW - 14 * DAY),
    sees("control", "c6", NOW - 14 * DAY + 1), reaches("aha", "c6", NOW - DAY),
]  # fmt: skip
OTHERS: list[Row] = [
    # Saw it again; what was reached again does not matter.
    sees("b", "b1"), sees("b", "b1", BEGIN + DAY), reaches("aha", "b1", BEGIN + DAY),
    reaches("aha", "b1", BEGIN + 40 * DAY)._replace(occurrence=2, id="again"),
    # Saw the other one later.
    sees("b", "b2"), sees("control", "b2", BEGIN + 1), is_there("b2", 7),
    reaches("aha", "b2", BEGIN + DAY),
    # A user without an account.
    sees("b", "eve", BEGIN + 1, account=""), reaches("aha", "eve", BEGIN + DAY, account=""),
    is_there("eve", 7, account=""),
    # Not yet; of the account itself; of no variant; of no experiment.
    sees("b", "b4", NOW + 1), sees("b", ""), sees("", "b6"), sees("b", "b6", experiment=""),
    # Was another variant until the roles were edited.
    sees("control", "b5"), sees("b", "b5"),
    # A live milestone: entered, left, entered again; and only left in time.
    enters("inside", "b1", BEGIN + DAY, 1), enters("inside", "b1", BEGIN + 3 * DAY, 2),
    enters("inside", "c1", BEGIN - DAY, 1), enters("inside", "c1", BEGIN + DAY, 2),
    enters("inside", "c2", BEGIN + DAY, 1)._replace(type="milestone.exited"),
    # Another milestone, and another experiment.
    reaches("other", "c3", BEGIN), sees("b", "c1", experiment="other"),
]  # fmt: skip
PRICE: list[Row] = [
    # Two users of an account; a third one is there.
    sees("control", "x", BEGIN + DAY, "bolt", "price"),
    sees("control", "y", BEGIN, "bolt", "price"),
    reaches("pays", "", BEGIN + 2 * DAY, "bolt"), is_there("z", 7, "bolt"),
    # An account that saw it as such. What one of its users reaches is not its own.
    sees("b", "", BEGIN, "cove", "price"), reaches("pays", "u", BEGIN, "cove"),
    # An account whose users saw different ones, and a user without one.
    sees("control", "c1", experiment="price"), sees("b", "c2", BEGIN + 1, experiment="price"),
    sees("control", "eve", BEGIN, "", "price"),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    dsn = migrated(tmp_path_factory.mktemp("experiments"))
    with closing(ClickHouseSink(dsn)) as sink:
        for _ in range(2):
            sink.write([*CONTROL, *OTHERS, *PRICE])
            sink.flush()
        for name in HOSTILE:
            sink.write([sees(name, "u", experiment=name), reaches(name, "u", BEGIN)])
            sink.flush()
    with closing(connect(dsn)) as client:
        yield client


def test_of_each_variant_it_is_counted_who_reached_what_in_time(client: Client) -> None:
    assert tallies(client, ROLES, USERS) == [
        Tally("b", 3, 1, 0, 0, Proportion(2, 3), {7: Proportion(1, 3), 30: Proportion(0, 3)}),
        Tally("control", 6, 0, 1, 1, Proportion(2, 4), {7: Proportion(2, 6), 30: Proportion(2, 4)}),
    ]


def test_of_a_milestone_of_accounts_the_accounts_count(client: Client) -> None:
    assert tallies(client, ROLES, ACCOUNTS) == [
        Tally("b", 1, 0, 0, 0, Proportion(0, 1), {7: Proportion(0, 1), 30: Proportion(0, 1)}),
        Tally("control", 1, 1, 0, 0, Proportion(1, 1), {7: Proportion(1, 1), 30: Proportion(0, 1)}),
    ]


@pytest.mark.parametrize(
    ("period", "exposed"),
    [
        ({"start": BEGIN + 1}, {"b": 1, "control": 2}),
        ({"start": BEGIN + 2}, {"control": 2}),
        ({"end": BEGIN + 1}, {"b": 2, "control": 4}),
        ({"end": BEGIN}, {}),
    ],
)
def test_a_period_is_that_of_the_first_exposure(
    client: Client, period: dict[str, Any], exposed: dict[str, int]
) -> None:
    found = tallies(client, ROLES, replace(USERS, **period))
    assert {tally.variant: tally.exposed for tally in found} == exposed


def test_a_day_of_retention_counts_once_it_is_over(client: Client) -> None:
    on_day_30 = tallies(client, ROLES, replace(USERS, now=BEGIN + 30 * DAY + DAY - 1))
    after_it = tallies(client, ROLES, replace(USERS, now=BEGIN + 31 * DAY))
    assert [tally.retained[30].total for tally in on_day_30] == [0, 0]
    assert [tally.retained[30] for tally in after_it] == [Proportion(0, 3), Proportion(2, 4)]


def test_the_list_has_each_experiment_with_its_variants(client: Client) -> None:
    found = [each for each in experiments(client, ROLES) if each.name not in HOSTILE]
    assert found == [
        Experiment("list", ("b", "control"), 11, 1, BEGIN, NOW + 1),
        Experiment("price", ("b", "control"), 5, 3, BEGIN, BEGIN + DAY),
        Experiment("other", ("b",), 1, 1, BEGIN, BEGIN),
    ]
    assert [each.name for each in experiments(client, ROLES, start=BEGIN + 2 * DAY)] == ["list"]
    assert experiments(client, ROLES, end=BEGIN) == []


def test_of_a_live_milestone_the_first_entry_counts(client: Client) -> None:
    [b, control] = tallies(client, ROLES, replace(USERS, milestone="inside"))
    assert (b.before, b.reached) == (0, Proportion(1, 3))
    assert (control.before, control.reached) == (1, Proportion(0, 4))


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_a_name_and_nothing_else(client: Client, name: str) -> None:
    assert name in [each.name for each in experiments(client, ROLES)]
    [tally] = tallies(client, ROLES, Question(name, name, "user", 14 * DAY, NOW))
    assert (tally.variant, tally.reached) == (name, Proportion(1, 1))


def test_without_the_role_nobody_was_exposed(client: Client) -> None:
    assert tallies(client, {"exposure_facts": []}, USERS) == []
    assert experiments(client, {"exposure_facts": []}) == []
