"""The demo's screen: drawn from the board, nothing else."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.encoding import time_text
from streams.definitions.model import Definitions
from streams.demo.board import ATTAINED, Board
from streams.demo.ledger import Told
from streams.told import told_words

_REASONS = 3
_FULL = "█"
_PARTS = " ▏▎▍▌▋▊▉"
_COLOURS = ("green", "cyan", "blue", "magenta", "yellow", "red")


def steps(definitions: Definitions) -> list[str]:
    """Milestones in the order to show them: the journeys' first, then the rest."""
    live = [name for name, one in definitions.milestones.items() if not one.shadow]
    journeys = [step for journey in definitions.journeys.values() for step in journey.steps]
    return list(dict.fromkeys([*journeys, *live]))


def draw(board: Board, definitions: Definitions, status: str, height: int) -> RenderableType:
    """The whole screen, ``height`` lines high."""
    names = steps(definitions)
    layout = Layout()
    top = max(len(names), 8) + 2
    rest = max(height - top - 1, 6)
    leads = rest // 2
    layout.split_column(
        Layout(Text(f" {status}", style="bold", overflow="ellipsis", no_wrap=True), size=1),
        Layout(name="numbers", size=top),
        Layout(_leads(board, leads - 2), size=leads),
        Layout(_newest(board, rest - leads - 2)),
    )
    layout["numbers"].split_row(
        Layout(_traffic(board), size=34),
        Layout(_funnel(board.reached, names, definitions)),
    )
    return layout


def _traffic(board: Board) -> Panel:
    numbers = Table.grid(expand=True, padding=(0, 1))
    numbers.add_column()
    numbers.add_column(justify="right")
    numbers.add_row("events a second", f"[bold green]{board.rate:,.0f}")
    numbers.add_row("sent", f"{board.sent:,}")
    numbers.add_row("processed", f"{board.processed:,}")
    numbers.add_row("sent twice", f"{board.repeated:,}")
    numbers.add_row("dead letters", f"[red]{board.dead.total():,}")
    for reason, count in board.dead.most_common(6):
        numbers.add_row(f"[dim]  {reason.replace('_', ' ')}", f"[dim]{count:,}")
    return Panel(numbers, title="Traffic", border_style="dim")


def _funnel(reached: dict[str, int], names: Sequence[str], definitions: Definitions) -> Panel:
    kinds = {name: definitions.milestones[name].of for name in names}
    # Accounts and users are told apart: there are many more of the latter.
    most = {
        kind: max(reached.get(name, 0) for name in names if kinds[name] == kind)
        for kind in kinds.values()
    }
    rows = Table.grid(expand=True, padding=(0, 1))
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    rows.add_column(justify="right", no_wrap=True)
    for index, name in enumerate(names):
        count, kind = reached.get(name, 0), kinds[name]
        bar = _Bar(count / (most[kind] or 1), _COLOURS[index % len(_COLOURS)])
        rows.add_row(name, bar, f"{count:,} [dim]{kind if count == 1 else f'{kind}s'}")
    journey = ", ".join(definitions.journeys)
    return Panel(rows, title=f"Journey {journey}" if journey else "Milestones", border_style="dim")


class _Bar:
    """A bar that fills its share of the width it is given."""

    def __init__(self, share: float, colour: str) -> None:
        self._share = share
        self._colour = colour

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        eighths = round(self._share * options.max_width * 8)
        full, rest = divmod(eighths, 8)
        yield Text(_FULL * full + (_PARTS[rest] if rest else ""), style=self._colour)


def _leads(board: Board, rows: int) -> Panel:
    lines = Table.grid(expand=True, padding=(0, 1))
    for style in ("dim", "bold", "cyan", ""):
        lines.add_column(no_wrap=True, overflow="ellipsis", style=style)
    lines.add_column(justify="right", no_wrap=True, style="bold")
    lines.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for told in islice(board.leads.newest(), rows):
        who = told["user_id"] or told["account_id"]
        score = f"{told['score']:.0f}" if "score" in told else ""
        lines.add_row(
            _moment(told["occurred_at"]), Text(who), Text(_owner(told)),
            _standing(told, time_text(board.passed)), score,
            Text(overruled(told) + strongest(told)),
        )  # fmt: skip
    waiting = Text("Nobody is worth a call yet.", style="dim")
    return Panel(lines if len(board.leads) else waiting, title=_totals(board), border_style="dim")


