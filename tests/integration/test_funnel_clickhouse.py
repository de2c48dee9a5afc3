"""Where the rules are the same, ClickHouse's ``windowFunnel`` finds the same.

It differs on purpose where one event may be two steps, and where two events have one time: there
random histories have neither.
"""

import os
import random
from pathlib import Path

import pytest

from streams.definitions.model import EventFilter, Funnel
from streams.engine.funnels import Touch, best_attempt
from streams.sinks.clickhouse import connect

pytestmark = pytest.mark.embedded

USERS = 400
STEPS = 4


def histories(rng: random.Random) -> list[list[tuple[int, int]]]:
    """Of each user times and steps (from 1; 0 is no step), in order of time."""
    found = []
    for _ in range(USERS):
        times = sorted(rng.sample(range(1, 200), rng.randint(1, 25)))
        found.append([(time, rng.randint(0, STEPS)) for time in times])
    return found


@pytest.mark.parametrize("within", [1, 7, 30, 500])
def test_the_depth_of_ordered_funnels_is_that_of_window_funnel(tmp_path: Path, within: int) -> None:
    seed = int(os.environ.get("FUNNEL_SEED", "20260115"))
    print(f"FUNNEL_SEED={seed}")  # noqa: T201 - to run it again
    users = histories(random.Random(seed + within))
    steps = tuple(EventFilter((str(step),)) for step in range(STEPS))
    funnel = Funnel("f", "user", steps, within=within)
    ours = []
    for history in users:
        best = best_attempt(funnel, [Touch(at, 1 << step >> 1, 0) for at, step in history])
        ours.append(len(best.times) if best is not None else 0)
    client = connect(f"chdb://{tmp_path}")
    rows = ", ".join(
        f"({user}, {at}, {step})" for user, history in enumerate(users) for at, step in history
    )
    conditions = ", ".join(f"step = {step}" for step in range(1, STEPS + 1))
    answer = client.query(
        f"SELECT windowFunnel({within})(toUInt64(at), {conditions}) "
        f"FROM values('user UInt32, at UInt64, step UInt8', {rows}) GROUP BY user ORDER BY user"
    )
    theirs = [depth for (depth,) in answer.result_rows]
    client.close()
    assert ours == theirs
    assert len(set(ours)) > 1, "the histories tell nothing apart"
