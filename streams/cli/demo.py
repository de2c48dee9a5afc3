"""``milepost demo``: the whole system on this machine."""

import asyncio
import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live

from streams.cli import output
from streams.definitions import load
from streams.deployed import deployed
from streams.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from streams.definitions.model import Definitions

    # Kafka's and ClickHouse's clients take a second to import; `milepost --help` needs neither.
    from streams.demo.board import Board
    from streams.demo.run import Demo
    from streams.demo.summary import Summary

DISAGREES = 1
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text!r} is no duration; write 90s or 2m")
    return float(match[1]) * _UNITS[match[2]]


def demo(
    seconds: Annotated[
        float | None,
        typer.Option("--for", parser=_seconds, metavar="TIME", help="End by itself: 60s, 2m."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only the summary, as JSON on stdout.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another story.")] = 1,
    accounts: Annotated[int, typer.Option(min=1, max=100_000, help="How many sign up.")] = 400,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1000,
            help="Days of event time a second; without it, eight weeks in the time there is.",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Leave ClickHouse and the logs there, to look into them afterwards.",
        ),
    ] = None,
) -> None:
    """Watch the whole system at work, with nothing installed but this package.

    Starts an embedded broker, the worker, and the sink on embedded ClickHouse; sends them eight
    weeks in the lives of made-up accounts, duplicates, late and broken records among them, and what
    made-up sales tell of leads; shows the milestones as they are reached, and the leads with who
    follows them up, by when and why; and at the end shows the KPIs, and checks what ClickHouse has
    against what was sent. Ctrl-C ends it.

      milepost demo
      milepost demo --for 30s --accounts 1000
      milepost demo --for 20s --json | jq .checks
      milepost demo --keep story
    """
    from streams.demo.run import Demo, Options
    from streams.demo.view import draw, status

    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep}: is not empty; the demo begins with an empty folder")
    console = Console(highlight=False)
    definitions_file = deployed("definitions") / "product.yml"
    definitions = load(definitions_file)
    live = console.is_terminal and not as_json
    folder = keep or Path(tempfile.mkdtemp(prefix="milepost-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    screen = Live(console=console, screen=True, auto_refresh=False) if live else None

    def tell(board: "Board", phase: str) -> None:
        if screen:
            view = draw(board, definitions, status(board, phase), console.height)
            screen.update(view, refresh=True)

    stays = keep is not None
    try:
        if screen:
            screen.start()
        options = Options(seed, accounts, seconds, speed)
        summary = asyncio.run(_run(Demo(options, definitions_file, folder, tell, linger=live)))
    except Unavailable:
        stays = True  # it names a log in there
        raise
    finally:
        # First, for a terminal that was closed takes no more output.
        if not stays:
            shutil.rmtree(folder, ignore_errors=True)
        if screen:
            screen.stop()
    if as_json:
        output.emit(summary.as_json())
        output.flush()
    else:
        _show(summary, console, definitions, keep)
    if not summary.agrees:
        raise typer.Exit(DISAGREES)


def _show(
    summary: "Summary", console: Console, definitions: "Definitions", kept: Path | None
) -> None:
    """For people: where the KPIs are, then what went in and what came out."""
    from streams.cli.kpi_output import Report
    from streams.queries.kpis import catalogue

    told = summary.stored.kpis
    console.print("\nKPIs, as `milepost kpi` shows them:\n")
    Report(
        definitions,
        "",
        [catalogue()[name] for name in told],
        {name: one.asked for name, one in told.items()},
        {name: one.points for name, one in told.items()},
    ).show(in_full=False)
    summary.show(console, definitions)
    if kept is not None:
        file = deployed("definitions") / "product.yml"
        console.print(f"  milepost kpi -d {file} --dsn chdb://{kept.absolute()}/clickhouse",
                      soft_wrap=True, markup=False)  # fmt: skip


async def _run(demo: "Demo") -> "Summary":
    """The first signal ends the story and lets everything finish, the next one ends it all."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(demo.run())
    told = False

    def stop() -> None:
        nonlocal told
        if told or not demo.playing:
            task.cancel()
        told = True
        demo.stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
