"""The ``milepost`` command: which commands there are, and how each of them fails."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from streams.build import is_compiled
from streams.cli import output
from streams.cli.check import check
from streams.cli.delete import delete
from streams.cli.demo import demo
from streams.cli.experiment import experiment
from streams.cli.explain import explain
from streams.cli.funnel import funnel
from streams.cli.kpi import kpi
from streams.cli.migrate import migrate
from streams.cli.replay import replay
from streams.cli.retention import retention
from streams.cli.sink import sink
from streams.cli.test import test
from streams.cli.topics import topics
from streams.cli.watch import watch
from streams.cli.worker import worker
from streams.errors import MilepostError

INTERRUPTED = 130
WRONG_USAGE = 2

UsageProblem: type[Exception] = typer.BadParameter.__mro__[1]
"""Base of every complaint about arguments; of these, typer exports only ``BadParameter``."""

HELP = """
Product events in, milestones and qualified leads out, the moment they happen.

Begin with what needs nothing but this package:

  [bold]milepost demo[/]
  [bold]milepost check product.yml[/]
  [bold]milepost test product.yml[/]
  [bold]milepost replay -d product.yml events.jsonl[/]
  [bold]milepost funnel --steps "Signed Up" "Invite Sent" --events events.jsonl[/]

Then against Kafka and ClickHouse:

  [bold]milepost topics --create[/]
  [bold]milepost worker[/]
  [bold]milepost migrate && milepost sink[/]
  [bold]milepost watch[/]
  [bold]milepost explain acme[/]
  [bold]milepost kpi -d product.yml[/]

Exit codes: 0 done, 1 the answer is no, 2 wrong usage or unreadable input.
"""

COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Without Kafka": (demo, check, test, replay, funnel, retention),
    "Against Kafka and ClickHouse": (
        topics,
        worker,
        migrate,
        sink,
        watch,
        explain,
        kpi,
        experiment,
        delete,
    ),
}

app = typer.Typer(
    name="milepost",
    help=HELP,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        how = "compiled" if is_compiled() else "interpreted"
        typer.echo(f"milepost {version('milepost')} ({how})")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def milepost(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
) -> None:
    """Show the help where no command is given: that is wrong usage, too."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(WRONG_USAGE)


for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)


def main() -> None:
    """Run the command line; every mistake of a user ends in one clear line and an exit code."""
    try:
        code = app(prog_name="milepost", standalone_mode=False)
    except MilepostError as error:
        for line in str(error).splitlines():
            output.fail(line)
        code = error.exit_code
    except UsageProblem as problem:
        output.fail(_usage(problem))
        code = WRONG_USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


def _usage(problem: Exception) -> str:
    context: typer.Context | None = getattr(problem, "ctx", None)
    path = context.command_path if context else "milepost"
    text: str = problem.format_message() if hasattr(problem, "format_message") else str(problem)
    return f"{text.rstrip('.')}. Try: {path} --help"
