"""Answers of funnels and of retention as tables with bars."""

from collections.abc import Sequence

from rich.bar import Bar
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.funnels.activation import HEALTHY, Activation
from streams.funnels.report import DAYS, Portion, Report, Step
from streams.funnels.retention import Cohort, RetentionReport

_BAR_WIDTH = 24
_SHORT_BAR_WIDTH = 8
_GROUPS_SHOWN = 10
_NONE = "–"
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))


def show_report(report: Report, activation: Activation | None, *, over_time: bool) -> None:
    """A funnel's or a journey's answer on stdout.

    Args:
        report: the answer.
        activation: shown with it.
        over_time: its groups follow one another, and are shown as one table.
    """
    console = Console(highlight=False)
    console.print(f"[bold]{escape(report.name)}[/], {report.of}s")
    console.print(_steps(report.steps))
    if report.steps[0].count:
        console.print()
        console.print(_days(report.steps))
    if activation is not None:
        console.print(f"\n{escape(_judged(activation))}", soft_wrap=True)
    if report.groups is None:
        return
    if over_time:
        console.print()
        console.print(_periods(report))
        return
    for value, steps in list(report.groups.items())[:_GROUPS_SHOWN]:
        shown = "none" if value is None else value
        console.print(f"\n[bold]{escape(report.by or '')}[/] {escape(shown)}")
        console.print(_steps(steps))
    if len(report.groups) > _GROUPS_SHOWN:
        console.print(f"\nand {len(report.groups) - _GROUPS_SHOWN:,} more; --json has them all")


def show_retention(report: RetentionReport) -> None:
    """Who came back, on stdout."""
    console = Console(highlight=False)
    console.print(f"[bold]retention[/], {report.asked.of}s")
    days = _table("")
    for day in report.whole.bounded:
        days.add_column(f"day {day}", justify="right", no_wrap=True)
    days.add_row("on that day", *map(_portion, report.whole.bounded.values()))
    days.add_row("then or later", *map(_portion, report.whole.unbounded.values()))
    console.print(days)
    console.print()
    console.print(_triangle(report))


def _steps(steps: Sequence[Step]) -> Table:
    table = _table("step")
    table.add_column("")
    for title in ("count", "of step before", "of first", "median time"):
        table.add_column(title, justify="right", no_wrap=True)
    whole = max(steps[0].count, 1)
    for step in steps:
        table.add_row(
            escape(step.name),
            Bar(whole, 0, step.count, width=_BAR_WIDTH, color="blue"),
            f"{step.count:,}",
            _percent(step.of_previous),
            _percent(step.of_first),
            _span(step.median_ms),
        )
    return table


def _days(steps: Sequence[Step]) -> Table:
    """How many were lost before each step, how long it took the slow ones, who came by when."""
    table = _table("step")
    for title in ("dropped", "p75", "p90", *(f"day {day}" for day in DAYS)):
        table.add_column(title, justify="right", no_wrap=True)
    for step in steps[1:]:
        shares = map(_portion, step.by_day.values())
        times = _span(step.p75_ms), _span(step.p90_ms)
        table.add_row(escape(step.name), f"{step.dropped:,}", *times, *shares)
    return table


def _periods(report: Report) -> Table:
    """A line for each period: who began in it, and how many of them came to the end."""
    table = _table(report.by or "")
    table.add_column("began", justify="right", no_wrap=True)
    table.add_column("")
    for title in ("all steps", *(f"day {day}" for day in DAYS)):
        table.add_column(title, justify="right", no_wrap=True)
    for value, steps in (report.groups or {}).items():
        first, last = steps[0], steps[-1]
        table.add_row(
            "none" if value is None else value,
            f"{first.count:,}",
            Bar(max(first.count, 1), 0, last.count, width=_SHORT_BAR_WIDTH, color="blue"),
            _percent(last.of_first),
            *map(_portion, last.by_day.values()),
        )
    return table


def _triangle(report: RetentionReport) -> Table:
    """A line for each week, a column for each week after somebody's first."""
    shown = max((_observed(cohort) for cohort in report.cohorts.values()), default=0)
    table = _table("week")
    table.add_column("began", justify="right", no_wrap=True)
    for week in range(1, shown + 1):
        table.add_column(f"+{week}", justify="right", no_wrap=True)
    for name, cohort in report.cohorts.items():
        table.add_row(name, f"{cohort.size:,}", *_cells(cohort, shown))
    table.add_row("all", f"{report.whole.size:,}", *_cells(report.whole, shown), style="bold")
    return table


def _cells(cohort: Cohort, shown: int) -> list[str]:
    return ["" if not each.of else f"{each.share:.0%}" for each in cohort.weeks[:shown]]


def _observed(cohort: Cohort) -> int:
    return sum(1 for each in cohort.weeks if each.of)


def _judged(activation: Activation) -> str:
    low, high = HEALTHY
    path = f"activation, {activation.setup} → {activation.aha}"
    if activation.rate is None:
        return f"{path}: nobody reached {activation.setup}"
    return (
        f"{path}: {activation.rate:.1%}, {activation.verdict} "
        f"({low:.0%} to {high:.0%} is healthy): {activation.advice}"
    )


def _table(first: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    return table


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _portion(portion: Portion) -> str:
    return _percent(portion.share)


def _span(milliseconds: float | None) -> str:
    if milliseconds is None:
        return _NONE
    for unit, length in _UNITS:
        if milliseconds >= length:
            return f"{milliseconds / length:.1f} {unit}"
    return f"{milliseconds:.0f} ms"
