"""The lives of made-up accounts: sign-up, set-up, invitations, habits, silence, purchase.

Pure: the same random numbers give the same events, and time is an argument.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from schemas.events import GROUP, IDENTIFY, Event
from streams.demo.growth import CHANNELS, stories
from streams.demo.units import DAY, HOUR, MINUTE

_ADJECTIVES = (
    "amber", "bold", "bright", "calm", "clear", "copper", "crisp", "early", "fair", "golden",
    "grand", "green", "keen", "lively", "lunar", "mellow", "noble", "north", "prime", "quick",
    "quiet", "rapid", "silver", "solid", "sunny", "swift", "tidal", "urban", "vivid", "wild",
)  # fmt: skip
_NOUNS = (
    "anchor", "arch", "bay", "bridge", "canyon", "cedar", "cliff", "cove", "delta", "falcon",
    "field", "forge", "garden", "grove", "harbor", "hill", "island", "lake", "lantern", "meadow",
    "mill", "orchard", "peak", "pine", "quarry", "reef", "river", "summit", "valley", "willow",
)  # fmt: skip
_PEOPLE = (
    "ada", "amir", "ana", "ben", "chen", "cleo", "dana", "eli", "emma", "finn", "gita", "hana",
    "ivan", "jo", "kai", "lea", "luis", "maya", "mona", "nils", "noor", "omar", "otto", "pia",
    "ravi", "rosa", "sam", "tara", "theo", "uma", "vera", "yuki",
)  # fmt: skip
_INDUSTRIES = ("software", "retail", "health", "education", "finance", "media")
_COUNTRIES = ("DE", "FR", "GB", "SE", "US")
_SENIORITIES = ("junior", "senior", "head", "director", "executive")
_SENIORITY_WEIGHTS = (35, 40, 12, 8, 5)
_SOURCES = ("postgres", "bigquery", "snowflake", "s3", "salesforce")
_WORK = ("Document Viewed", "Document Created", "Document Shared", "Comment Added")
_WORK_WEIGHTS = (55, 20, 15, 10)


@dataclass(frozen=True, slots=True)
class Persona:
    """How a kind of account behaves."""

    name: str
    weight: int
    """Its share among accounts."""
    connects: float
    """Probability of connecting a data source: the set-up moment."""
    invites: tuple[int, int]
    """Fewest and most colleagues invited."""
    habit: float
    """Probability of a member's working on a given weekday."""
    patience: float
    """Mean days until a member falls silent."""
    buys: float
    """Probability of paying in the end."""
    employees: tuple[int, int]


