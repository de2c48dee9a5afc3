"""The answer of a worker, over its own state: what is behind ``GET /explain``."""

from collections.abc import Callable, Mapping
from typing import Any

from streams.definitions.model import Definitions
from streams.engine.standing import Explainer
from streams.evaluator import Evaluator
from streams.explain.answer import answer
from streams.explain.names import asked_for, is_of_others, is_unnamed, kind_of, named, spoken
from streams.status import Status

Reply = tuple[int, dict[str, Any]]
"""HTTP status and a JSON object: the answer, or ``error`` with a line for a person, ``detail``."""


class Desk:
    """Answers questions about the entities of the partitions that this worker has.

    It reads a copy of a state and touches nothing that the worker works on.

    Args:
        definitions: those of the worker.
        topic: of the product events.
        status: how far behind the partitions are.
        partition_of: the partition that a record key belongs to.
        clock: the time now, epoch milliseconds.
    """

    def __init__(
        self,
        definitions: Definitions,
        topic: str,
        status: Status,
        partition_of: Callable[[bytes], int],
        clock: Callable[[], int],
    ) -> None:
        self._explainer = Explainer(definitions)
        self._definitions = definitions
        self._topic = topic
        self._status = status
        self._partition_of = partition_of
        self._clock = clock
        self._evaluators: dict[int, Evaluator] = {}

    def open(self, partition: int, evaluator: Evaluator) -> None:
        """The state of a partition is here from now on."""
        self._evaluators[partition] = evaluator

    def close(self, partition: int) -> None:
        """It is here no more."""
        self._evaluators.pop(partition, None)

    def reply(self, query: Mapping[str, str]) -> Reply:
        """The answer to a question.

        Args:
            query: ``account``, ``user`` or both; and perhaps ``milestone``, the name of one, of a
                lead or of a health.
        """
        owner = query.get("account") or None, query.get("user") or None
        account_id, user_id = owner
        name = query.get("milestone")
        if account_id is None and user_id is None:
            return _refusal(400, "bad_request", "about whom? ?account=…, ?user=…, or both")
        one = None if name is None else named(self._definitions, name)
        if name is not None and one is None:
            return _refusal(400, "unknown_milestone", is_unnamed(self._definitions, name))
        partition = self._partition_of((account_id or user_id or "").encode())
        evaluator = self._evaluators.get(partition)
        if evaluator is None:
            return self._not_here(partition)
        data = evaluator.state_of(*owner)
        entity = None if data is None else self._explainer.read(data, *owner)
        if entity is None:
            return _refusal(404, "unknown_entity", f"no event has named {spoken(owner)}")
        kind = kind_of(owner)
        if one is not None and one.of != kind:
            return _refusal(400, "wrong_kind", is_of_others(one, owner))
        names, health = asked_for(self._definitions, kind, name)
        found = answer(
            self._explainer, entity, *owner,
            names=names, health=health, at=self._clock(), history=evaluator.history_since,
        )  # fmt: skip
        progress = self._status.partitions.get((self._topic, partition))
        return 200, {**found, "records_behind": 0 if progress is None else progress.lag}

    def _not_here(self, partition: int) -> Reply:
        if (self._topic, partition) in self._status.partitions:
            return _refusal(
                503, "recovering", f"the state of partition {partition} is being brought back"
            )
        return _refusal(404, "not_owner", f"partition {partition} is with another worker")


def _refusal(status: int, error: str, detail: str) -> Reply:
    return status, {"error": error, "detail": detail}
