"""Where other systems have the same condition, it means the same here.

Each case says the peer's rule in words and what it gives for a small history. Both the referee and
the engine must give that, too.
"""

from typing import NamedTuple

import pytest

from schemas.events import Event
from streams.definitions import loads
from tests.properties.driver import World, record
from tests.properties.oracle import Oracle

DAY = 86_400_000
MINUTE = 60_000
START = 1_767_225_600_000


class Peer(NamedTuple):
    """A rule of another system, and what it gives."""

    rule: str
    condition: str
    events: list[tuple[float, str]]
    """Day and name of each."""
    at: float
    """The day on which it is asked."""
    holds: bool


PEERS = [
    # PostHog, behavioural cohorts.
    Peer("PostHog, performed event: in the last 7 days",
         "{event: A, within: 7d}", [(0, "A")], 6, True),
    Peer("PostHog, performed event: not any more after them",
         "{event: A, within: 7d}", [(0, "A")], 8, False),
    Peer("PostHog, did not perform event in the last 7 days",
         "{not: {event: A, within: 7d}}", [(0, "A")], 8, True),
    Peer("PostHog, performed event exactly 2 times in 30 days",
         '{event: A, count: "== 2", within: 30d}', [(0, "A"), (1, "A"), (2, "A")], 3, False),
    Peer("PostHog, performed event for the first time in the last 7 days",
         "{event: A, first: true, within: 7d}", [(0, "A"), (20, "A")], 21, False),
    Peer("PostHog, performed event regularly: in 2 of the last 3 weeks, once at least",
         '{regularly: {event: A, every: 7d, in: ">= 2", of_last: 3}}',
         [(0, "A"), (15, "A")], 20, True),
    Peer("PostHog, performed event regularly: both in one week is one week",
         '{regularly: {event: A, every: 7d, in: ">= 2", of_last: 3}}',
         [(14, "A"), (15, "A")], 20, False),
    Peer("PostHog, stopped performing event: had it in the 30 days, not in the last 7",
         "{all: [{event: A, within: 30d}, {not: {event: A, within: 7d}}]}", [(0, "A")], 10, True),
    Peer("PostHog, restarted performing event: again in the last 7 days after 30 without",
         "{event: A, returned_after: 30d, within: 7d}", [(0, "A"), (40, "A")], 42, True),
    Peer("PostHog, completed a sequence: A, then B within 7 days of it",
         "{sequence: [{event: A}, {event: B}], within: 7d}", [(0, "A"), (7, "B")], 8, True),
    # Dittofeed, segments.
    Peer("Dittofeed, performed node: at least 2 times within the last 5 days",
         '{event: A, count: ">= 2", within: 5d}', [(0, "A"), (4, "A")], 4.5, True),
    Peer("Dittofeed, performed node with times 0: was never performed",
         '{event: A, count: "== 0"}', [(0, "B")], 1, True),
    Peer("Dittofeed, last performed: the newest event has the property",
         "{latest: {event: A}, has: {properties.n: 1}}", [(0, "A")], 1, True),
    # Unomi, past event condition.
    Peer("Unomi, past events: at least 1 and at most 2 in the last 10 days",
         '{all: [{event: A, count: ">= 1", within: 10d}, {event: A, count: "<= 2", within: 10d}]}',
         [(0, "A"), (1, "A"), (2, "A")], 5, False),
    Peer("Unomi, past events between two dates",
         "{event: A, from: 2026-01-02, to: 2026-01-04}", [(0, "A"), (2, "A")], 5, True),
    # Siddhi, absent patterns.
    Peer("Siddhi, e1=A -> not B for 5 min: true when 5 minutes are over",
         "{after: {event: A}, no: {event: B}, for: 5m}", [(0, "A")], 5 * MINUTE / DAY, True),
    Peer("Siddhi, e1=A -> not B for 5 min: not before",
         "{after: {event: A}, no: {event: B}, for: 5m}", [(0, "A")], 4 * MINUTE / DAY, False),
    Peer("Siddhi, e1=A -> not B for 5 min: not where B came",
         "{after: {event: A}, no: {event: B}, for: 5m}",
         [(0, "A"), (2 * MINUTE / DAY, "B")], 1, False),
    Peer("Siddhi, A -> not X and B: no X between the two",
         "{sequence: [{event: A}, {no: {event: X}}, {event: B}]}",
         [(0, "A"), (1, "X"), (2, "B")], 3, False),
]  # fmt: skip


@pytest.mark.parametrize("peer", PEERS, ids=[peer.rule for peer in PEERS])
def test_what_a_peer_gives_is_given_here(peer: Peer) -> None:
    meaning = loads(
        "version: 1\nsettings: {allowed_lateness: 0s}\n"
        f"milestones: {{m: {{of: user, live: true, when: {peer.condition}}}}}"
    )
    events = [
        Event(f"e{number}", name, START + round(day * DAY), None, "ann", {"n": 1}, {})
        for number, (day, name) in enumerate(peer.events)
    ]
    at = START + round(peer.at * DAY)
    assert bool(Oracle(meaning, events, at).members("m", at)) == peer.holds
    records = [
        record(event, offset)._replace(timestamp=event.time) for offset, event in enumerate(events)
    ]
    world = World(meaning, records)
    told = world.run(until=at).qualifications
    assert (bool(told) and told[-1].type == "milestone.entered") == peer.holds
