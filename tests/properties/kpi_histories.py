"""Made-up histories of a product that has everything KPIs ask for, some of it in odd order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

MINUTE, DAY = 60_000, 86_400_000
START = int(datetime(2025, 12, 1, tzinfo=UTC).timestamp() * 1000)
DAYS = 135
NOW = START + DAYS * DAY

CHANNELS = ("organic", "paid", "")
DEFINITIONS = """
version: 1
segments:
  large: {of: account, benchmark: enterprise, when: {trait: size, is: large}}
  small: {of: account, benchmark: smb, when: {trait: size, is: small}}
milestones:
  aha: {of: user, when: {event: Shared, count: ">= 2", within: 3d}}
  team: {of: account, when: {event: Shared, count: ">= 4"}}
leads:
  known: {of: account, when: {event: "*"}}
  pqa: {of: account, when: {event: Shared, count: ">= 3"}}
roles:
  signed_up: {event: Joined, channel: properties.channel}
  activated: {milestone: aha}
  value: {milestone: team}
  pql: {lead: pqa}
  invite_sent: {event: Asked}
  invite_accepted: {event: Came}
  subscription: {event: Paid, amount: properties.amount}
  subscription_ended: {event: Left}
  spend: {event: Spent, channel: properties.channel, amount: properties.amount}
  nps: {event: Answered, score: properties.score}
  csat: {event: Rated, score: properties.score}
  help_viewed: {event: Read}
  ticket: {event: Complained}
"""


class Act(NamedTuple):
    """An event: no two of a history have the same time."""

    time: int
    name: str
    account: str
    """Empty for none."""
    user: str
    says: dict[str, Any]

    def sent(self, number: int) -> dict[str, Any]:
        """In the native format."""
        ids = {"account_id": self.account, "user_id": self.user}
        return {
            "event": self.name,
            "timestamp": self.time,
            "event_id": f"e{number}",
            **{field: one for field, one in ids.items() if one},
            "traits" if self.name in {"group", "identify"} else "properties": self.says,
        }


def history(rng: Random, *, customers: int) -> list[Act]:
    """All that happens, by time."""
    acts: list[Act] = []
    for number in range(customers):
        account = "" if rng.random() < 0.35 else f"account-{number}"
        begin = START + rng.randint(0, (DAYS - 2) * DAY)
        if account:
            # Before all else, so that the account is in its segment whenever something is told.
            acts.append(Act(begin - 8 * DAY, "group", account, "", {"size": size(account)}))
        for user in range(rng.randint(1, 5) if account else 1):
            acts += _life(rng, account, f"user-{number}-{user}", begin)
        acts += _money(rng, account, f"user-{number}-0", begin)
    for _ in range(60):
        says = {"channel": rng.choice(CHANNELS[:2]), "amount": rng.randint(1, 900)}
        acts.append(Act(START + rng.randint(0, DAYS * DAY - 1), "Spent", "", "marketing", says))
    by_time = {act.time: act for act in acts if act.time < NOW}
    return [by_time[time] for time in sorted(by_time)]


def size(account: str) -> str:
    """The segment of the account."""
    return "large" if int(account.partition("-")[2]) % 3 == 0 else "small"


def _life(rng: Random, account: str, user: str, begin: int) -> Iterator[Act]:
    joined = begin + rng.choice((0, 1, 9)) * rng.randint(0, DAY)
    if rng.random() < 0.9:
        yield Act(joined, "Joined", account, user, {"channel": rng.choice(CHANNELS)})
    if rng.random() < 0.2:
        yield Act(joined + rng.randint(1, 3 * DAY), "Joined", account, user, {"channel": "paid"})
    if rng.random() < 0.4:
        yield Act(joined + rng.randint(1, DAY), "Came", account, user, {})
    for _ in range(rng.randint(0, 30)):
        time = joined + round(rng.choice((0.1, 1, 3)) * rng.randint(-2 * DAY, 20 * DAY))
        name = rng.choice(("Shared", "Opened", "Asked", "Answered", "Rated", "Read", "Read"))
        says = (
            {"score": rng.choice((*range(-1, 12), None))} if name in {"Answered", "Rated"} else {}
        )
        yield Act(time, name, account, user, says)
        if name == "Read":
            for gap in rng.sample(range(20), rng.randint(0, 2)):
                after = time + gap * 30_000 + rng.randint(1, 999)
                yield Act(after, rng.choice(("Read", "Complained")), account, user, {})


def _money(rng: Random, account: str, user: str, begin: int) -> Iterator[Act]:
    time = begin
    for _ in range(rng.choice((0, 0, 1, 2, 4, 8))):
        time += rng.randint(1, 20 * DAY)
        if rng.random() < 0.25:
            yield Act(time, "Left", account, user, {})
        else:
            amount = rng.choice((0, 10, 20, 35.5, 120))
            yield Act(time, "Paid", account, user, {"amount": amount} if rng.random() < 0.8 else {})
