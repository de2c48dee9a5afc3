"""Daily activity and traits: what is persisted for every account and user."""

from typing import Any, Final

from schemas.events import GROUP, Event
from streams.engine.entities import NOTHING, Entity, Names
from streams.engine.occasion import Occasion
from streams.engine.values import DAY, identity

_UNTOUCHED: Final = 3
"""Length of a cell that does not wait to be told."""


def count_activity(holder: Entity, event: Event, lateness: int, occasion: Occasion) -> None:
    """Count an event into its UTC day.

    A day is open until no event within ``lateness`` of the holder's clock can fall into it. An
    event for a day that is closed is a part of its own, named by the event's id, so that the sum
    over parts is right however often the record comes.
    """
    time, name = event.time, event.name
    day = time // DAY
    if day == holder.day:
        names = holder.activity
    else:
        found = _another_day(holder, day, (holder.clock - lateness) // DAY)
        if found is None:
            part = (event.account_id, event.user_id, day, name, 1, time, time, event.event_id)
            occasion.staged.parts.append(part)
            return
        names = found
    cell = names.get(name)
    if cell is None:
        cell = names[name] = [1, time, time]
    else:
        cell[0] += 1
        if time > cell[2]:
            cell[2] = time
        elif time < cell[1]:
            cell[1] = time
    if len(cell) == _UNTOUCHED:
        cell.append(1)
        occasion.staged.cells.append((event.account_id, event.user_id, day, name, cell))


def _another_day(holder: Entity, day: int, first_open: int) -> Names | None:
    """The counts of a day that is not the newest so far; ``None`` where that day is closed."""
    if day < first_open:
        return None
    if holder.day < first_open and not holder.earlier:
        holder.day = day
        names: Names = {}
        holder.activity = names
        return names
    earlier = {past: names for past, names in holder.earlier.items() if past >= first_open}
    if day < holder.day:
        names = earlier.setdefault(day, {})
    else:
        names = {}
        if holder.day >= first_open:
            earlier[holder.day] = holder.activity
        holder.day, holder.activity = day, names
    holder.earlier = earlier or NOTHING
    return names


def keep_traits(holder: Entity, event: Event, occasion: Occasion) -> None:
    """Keep the traits that an event carries: ``group`` the account's, any other the user's.

    The newest event time wins; of two at the same time the greater text, so that the order of
    arrival makes no difference.
    """
    root = occasion.root
    of_account = event.name == GROUP and root.account_id is not None
    entity = root if of_account else holder
    user_id = None if of_account else event.user_id
    for name, value in event.traits.items():
        known = entity.traits.get(name)
        if known is not None and not _newer(event.time, value, known):
            continue
        entity.traits = {**entity.traits, name: (event.time, value)}
        occasion.staged.traits.append((root.account_id, user_id, name, value, event.time))


def _newer(time: int, value: Any, known: tuple[int, Any]) -> bool:
    if time != known[0]:
        return bool(time > known[0])
    return (identity(value) or "") > (identity(known[1]) or "")
