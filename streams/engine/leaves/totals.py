"""``sum`` and ``avg``: exact, whatever the order in which the numbers came."""

from bisect import bisect_right

from streams.definitions.model import AllFilters, Compare, EventCondition, Filter
from streams.engine.leaves.series import Series, SeriesLeaf, exact, inexact
from streams.engine.values import number


class TotalLeaf(SeriesLeaf):
    """The sum or the mean of the numbers in the window.

    A sum grows only where ``where`` lets no negative number through. It is then told at once;
    any other could be found too large once a negative number comes late.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        grows = self.kind == "sum" and _is_positive(condition.where, condition.measure.of)
        self.rises = grows and self.operator in (">=", ">")
        self.may_rise = not (grows and self.operator in ("<=", "<"))
        self.may_fall = not self.rises
        self._limit = exact(self.threshold)
        self.of_nothing = self.kind == "sum" and self._compare(0, self.threshold)

    def judge(self, series: Series, at: int) -> tuple[float | int, bool] | None:
        """See :meth:`SeriesLeaf.judge`."""
        amount = self.amount(series, at)
        if amount is None:
            return None
        total, count = amount
        return inexact(total, count), self._compare(total, self._limit * count)

    def amount(self, series: Series, at: int) -> tuple[int, int] | None:
        """See :meth:`SeriesLeaf.amount`."""
        window = series.window(at, self.within)
        count = series.folded + window.last - window.first
        if not count:
            return None
        return series.base + window.total, 1 if self.kind == "sum" else count

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


def _is_positive(where: Filter | None, path: str | None) -> bool:
    """Whether every number at ``path`` that passes is at least 0."""
    if isinstance(where, AllFilters):
        return any(_is_positive(part, path) for part in where.filters)
    if not isinstance(where, Compare) or where.path != path:
        return False
    bounds: tuple[object, ...] = ()
    if where.operator in ("gt", "gte", "eq"):
        bounds = (where.value,)
    elif where.operator == "between":
        bounds = where.value[:1]
    elif where.operator == "in":
        bounds = where.value
    numbers = [number(bound) for bound in bounds]
    return bool(numbers) and all(one is not None and one >= 0 for one in numbers)
