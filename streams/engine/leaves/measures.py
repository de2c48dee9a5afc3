"""The measures of events in a window."""

from typing import Final

from streams.engine.leaves.counts import CountLeaf
from streams.engine.leaves.distinct import DistinctLeaf
from streams.engine.leaves.extremes import ExtremeLeaf
from streams.engine.leaves.series import SeriesLeaf
from streams.engine.leaves.totals import TotalLeaf

MEASURES: Final[dict[str, type[CountLeaf | DistinctLeaf | SeriesLeaf]]] = {
    "count": CountLeaf,
    "users": DistinctLeaf,
    "days": DistinctLeaf,
    "weeks": DistinctLeaf,
    "distinct": DistinctLeaf,
    "sum": TotalLeaf,
    "avg": TotalLeaf,
    "min": ExtremeLeaf,
    "max": ExtremeLeaf,
}
"""Which class keeps which measure."""
