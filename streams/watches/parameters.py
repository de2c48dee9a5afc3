"""Parameters of the definitions: baselines and fallbacks, each value settled once for an instant.

What is settled is written down before anybody is told: whoever settles the same instant again, this
watch after a restart or another one beside it, takes the value that is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.parameters import BASELINE, FALLBACK
from schemas.rows import ParameterRow
from streams.definitions.model import Baseline, Definitions, Fallback
from streams.watches.files import Found
from streams.watches.warehouse import Warehouse

WRONG: Final = "score_false_positives"
"""The watch that fallbacks look at."""

CALM: Final = 0.9
"""A score counts by itself again at or below so much of the share above which it fell back: one
that stands at the edge would come and go with every lead."""

_DAY: Final = 86_400_000

Newest = Mapping[str, ParameterRow]


class Parameters:
    """Settles what the definitions leave to the stream.

    Args:
        definitions: their baselines, and the scores that have a fallback.
        warehouse: of activity, and where what is settled is kept.
    """

    def __init__(self, definitions: Definitions, warehouse: Warehouse) -> None:
        self._baselines = {BASELINE + name: one for name, one in definitions.baselines.items()}
        self._fallbacks = {
            FALLBACK + name: score.fallback
            for name, score in definitions.scores.items()
            if score.fallback is not None
        }
        self._warehouse = warehouse

    def settle(self, at: int, wrong: Sequence[Found] | None) -> list[ParameterRow]:
        """Settle what is due; returns the newest value of each parameter that has one.

        Args:
            at: instant of the schedule, epoch milliseconds.
            wrong: the answers to ``score_false_positives`` for it; ``None`` where that could not be
                asked: then no score is switched.

        Raises:
            Unavailable: ClickHouse does not answer, or does not take it.
        """
        newest = self._newest()
        due = [*self._computed(at, newest)]
        if wrong is not None:
            due += self._switched(at, newest, wrong)
        if due:
            self._warehouse.write(due)
            newest = self._newest()
        return list(newest.values())

    def _newest(self) -> Newest:
        names = [*self._baselines, *self._fallbacks]
        rows = self._warehouse.ask(_sql("parameters"), {"names": names}) if names else []
        return {row["name"]: ParameterRow(**row) for row in rows}

    def _computed(self, at: int, newest: Newest) -> Iterator[ParameterRow]:
        for name, baseline in self._baselines.items():
            instant = at // baseline.every * baseline.every
            if name in newest and newest[name].at >= instant:
                continue
            for row in self._warehouse.ask(_sql("baseline"), _asked(baseline, instant)):
                yield ParameterRow(name, instant, row["value"], row["sample_size"])

    def _switched(self, at: int, newest: Newest, wrong: Sequence[Found]) -> Iterator[ParameterRow]:
        shares = {FALLBACK + found.labels["score"]: found for found in wrong}
        for name, fallback in self._fallbacks.items():
            known, found = newest.get(name), shares.get(name)
            if known and known.at >= at:
                continue
            fell_back = known is not None and known.value == 1
            if found is None:
                # While it stands aside it makes no leads: once the last is too old to say
                # anything, it has another try.
                if fell_back:
                    yield ParameterRow(name, at, 0.0, 0, 0.0)
            elif found.sample_size >= fallback.least and fell_back != _should_fall_back(
                fallback, found.value, fell_back
            ):
                yield ParameterRow(name, at, float(not fell_back), found.sample_size, found.value)


def _should_fall_back(fallback: Fallback, share: float, fell_back: bool) -> bool:
    return share > fallback.above * (CALM if fell_back else 1)


def _asked(baseline: Baseline, instant: int) -> dict[str, object]:
    """The last full UTC days before the instant."""
    today = instant // _DAY
    return {
        "of": baseline.of,
        "kind": baseline.kind,
        "statistic": baseline.statistic,
        "names": list(baseline.events),
        "first_day": today - baseline.within // _DAY,
        "end_day": today,
    }


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
