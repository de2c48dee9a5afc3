"""What a crash between two writes of one commit must not lose."""

import pytest

from schemas.events import Event
from streams.definitions import loads
from streams.engine.recent import RecentIds
from tests.properties.driver import Cycle, World, record
from tests.unit.engine.worker import HOUR, START

MANY = RecentIds.FEW + 10
"""Event ids of an account that keeps them in chunks with records of their own."""

TEXT = f"""
version: 1
settings: {{dedupe_within: 24h}}
milestones:
  busy: {{of: account, when: {{event: Used, count: ">= {MANY + 2}", within: 7d}}}}
"""


@pytest.mark.parametrize("user", [None, "ann"], ids=["of nobody", "of a user"])
def test_an_id_whose_chunk_was_not_written_is_known_when_its_record_comes_again(
    user: str | None,
) -> None:
    events = [
        Event(f"id-{n}", "Used", START + HOUR + n, "acme", user, {}, {}) for n in range(MANY + 1)
    ]
    records = [record(event, offset) for offset, event in enumerate([*events, events[-1]])]
    world = World(loads(TEXT), records)

    world.cycle(Cycle(MANY))
    world.cycle(Cycle(1, ending="accounts", quarters=4))
    outcome = world.run()

    assert outcome.qualifications == []
    assert world.evaluator.counts.duplicates == 1
