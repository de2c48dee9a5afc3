"""The catalogue in ``docs/kpis.md``, from the headers of the queries."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from streams.queries.kpis import Header, catalogue
from tests.generators.reference import SECTION

SIZES = {"smb": "SMB", "mid_market": "mid-market", "enterprise": "enterprise"}
UNITS = {"percent": " %", "days": " d"}


def kpi_page(file: Path) -> str:
    """The page with its catalogue made anew."""
    parts = "\n".join(_entry(one.header) for one in catalogue().values())
    return SECTION.sub(
        lambda found: f"{found['begin']}\n{parts}\n{found['end']}",
        file.read_text(encoding="utf-8"),
    )


def _entry(header: Header) -> str:
    return "\n".join(
        [
            f"## {header.title}",
            "",
            header.definition.strip(),
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {name} | {value} |" for name, value in _facts(header) if value),
            "",
        ]
    )


def _facts(header: Header) -> Iterator[tuple[str, str]]:
    yield "name", f"`{header.name}`"
    yield "formula", header.formula
    yield "unit", f"{header.unit}, {header.better} is better, {header.kind}"
    yield "each", header.grain + (f" and {header.group}" if header.group else "")
    yield "final", f"{header.settles} days after the period" if header.settles else ""
    yield "by", ", ".join(header.filters)
    yield "needs", _needs(header)
    for name, meaning in header.details.items():
        yield f"also `{name}`", meaning.strip()
    for size, percentiles in header.benchmarks.items():
        yield f"published, {SIZES[size]}", _percentiles(percentiles, UNITS.get(header.unit, ""))
    yield "source", header.source


def _needs(header: Header) -> str:
    roles = [f"`{need}`" for need in header.needs.roles]
    views = [f"`{view}`" for view in header.needs.views]
    parts = [f"roles {', '.join(roles)}"] if roles else []
    return "; ".join([*parts, *([f"views {', '.join(views)}"] if views else [])])


def _percentiles(values: Sequence[float], unit: str) -> str:
    shown = " / ".join(f"{value:g}" for value in values) + unit
    return f"median {shown}" if len(values) == 1 else shown
