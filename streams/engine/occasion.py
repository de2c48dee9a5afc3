"""Why entities are looked at now, and what comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.activity import (
    ActivityTuple,
    ActivityUpdate,
    ExcludedKey,
    ExcludedTuple,
    TraitTuple,
)
from schemas.comparisons import ScoreComparison
from schemas.qualifications import Qualification
from streams.engine.entities import NOTHING, Entity, Names, Root
from streams.engine.leaves.parameters import Parameter
from streams.engine.orders import Refusal

ROWS: Final = 1_000
"""Most rows of each kind in one update."""


@dataclass(slots=True)
class Staged:
    """What a commit cycle has to tell so far."""

    qualifications: list[Qualification] = field(default_factory=list)
    shadows: list[Qualification] = field(default_factory=list)
    """Those in the shadow: for the sink, and for no subscriber."""
    comparisons: list[ScoreComparison] = field(default_factory=list)
    """Likewise."""
    activity: list[ActivityTuple] = field(default_factory=list)
    """By reference to the counts: what they are when the cycle is told is what is told."""
    traits: list[TraitTuple] = field(default_factory=list)
    excluded: dict[ExcludedKey, Names] = field(default_factory=dict)
    """By reference, likewise."""
    refused: dict[Refusal, int] = field(default_factory=dict)
    """Overrides that were not heard, by why."""

    @property
    def hidden(self) -> list[Qualification | ScoreComparison]:
        """All that is in the shadow."""
        return [*self.shadows, *self.comparisons]

    def forget(self, account_id: str | None, user_id: str | None) -> None:
        """Tell the sink nothing of an account with all its users, or of one user.

        What subscribers are told stays: they are told in order, and so of the end as well.
        """

        def is_other(account: str | None, user: str | None) -> bool:
            return account != account_id or (user_id is not None and user != user_id)

        self.shadows = [s for s in self.shadows if is_other(s.account_id, s.user_id)]
        self.comparisons = [c for c in self.comparisons if is_other(c.account_id, c.user_id)]
        self.activity = [row for row in self.activity if is_other(row[0], row[1])]
        self.traits = [row for row in self.traits if is_other(row[0], row[1])]
        self.excluded = {k: names for k, names in self.excluded.items() if is_other(k[0], k[1])}

    def refuse(self, refusal: Refusal) -> None:
        """An override is not heard."""
        self.refused[refusal] = self.refused.get(refusal, 0) + 1

    def updates(self) -> list[ActivityUpdate]:
        """All activity that was touched, and all traits, in updates of :data:`ROWS` rows."""
        activity, traits = self.activity, self.traits
        excluded: list[ExcludedTuple] = [(*key, names) for key, names in self.excluded.items()]
        most = max(len(activity), len(traits), len(excluded))
        return [
            ActivityUpdate(
                activity[start : start + ROWS],
                traits[start : start + ROWS],
                excluded[start : start + ROWS],
            )
            for start in range(0, most, ROWS)
        ]


class Occasion:
    """The record that is being applied, or the passing of time.

    One object is set anew for every record: making one would cost as much as judging.

    Attributes:
        root: the account, or the user without one.
        source: in which partition the record was found, as :attr:`Entity.offsets` counts.
        offset: its offset there; after all of them where it is time that passes.
        recorded_at: Kafka's time of the record; where it is time that passes, the time now.
        decided_by: id of the event; ``None`` where it is time that passes.
        staged: takes the results.
        excluded_by: the abuse rule that excludes the record's event; ``None`` for one that counts.
        traits_before: where the record brings traits, whose, and those that were known before.
        find_user: gives the state of one of the account's users, to be changed.
        parameters: name → what the partition was told of it, of those that definitions name.
        history_since: key of a milestone → key of a leaf of it → since when it has seen events, for
            those that were added after others had been seen.
    """

    __slots__ = (
        "decided_by", "excluded_by", "find_user", "history_since", "offset", "parameters",
        "recorded_at", "root", "source", "staged", "traits_before",
    )  # fmt: skip

    def __init__(
        self,
        staged: Staged,
        find_user: Callable[[Root, str], Entity],
        history_since: Mapping[int, Mapping[int, int]] = NOTHING,
        parameters: Mapping[str, Parameter] = NOTHING,
    ) -> None:
        self.root: Root
        self.source = 0
        self.offset = 0
        self.recorded_at = 0
        self.decided_by: str | None = None
        self.excluded_by: str | None = None
        self.staged = staged
        self.traits_before: tuple[Entity, Mapping[str, tuple[int, Any]]] | None = None
        self.find_user = find_user
        self.history_since = history_since
        self.parameters = parameters
