"""Whether an event costs the same however long the history is, and however many definitions.

``make bench-flat``, or ``python -m tests.benchmarks.flat``: microseconds for each event in the
engine alone, by CPU time, at several lengths of one entity's history and for several numbers of
definitions that do not name the event; and what the entity's state weighs.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from statistics import median
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from schemas.events import Event
from streams.build import is_compiled
from streams.engine.state import encode_root
from tests.benchmarks import forms
from tests.benchmarks.forms import BURST, CONDITIONS, DISORDERLY, MODES, OF_ACCOUNTS, SPARSE, STEADY

LENGTHS = (100, 10_000, 100_000)
LONG = (100_000, 1_000_000)
"""With one event a minute: only then do as many leave the windows as come."""
LONG_FORMS = (
    "count >= 3", "users >= 3", "distinct >= 3", "sum of size", "max of level", "inactive",
    "returned_after", "regularly", "trend of distinct", "trend of sum", "sequence within",
    "matches", "matches no", "users reached again", "users now",
)  # fmt: skip
COUNTS = (10, 100, 1_000)
CHUNK = 100
CHUNKS = 9

Row = dict[str, str | float]


def run(
    form: Annotated[str, typer.Option(help="Only forms whose name has this in it.")] = "",
    mode: Annotated[str, typer.Option(help=f"How milestones turn: {', '.join(MODES)}.")] = "live",
    long: Annotated[bool, typer.Option(help="Some forms up to a million events.")] = True,
    json: Annotated[bool, typer.Option(help="Figures as JSON on stdout.")] = False,
) -> None:
    """Measure each form; an entity's events, and then the definitions beside."""
    gc.disable()  # as in a worker
    names = [name for name in CONDITIONS if form in name]
    compiled = "compiled" if is_compiled() else "interpreted"
    tables = {
        f"One event a day, {mode}, {compiled}": _histories(names, mode, SPARSE, LENGTHS),
        "All within an hour": _histories(names, mode, BURST, LENGTHS),
    }
    if long:
        few = [name for name in names if name in LONG_FORMS]
        tables["One event a minute"] = _histories(few, mode, STEADY, LONG)
        tables["And one in twenty late"] = _histories(few, mode, DISORDERLY, LONG)
    tables["Beside definitions that do not name the event"] = _besides(names, mode)
    figures = {title: _show(title, rows, as_json=json) for title, rows in tables.items()}
    if json:
        print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())  # noqa: T201


def _histories(
    names: Iterable[str], mode: str, pace: forms.Pace, lengths: tuple[int, ...]
) -> Iterator[Row]:
    for name in names:
        of_account = name in OF_ACCOUNTS
        busy = forms.Busy(forms.definitions_for(name, mode), of_account=of_account)
        events = forms.history(pace, of_account=of_account)
        yield _measure(name, lengths, partial(_lengthen, busy, events))


def _lengthen(busy: forms.Busy, events: Iterator[Event], length: int) -> tuple[float, int]:
    """Microseconds for each event of a history of that length, and bytes of the state then."""
    for event in islice(events, length - busy.seen):
        busy.apply(event)
    return _microseconds(busy, events), _weight(busy)


def _besides(names: Iterable[str], mode: str) -> Iterator[Row]:
    for name in names:
        if forms.can_be_beside(name):
            yield _measure(name, COUNTS, partial(_beside, name, mode))


def _beside(name: str, mode: str, count: int) -> tuple[float, int]:
    """The same for an event that one of so many definitions names, and all have a state."""
    text, others = forms.beside(name, mode, count)
    of_account = name in OF_ACCOUNTS
    busy = forms.Busy(text, of_account=of_account)
    for event in forms.one_of_each(others, of_account=of_account):
        busy.apply(event)
    after = forms.one_of_each(["Used"] * CHUNK * (CHUNKS + 1), of_account=of_account, since=count)
    return _microseconds(busy, iter(after)), _weight(busy)


def _measure(
    name: str, points: tuple[int, ...], measure: Callable[[int], tuple[float, int]]
) -> Row:
    found = {point: measure(point) for point in points}
    row: Row = {"form": name}
    row |= {f"{point:,}": round(found[point][0], 2) for point in points}
    row["long to short"] = round(found[points[-1]][0] / found[points[0]][0], 2)
    return row | {f"bytes at {point:,}": found[point][1] for point in points}


def _microseconds(busy: forms.Busy, events: Iterator[Event]) -> float:
    """The median of several rounds, which the collector and other processes spare."""
    found = []
    for _ in range(CHUNKS):
        busy.forget_what_was_told()
        gc.collect(0)
        chunk = list(islice(events, CHUNK))
        begun = time.process_time()
        for event in chunk:
            busy.apply(event)
        found.append((time.process_time() - begun) / CHUNK * 1e6)
    return median(found)


def _weight(busy: forms.Busy) -> int:
    return len(encode_root(busy.root, busy.engine.plan_of(busy.root), {}, 1))


def _show(title: str, rows: Iterator[Row], *, as_json: bool) -> list[Row]:
    first = next(rows, None)
    if first is None:
        return []
    found: list[Row] = []
    table = Table(*first, title=title, title_justify="left")
    for row in chain([first], rows):
        found.append(row)
        table.add_row(*(one if isinstance(one, str) else f"{one:,}" for one in row.values()))
    for column in table.columns[1:]:
        column.justify = "right"
    if not as_json:
        Console(width=140).print(table)
        ratios = sorted(float(row["long to short"]) for row in found)
        Console().print(f"long to short: median {median(ratios):.2f}, at most {ratios[-1]:.2f}\n")
    return found


if __name__ == "__main__":
    typer.run(run)
