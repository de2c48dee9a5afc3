"""Daily activity and traits: what is persisted for every account and user."""

from typing import Any

from schemas.events import GROUP, Event
from streams.engine.entities import NO_NAMES, NOTHING, Cell, Entity, Names
from streams.engine.occasion import Occasion
from streams.engine.values import DAY, identity


def count_activity(
    holder: Entity, event: Event, name: str, lateness: int, occasion: Occasion
) -> None:
    """Count an event into its UTC day.

    A day is open until no event within ``lateness`` of the holder's clock can fall into it. An
    event for a day that is closed is a part of its own, named by the event's id, so that the sum
    over parts is right however often the record comes. ``name`` is the event's.
    """
    time = event.time
    day = time // DAY
    if day == holder.day:
        untold = holder.untold
        cell = untold.get(name)
        if cell is not None:
            _count_one(cell, time)
            return
        names = holder.activity
        if untold is not names:
            if untold is NO_NAMES:
                untold = holder.untold = {}
                _tell(untold, day, event, occasion, part_of(holder, day, occasion))
            untold[name] = _count(names, name, time)
        else:
            names[name] = [1, time, time]
        return
    first_open = (holder.clock - lateness) // DAY
    if day < first_open:
        _tell({name: [1, time, time]}, day, event, occasion, event.event_id)
    elif day > holder.day:
        _begin_day(holder, day, first_open)
        holder.activity[name] = [1, time, time]
        _tell(holder.activity, day, event, occasion, part_of(holder, day, occasion))
    else:
        names = _earlier_day(holder, day)
        part = part_of(holder, day, occasion)
        _tell({name: _count(names, name, time)}, day, event, occasion, part)


def part_of(holder: Entity, day: int, occasion: Occasion) -> str:
    """Part of a day that is open: the whole, or what came after an erasure on that day.

    Under one key the count of before, which is higher, would take the place of the one of after.
    """
    if occasion.root.erased is None and holder.erased is None:
        return ""
    through = max(one.erased[0] for one in (occasion.root, holder) if one.erased is not None)
    return str(through) if day == through // DAY else ""


def _tell(names: Names, day: int, event: Event, occasion: Occasion, part: str) -> None:
    row = (event.account_id, event.user_id, day, part, names)
    occasion.staged.activity.append(row)


def _count(names: Names, name: str, time: int) -> Cell:
    cell = names.get(name)
    if cell is None:
        cell = names[name] = [1, time, time]
    else:
        _count_one(cell, time)
    return cell


def _count_one(cell: Cell, time: int) -> None:
    cell[0] += 1
    if time > cell[2]:
        cell[2] = time
    elif time < cell[1]:
        cell[1] = time


def _begin_day(holder: Entity, day: int, first_open: int) -> None:
    """A day that is newer than the newest so far."""
    if holder.earlier or holder.day >= first_open:
        earlier = {past: names for past, names in holder.earlier.items() if past >= first_open}
        if holder.day >= first_open:
            earlier[holder.day] = holder.activity
        holder.earlier = earlier or NOTHING
    holder.day = day
    holder.activity = holder.untold = {}


def _earlier_day(holder: Entity, day: int) -> Names:
    """The counts of an older day that is still open."""
    names = holder.earlier.get(day)
    if names is None:
        names = {}
        holder.earlier = {**holder.earlier, day: names}
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
    occasion.traits_before = (entity, entity.traits)
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