PERSONAS = (
    Persona("curious", 34, 0.35, (0, 0), 0.30, 4, 0.0, (1, 20)),
    Persona("solo", 26, 0.80, (0, 1), 0.40, 21, 0.15, (1, 50)),
    Persona("team", 30, 0.95, (3, 7), 0.45, 40, 0.55, (20, 400)),
    Persona("champion", 10, 1.00, (6, 12), 0.60, 90, 0.90, (400, 5000)),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One user of an account."""

    user_id: str
    role: str
    joined: int
    habit: float
    silent_from: int


class Account:
    """One account: who it is, and everything that its users will do.

    Args:
        index: position among all accounts; part of its id.
        rng: the account's own random numbers.
        start: epoch milliseconds of its sign-up.
    """

    def __init__(self, index: int, rng: Random, start: int) -> None:
        self._rng = rng
        self._start = start
        self.name = f"{rng.choice(_ADJECTIVES)}-{rng.choice(_NOUNS)}"
        self.account_id = f"{self.name}-{index:03}"
        self.persona = rng.choices(PERSONAS, [persona.weight for persona in PERSONAS])[0]
        self._people = rng.sample(_PEOPLE, 1 + rng.randint(*self.persona.invites))

    def life(self, end: int) -> Iterator[Event]:
        """Its events before ``end``, in event-time order, each with an id of its own."""
        members: list[Member] = []
        steps = [*self._sign_up(members)]
        if self._rng.random() < self.persona.connects:
            steps += self._set_up()
            steps += self._invitations(members)
            steps += self._purchase()
        # Numbers of their own, so that these stories and the account's work are independent.
        rng = Random(f"{self.account_id}/{self._start}")  # noqa: S311 - made-up traffic
        steps += stories(rng, self._event, steps, [member.user_id for member in members])
        steps.sort(key=lambda event: event.time)
        everything = heapq.merge(steps, self._habits(members, end), key=lambda event: event.time)
        for number, event in enumerate(everything):
            if event.time >= end:
                return
            yield Event(
                f"{self.account_id}-{number:05}",
                event.name,
                event.time,
                event.account_id,
                event.user_id,
                event.properties,
                event.traits,
            )

    def _event(
        self,
        time: int,
        name: str,
        user: str | None,
        properties: dict[str, Any] | None = None,
        traits: dict[str, Any] | None = None,
    ) -> Event:
        return Event("", name, time, self.account_id, user, properties or {}, traits or {})

    def _join(self, members: list[Member], time: int, role: str, channel: str) -> Iterator[Event]:
        person = self._people[len(members)]
        user = f"{person}@{self.account_id}"
        patience = round(self._rng.expovariate(1 / self.persona.patience) * DAY)
        habit = self.persona.habit * self._rng.uniform(0.5, 1.4)
        members.append(Member(user, role, time, habit, time + HOUR + patience))
        yield self._event(time, "Signed Up", user, {"role": role, "channel": channel})
        (seniority,) = self._rng.choices(_SENIORITIES, _SENIORITY_WEIGHTS)
        traits = {"name": person.title(), "role": role, "seniority": seniority}
        yield self._event(time + 1_000, IDENTIFY, user, traits=traits)

    def _sign_up(self, members: list[Member]) -> Iterator[Event]:
        rng, persona = self._rng, self.persona
        channel = rng.choice(CHANNELS)
        yield from self._join(members, self._start, "admin", channel)
        owner = members[0].user_id
        yield self._event(self._start + 5_000, "Page Viewed", owner, {"channel": channel})
        if channel == "referral":
            yield self._event(self._start + 6_000, "Referral Signed Up", owner)
        time = self._start + 20_000
        yield self._event(time, "Account Created", owner, {"plan": "trial", "channel": channel})
        traits = {
            "name": self.name.replace("-", " ").title(),
            "plan": "trial",
            "industry": rng.choice(_INDUSTRIES),
            "country": rng.choice(_COUNTRIES),
            "employees": rng.randint(*persona.employees),
        }
        yield self._event(time + 2_000, GROUP, owner, traits=traits)

    def _set_up(self) -> Iterator[Event]:
        rng = self._rng
        time = self._start + round(rng.expovariate(1 / 18) * HOUR) + 5 * MINUTE
        owner = f"{self._people[0]}@{self.account_id}"
        for _ in range(rng.randint(1, 3)):
            source = {"source": rng.choice(_SOURCES)}
            yield self._event(time, "Data Source Connected", owner, source)
            time += rng.randint(5 * MINUTE, 2 * DAY)

    def _invitations(self, members: list[Member]) -> Iterator[Event]:
        rng = self._rng
        time = self._start + rng.randint(HOUR, 3 * DAY)
        for person in self._people[1:]:
            role = rng.choices(("admin", "editor", "viewer"), (15, 55, 30))[0]
            invited = {"role": role, "invitee": f"{person}@{self.account_id}"}
            yield self._event(time, "Invite Sent", rng.choice(members).user_id, invited)
            if rng.random() < 0.75:
                joined = time + rng.randint(10 * MINUTE, 2 * DAY)
                accepted = f"{person}@{self.account_id}"
                yield self._event(joined, "Invite Accepted", accepted, {"role": role})
                yield from self._join(members, joined + MINUTE, role, "invitation")
            else:
                self._people.remove(person)
            time += rng.randint(MINUTE, 2 * DAY)

    def _purchase(self) -> Iterator[Event]:
        rng, persona = self._rng, self.persona
        if rng.random() >= persona.buys:
            return
        owner = f"{self._people[0]}@{self.account_id}"
        time = self._start + rng.randint(8 * DAY, 24 * DAY)
        seats = len(self._people) + rng.randint(0, 5)
        plan = "enterprise" if persona.name == "champion" else "team"
        paid = {"plan": plan, "seats": seats, "amount": seats * (12 if plan == "team" else 20)}
        paid["self_serve"] = plan == "team"
        for days in (6, 2):
            looked = time - days * DAY + rng.randint(0, DAY)
            yield self._event(looked, "Pricing Viewed", owner)
        yield self._event(time - 2 * HOUR, "Plan Limit Hit", owner, {"limit": "seats"})
        yield self._event(time - 10 * MINUTE, "Payment Method Added", owner, {"method": "card"})
        yield self._event(time, "Subscription Started", owner, paid)
        yield self._event(time + 1_000, GROUP, owner, traits={"plan": plan, "seats": seats})

    def _habits(self, members: list[Member], end: int) -> Iterator[Event]:
        """Day after day, until the last member has fallen silent."""
        midnight = self._start - self._start % DAY
        last = min(end, max(member.silent_from for member in members))
        while midnight < last:
            # 1970-01-01 was a Thursday; weekends are all but quiet.
            weekend = (midnight // DAY + 3) % 7 >= 5
            today: list[Event] = []
            for member in members:
                today += self._session(member, midnight, 0.15 if weekend else 1.0)
            today.sort(key=lambda event: event.time)
            yield from today
            midnight += DAY

    def _session(self, member: Member, midnight: int, eagerness: float) -> Iterator[Event]:
        rng = self._rng
        time = midnight + rng.randint(7 * HOUR, 18 * HOUR)
        comes_back = member.joined < time < member.silent_from
        if member.joined - member.joined % DAY == midnight:
            time = member.joined + rng.randint(MINUTE, 30 * MINUTE)
        elif not comes_back or rng.random() >= member.habit * eagerness:
            return
        platform = {"platform": rng.choice(("web", "web", "desktop", "mobile"))}
        yield self._event(time, "Session Started", member.user_id, platform)
        for _ in range(rng.randint(1, 9)):
            time += rng.randint(5_000, 6 * MINUTE)
            yield self._work(member, time)

    def _work(self, member: Member, time: int) -> Event:
        rng = self._rng
        weights = (80, 0, 0, 20) if member.role == "viewer" else _WORK_WEIGHTS
        name = rng.choices(_WORK, weights)[0]
        properties: dict[str, Any] = {"document": f"doc-{rng.randint(1, 40)}"}
        if name == "Document Viewed":
            properties["minutes"] = rng.randint(1, 25)
        elif name == "Document Shared":
            properties["with"] = rng.randint(1, 6)
        if member.role == "admin" and rng.random() < 0.02:
            name, properties = "Pricing Viewed", {}
        elif rng.random() < 0.06:
            name, properties = "Feature Used", {"feature": rng.choice(_PREMIUM), "premium": True}
        return self._event(time, name, member.user_id, properties)


_PREMIUM = ("alerts", "api", "audit_log", "custom_branding", "forecast", "sso")
