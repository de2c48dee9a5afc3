"""The section ``segments``: groups of accounts or users, the first that holds."""

from typing import Final

from streams.definitions import document
from streams.definitions.conditions import read_condition
from streams.definitions.model import Segment
from streams.definitions.names import read_kind
from streams.definitions.problems import quote
from streams.definitions.reader import Name, Reader, Scope, kind_of

FIELDS: Final = ("of", "when", "benchmark")
BENCHMARKS: Final = ("smb", "mid_market", "enterprise")
"""Sizes of customers that the published figures of KPIs tell apart."""


def read_segment(reader: Reader, name: str, node: document.Mapping) -> Segment | None:
    """Read one segment; ``None`` once an error is reported."""
    what = f"segment {quote(name)}"
    reader.only(node, FIELDS, what)
    of = read_kind(reader, node, what)
    when = node.entries.get("when")
    if when is None:
        reader.error(
            node, f"{what} lacks `when`: write a condition, such as `{{trait: plan, is: free}}`"
        )
        return None
    condition = read_condition(when, Scope(reader, of, Name("segment", name)))
    benchmark = _read_benchmark(reader, node.entries.get("benchmark"))
    return None if of is None or condition is None else Segment(name, of, condition, benchmark)


def _read_benchmark(reader: Reader, node: document.Node | None) -> str | None:
    if node is None:
        return None
    value = node.value if isinstance(node, document.Scalar) else None
    if value in BENCHMARKS:
        return str(value)
    *others, last = map(quote, BENCHMARKS)
    message = f"`benchmark` is {', '.join(others)} or {last}, not {kind_of(node)}"
    reader.unknown(node, message, value if isinstance(value, str) else "", BENCHMARKS)
    return None
