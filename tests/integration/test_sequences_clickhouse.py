"""Where the rules are the same, ClickHouse's ``sequenceMatch`` and ``windowFunnel`` find the same.

They differ on purpose where two events have one time (here any order may be meant) and where one
event may be two steps; in random histories here neither occurs. ``sequenceMatch`` looks at the
events that it has conditions for and at no others, so that a strict pattern has one for each name.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas.events import Event
from streams.definitions import loads
from streams.sinks.clickhouse import connect
from tests.properties.driver import World, record

pytestmark = pytest.mark.embedded

USERS = 400
NAMES = "abcx"
STEPS = "abc"
HOUR = 3_600_000

History = list[tuple[int, str]]
"""Of one user: hour and name of each event."""


@pytest.fixture
def histories() -> list[History]:
    seed = int(os.environ.get("SEQUENCE_SEED", "20260116"))
    print(f"SEQUENCE_SEED={seed}")  # noqa: T201 - to run it again
    rng = random.Random(seed)
    found = []
    for _ in range(USERS):
        hours = sorted(rng.sample(range(1, 200), rng.randint(1, 14)))
        found.append([(hour, rng.choice(NAMES)) for hour in hours])
    return found


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[Client]:
    client = connect(f"chdb://{tmp_path}")
    yield client
    client.close()


def reached(sequence: str, histories: list[History]) -> set[int]:
    """The users for whom the engine finds the sequence, events in order."""
    meaning = loads(
        "version: 1\nsettings: {allowed_lateness: 0s}\n"
        f"milestones: {{m: {{of: user, when: {sequence}}}}}"
    )
    events = [
        Event(f"{user}-{hour}", name, hour * HOUR, None, str(user), {}, {})
        for user, history in enumerate(histories)
        for hour, name in history
    ]
    world = World(meaning, [record(event, offset) for offset, event in enumerate(events)])
    outcome = world.run(until=1_000 * HOUR)
    return {int(one.user_id) for one in outcome.qualifications if one.user_id is not None}


def matched(client: Client, aggregate: str, histories: list[History]) -> set[int]:
    """The users for whom an aggregate function says yes."""
    rows = ", ".join(
        f"({user}, {hour}, '{name}')"
        for user, history in enumerate(histories)
        for hour, name in history
    )
    answer = client.query(
        f"SELECT user FROM values('user UInt32, at UInt64, name String', {rows}) "
        f"GROUP BY user HAVING {aggregate}"
    )
    return {user for (user,) in answer.result_rows}


CONDITIONS = ", ".join(f"name = '{name}'" for name in NAMES)


def assert_same(ours: set[int], theirs: set[int]) -> None:
    assert ours == theirs
    assert 0 < len(ours) < USERS, "the histories tell nothing apart"


def test_a_sequence_is_a_pattern_with_anything_in_between(
    clickhouse: Client, histories: list[History]
) -> None:
    ours = reached("{sequence: [{event: a}, {event: b}, {event: c}]}", histories)
    pattern = f"sequenceMatch('(?1).*(?2).*(?3)')(toDateTime(at), {CONDITIONS})"
    assert_same(ours, matched(clickhouse, pattern, histories))


def test_a_strict_sequence_is_a_pattern_with_nothing_in_between(
    clickhouse: Client, histories: list[History]
) -> None:
    ours = reached("{sequence: [{event: a}, {event: b}, {event: c}], strict: true}", histories)
    pattern = f"sequenceMatch('(?1)(?2)(?3)')(toDateTime(at), {CONDITIONS})"
    assert_same(ours, matched(clickhouse, pattern, histories))


@pytest.mark.parametrize("hours", [10, 40, 120])
def test_a_sequence_within_a_time_is_a_whole_window_funnel(
    clickhouse: Client, histories: list[History], hours: int
) -> None:
    steps = "[{event: a}, {event: b}, {event: c}]"
    ours = reached(f"{{sequence: {steps}, within: {hours}h}}", histories)
    conditions = ", ".join(f"name = '{name}'" for name in STEPS)
    funnel = f"windowFunnel({hours})(at, {conditions}) = {len(STEPS)}"
    assert_same(ours, matched(clickhouse, funnel, histories))


def test_an_absent_event_between_two_is_a_strict_pattern_over_the_three(
    clickhouse: Client, histories: list[History]
) -> None:
    ours = reached("{sequence: [{event: a}, {no: {event: x}}, {event: b}]}", histories)
    # Of a, b and x alone: an a, any number of a or b, a b; which is an a with a b right after it.
    pattern = "sequenceMatch('(?1)(?2)')(toDateTime(at), name = 'a', name = 'b', name = 'x')"
    assert_same(ours, matched(clickhouse, pattern, histories))
