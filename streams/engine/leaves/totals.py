"""``sum`` and ``avg``: exact, whatever the order in which the numbers came."""

from bisect import bisect_right

from streams.definitions.model import EventCondition
from streams.engine.leaves.base import COMPARE
from streams.engine.leaves.series import Series, SeriesLeaf, exact, inexact


class TotalLeaf(SeriesLeaf):
    """The sum or the mean of the numbers in the window."""

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        # A sum that must be large is told at once as long as no negative number was seen.
        self.refutable = self.kind == "avg" or self.operator not in (">=", ">")
        self._limit = exact(self.threshold)
        self._compare = COMPARE[self.operator]

    def refutes(self, value: float) -> bool:
        """See :meth:`SeriesLeaf.refutes`."""
        return self.refutable or value < 0

    def judge(self, series: Series) -> tuple[float | int, bool] | None:
        """See :meth:`SeriesLeaf.judge`."""
        count = series.folded + series.last - series.first
        if not count:
            return None
        if self.kind == "sum":
            return inexact(series.total), self._compare(series.total, self._limit)
        return inexact(series.total, count), self._compare(series.total, self._limit * count)

    def trim(self, series: Series, horizon: int) -> None:
        """See :meth:`SeriesLeaf.trim`: all time folds what is past into one sum."""
        oldest = horizon if self.within is None else horizon - self.within
        gone = bisect_right(series.times, oldest)
        if not gone:
            return
        if self.within is None:
            series.base += sum(exact(value) for value in series.values[:gone])
            series.folded += gone
        series.drop(gone)
        series.floor = max(series.floor, horizon)
