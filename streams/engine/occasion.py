"""Why entities are looked at now, and what comes of it."""

from dataclasses import dataclass, field

from schemas.activity import ActivityUpdate, DailyActivity, TraitChange
from schemas.qualifications import Qualification
from streams.engine.entities import Cell, Root

_Told = tuple[list[DailyActivity], list[TraitChange]]


@dataclass(slots=True)
class Staged:
    """What a commit cycle has to tell so far."""

    qualifications: list[Qualification] = field(default_factory=list)
    cells: list[tuple[Root, str | None, int, str, Cell]] = field(default_factory=list)
    """Root, user, day and event of the activity that was touched, and its count."""
    parts: list[tuple[Root, DailyActivity]] = field(default_factory=list)
    traits: list[tuple[Root, TraitChange]] = field(default_factory=list)

    def updates(self) -> list[ActivityUpdate]:
        """One update for each account (or user without one) that was touched; ends the touch."""
        told: dict[Root, _Told] = {}
        for root, user_id, day, name, cell in self.cells:
            del cell[3:]
            count, first, last = cell
            row = DailyActivity(user_id, day, name, count, first, last, "")
            _of(told, root)[0].append(row)
        for root, part in self.parts:
            _of(told, root)[0].append(part)
        for root, change in self.traits:
            _of(told, root)[1].append(change)
        return [
            ActivityUpdate(root.account_id, tuple(activity), tuple(traits))
            for root, (activity, traits) in told.items()
        ]


def _of(told: dict[Root, _Told], root: Root) -> _Told:
    found = told.get(root)
    if found is None:
        found = told[root] = ([], [])
    return found


class Occasion:
    """The record that is being applied, or the passing of time.

    One object is set anew for every record: making one would cost as much as judging.

    Attributes:
        root: the account, or the user without one.
        source: in which partition the record was found, as :attr:`Entity.offsets` counts.
        offset: its offset there.
        recorded_at: Kafka's time of the record; where it is time that passes, the time now.
        decided_by: id of the event; ``None`` where it is time that passes.
        staged: takes the results.
    """

    __slots__ = ("decided_by", "offset", "recorded_at", "root", "source", "staged")

    def __init__(self, staged: Staged) -> None:
        self.root: Root
        self.source = 0
        self.offset = 0
        self.recorded_at = 0
        self.decided_by: str | None = None
        self.staged = staged
