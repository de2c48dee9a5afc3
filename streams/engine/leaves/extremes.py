"""``min`` and ``max``."""

from bisect import bisect_right

from streams.definitions.model import EventCondition
from streams.engine.leaves.series import Series, SeriesLeaf, Window, exact


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

    def judge(self, series: Series, window: Window) -> tuple[float | int, bool] | None:
        """See :meth:`SeriesLeaf.judge`."""
        values = series.values[window.first : window.last]
        if not values:
            return None
        extreme = self._extreme(values)
        return extreme, self._compare(extreme, self.threshold)

    def amount(self, series: Series, window: Window) -> tuple[int, int] | None:
        """See :meth:`SeriesLeaf.amount`."""
        values = series.values[window.first : window.last]
        return (exact(self._extreme(values)), 1) if values else None

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
        if len(kept) == settled:
            return
        kept.reverse()
        if self.within is None:
            kept = kept[:1]
        series.times = [times[place] for place in kept] + times[settled:]
        series.values = [values[place] for place in kept] + values[settled:]
        series.floor = max(series.floor, horizon)
        series.rewind()

    def _beats(self, value: float, other: float) -> bool:
        return value > other if self.kind == "max" else value < other
