"""``min`` and ``max``."""

from bisect import bisect_right

from streams.definitions.model import EventCondition
from streams.engine.leaves.peaks import Peaks
from streams.engine.leaves.series import Series, SeriesLeaf, exact


class ExtremeLeaf(SeriesLeaf):
    """The smallest or the largest of the numbers in the window.

    What is past the horizon keeps only what can still be the extreme of some window: for a sliding
    one, the values that no later value beats; for all time, one value.
    """

    def __init__(self, key: int, text: str, condition: EventCondition) -> None:
        super().__init__(key, text, condition)
        self._extreme = max if self.kind == "max" else min
        rising = (">=", ">") if self.kind == "max" else ("<=", "<")
        self.rises = self.operator in rising
        self.may_fall = not self.rises

    def judge(self, series: Series, at: int) -> tuple[float | int, bool] | None:
        """See :meth:`SeriesLeaf.judge`."""
        first, last = series.part(at, self.within)
        if first == last:
            return None
        if series.peaks is None:
            series.peaks = Peaks()
        extreme = series.peaks.find(series.values, first, last, self._extreme)
        return extreme, self._compare(extreme, self.threshold)

    def amount(self, series: Series, at: int) -> tuple[int, int] | None:
        """See :meth:`SeriesLeaf.amount`."""
        judged = self.judge(series, at)
        return None if judged is None else (exact(judged[0]), 1)

    def trim(self, series: Series, horizon: int) -> None:
        """See :meth:`SeriesLeaf.trim`."""
        times, values = series.times, series.values
        settled = bisect_right(times, horizon)
        kept: list[int] = []
        for place in range(settled - 1, -1, -1):
            if self.within is not None and times[place] <= horizon - self.within:
                break
            if not kept or self._beats(values[place], values[kept[-1]]):
                kept.append(place)
        if self.within is None:
            kept = kept[-1:]
        if len(kept) == settled:
            return
        kept.reverse()
        series.times = [times[place] for place in kept] + times[settled:]
        series.values = [values[place] for place in kept] + values[settled:]
        series.floor = max(series.floor, horizon)
        series.peaks = None

    def _beats(self, value: float, other: float) -> bool:
        return value > other if self.kind == "max" else value < other
