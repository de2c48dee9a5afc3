"""What made-up accounts have besides their own people: a helper from the vendor, and a scraper.

Pure: the same random numbers give the same events, and time is an argument.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from schemas.events import IDENTIFY, Event
from streams.demo.units import DAY, HOUR, MINUTE

_HELPED = 0.1
"""Share of accounts that the vendor's own people look after."""
_SCRAPED = 0.04
"""Share of accounts whose documents somebody has read by a program."""
_PAGES = 150
"""That it reads at a time, in less than a minute."""


def noise(account_id: str, rng: Random, start: int) -> Iterator[Event]:
    """Its events from its sign-up on, in event-time order, each with an id of its own."""
    events: list[Event] = []
    if rng.random() < _HELPED:
        events += _helper(account_id, rng, start)
    if rng.random() < _SCRAPED:
        events += _scraper(account_id, rng, start)
    yield from sorted(events, key=lambda event: event.time)


def _helper(account_id: str, rng: Random, start: int) -> Iterator[Event]:
    """Somebody who logs in as a member, and shows how it is done."""
    user = f"help@{account_id}"
    time = start + rng.randint(HOUR, DAY)
    yield _event(account_id, user, 0, time, IDENTIFY, traits={"email": "help@milepost.example"})
    for number in range(1, rng.randint(10, 30)):
        time += rng.randint(MINUTE, 12 * HOUR)
        name = rng.choice(("Document Created", "Document Shared", "Invite Sent"))
        yield _event(account_id, user, number, time, name, {"role": "editor"})


def _scraper(account_id: str, rng: Random, start: int) -> Iterator[Event]:
    """A program that reads everything, now and again."""
    user = f"export@{account_id}"
    time = start + rng.randint(HOUR, 3 * DAY)
    for number in range(_PAGES * rng.randint(1, 3)):
        if number and number % _PAGES == 0:
            time += rng.randint(2 * DAY, 5 * DAY)
        time += rng.randint(50, 350)
        seen = {"document": f"doc-{number % _PAGES}", "minutes": 1}
        yield _event(account_id, user, number, time, "Document Viewed", seen)


def _event(
    account_id: str,
    user: str,
    number: int,
    time: int,
    name: str,
    properties: dict[str, Any] | None = None,
    traits: dict[str, Any] | None = None,
) -> Event:
    event_id = f"{user}-{number:05}"
    return Event(event_id, name, time, account_id, user, properties or {}, traits or {})
