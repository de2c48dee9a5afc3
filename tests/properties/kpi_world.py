"""What a made-up history amounts to, worked out in plain Python for the oracle of KPIs."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tests.properties.kpi_histories import DAY, Act, size

Entity = tuple[str, str]


@dataclass(frozen=True)
class Move:
    """A change of what a customer pays."""

    time: int
    kind: str
    amount: float


class World:
    """What a history amounts to, for those of a segment, a sign-up week and a channel."""

    def __init__(
        self, acts: list[Act], *, segment: str = "", cohort: str = "", channel: str = ""
    ) -> None:
        self.acts = acts
        self._segment, self._cohort, self.channel = segment, cohort, channel
        self.joined: dict[Entity, int] = {}
        self.channels: dict[Entity, str] = {}
        for act in acts:
            if act.name == "Joined":
                for entity in {(act.account, act.user), self.customer(act)}:
                    self.joined.setdefault(entity, act.time)
                    if act.says["channel"]:
                        self.channels.setdefault(entity, act.says["channel"])
        self.moves, self.paid = self._money()

    @staticmethod
    def customer(act: Act) -> Entity:
        return (act.account, "" if act.account else act.user)

    def has(self, entity: Entity) -> bool:
        joined = self.joined.get(entity)
        return (
            (not self._segment or (entity[0] != "" and size(entity[0]) == self._segment))
            and (not self._cohort or (joined is not None and _monday(joined) == self._cohort))
            and (not self.channel or self.channels.get(entity) == self.channel)
        )

    def is_user(self, act: Act) -> bool:
        """Whether it is one of a user: of an account, or signed up; else it is a visitor's."""
        return act.account != "" or ("", act.user) in self.joined

    def of(self, *names: str) -> Iterator[Act]:
        return (act for act in self.acts if act.name in names)

    def by_user(self, *names: str) -> dict[Entity, list[Act]]:
        """Of the users who count."""
        found: dict[Entity, list[Act]] = defaultdict(list)
        for act in self.of(*names):
            if self.has((act.account, act.user)):
                found[act.account, act.user].append(act)
        return found

    def active(self, days: range, counts: Callable[[Act], bool]) -> set[Entity]:
        """Who did anything on one of the days."""
        return {
            (act.account, act.user)
            for act in self.acts
            if act.user and act.time // DAY in days and counts(act)
        }

    def activated(self) -> dict[Entity, int]:
        """Two shares within 3 days."""
        shares: dict[Entity, list[int]] = defaultdict(list)
        for act in self.of("Shared"):
            shares[act.account, act.user].append(act.time)
        found = {}
        for entity, times in shares.items():
            seconds = [after for before, after in pairwise(times) if after - before < 3 * DAY]
            if seconds:
                found[entity] = seconds[0]
        return found

    def shared(self, times: int) -> dict[str, int]:
        """When each account had shared so often."""
        counts: dict[str, list[int]] = defaultdict(list)
        for act in self.of("Shared"):
            counts[act.account].append(act.time)
        return {
            account: found[times - 1]
            for account, found in counts.items()
            if account and len(found) >= times
        }

    def mrr(self, customer: Entity, time: int) -> float | None:
        """What it paid just before then; ``None``: it was none."""
        course = self.paid[customer]
        place = bisect_right([at for at, _ in course], time - 1)
        return course[place - 1][1] if place else None

    def first_paid(self, customer: Entity) -> int | None:
        return next((move.time for move in self.moves.get(customer, ())), None)

    def _money(
        self,
    ) -> tuple[dict[Entity, list[Move]], dict[Entity, list[tuple[int, float | None]]]]:
        moves: dict[Entity, list[Move]] = defaultdict(list)
        paid: dict[Entity, list[tuple[int, float | None]]] = defaultdict(list)
        amounts: dict[Entity, float | None] = {}
        for act in self.of("Paid", "Left"):
            customer = self.customer(act)
            before = paid[customer][-1][1] if paid[customer] else None
            amount = amounts[customer] = act.says.get("amount", amounts.get(customer))
            pays = act.name == "Paid" and (amount is None or amount > 0)
            after = (amount or 0.0) if pays else None
            paid[customer].append((act.time, after))
            kind = ""
            if before is None and after is not None:
                kind = "reactivation" if moves[customer] else "new"
            elif before is not None and after is None:
                kind = "churn"
            elif before is not None and after is not None and after != before:
                kind = "expansion" if after > before else "contraction"
            if kind:
                moves[customer].append(Move(act.time, kind, (after or 0) - (before or 0)))
        return moves, paid


def _monday(time: int) -> str:
    day = datetime.fromtimestamp(time / 1000, UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()
