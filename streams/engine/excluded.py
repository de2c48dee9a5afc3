"""What is remembered of events that abuse rules exclude: which they were, and how many."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.events import Event
from streams.engine.activity import part_of
from streams.engine.entities import Cell, Entity
from streams.engine.flags import Memory
from streams.engine.occasion import Occasion
from streams.engine.values import DAY

_SOURCE: Final = 0
_FIRST: Final = 1
_LAST: Final = 2
_RULE: Final = 3
_IS_OPEN: Final = 4


class RecordsLeaf(Memory):
    """Which records an account's own rules have excluded since the last commit.

    An account may be found ahead of its users after a crash; this tells, when their records come
    again, what had become of them. State: of each run of such records the source, the first offset
    and the last, the rule, and whether the run may go on.
    """

    def note(self, entity: Entity, source: int, offset: int, rule: str | None) -> None:
        """Note which of its rules has excluded a record; ``None``: none has."""
        runs: list[list[Any]] | None = entity.leaves.get(self.key)
        if runs and runs[-1][_IS_OPEN]:
            newest = runs[-1]
            if rule is not None and newest[_SOURCE] == source and newest[_RULE] == rule:
                newest[_LAST] = offset
                return
            newest[_IS_OPEN] = False
        if rule is None:
            return
        if not entity.leaves:
            entity.leaves = {}
        entity.leaves.setdefault(self.key, []).append([source, offset, offset, rule, True])

    def find(self, entity: Entity, source: int, offset: int) -> str | None:
        """What was noted of a record."""
        for run in entity.leaves.get(self.key, ()):
            if run[_SOURCE] == source and run[_FIRST] <= offset <= run[_LAST]:
                rule: str = run[_RULE]
                return rule
        return None

    def forget(self, entity: Entity, reached: Mapping[int, int]) -> None:
        """Let go of what is committed: of each source the records up to an offset."""
        runs = entity.leaves.get(self.key)
        if runs:
            kept = [run for run in runs if run[_LAST] > reached[run[_SOURCE]]]
            if kept:
                entity.leaves[self.key] = kept
            else:
                del entity.leaves[self.key]


class CountsLeaf(Memory):
    """How often what was excluded, each day. State: UTC day → rule → event name → a cell.

    The days are open, and told, as those of activity are: see
    :func:`streams.engine.activity.count_activity`.
    """

    def count(
        self, holder: Entity, event: Event, name: str, lateness: int, occasion: Occasion
    ) -> None:
        """Count an event that is excluded; ``name`` is the event's."""
        rule = occasion.excluded_by or ""
        time = event.time
        day = time // DAY
        first_open = (holder.clock - lateness) // DAY
        if day < first_open:
            part = event.event_id
            names: dict[str, Cell] = {name: [1, time, time]}
        else:
            part = part_of(holder, day, occasion)
            names = self._names(holder, day, first_open, rule)
            cell = names.get(name)
            names[name] = (
                [1, time, time]
                if cell is None
                else [cell[0] + 1, min(cell[1], time), max(cell[2], time)]
            )
        row = (event.account_id, event.user_id, day, part, rule)
        occasion.staged.excluded[row] = names

    def _names(self, holder: Entity, day: int, first_open: int, rule: str) -> dict[str, Cell]:
        """What was counted on a day that is open."""
        days: dict[int, dict[str, dict[str, Cell]]] = holder.leaves.get(self.key, {})
        if day not in days:
            days = {past: rules for past, rules in days.items() if past >= first_open}
            days[day] = {}
            if not holder.leaves:
                holder.leaves = {}
            holder.leaves[self.key] = days
        return days[day].setdefault(rule, {})
