"""Made-up traffic as a broker would receive it: several formats, late, repeated, broken.

Pure and seeded: the same arguments give the same records, byte for byte, so that what comes out
at the other end can be checked against what went in.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import takewhile
from random import Random
from typing import NamedTuple

import orjson

from schemas.dead_letters import Reason
from schemas.encoding import time_text
from schemas.events import Event
from streams.definitions.model import Definitions
from streams.demo.growth import world
from streams.demo.lives import Account
from streams.demo.noise import noise
from streams.demo.sales import Sales
from streams.demo.units import DAY, HOUR, MINUTE
from streams.demo.wire import FORMATS, Headers, Wire, native, native_fields
from streams.engine import Engine

DUPLICATED = 0.015
"""Share of events that a producer sends again."""
LATE = 0.02
"""Share of events that come minutes late, within the allowed lateness."""
TOO_LATE = 0.002
"""Share of events that come hours late."""
BROKEN = 0.008
"""Broken records for each event."""


class Arrival(NamedTuple):
    """One record as it reaches the broker."""

    at: int
    """Record time, epoch milliseconds."""
    key: bytes | None
    value: bytes
    headers: Headers
    event: Event | None
    """What the record says; ``None`` for a broken one."""
    repeated: bool = False
    """The record was sent before."""
    broken: Reason | None = None
    """Why it must become a dead letter."""


def arrivals(
    definitions: Definitions, *, seed: int, accounts: int, start: int, end: int
) -> Iterator[Arrival]:
    """Records of so many accounts between two times (epoch milliseconds), by time of arrival.

    Accounts sign up over the first three quarters of the time, so that the last of them, too,
    have something to tell. What sales tell of the leads that ``definitions`` find is among them.
    """
    engine = Engine(definitions)
    lives = (_life(engine, seed, index, accounts, start, end) for index in range(accounts))
    around = world(_random(seed, "world"), accounts=accounts, start=start, end=end)
    outside = ((event, native(event)) for event in around)
    sent = heapq.merge(*lives, outside, key=lambda pair: pair[0].time)
    rng = _random(seed, "network")
    waiting: list[tuple[int, int, Arrival]] = []
    number = 0
    for event, wire in sent:
        while waiting and waiting[0][0] <= event.time:
            yield heapq.heappop(waiting)[2]
        for arrival in _deliver(event, wire, rng):
            # The number keeps records of one time in order and arrivals out of comparisons.
            number += 1
            heapq.heappush(waiting, (arrival.at, number, arrival))
    while waiting:
        yield heapq.heappop(waiting)[2]


def _random(seed: int, part: object) -> Random:
    return Random(f"{seed}/{part}")  # noqa: S311 - made-up traffic needs to repeat, not to be secret


def _life(
    engine: Engine, seed: int, index: int, accounts: int, start: int, end: int
) -> Iterator[tuple[Event, Wire]]:
    rng = _random(seed, index)
    signs_up = start + round((end - start) * 0.75 * (index + rng.random()) / accounts)
    encode = rng.choices([encode for encode, _ in FORMATS], [share for _, share in FORMATS])[0]
    sales = Sales(engine, _random(seed, f"sales/{index}"))
    account = Account(index, rng, signs_up)
    others = noise(account.account_id, _random(seed, f"noise/{index}"), signs_up)
    everything = heapq.merge(account.life(end), others, key=lambda event: event.time)
    for event in sales.follow_up(takewhile(lambda event: event.time < end, everything), end):
        yield event, encode(event)


def _deliver(event: Event, wire: Wire, rng: Random) -> Iterator[Arrival]:
    chance = rng.random()
    at = event.time + rng.randint(50, 3_000)
    if chance < TOO_LATE:
        at += rng.randint(2 * HOUR, 20 * HOUR)
    elif chance < TOO_LATE + LATE:
        at += rng.randint(5 * MINUTE, 50 * MINUTE)
    yield Arrival(at, *wire, event)
    if rng.random() < DUPLICATED:
        yield Arrival(at + rng.randint(500, 10 * MINUTE), *wire, event, repeated=True)
    if rng.random() < BROKEN:
        breaking, reason = rng.choice(_BREAKINGS)
        yield Arrival(at, wire.key, breaking(event), (), None, broken=reason)


def _truncated(event: Event) -> bytes:
    whole = orjson.dumps(native_fields(event))
    return whole[: len(whole) * 2 // 3]


def _in_an_array(event: Event) -> bytes:
    return orjson.dumps([native_fields(event)])


def _without_a_time(event: Event) -> bytes:
    return orjson.dumps(_without(event, "timestamp"))


def _without_anybody(event: Event) -> bytes:
    return orjson.dumps(_without(event, "account_id", "user_id"))


def _with_words_for_a_time(event: Event) -> bytes:
    return orjson.dumps(native_fields(event) | {"timestamp": "yesterday, around noon"})


def _with_a_clock_ahead(event: Event) -> bytes:
    return orjson.dumps(native_fields(event) | {"timestamp": time_text(event.time + 400 * DAY)})


def _with_text_for_properties(event: Event) -> bytes:
    return orjson.dumps(native_fields(event) | {"properties": "role=admin"})


_BREAKINGS: tuple[tuple[Callable[[Event], bytes], Reason], ...] = (
    (_truncated, Reason.NOT_JSON),
    (_in_an_array, Reason.NOT_AN_OBJECT),
    (_without_a_time, Reason.MISSING_FIELD),
    (_without_anybody, Reason.MISSING_FIELD),
    (_with_words_for_a_time, Reason.BAD_TIMESTAMP),
    (_with_a_clock_ahead, Reason.FUTURE_TIMESTAMP),
    (_with_text_for_properties, Reason.WRONG_TYPE),
)


def _without(event: Event, *names: str) -> dict[str, object]:
    return {name: value for name, value in native_fields(event).items() if name not in names}