def _totals(board: Board) -> str:
    leads = board.leads
    closed = [f"{count:,} {outcome}" for outcome, count in leads.closed.most_common()]
    return "  ·  ".join(["Leads", f"{len(leads):,}", f"{leads.breached:,} SLA breached", *closed])


def _owner(told: Told) -> str:
    """Who follows it up."""
    route = told.get("route")
    if route is None:
        return "nobody"
    return f"{route['team']}, {route['owner']}" if route["owner"] else str(route["team"])


def _standing(told: Told, passed: str) -> Text:
    """What became of a lead, or by when it is due.

    Being contacted is not told by itself: it was, where its time has passed and no breach was told.
    """
    lead = told["lead"]
    if lead["outcome"] == "converted":
        return Text("converted", style="bold green")
    if lead["outcome"]:
        reason = f": {lead['reason']}" if lead["reason"] else ""
        return Text(f"{lead['outcome']}{reason}", style="dim")
    if lead["breached_at"]:
        return Text(f"breached {_moment(lead['breached_at'])}", style="bold red")
    if "route" not in told:
        return Text("open")
    due = told["route"]["due"]
    return Text("contacted", style="green") if due < passed else Text(f"due {_moment(due)}")


def overruled(told: Told) -> str:
    """Who decided otherwise about a lead, and why, to stand before the rest; or nothing."""
    override = told["lead"]["override"]
    return "" if override is None else f"{override['approver']}: {override['reason']}; "


def strongest(told: Told) -> str:
    """The reasons for a lead: those components of its score that added most, in words."""
    best = [one for one in told.get("contributions", ()) if one["points"] > 0][:_REASONS]
    return ", ".join(f"{one['component'].replace('_', ' ')} +{one['points']:.0f}" for one in best)


def _moment(time: str) -> str:
    """``09-21 10:05`` of ISO 8601."""
    return time[5:16].replace("T", " ")


def _newest(board: Board, rows: int) -> Panel:
    lines = Table.grid(expand=True, padding=(0, 1))
    for style in ("dim", "bold", "green"):
        lines.add_column(no_wrap=True, overflow="ellipsis", style=style)
    lines.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for one in list(board.newest)[:rows]:
        when = _moment(one["occurred_at"])
        who = one["user_id"] or one["account_id"]
        lines.add_row(when, Text(who), Text(_what(one)), Text(reason(one)))
    waiting = Text("The first will come in a moment.", style="dim")
    title = "  ·  ".join(["Newest qualifications", *_health(board)])
    return Panel(lines if board.newest else waiting, title=title, border_style="dim")


def _health(board: Board) -> list[str]:
    """How many are at which level; those are green again: whoever always was is not told of."""
    words = {"red": "red", "yellow": "yellow", "green": "green again"}
    return [
        f"{name}: " + ", ".join(f"{counts[level]:,} {word}" for level, word in words.items())
        for name, counts in board.health.items()
    ]


def _what(qualification: dict[str, Any]) -> str:
    """The milestone, and what became of it where that is not that it was reached."""
    name: str = qualification["milestone"]
    return name if qualification["type"] in ATTAINED else f"{name} {told_words(qualification)}"


def reason(qualification: dict[str, Any]) -> str:
    """Why it qualified, in words: the conditions that hold, with what was observed.

    Nothing is said to be observed where state has counted no further than the threshold.
    """
    return "; ".join(
        leaf["condition"] if leaf["at_least"] else f"{leaf['condition']} ({leaf['observed']:g})"
        for leaf in qualification["evidence"]
        if leaf["holds"]
    )


def status(board: Board, phase: str) -> str:
    """The line above all."""
    when = time_text(board.latest)[:10] if board.latest else "…"
    return f"Milepost demo  ·  {when}  ·  {phase}"
