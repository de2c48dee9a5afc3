"""Figures as a table for people, or as JSON for machines."""

from collections.abc import Mapping

import orjson
from rich.console import Console
from rich.table import Table


def show(title: str, figures: Mapping[str, float | str], *, as_json: bool) -> None:
    """Print the figures on stdout: one JSON object, or a table of two columns."""
    if as_json:
        print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())  # noqa: T201
        return
    table = Table("figure", "value", title=title, title_justify="left")
    table.columns[1].justify = "right"
    for name, value in figures.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        table.add_row(name.replace("_", " "), f"{value:,}" if number else str(value))
    Console().print(table)
