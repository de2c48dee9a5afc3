"""How a running worker or sink stands: fed by its app, read by the probes and the metrics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic

TopicPartition = tuple[str, int]


@dataclass(slots=True)
class Progress:
    """How far one partition is behind."""

    lag: int = 0
    """Records in the partition that no commit covers yet."""
    behind_since: float | None = None
    """Since when records have waited without a commit, seconds on the status's clock; ``None``
    where none wait, and while state is recovered. An idle partition is therefore never late,
    however old its last commit."""


class Status:
    """What an app knows of itself. One for a process; not thread safe, belongs to the event loop.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._partitions: dict[TopicPartition, Progress] = {}
        self._assigned = False
        self._recovered = False
        self._crashed: str | None = None
        self._waiting_for: str | None = None

    @property
    def assigned(self) -> bool:
        """Whether the group has dealt out its partitions.

        True with none of them, too: a spare worker (more workers than partitions) does all that
        it is asked to.
        """
        return self._assigned

    @property
    def recovered(self) -> bool:
        """Whether the state of every assigned partition is back."""
        return self._recovered

    @property
    def crashed(self) -> str | None:
        """Why the app stopped working, or ``None``."""
        return self._crashed

    @property
    def waiting_for(self) -> str | None:
        """The service outside that the app waits for (``ClickHouse``), or ``None``."""
        return self._waiting_for

    @property
    def partitions(self) -> Mapping[TopicPartition, Progress]:
        """Progress of every assigned partition of the input topics."""
        return self._partitions

    @property
    def lag(self) -> int:
        """Records that no commit covers yet, over all assigned partitions."""
        return sum(progress.lag for progress in self._partitions.values())

    @property
    def commit_age(self) -> float:
        """Seconds for which the partition that has waited longest has waited for a commit."""
        waiting = [p.behind_since for p in self._partitions.values() if p.behind_since is not None]
        return self._clock() - min(waiting) if waiting else 0.0

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """The group dealt out ``partitions`` (all that this app has now); recovery begins."""
        self._partitions = {partition: Progress() for partition in partitions}
        self._assigned = True
        self._recovered = False

    def revoke(self) -> None:
        """The group took all partitions back: a rebalance began, or the app is stopping."""
        self._partitions = {}
        self._assigned = False
        self._recovered = False

    def recover(self) -> None:
        """State is back and processing begins: what waits, waits from now on."""
        self._recovered = True
        for (topic, partition), progress in self._partitions.items():
            self.observe_lag(topic, partition, progress.lag)

    def observe_lag(self, topic: str, partition: int, records: int) -> None:
        """``records`` of the partition are not committed. Ignored where it is not assigned."""
        progress = self._partitions.get((topic, partition))
        if progress is None:
            return
        progress.lag = records
        if records == 0:
            progress.behind_since = None
        elif progress.behind_since is None and self._recovered:
            progress.behind_since = self._clock()

    def commit(self, topic: str, partition: int) -> None:
        """The broker has acknowledged a commit that moved the partition forward."""
        progress = self._partitions.get((topic, partition))
        if progress is not None and progress.behind_since is not None:
            progress.behind_since = self._clock()

    def wait_for(self, service: str | None) -> None:
        """The app cannot go on without ``service``; ``None`` when it is back."""
        self._waiting_for = service

    def crash(self, reason: str) -> None:
        """The app has stopped working; the first reason stays."""
        self._crashed = self._crashed or reason
