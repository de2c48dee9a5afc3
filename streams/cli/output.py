"""Where commands write: JSON lines on stdout, everything for a person on stderr."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

READER_GONE = 141
"""Exit code of a command whose reader went away: what a shell shows for SIGPIPE."""


def screen() -> Console:
    """The console for people, on stderr; plain where that is no terminal."""
    return Console(stderr=True, highlight=False)


@contextmanager
def reading(size: int | None) -> Iterator[Callable[[int, str], None]]:
    """A bar on stderr while so much is read, of files bytes; nothing where that is no terminal.

    Yields:
        what tells it how much was read, and what came of it.
    """
    console = screen()
    columns = BarColumn(), TaskProgressColumn(), TextColumn("{task.description}")
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("reading", total=size)

        def update(read: int, text: str) -> None:
            bar.update(task, completed=read, description=text)

        yield update


def fail(text: str) -> None:
    """One error, on stderr."""
    screen().print(Text.assemble(("error: ", "bold red"), text), soft_wrap=True)


def emit(value: Any) -> None:
    """One line of JSON on stdout, buffered; see ``flush``."""
    write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def write(lines: bytes) -> None:
    """Whole lines on stdout, buffered."""
    try:
        sys.stdout.buffer.write(lines)
    except BrokenPipeError:
        _reader_gone()


def flush() -> None:
    """Hand over to the reader what is buffered."""
    try:
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _reader_gone()


def _reader_gone() -> None:
    # The interpreter flushes stdout once more when it ends, and would complain there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(READER_GONE)
