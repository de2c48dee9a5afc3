"""Answers about experiments for a terminal."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.encoding import time_text
from streams.definitions.values import format_duration
from streams.experiments.judging import Dealt, Findings, Verdict
from streams.experiments.tallies import RETENTION_DAYS, Experiment, Question
from streams.experiments.words import p_words, rate_words, signed_words, verdict_words

_COLOURS: dict[Verdict, str] = {
    "distrust": "bold red",
    "stop": "bold red",
    "win": "green",
    "loss": "yellow",
}
_PIPED_WIDTH = 200
_DATE = len("2026-01-31")


def show_all(found: Sequence[Experiment]) -> None:
    """Which experiments there are, a line each."""
    console = _console()
    if not found:
        console.print("nobody was exposed to an experiment")
        return
    table = _table("experiment", "variants", numbers=("users", "accounts", "first", "last"))
    for each in found:
        table.add_row(
            shown(each.name),
            shown(", ".join(each.variants)),
            f"{each.users:,}",
            f"{each.accounts:,}",
            time_text(each.first_at)[:_DATE],
            time_text(each.last_at)[:_DATE],
        )
    console.print(table)


def show(question: Question, findings: Findings) -> None:
    """What is to be said of one: counts, comparisons, verdicts."""
    console = _console()
    within = format_duration(question.within)
    console.print(
        f"[bold]{shown(question.experiment)}[/] on {shown(question.milestone)}, {question.of}s, "
        f"reached within {within} of the first exposure",
        soft_wrap=True,
    )
    console.print(_counts(findings))
    for line in _left_out(question, findings):
        console.print(line, soft_wrap=True, style="dim")
    if not findings.comparisons:
        others = "another" if findings.control.exposed else "only one"
        console.print(f"\nnothing to compare: nobody saw {others} variant")
        return
    sure = f"{100 * (1 - findings.alpha):.4g}%"
    console.print(f"\nagainst {shown(findings.control.variant)}, with {sure} confidence")
    console.print(_comparisons(findings))
    console.print(_ratio(findings.dealt), soft_wrap=True)
    console.print()
    for each in findings.comparisons:
        colour = _COLOURS.get(each.verdict, "none")
        said = shown(verdict_words(each, findings))
        console.print(f"[bold]{shown(each.variant)}[/]: [{colour}]{said}[/]", soft_wrap=True)


def _counts(findings: Findings) -> Table:
    days = [f"day {day}" for day in RETENTION_DAYS]
    table = _table("variant", numbers=("exposed", "counted", "reached", "rate", *days))
    for tally in findings.tallies:
        table.add_row(
            shown(tally.variant),
            f"{tally.exposed:,}",
            f"{tally.reached.total:,}",
            f"{tally.reached.hits:,}",
            rate_words(tally.reached),
            *(rate_words(tally.retained[day]) for day in RETENTION_DAYS),
        )
    return table


def _left_out(question: Question, findings: Findings) -> list[str]:
    """Who is not counted, and why."""
    sums = {
        "saw more than one variant and are left out": sum(each.mixed for each in findings.tallies),
        f"had reached {shown(question.milestone)} before and are not counted": sum(
            each.before for each in findings.tallies
        ),
        f"still have time within {format_duration(question.within)} and are not counted yet": sum(
            each.waiting for each in findings.tallies
        ),
    }
    return [f"{count:,} {why}" for why, count in sums.items() if count]


def _comparisons(findings: Findings) -> Table:
    table = _table("variant", numbers=("difference, points", "lift", "p"))
    for each in findings.comparisons:
        table.add_row(
            shown(each.variant),
            signed_words(each.difference, each.difference_interval).replace("%", ""),
            signed_words(each.lift, each.lift_interval),
            p_words(each.p_value),
        )
    return table


def _ratio(dealt: Dealt | None) -> str:
    if dealt is None:
        return "shares of the variants: nobody was exposed to one only"
    p_value = p_words(dealt.p_value)
    if dealt.is_mismatch:
        return f"[bold red]shares of the variants: not what they should be, p {p_value}[/]"
    return f"shares of the variants: what they should be, p {p_value}"


def _table(*texts: str, numbers: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for title in texts:
        table.add_column(title, overflow="fold")
    for title in numbers:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _console() -> Console:
    # Into a pipe or a file the lines may be as long as they are.
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def shown(text: str) -> str:
    """What others named, fit for one line of a terminal: no controls, no markup."""
    return escape(
        "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
        )
    )
