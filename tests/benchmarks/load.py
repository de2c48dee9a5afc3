"""The reference load: a month of a SaaS product's events, the same for the same seed.

Accounts are of Zipf size (exponent 1.1): the largest makes about one event in seven, most make
a handful. An account has users in proportion to its volume: one to three in a small one.
Events come in order of time but for half a minute of disorder, keyed by their account.
"""

import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import orjson
from aiokafka.partitioner import murmur2

from schemas.encoding import time_text

EVENTS = 1_000_000
ACCOUNTS = 20_000
EXPONENT = 1.1
PARTITIONS = 8
SEED = 20250101

START = 1_735_689_600_000
"""2025-01-01T00:00:00Z."""
SPAN = 30 * 86_400_000
DISORDER = 30_000
"""Milliseconds that an event may be behind or ahead of its place."""
EVENTS_PER_USER = 60

NAMES = (
    "Page Viewed", "Document Viewed", "Document Edited", "Search Performed", "Comment Added",
    "Session Started", "Document Created", "Document Shared", "Notification Opened",
    "Task Created", "Task Completed", "File Uploaded", "Dashboard Viewed", "Report Viewed",
    "Filter Applied", "Board Viewed", "Card Moved", "Mention Added", "Template Used",
    "Export Requested", "Invite Sent", "Invite Accepted", "Member Added", "Integration Opened",
    "Integration Connected", "Data Source Connected", "Report Created", "Automation Created",
    "Automation Run", "Api Key Created", "Webhook Added", "Settings Changed", "Profile Updated",
    "Help Viewed", "Ticket Opened", "Plan Viewed", "Plan Limit Hit", "Trial Extended",
    "Payment Method Added", "Subscription Started",
)  # fmt: skip
"""Forty names, the frequent first: the n-th is about 1/n as frequent as the first."""

ROLES = ("admin", "editor", "viewer", "guest")
FEATURES = tuple(f"feature-{n}" for n in range(12))
PLANS = ("free", "trial", "team", "business")


class Record(NamedTuple):
    """A record as it stands on the topic, before there is a topic."""

    key: bytes
    value: bytes
    timestamp: int


def volumes(events: int, accounts: int) -> list[int]:
    """How many events each account makes: Zipf shares, at least one each, ``events`` in all."""
    weights = [rank**-EXPONENT for rank in range(1, accounts + 1)]
    unit = (events - accounts) / sum(weights)
    shares = [1 + int(weight * unit) for weight in weights]
    shares[0] += events - sum(shares)
    return shares


@cache
def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's default partitioner puts the key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def records(events: int = EVENTS, accounts: int = ACCOUNTS, seed: int = SEED) -> Iterator[Record]:
    """The load in the order in which it was produced."""
    rng = random.Random(seed)
    sizes = volumes(events, accounts)
    order = [account for account, size in enumerate(sizes) for _ in range(size)]
    rng.shuffle(order)
    users = [max(rng.randint(1, 3), size // EVENTS_PER_USER) for size in sizes]
    names = rng.choices(
        NAMES, cum_weights=list(accumulate(1 / rank for rank in range(1, 41))), k=len(order)
    )
    for place, (account, name) in enumerate(zip(order, names, strict=True)):
        produced = START + place * SPAN // events
        yield _record(rng, produced, account, rng.randrange(users[account]), name)


def _record(rng: random.Random, produced: int, number: int, user: int, name: str) -> Record:
    account = f"account-{number:05}"
    event = {
        "event": name,
        "timestamp": time_text(produced + rng.randint(-DISORDER, DISORDER)),
        "event_id": f"{rng.getrandbits(128):032x}",
        "account_id": account,
        "user_id": f"{account}-user-{user}",
        "properties": {
            "role": ROLES[user % 4],
            "feature": FEATURES[rng.randrange(12)],
            "plan": PLANS[number % 4],
            "minutes": rng.randrange(60),
            "source": "web",
        },
    }
    return Record(account.encode(), orjson.dumps(event), produced)
