"""A worker that follows one lead, for tests of single rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from schemas.qualifications import LeadLife, Qualification
from streams.definitions import loads
from streams.definitions.model import Contacts, Definitions, EntityKind, Lead
from streams.engine import Engine
from streams.evaluator import Evaluator
from tests.properties.driver import FakeRecord
from tests.unit.engine.worker import HOUR, START

HOT = "{event: Hot, within: 24h}"
"""Turns true with the event and false a day after the last one."""
_LARGE = "rules: {large: {traits: {employees: {gte: 1000}}, team: field, sla: 1h}}"
"""Fits no lead that says nothing of it."""
FOUR_HOURS = f"{{{_LARGE}, otherwise: {{team: sales, sla: 4h}}}}"
OFFICE = f"""
  hours: {{zone: Europe/Berlin, mon-fri: 09:00-17:00}}
  {_LARGE}
  otherwise: {{team: sales, sla: 4h}}
"""
NOBODY = f"{{{_LARGE}, otherwise: nobody}}"
DUE = 4 * HOUR


def meaning(
    when: str = HOT,
    *,
    names: tuple[str, ...] = ("pqa",),
    of: EntityKind = "account",
    again: int = 0,
    routing: str | None = FOUR_HOURS,
    contacts: str | None = None,
    ranked: str | None = None,
    most: int = 5,
    sections: str = "",
) -> Definitions:
    """One lead for each of ``names``, all with the same condition.

    There is a milestone ``same`` of that condition, too.
    """
    read = loads(
        "version: 1\nsettings: {allowed_lateness: 1h, dedupe_within: 24h}\n"
        f"{'' if routing is None else f'routing: {routing}'}\n{sections}\n"
        f"  same: {{of: {of}, live: true, when: {when}}}\n"
    )
    whom = None
    if contacts is not None:
        whom = Contacts(contacts, None if ranked is None else read.scores[ranked], most)
    condition = read.milestones["same"].when
    return replace(read, leads={name: Lead(name, of, condition, again, whom) for name in names})


class Desk:
    """Evaluators of one partition, one after the other, over tables that outlive them."""

    def __init__(self, definitions: Definitions | None = None, **more: Any) -> None:
        more.setdefault("sections", "milestones:")
        self._engine = Engine(meaning(**more) if definitions is None else definitions)
        self._accounts: dict[bytes, bytes] = {}
        self._users: dict[bytes, bytes] = {}
        self._committed: list[Qualification] = []
        self._offset = 0
        self.restart()

    def restart(self) -> None:
        """What was not committed is gone; timers come back from the tables."""
        self.evaluator = Evaluator(
            self._engine,
            topic="product.events",
            partition=0,
            load_account=self._accounts.get,
            load_user=self._users.get,
            cache_entries=2,
        )
        for table in (self._accounts, self._users):
            self.evaluator.schedule(table.items())

    def send(
        self,
        at: int,
        name: str = "Hot",
        *,
        account: str | None = "acme",
        user: str | None = None,
        traits: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> None:
        """One event at ``START + at``, which is the time of its record, too."""
        body = {
            "event": name,
            "timestamp": START + at,
            "event_id": f"event-{self._offset}",
            "account_id": account,
            "user_id": user,
            "properties": properties,
            "traits": traits,
        }
        present = {key: value for key, value in body.items() if value is not None}
        record = FakeRecord(b"k", orjson.dumps(present), (), START + at, self._offset)
        self.evaluator.apply([record])
        self._offset += 1

    def pass_time(self, at: int) -> None:
        self.evaluator.pass_time(START + at, 1_000)

    def commit(self) -> None:
        changes = self.evaluator.collect()
        self._committed += self.evaluator.staged.qualifications
        for table, written in (self._accounts, changes.accounts), (self._users, changes.users):
            table.update((key, state) for key, state in written if state is not None)
        self.evaluator.committed()

    @property
    def told(self) -> list[Qualification]:
        """Of leads, committed or not."""
        everything = [*self._committed, *self.evaluator.staged.qualifications]
        return [one for one in everything if one.lead is not None]

    @property
    def steps(self) -> list[tuple[str, int]]:
        """What was told of leads, each with its time after ``START``."""
        return [(one.type.removeprefix("lead."), one.occurred_at - START) for one in self.told]

    def life(self, place: int = -1) -> LeadLife:
        """As it was told the last time."""
        found = self.told[place].lead
        assert found is not None
        return found

    @property
    def due(self) -> int:
        """By when the lead must be contacted, as it was told the last time, after ``START``."""
        route = self.life().route
        assert route is not None
        return route.due - START
