"""Made-up histories for the KPIs of usage, trials, referrals and experiments."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.properties.kpi_histories import CHANNELS, DAY, DAYS, NOW, START, Act, size

DEFINITIONS = """
version: 1
segments:
  large: {of: account, when: {trait: size, is: large}}
  small: {of: account, when: {trait: size, is: small}}
milestones:
  connected: {of: account, when: {event: Connected}}
  made: {of: user, when: {event: Made}}
  ready: {of: user, when: {event: Tried}}
leads:
  known: {of: account, when: {event: "*"}}
roles:
  visit: {event: Looked, channel: properties.channel}
  signed_up: {event: Joined, channel: properties.channel}
  onboarding: {milestones: [connected, made]}
  activation_tasks: {milestones: [made]}
  trial_actions: {milestones: [connected, made]}
  key_features: {event: [Made, Shared, Tried, Clicked], feature: event}
  activated: {event: Set Up}
  user_role: {trait: role}
  pql: {milestone: ready}
  trial_started: {event: Trial}
  checkout_started: {event: Began}
  checkout_completed: {event: Completed}
  subscription:
    event: Paid
    amount: properties.amount
    plan: properties.plan
    self_serve: properties.self_serve
  subscription_ended: {event: Left}
  expansion: {event: Limited}
  invite_sent: {event: Asked}
  referral_prompt_viewed: {event: Prompted}
  referral_prompt_clicked: {event: Clicked}
  referral_shared: {event: Linked}
  product_shared: {event: Shared}
  feedback: {event: Rated, score: properties.score}
  exposure: {event: Seen, experiment: properties.experiment, variant: properties.variant}
  consent: {event: Agreed, given: properties.given}
"""

_NAMES = (
    "Made", "Shared", "Shared", "Tried", "Clicked", "Prompted", "Prompted", "Linked", "Set Up",
    "Trial", "Began", "Completed", "Limited", "Asked", "Rated", "Rated", "Seen", "Agreed",
    "Connected", "Opened", "Opened",
)  # fmt: skip
_RARE = {"Connected": 0.3, "Set Up": 0.5}


def usage(rng: Random, *, customers: int) -> list[Act]:
    """All that happens, by time."""
    acts: list[Act] = []
    for number in range(customers):
        account = "" if rng.random() < 0.35 else f"account-{number}"
        begin = START + rng.randint(0, (DAYS - 2) * DAY)
        if account:
            # Before all else, so that the account is in its segment whenever something is told.
            acts.append(Act(begin - 8 * DAY, "group", account, "", {"size": size(account)}))
        for user in range(rng.randint(1, 6) if account else 1):
            acts += _life(rng, account, f"user-{number}-{user}", begin + rng.randint(0, 3 * DAY))
        acts += _money(rng, account, f"user-{number}-0", begin + rng.randint(0, 9 * DAY))
    for number in range(80):
        time = START + rng.randint(0, DAYS * DAY - 1)
        says = {"channel": rng.choice(CHANNELS)}
        acts.append(Act(time, "Looked", "", f"visitor-{number % 60}", says))
    by_time = {act.time: act for act in acts if act.time < NOW}
    return [by_time[time] for time in sorted(by_time)]


def _life(rng: Random, account: str, user: str, joined: int) -> Iterator[Act]:
    if rng.random() < 0.9:
        yield Act(joined, "Joined", account, user, {"channel": rng.choice(CHANNELS)})
    for _ in range(rng.choice((0, 5, 20, 40))):
        time = joined + round(rng.choice((0.02, 0.3, 1, 4)) * rng.randint(-DAY, 15 * DAY))
        for gap in (0, *rng.sample(range(50), rng.randint(0, 3))):
            name = rng.choice(_NAMES)
            if rng.random() < _RARE.get(name, 1):
                whose = "" if account and name == "Set Up" and rng.random() < 0.3 else user
                yield Act(time + gap * 60_000, name, account, whose, _says(rng, name, user))
    for _ in range(rng.choice((0, 1, 3))):
        time = joined + rng.randint(0, 60 * DAY)
        yield Act(time, "identify", account, user, {"role": rng.choice(("admin", "editor", None))})


def _says(rng: Random, name: str, user: str) -> dict[str, Any]:
    match name:
        case "Rated":
            return {"score": rng.choice((1, 2, 3, 4, 5, None))}
        case "Seen":
            experiment = rng.choice(("price", "start"))
            variants = {"price": ("control", "b"), "start": ("a", "c")}[experiment]
            # Seldom the other one, so that most have seen one only.
            place = int(user.split("-")[1]) % 2 != (rng.random() < 0.05)
            return {"experiment": experiment, "variant": variants[place]}
        case "Agreed":
            return {"given": rng.choice((True, True, False, "perhaps"))}
        case _:
            return {}


def _money(rng: Random, account: str, user: str, time: int) -> Iterator[Act]:
    for _ in range(rng.choice((0, 1, 4, 8, 12))):
        time += rng.randint(1, 15 * DAY)
        if rng.random() < 0.15:
            yield Act(time, "Left", account, user, {})
            continue
        says: dict[str, Any] = {"amount": rng.choice((10, 20, 35.5, 120))}
        if rng.random() < 0.7:
            says["plan"] = rng.choice(("team", "business"))
        if rng.random() < 0.8:
            says["self_serve"] = rng.random() < 0.8
        yield Act(time, "Paid", account, user, says)
