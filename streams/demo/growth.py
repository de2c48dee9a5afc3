"""What goes on around an account's work: trials, help, surveys, referrals, changes of the plan.

Pure, with random numbers of its own: the account's work is the same with or without it.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from schemas.events import GROUP, Event
from streams.demo.units import DAY, HOUR, MINUTE

CHANNELS = ("organic", "referral", "paid", "content")
_SPEND = {"organic": 300.0, "referral": 450.0, "paid": 2_400.0, "content": 800.0}
"""Dollars a week, about."""
_TOPICS = ("import", "permissions", "billing", "sharing")

Tell = Callable[..., Event]
"""``tell(time, name, user, properties, traits)``: an event of the account."""


def stories(
    rng: Random, tell: Tell, core: Sequence[Event], users: Sequence[str]
) -> Iterator[Event]:
    """All of them for one account.

    Args:
        rng: their own random numbers.
        tell: makes an event of the account.
        core: what the account did, from its sign-up on.
        users: the account's, the owner first.
    """
    start = core[0].time
    yield from _first_hour(rng, tell, start, users[0])
    joined = {event.user_id: event.time for event in core if event.name == "Signed Up"}
    for user in users:
        yield from _support(rng, tell, joined[user], user)
        yield from _surveys(rng, tell, joined[user], user)
        yield from _referrals(rng, tell, joined[user], user)
    for event in core:
        if event.name == "Subscription Started":
            yield from _billing(rng, tell, event)
            break
    else:
        if rng.random() < 0.15:  # looked at the price in earnest, and left
            yield tell(start + rng.randint(3 * DAY, 12 * DAY), "Checkout Started", users[0])


def _first_hour(rng: Random, tell: Tell, start: int, owner: str) -> Iterator[Event]:
    yield tell(start + 21_000, "Trial Started", owner, {"plan": "trial"})
    shown = {"experiment": "checklist", "variant": rng.choice(("control", "checklist"))}
    yield tell(start + 22_000, "Experiment Viewed", owner, shown)
    yield tell(start + 25_000, "Consent Answered", owner, {"given": rng.random() < 0.82})
    if rng.random() < 0.03:
        yield tell(start + rng.randint(HOUR, 6 * HOUR), "Account Flagged", None, {"why": "bot"})


def _support(rng: Random, tell: Tell, joined: int, user: str) -> Iterator[Event]:
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        time = joined + rng.randint(HOUR, 20 * DAY)
        topic = {"topic": rng.choice(_TOPICS)}
        yield tell(time, "Help Viewed", user, topic)
        if rng.random() < 0.4:
            yield tell(time + rng.randint(MINUTE, 4 * MINUTE), "Ticket Opened", user, topic)


def _surveys(rng: Random, tell: Tell, joined: int, user: str) -> Iterator[Event]:
    if rng.random() < 0.3:
        (score,) = rng.choices(range(11), (1, 1, 1, 1, 2, 3, 4, 9, 14, 16, 10))
        yield tell(joined + rng.randint(10 * DAY, 20 * DAY), "NPS Answered", user, {"score": score})
    if rng.random() < 0.3:
        (score,) = rng.choices(range(1, 6), (1, 2, 5, 12, 10))
        yield tell(joined + rng.randint(2 * DAY, 15 * DAY), "CSAT Answered", user, {"score": score})


def _referrals(rng: Random, tell: Tell, joined: int, user: str) -> Iterator[Event]:
    if rng.random() >= 0.5:
        return
    time = joined + rng.randint(4 * DAY, 15 * DAY)
    yield tell(time, "Referral Prompt Viewed", user)
    if rng.random() < 0.3:
        yield tell(time + 20_000, "Referral Prompt Clicked", user)
        if rng.random() < 0.7:
            yield tell(time + 50_000, "Referral Link Shared", user)


def _billing(rng: Random, tell: Tell, bought: Event) -> Iterator[Event]:
    """Checkout, and what becomes of the subscription."""
    owner, paid, time = bought.user_id, bought.properties, bought.time
    self_serve = paid["self_serve"]
    if self_serve:
        yield tell(time - 12 * MINUTE, "Checkout Started", owner)
        yield tell(time - MINUTE, "Checkout Completed", owner)
    plan, seats = paid["plan"], paid["seats"]
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        time += rng.randint(4 * DAY, 12 * DAY)
        more = rng.random() < 0.75
        if more:
            limit = {"limit": "seats", "paying": True}
            yield tell(time - rng.randint(HOUR, 3 * DAY), "Plan Limit Hit", owner, limit)
        seats = max(1, seats + (rng.randint(2, 8) if more else -rng.randint(1, 3)))
        if more and plan == "team" and rng.random() < 0.3:
            plan = "enterprise"
        price = 12 if plan == "team" else 20
        changed: dict[str, Any] = {"plan": plan, "seats": seats, "amount": seats * price}
        yield tell(time, "Plan Changed", owner, {**changed, "self_serve": self_serve})
        yield tell(time + 1_000, GROUP, owner, None, {"plan": plan, "seats": seats})
    if rng.random() < 0.25:
        time += rng.randint(5 * DAY, 20 * DAY)
        yield tell(time, "Subscription Cancelled", owner, {"reason": "not used enough"})


def world(rng: Random, *, accounts: int, start: int, end: int) -> Iterator[Event]:
    """What belongs to no account, by event time: visits of the public pages, money spent.

    Args:
        rng: its own random numbers.
        accounts: how many sign up; three times as many look.
        start: epoch milliseconds.
        end: nothing happens from then on.
    """
    told: list[Event] = []
    for number in range(accounts * 3):
        user, time = f"visitor-{number:04}", rng.randint(start, end - 1)
        page = {"path": rng.choice(("/", "/pricing", "/blog")), "channel": rng.choice(CHANNELS)}
        told.append(Event(f"visit-{number:04}", "Page Viewed", time, None, user, page, {}))
    for week, time in enumerate(range(start, end, 7 * DAY)):
        for channel, dollars in _SPEND.items():
            spent = {"channel": channel, "amount": round(dollars * rng.uniform(0.8, 1.2), 2)}
            told.append(
                Event(f"spend-{channel}-{week:02}", "Channel Spend", time, None, "marketing",
                      spent, {})
            )  # fmt: skip
    yield from sorted(told, key=lambda event: event.time)
