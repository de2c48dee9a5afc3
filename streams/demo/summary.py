"""What the demo says at its end: what went in, what came out, and whether the two agree."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.definitions.model import Definitions
from streams.demo.board import Board
from streams.demo.units import DAY
from streams.demo.view import steps
from streams.queries import StepCount
from streams.queries.kpis import Told

NEXT = """\
Try next:
  milepost check FILE                      find the mistakes in definitions of your own
  milepost replay -d FILE EVENTS.jsonl     run them over your events, without Kafka
  milepost worker --help                   run them against your Kafka and ClickHouse"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What ClickHouse answers when all is over."""

    milestones: Mapping[str, int]
    """Occurrences by milestone."""
    events: int
    """Sum of the daily activity."""
    leads: Mapping[str, int]
    """Leads by name."""
    journeys: Mapping[str, Sequence[StepCount]]
    """Journey → how many reached each of its steps, in order and in time."""
    excluded: Mapping[str, int]
    """Events that were excluded, by abuse rule."""
    facts: Mapping[str, int]
    """Events that have a role, by the role."""
    kpis: Mapping[str, Told]
    """What was answered of each KPI, by its name."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was counted at both ends."""

    name: str
    sent: Any
    found: Any

    @property
    def agrees(self) -> bool:
        """Whether both ends say the same."""
        return bool(self.sent == self.found)


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a demo."""

    board: Board
    stored: Stored
    seconds: float
    """How long events were sent."""

    @property
    def checks(self) -> list[Check]:
        """Every count that has to agree from one end to the other."""
        board = self.board
        return [
            Check("every record sent was processed", board.sent, board.processed),
            Check("every broken record is a dead letter", dict(board.broken), dict(board.dead)),
            Check("ClickHouse has every milestone", board.reached, dict(self.stored.milestones)),
            Check(
                "ClickHouse has every lead", dict(board.leads.qualified), dict(self.stored.leads)
            ),
            Check(
                "ClickHouse counts every event once, or as excluded",
                board.unique,
                self.stored.events + sum(self.stored.excluded.values()),
            ),
            Check("ClickHouse has every fact once", dict(board.facts), dict(self.stored.facts)),
        ]

    @property
    def agrees(self) -> bool:
        """Whether all checks do."""
        return all(check.agrees for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        board = self.board
        return {
            "seconds": round(self.seconds, 3),
            "events": {
                "sent": board.sent,
                "processed": board.processed,
                "unique": board.unique,
                "repeated": board.repeated,
                "broken": board.broken.total(),
            },
            "milestones": board.reached,
            "leads": board.leads.as_json(board.passed),
            "health": {name: dict(counts) for name, counts in board.health.items()},
            "corrections": board.corrections,
            "dead_letters": dict(board.dead),
            "clickhouse": {
                "milestones": dict(self.stored.milestones),
                "events": self.stored.events,
                "excluded": dict(self.stored.excluded),
                "leads": dict(self.stored.leads),
                "facts": dict(self.stored.facts),
                "journeys": {
                    name: [asdict(step) for step in counts]
                    for name, counts in self.stored.journeys.items()
                },
                "kpis": {
                    name: {group: found.point.value for group, found in told.newest().items()}
                    for name, told in self.stored.kpis.items()
                },
            },
            "checks": [
                {"check": one.name, "sent": one.sent, "found": one.found, "agrees": one.agrees}
                for one in self.checks
            ],
        }

    def show(self, console: Console, definitions: Definitions) -> None:
        """For people."""
        board = self.board
        console.print(
            f"\n[bold]{board.sent:,}[/] records in {self.seconds:.0f} s: {board.unique:,} events, "
            f"{board.repeated:,} sent twice, {board.broken.total():,} broken"
        )
        table = Table.grid(padding=(0, 2))
        for name in steps(definitions):
            count = board.reached.get(name, 0)
            title = definitions.milestones[name].title or ""
            table.add_row(f"  {escape(name)}", f"[bold]{count:,}", f"[dim]{escape(title)}")
        console.print("\nMilestones, as kept in ClickHouse:", table, sep="\n")
        for name, counts in self.stored.journeys.items():
            console.print(f"\nJourney {escape(name)}, in order:", _journey(counts), sep="\n")
        console.print("\nLeads:", _leads(board.leads.as_json(board.passed)), sep="\n")
        console.print("\nExcluded as abuse:", _excluded(self.stored.excluded), sep="\n")
        console.print()
        for check in self.checks:
            if check.agrees:
                console.print(f"[green]✓[/] {check.name}")
            else:
                told = escape(f"{check.sent} sent, {check.found} found")
                console.print(f"[bold red]✗[/] {check.name}: {told}")
        console.print(f"\n{escape(NEXT)}")


def _leads(told: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))

    def add(what: str, count: int, more: str = "") -> None:
        table.add_row(f"  {escape(what)}", f"[bold]{count:,}", f"[dim]{escape(more)}")

    for name, count in told["qualified"].items():
        add(f"{name} qualified", count)
    for team, count in told["routed"].items():
        add(f"routed to {team}", count)
    share = told["contacted_in_time_share"]
    more = "" if share is None else f"{share:.0%} of those that were due"
    add("contacted in time", told["contacted_in_time"], more)
    add("SLA breached", told["breached"])
    for outcome, count in told["closed"].items():
        add(outcome, count)
    return table


def _excluded(events: Mapping[str, int]) -> Table:
    table = Table.grid(padding=(0, 2))
    for rule, count in events.items():
        table.add_row(f"  {escape(rule)}", f"[bold]{count:,}", "[dim]events")
    return table


def _journey(counts: Sequence[StepCount]) -> Table:
    table = Table.grid(padding=(0, 2))
    for step in counts:
        told = ""
        if step.of_previous is not None:
            told = f"{step.of_previous:.0%} of the step before"
        if step.median_wait is not None:
            told += f", half of them within {step.median_wait / DAY:.1f} days of it"
        table.add_row(f"  {escape(step.step)}", f"[bold]{step.count:,}", f"[dim]{told}")
    return table
