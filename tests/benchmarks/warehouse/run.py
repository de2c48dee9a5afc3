"""Dashboards, funnels and KPIs on a warehouse of 100 million rows of activity.

``make bench-warehouse``, or ``python -m tests.benchmarks.warehouse``: makes it inside an embedded
ClickHouse (or the one of ``CLICKHOUSE_DSN``, in a database of its own), and asks everything.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from streams.sinks.clickhouse import connect
from streams.sinks.migrations import migrate
from tests.benchmarks.warehouse.measuring import Figures, measure
from tests.benchmarks.warehouse.product import DAY, Size, settle, steps
from tests.benchmarks.warehouse.questions import questions

_SECONDS_AN_INSERT = 3600
_TABLES = """
SELECT table, sum(rows), count(), sum(bytes_on_disk)
FROM system.parts
WHERE active AND database = currentDatabase() AND table != 'milepost_migrations'
GROUP BY table
ORDER BY table
"""


def run(
    activity: Annotated[int, typer.Option(help="Rows of activity, about.")] = 100_000_000,
    runs: Annotated[int, typer.Option(help="How often each question is asked.")] = 5,
    only: Annotated[str, typer.Option(help="Only what has this in its kind or name.")] = "",
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the warehouse in this folder, and use what is there already."),
    ] = None,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Make the warehouse where there is none, and ask everything that is asked of one.

    Exit codes: 0 every panel, journey and funnel is within its bound, 1 some are not.
    """
    with _place(keep) as dsn, _progress() as progress:
        list(migrate(dsn))
        with closing(connect(dsn, answer_timeout=_SECONDS_AN_INSERT)) as client:
            seconds = _fill(client, activity, progress)
            task = progress.add_task("letting it merge".ljust(40), total=1)
            settle(client)
            progress.advance(task)
            tables = _tables(client)
            asked = [
                one for one in questions(client) if only.lower() in f"{one.kind} {one.name}".lower()
            ]
            task = progress.add_task("asking", total=len(asked))
            found = []
            for one in asked:
                progress.update(task, description=f"asking {one.kind} {one.name}"[:40].ljust(40))
                found.append(measure(client, one, runs))
                progress.advance(task)
    slow = [one for one in found if one.is_slow]
    if json:
        figures = [one._asdict() for one in found]
        told = {"seconds_to_make": seconds, "tables": tables, "answers": figures}
        print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())  # noqa: T201
    else:
        _show(tables, found, seconds)
    if slow:
        raise typer.Exit(1)


@contextmanager
def _place(keep: Path | None) -> Iterator[str]:
    """The DSN of where it is made."""
    given = os.environ.get("CLICKHOUSE_DSN")
    if given:
        yield given
    elif keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield f"chdb://{keep.resolve()}"
    else:
        with tempfile.TemporaryDirectory(prefix="milepost-warehouse-") as folder:
            yield f"chdb://{folder}"


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
    )


def _fill(client: Client, activity: int, progress: Progress) -> float | None:
    """Seconds that it took; ``None`` where something is there already."""
    there: Any = client.query("SELECT count() FROM watch_rows").result_rows
    if there[0][0]:  # the last table that is filled
        return None
    begun = time.monotonic()
    todo = list(steps(client, Size(activity, int(time.time() * 1000) // DAY * DAY)))
    task = progress.add_task("making", total=len(todo))
    for name, step in todo:
        progress.update(task, description=f"making {name}".ljust(40))
        step()
        progress.advance(task)
    return round(time.monotonic() - begun, 1)


def _tables(client: Client) -> Mapping[str, Mapping[str, int]]:
    rows: Any = client.query(_TABLES).result_rows
    return {
        table: {"rows": count, "parts": parts, "bytes": size} for table, count, parts, size in rows
    }


def _show(
    tables: Mapping[str, Mapping[str, int]], found: Sequence[Figures], seconds: float | None
) -> None:
    made = "made before" if seconds is None else f"made in {seconds:,} s"
    console = Console(width=None if sys.stdout.isatty() else 140)
    sizes = Table("table", "rows", "parts", "MB", title=f"The warehouse, {made}",
                  title_justify="left")  # fmt: skip
    for name, one in tables.items():
        sizes.add_row(name, f"{one['rows']:,}", f"{one['parts']}", f"{one['bytes'] / 1e6:,.1f}")
    answers = Table("kind", "asked", "median s", "max s", "CPU s", "rows read", "MB",
                    "granules", "of", title="Answers", title_justify="left")  # fmt: skip
    for each in found:
        answers.add_row(
            each.kind, each.name, f"{each.median:.3f}", f"{each.worst:.3f}", f"{each.cpu:.3f}",
            f"{each.rows:,}",
            f"{each.bytes / 1e6:,.1f}", f"{each.granules:,}", f"{each.of_granules:,}",
            style="red" if each.is_slow else None,
        )  # fmt: skip
    for table in (sizes, answers):
        for column in table.columns[1 if table is sizes else 2 :]:
            column.justify = "right"
        console.print(table)
    bounded = [one for one in found if one.bound is not None]
    slow = sum(one.is_slow for one in bounded)
    console.print(f"{len(bounded) - slow} of {len(bounded)} with a bound are within it")
