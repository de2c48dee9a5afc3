"""``milepost check``: what is wrong with definitions, and where."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.text import Text

from streams.cli import output
from streams.definitions import Outcome, Problem, examine, examine_tests, json_schema, subject_of
from streams.definitions.model import Definitions
from streams.errors import UsageError

HAS_ERRORS = 1
UNREADABLE = 2


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DEFS...", help="Definitions files.", show_default=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with all problems.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the language, for editors.")
    ] = False,
) -> None:
    """Find every mistake in definitions, each with file, line and column.

    Exit codes: 0 no errors (there may be warnings), 1 errors, 2 a file that cannot be read.
    """
    if schema:
        output.write(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2) + b"\n")
        output.flush()
        return
    if not files:
        raise UsageError("which definitions? Name a file: milepost check product.yml")
    outcomes, unreadable = _examine(files)
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        _print_json(len(outcomes), errors, problems)
    else:
        _print_lines(problems)
        _print_summary(outcomes, errors, len(problems) - errors)
    if unreadable:
        raise typer.Exit(UNREADABLE)
    if errors:
        raise typer.Exit(HAS_ERRORS)


def _examine(files: Sequence[Path]) -> tuple[list[Outcome], int]:
    """What each file holds, and how many cannot be read, each of which is said at once."""
    outcomes = []
    for path in files:
        try:
            tested = subject_of(path)
            if tested is None:
                outcomes.append(examine(path))
            else:
                outcomes.append(examine_tests(path, examine(tested)))
        except UsageError as error:
            output.fail(str(error))
    return outcomes, len(files) - len(outcomes)


def _print_json(files: int, errors: int, problems: Sequence[Problem]) -> None:
    output.emit(
        {
            "files": files,
            "errors": errors,
            "warnings": len(problems) - errors,
            "problems": [asdict(problem) for problem in problems],
        }
    )
    output.flush()


def _print_lines(problems: Sequence[Problem]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    with console.capture() as captured:
        for problem in problems:
            console.print(_coloured(problem))
    output.write(captured.get().encode())
    output.flush()


def _coloured(problem: Problem) -> Text:
    line = str(problem)
    place = f"{problem.file}:{problem.line}:{problem.column}:"
    text = Text(line)
    text.stylize("bold", 0, len(place))
    text.stylize("yellow" if problem.severity == "warning" else "red", len(place))
    return text


def _print_summary(outcomes: Sequence[Outcome], errors: int, warnings: int) -> None:
    usable = [outcome.definitions for outcome in outcomes if outcome.definitions is not None]
    segments = sum(len(each.segments) for each in usable)
    scores = sum(len(each.scores) for each in usable)
    funnels = sum(len(each.funnels) for each in usable)
    leads = sum(len(each.leads) for each in usable)
    health = sum(len(each.health) for each in usable)
    tests = sum(len(each.tests) for each in usable)
    parts = [
        _counted(len(outcomes), "file"),
        _counted(sum(len(each.milestones) for each in usable), "milestone"),
        _counted(sum(len(each.journeys) for each in usable), "journey"),
        *([_counted(segments, "segment")] if segments else []),
        *([_counted(scores, "score")] if scores else []),
        *([_counted(funnels, "funnel")] if funnels else []),
        *([_counted(leads, "lead")] if leads else []),
        *([f"{health} health"] if health else []),
        *([_counted(tests, "test")] if tests else []),
        _counted(errors, "error"),
        _counted(warnings, "warning"),
    ]
    style = "red" if errors else "green"
    screen = output.screen()
    screen.print(Text(f"checked {', '.join(parts)}", style=style), soft_wrap=True)
    for definitions in usable:
        if definitions.roles:
            screen.print(Text(_kpis(definitions)), soft_wrap=True)


def _kpis(definitions: Definitions) -> str:
    """How many KPIs the roles are enough for, and what the others need, in one line."""
    from streams.queries.kpis import catalogue

    missing = {one.name: one.missing(definitions.roles) for one in catalogue().values()}
    able = sum(not needs for needs in missing.values())
    lacking = dict.fromkeys(need for needs in missing.values() for need in needs)
    note = f"note: the roles are enough for {able} of {_counted(len(missing), 'KPI')}"
    return note + (f"; the others need {', '.join(lacking)}" if lacking else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
